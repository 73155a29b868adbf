#include "daemon/codec/commit_version.h"

#include <limits>

#include <doctest/doctest.h>

using namespace proactive;
using namespace proactive::daemon;
using namespace std::chrono_literals;

namespace {

CommitVersion version_42() {
  CommitVersion version;
  version.v = 42;
  version.replay_from = 1000;
  version.watermark = Timestamp(1'767'571'200'000ms);
  version.tick = Timestamp(1'767'571'203'500ms);
  version.rules_hash = 0x0123456789abcdef;
  return version;
}

}  // namespace

TEST_CASE("commit metadata has one written form") {
  CHECK(format_metadata(version_42()) ==
        "p1 v=42 r=1000 wm=1767571200000 tick=1767571203500 rs=0123456789abcdef");
  CHECK(format_metadata(CommitVersion{}) == "p1 v=0 r=-1 wm=- tick=- rs=0000000000000000");
}

TEST_CASE("what was written as commit metadata is read back") {
  CommitVersion unseen;
  unseen.v = std::numeric_limits<std::uint64_t>::max();
  unseen.replay_from = std::numeric_limits<std::int64_t>::max();
  for (const CommitVersion& version : {version_42(), unseen}) {
    const Result<CommitVersion> read = parse_metadata(format_metadata(version));

    REQUIRE(read.has_value());
    CHECK(*read == version);
  }
}

TEST_CASE("the longest commit metadata fits into 256 bytes and holds no NUL") {
  CommitVersion longest;
  longest.v = std::numeric_limits<std::uint64_t>::max();
  longest.replay_from = std::numeric_limits<std::int64_t>::min();
  longest.watermark = Timestamp::max();
  longest.tick = Timestamp::min() + 1ms;
  longest.rules_hash = std::numeric_limits<std::uint64_t>::max();

  const std::string text = format_metadata(longest);

  CHECK(text.size() <= 256);
  CHECK(text.find('\0') == std::string::npos);
  CHECK(parse_metadata(text).has_value());
}

TEST_CASE("fields that a later program appends are ignored") {
  const Result<CommitVersion> read = parse_metadata(format_metadata(version_42()) + " zz=9");

  REQUIRE(read.has_value());
  CHECK(*read == version_42());
}

TEST_CASE("metadata of other programs is refused with a reason") {
  struct Row {
    const char* text;
    const char* reason;
  };
  const Row rows[] = {
      {"", "no 'p1' in front"},                                              // reset by hand
      {"p2 v=1 r=0 wm=- tick=- rs=0000000000000000", "no 'p1' in front"},    // another format
      {"p1 v=x r=0 wm=- tick=- rs=0000000000000000", "bad value of 'v='"},   // not a number
      {"p1 v=0 r=0 wm=- tick=- rs=0000000000000000", "bad value of 'v='"},   // versions begin at 1
      {"p1 v=-1 r=0 wm=- tick=- rs=0000000000000000", "bad value of 'v='"},  // negative
      {"p1 v=1 wm=- tick=- rs=0000000000000000", "'r=' expected"},           // a field is missing
      {"p1 v=1 r= wm=- tick=- rs=0000000000000000", "bad value of 'r='"},    // empty value
      {"p1 v=1 r=0 wm=99999999999999999 tick=- rs=0000000000000000",
       "bad value of 'wm='"},                                  // beyond all time
      {"p1 v=1 r=0 wm=- tick=- rs=12", "bad value of 'rs='"},  // short hash
      {"p1 v=1 r=0 wm=- tick=-", "'rs=' expected"},            // cut off
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.text));
    const Result<CommitVersion> read = parse_metadata(row.text);

    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().message.find(row.reason) != std::string::npos);
  }
  CHECK_FALSE(parse_metadata(std::string(300, 'x')).has_value());
}

TEST_CASE("a commit is the same only if all is equal that offsets and metadata carry") {
  CommitVersion held = version_42();
  held.offsets = {1500, 3};
  held.watermark += 250us;  // metadata carries milliseconds
  CommitVersion committed = *parse_metadata(format_metadata(held));
  committed.offsets = held.offsets;
  CHECK(same_commit(held, committed));

  const auto differs = [&](auto change) {
    CommitVersion other = committed;
    change(other);
    return !same_commit(held, other);
  };
  CHECK(differs([](CommitVersion& other) { ++other.v; }));
  CHECK(differs([](CommitVersion& other) { ++other.offsets[0]; }));
  CHECK(differs([](CommitVersion& other) { other.offsets[1] = CommitVersion::kNone; }));
  CHECK(differs([](CommitVersion& other) { ++other.replay_from; }));
  CHECK(differs([](CommitVersion& other) { other.watermark += 1ms; }));
  CHECK(differs([](CommitVersion& other) { other.tick += 1ms; }));
  CHECK(differs([](CommitVersion& other) { ++other.rules_hash; }));
  CHECK_FALSE(same_commit(held, CommitVersion{}));
}
