#include "daemon/score/plot_page.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "daemon/score/field_text.h"
#include "daemon/score/plot_script.h"

namespace proactive::daemon {
namespace {

void append_html(std::string_view text, std::string& out) {
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
}

// JSON may stand in a script element if no '<' can end it.
void append_json(std::string_view text, std::string& out) {
  std::string quoted;
  append_json_string(text, quoted);
  for (const char c : quoted) {
    if (c == '<') {
      out += "\\u003c";
    } else {
      out += c;
    }
  }
}

void append_short(double number, std::string& out) {
  if (std::isfinite(number)) {
    fmt::format_to(std::back_inserter(out), "{:.7g}", number);
  } else {
    out += "null";
  }
}

template <class List, class Append>
void append_list(const char* name, const List& list, std::string& out, Append append) {
  fmt::format_to(std::back_inserter(out), ",\n\"{}\":[", name);
  const char* comma = "";
  for (const auto& one : list) {
    out += comma;
    append(one);
    comma = ",";
  }
  out += ']';
}

void append_alarm(const PlotAlarm& alarm, std::string& out) {
  fmt::format_to(std::back_inserter(out), "[{},{},{},{},", alarm.first_row, alarm.last_row, alarm.first_ms,
                 alarm.last_ms);
  append_short(alarm.value, out);
  out += ',';
  append_short(alarm.expected, out);
  out += ',';
  append_short(alarm.score, out);
  out += ',';
  append_json(alarm.entity, out);
  out += ',';
  append_json(alarm.note, out);
  fmt::format_to(std::back_inserter(out), ",{},{}]", alarm.peak_row, alarm.peak_ms);
}

std::string json_of(const PlotPage& page, const PlotData& data) {
  std::string out =
      fmt::format(R"({{"rows":{},"timed":{},"multivariate":{},"theta":{},"alarm_count":{},"zone":)",
                  data.rows(), data.timed(), page.multivariate, page.theta, data.alarm_count());
  append_json(page.time_zone, out);
  const auto& buckets = data.buckets();
  const auto whole = [&](const char* name, auto member) {
    append_list(name, buckets, out,
                [&](const PlotBucket& b) { fmt::format_to(std::back_inserter(out), "{}", b.*member); });
  };
  const auto real = [&](const char* name, double PlotBucket::*member) {
    append_list(name, buckets, out, [&](const PlotBucket& b) { append_short(b.*member, out); });
  };
  const auto text = [&](const char* name, std::string PlotBucket::*member) {
    append_list(name, buckets, out, [&](const PlotBucket& b) { append_json(b.*member, out); });
  };
  whole("row", &PlotBucket::row);
  whole("count", &PlotBucket::rows);
  whole("ms", &PlotBucket::ms);
  whole("peak_ms", &PlotBucket::peak_ms);
  real("least", &PlotBucket::least);
  real("most", &PlotBucket::most);
  real("low", &PlotBucket::low);
  real("high", &PlotBucket::high);
  real("value", &PlotBucket::value);
  real("expected", &PlotBucket::expected);
  real("score", &PlotBucket::score);
  text("entity", &PlotBucket::entity);
  text("note", &PlotBucket::note);
  append_list("anomaly", buckets, out, [&](const PlotBucket& b) { out += b.anomaly ? '1' : '0'; });
  append_list("alarms", data.alarms(), out, [&](const PlotAlarm& alarm) { append_alarm(alarm, out); });
  out += '}';
  return out;
}

}  // namespace

void write_plot_page(std::ostream& out, const PlotPage& page, const PlotData& data) {
  std::string title;
  append_html(page.title, title);
  out << "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src "
         "'unsafe-inline'; "
         "style-src 'unsafe-inline'\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>"
      << title << " - proactived score</title>\n<style>" << kPlotStyle << "</style>\n</head>\n<body>\n<h1>"
      << title << "</h1>\n"
      << kPlotBody << "<script type=\"application/json\" id=\"data\">" << json_of(page, data)
      << "</script>\n<script>" << kPlotAxes << kPlotScript << "</script>\n</body>\n</html>\n";
}

}  // namespace proactive::daemon
