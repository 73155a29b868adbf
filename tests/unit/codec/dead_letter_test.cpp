#include "daemon/codec/dead_letter.h"

#include <doctest/doctest.h>

#include <string>

namespace proactive::daemon {
namespace {

InputRecord record_of(std::string_view value) {
  InputRecord record;
  record.partition = 3;
  record.offset = 81920;
  record.appended_at = *parse_rfc3339("2026-11-23T09:40:00.418Z");
  record.key = "c_1";
  record.value = value;
  record.headers = {{"trace", "abc"}, {"code", "theirs"}};
  return record;
}

std::string headers_of(const OutputRecord& letter) {
  std::string text;
  for (const auto& [name, value] : letter.headers) text += name + '=' + value + ' ';
  return text;
}

}  // namespace

TEST_CASE("a dead letter is the record as it came, with why and where from behind its own headers") {
  const std::string bytes("\0{\xff not json", 12);
  const OutputRecord letter =
      make_dead_letter(record_of(bytes), "telemetry.events",
                       {DeadLetterStage::decode, "not_utf8", "record: not valid UTF-8", "4d1c", "0.1.0"});

  CHECK(letter.channel == Channel::dead_letters);
  CHECK(letter.key == "c_1");
  CHECK(letter.value == bytes);
  CHECK(headers_of(letter) ==
        "trace=abc code=theirs src_topic=telemetry.events src_partition=3 src_offset=81920 "
        "src_ts=1795426800418 "
        "stage=decode code=not_utf8 detail=record: not valid UTF-8 ruleset=4d1c app_version=0.1.0 ");
}

TEST_CASE("a value beyond 512 KiB is cut, and its length told") {
  const std::string bytes(kMaxDeadLetterBytes + 1, 'x');
  const OutputRecord letter =
      make_dead_letter(record_of(bytes), "t", {DeadLetterStage::decode, "too_large", "", "", ""});

  CHECK(letter.value.size() == kMaxDeadLetterBytes);
  CHECK(letter.headers.back().first == "truncated");
  CHECK(letter.headers.back().second == "524289");
  CHECK(headers_of(make_dead_letter(record_of(bytes.substr(1)), "t", {})).find("truncated") ==
        std::string::npos);
}

TEST_CASE("a null value stays null, and a long detail is cut between characters") {
  InputRecord record = record_of("");
  record.tombstone = true;
  std::string detail;
  for (int i = 0; i < 100; ++i) detail += "äöü";  // 600 bytes

  const OutputRecord letter =
      make_dead_letter(record, "t", {DeadLetterStage::validate, "x", detail + "ä", "", ""});
  CHECK(letter.tombstone);
  for (const auto& [name, value] : letter.headers) {
    if (name == "detail") CHECK(value == detail.substr(0, 256));
  }

  const OutputRecord odd =
      make_dead_letter(record, "t", {DeadLetterStage::validate, "x", "x" + detail, "", ""});
  for (const auto& [name, value] : odd.headers) {
    if (name == "detail") CHECK(value == "x" + detail.substr(0, 254));
  }
}

}  // namespace proactive::daemon
