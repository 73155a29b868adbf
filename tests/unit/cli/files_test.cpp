#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "daemon/cli/line_file.h"
#include "daemon/cli/outreach_line.h"
#include "daemon/cli/reload.h"
#include "daemon/cli/state_file.h"

namespace proactive::daemon {
namespace {

using StateRecords = std::vector<std::tuple<PartitionId, std::string, std::string>>;

Result<StateRecords> read_all(const std::string& bytes) {
  std::istringstream in(bytes);
  StateRecords records;
  const Result<void> read =
      read_state_file(in, [&](PartitionId partition, std::string_view key, std::string_view value) {
        records.emplace_back(partition, std::string(key), std::string(value));
      });
  if (!read) return tl::make_unexpected(read.error());
  return records;
}

TEST_CASE("what a state file is given, it gives back") {
  CHECK(rc::check([](const std::map<std::string, std::string>& pairs, std::uint16_t partition) {
    ChangeSet changes;
    StateRecords expected;
    for (const auto& [key, value] : pairs) {
      changes.changes.push_back({key, value, value.empty()});
      expected.emplace_back(partition, key, value);
    }
    std::ostringstream out;
    begin_state_file(out);
    write_state_records(out, partition, changes);

    const Result<StateRecords> records = read_all(out.str());
    RC_ASSERT(records.has_value());
    RC_ASSERT(*records == expected);
  }));
}

TEST_CASE("a state file that is cut off anywhere but between records is refused with the place") {
  ChangeSet changes;
  changes.changes.push_back({"key", "value", false});
  std::ostringstream out;
  begin_state_file(out);
  write_state_records(out, 3, changes);
  const std::string whole = out.str();
  constexpr std::size_t kMagic = 19;

  for (std::size_t length = 0; length < whole.size(); ++length) {
    CAPTURE(length);
    const Result<StateRecords> records = read_all(whole.substr(0, length));
    CHECK(records.has_value() == (length == kMagic));
    if (length > kMagic) CHECK(records.error().message == "the record at byte 19 is cut off or damaged");
  }
}

TEST_CASE("a length that no record has is refused before anything is reserved for it") {
  std::string bytes = "proactived-state 1\n";
  bytes += std::string("\0\0\0\0\xff\xff\xff\x7f\x01\0\0\0", 12);

  CHECK_FALSE(read_all(bytes).has_value());
}

struct TextFile {
  std::string name =
      (std::filesystem::temp_directory_path() / ("proactived-lines-" + std::to_string(::getpid()))).string();
  explicit TextFile(const std::string& text) { std::ofstream(name, std::ios::binary) << text; }
  ~TextFile() { std::remove(name.c_str()); }
};

TEST_CASE("lines come without their ends, empty ones are passed over, and the last needs no end") {
  const TextFile text("one\r\n\n  two\n\r\nthree");
  Result<LineFile> file = LineFile::open(text.name);
  REQUIRE(file.has_value());
  std::vector<std::string> lines;
  for (std::string_view line; file->next(line);) lines.emplace_back(line);

  CHECK(lines == std::vector<std::string>{"one", "  two", "three"});
  CHECK_FALSE(file->failed());
  CHECK(file->line_number() == 5);
}

TEST_CASE("an empty file has no lines; a folder or nothing can't be opened") {
  const TextFile text("");
  Result<LineFile> file = LineFile::open(text.name);
  REQUIRE(file.has_value());
  std::string_view line;
  CHECK_FALSE(file->next(line));

  CHECK_FALSE(LineFile::open("/nonexistent/file").has_value());
  CHECK_FALSE(LineFile::open("/tmp").has_value());
}

TEST_CASE("settings that a running daemon can't change are named, rules and log are not among them") {
  config::DaemonConfig running;
  running.kafka.brokers = {"k1:9092"};
  running.id_key = config::Secret("one");
  config::DaemonConfig wanted = running;
  wanted.rules.packs = {"/other/packs"};
  wanted.rules.time_zone = "Europe/Berlin";
  wanted.log.level = "debug";
  CHECK(restart_changes(running, wanted).empty());

  wanted.kafka.brokers = {"k1:9092", "k2:9092"};
  wanted.shutdown_deadline = std::chrono::seconds(7);
  wanted.id_key = config::Secret("two");
  std::string all;
  for (const std::string& change : restart_changes(running, wanted)) all += change + "\n";
  CAPTURE(all);
  CHECK(all.find("kafka.brokers: ") != std::string::npos);
  CHECK(all.find("shutdown.deadline: 25s -> 7s\n") != std::string::npos);
  CHECK(all.find("privacy.id_key_file: another key\n") != std::string::npos);
  CHECK(restart_changes(running, wanted).size() == 3);
}

TEST_CASE("an outreach line says when, how bad, who, what and on what evidence") {
  const char* event = R"({"time":"2026-01-14T10:40:00Z","data":{"status":"opened","severity":"high",
      "customer":{"id":"c-1"},"issue":{"rule_id":"job_stuck","entity":{"type":"job","id":"export"}},
      "message":{"rendered":{"title":"A job is stuck"}},
      "evidence":[{"measure":"runs","observed":0.1375,"expected":1.5,"expected_low":1,"expected_high":2,
                   "model":{"name":"ewma","n":240},"since":"2026-01-14T09:12:00Z"}]}})";

  CHECK(outreach_line(event) ==
        "2026-01-14 10:40  high     c-1 job/export: A job is stuck\n"
        "      runs: observed 0.1375, expected 1.5 (1 .. 2), ewma of 240 samples, since 2026-01-14 09:12\n");
}

}  // namespace
}  // namespace proactive::daemon
