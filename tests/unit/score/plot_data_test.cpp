#include "daemon/score/plot_data.h"

#include <doctest/doctest.h>

#include <cmath>
#include <sstream>
#include <string>

#include "daemon/score/plot_page.h"

namespace proactive::daemon {
namespace {

PlotPoint point(std::int64_t second, double value, double score = 0) {
  PlotPoint p;
  p.time = Timestamp(std::chrono::seconds(second));
  p.value = value;
  p.score = score;
  p.anomaly = score > 1.6;
  return p;
}

std::string page_of(const PlotData& data, const std::string& title) {
  std::ostringstream out;
  write_plot_page(out, {title, "UTC", false, 1.6}, data);
  return out.str();
}

}  // namespace

TEST_CASE("however many rows there are, buckets stay few and the oddest row survives") {
  PlotData data;
  constexpr int kRows = 1'000'003;
  for (int i = 0; i < kRows; ++i) data.add(point(i, i == 777'777 ? 1e6 : i % 10, i == 777'777 ? 9 : 0.5));
  data.close();
  CHECK(data.buckets().size() <= PlotData::kMostBuckets);
  CHECK(data.buckets().size() > PlotData::kMostBuckets / 2 - 200);
  std::uint64_t rows = 0;
  double most = 0, score = 0;
  for (const PlotBucket& bucket : data.buckets()) {
    CHECK(bucket.row == rows + 1);
    rows += bucket.rows;
    most = std::fmax(most, bucket.most);
    score = std::fmax(score, bucket.score);
  }
  CHECK(rows == kRows);
  CHECK(most == 1e6);
  CHECK(score == 9);
  REQUIRE(data.alarms().size() == 1);
  CHECK(data.alarms()[0].peak_row == 777'778);
  CHECK(data.timed());
}

TEST_CASE("of many alarms the oddest are kept, in their order") {
  PlotData data;
  for (int i = 0; i < 1000; ++i) {
    data.add(point(2 * i, 1, 2 + (i * 37) % 1000));
    data.add(point(2 * i + 1, 1));
  }
  data.close();
  CHECK(data.alarm_count() == 1000);
  REQUIRE(data.alarms().size() == PlotData::kMostAlarms);
  for (std::size_t i = 0; i < data.alarms().size(); ++i) {
    CHECK(data.alarms()[i].score >= 802);
    if (i > 0) CHECK(data.alarms()[i].first_row > data.alarms()[i - 1].first_row);
  }
}

TEST_CASE("without rising times the axis counts rows") {
  PlotData back, none, empty;
  back.add(point(5, 1));
  back.add(point(4, 1));
  PlotPoint untimed;
  none.add(untimed);
  CHECK_FALSE(back.timed());
  CHECK_FALSE(none.timed());
  CHECK_FALSE(empty.timed());
  CHECK(std::isnan(none.buckets()[0].least));
}

TEST_CASE("text of the file can't become part of the page") {
  PlotData data;
  PlotPoint p = point(1, 2, 3);
  p.entity = "</script><script>alert(1)</script>";
  p.note = "a\"b\\c\xFF";
  data.add(p);
  data.close();
  const std::string page = page_of(data, "<img src=x onerror=alert(1)>\"&");
  CHECK(page.find("<img") == std::string::npos);
  CHECK(page.find("&lt;img src=x onerror=alert(1)&gt;&quot;&amp;") != std::string::npos);
  CHECK(page.find("<script>alert") == std::string::npos);
  CHECK(page.find("\\u003c/script>\\u003cscript>alert(1)") != std::string::npos);
}

}  // namespace proactive::daemon
