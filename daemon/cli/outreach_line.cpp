#include "daemon/cli/outreach_line.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace proactive::daemon {
namespace {

using Json = nlohmann::json;

// "2026-01-14T10:40:00Z" -> "2026-01-14 10:40"
std::string minute_of(const std::string& time) {
  return time.size() < 16 ? time : time.substr(0, 10) + " " + time.substr(11, 5);
}

std::string number(const Json& evidence, const char* key) {
  return evidence.contains(key) && evidence[key].is_number()
             ? fmt::format("{:.4g}", evidence[key].get<double>())
             : "-";
}

std::string evidence_line(const Json& evidence) {
  std::string line =
      fmt::format("      {}: observed {}", evidence.value("measure", ""), number(evidence, "observed"));
  if (evidence.contains("expected")) {
    line += fmt::format(", expected {} ({} .. {})", number(evidence, "expected"),
                        number(evidence, "expected_low"), number(evidence, "expected_high"));
  }
  if (evidence.contains("model")) {
    line += fmt::format(", {} of {} samples", evidence["model"].value("name", ""),
                        evidence["model"].value("n", 0));
  }
  if (evidence.contains("since")) line += ", since " + minute_of(evidence["since"].get<std::string>());
  return line + "\n";
}

std::string who(const Json& data) {
  const Json& entity = data["issue"]["entity"];
  std::string text = data["customer"]["id"];
  if (entity["type"] != "customer") {
    text += fmt::format(" {}/{}", entity["type"].get<std::string>(), entity["id"].get<std::string>());
  }
  return text;
}

}  // namespace

std::string outreach_line(std::string_view event) {
  const Json json = Json::parse(event);
  const Json& data = json["data"];
  const std::string status = data["status"];
  const bool reopened = data.value("reopened", false);
  if (status != "opened" && !reopened) return {};

  std::string title = data["issue"]["rule_id"];
  if (data.contains("message")) title = data["message"]["rendered"].value("title", title);
  std::string text = fmt::format("{}  {:<8} {}: {}{}\n", minute_of(json["time"].get<std::string>()),
                                 data.value("severity", ""), who(data), title, reopened ? " (again)" : "");
  for (const Json& evidence : data["evidence"]) text += evidence_line(evidence);
  return text;
}

}  // namespace proactive::daemon
