#include "daemon/io/cross_check.h"

#include <doctest/doctest.h>

using namespace proactive;
using namespace proactive::daemon;

namespace {

constexpr std::int64_t kNone = CommitVersion::kNone;

CommitVersion at(std::uint64_t v, std::int64_t telemetry, std::int64_t profiles) {
  CommitVersion version;
  version.v = v;
  version.offsets = {telemetry, profiles};
  return version;
}

const CommitVersion kNothing;

// Logs that begin at 10 and end at 100; state and offsets are ours.
CrossCheckFacts facts(CommitVersion committed, CommitVersion meta) {
  CrossCheckFacts all;
  all.partition = 3;
  all.committed = committed;
  all.meta = meta;
  all.meta_group = meta.v > 0 ? "proactived" : "";
  all.meta_partitions = meta.v > 0 ? 8 : 0;
  all.bounds = {{{10, 100}, {10, 100}}};
  return all;
}

CrossCheckRules rules() {
  CrossCheckRules all;
  all.streams = {{{true, "telemetry.events", config::StartOffset::latest},
                  {true, "customers.profiles", config::StartOffset::earliest}}};
  all.group = "proactived";
  all.partition_count = 8;
  return all;
}

}  // namespace

TEST_CASE("the table of committed offsets against the meta record is kept row by row") {
  struct Row {
    const char* what;
    CommitVersion committed, meta;
    Refusal refusal;
    std::int64_t telemetry, profiles;
    std::uint64_t v;
    bool commit_now, warns;
  };
  const Row rows[] = {
      // new: `start` is resolved to numbers and committed at once
      {"none, none", kNothing, kNothing, Refusal::none, 100, 10, 0, true, false},
      // the usual restart
      {"equal", at(7, 50, 60), at(7, 50, 60), Refusal::none, 50, 60, 7, false, false},
      // idle for a week: the state knows where it stands
      {"expired", kNothing, at(7, 50, 60), Refusal::none, 50, 60, 7, true, true},
      // state is gone while offsets are there
      {"changelog lost", at(7, 50, 60), kNothing, Refusal::changelog_lost, 0, 0, 0, false, true},
      // reset by a tool: offsets without our metadata
      {"reset by hand", at(0, 20, 20), at(7, 50, 60), Refusal::offsets_differ, 0, 0, 0, false, true},
      // our metadata, other offsets
      {"other offsets", at(7, 51, 60), at(7, 50, 60), Refusal::offsets_differ, 0, 0, 0, false, true},
      // same offsets, other counter: another owner's changelog
      {"other counter", at(8, 50, 60), at(7, 50, 60), Refusal::offsets_differ, 0, 0, 0, false, true},
      // profiles were switched on later
      {"topic added", at(7, 50, kNone), at(7, 50, kNone), Refusal::none, 50, 10, 7, true, false},
      // exactly at both ends is sound
      {"at the log start", at(7, 10, 10), at(7, 10, 10), Refusal::none, 10, 10, 7, false, false},
      {"at the high watermark", at(7, 100, 100), at(7, 100, 100), Refusal::none, 100, 100, 7, false, false},
      // retention was faster than we
      {"before the log start", at(7, 9, 60), at(7, 9, 60), Refusal::input_lost, 0, 0, 0, false, true},
      // the topic was deleted and made anew
      // brokers delete a topic's offsets with it, and a new topic may well be longer than the old one
      {"offset gone with its topic", at(7, kNone, 60), at(7, 50, 60), Refusal::input_recreated, 0, 0, 0,
       false, true},
      {"offset of the other topic gone", at(7, 50, kNone), at(7, 50, 60), Refusal::input_recreated, 0, 0, 0,
       false, true},
      {"offset gone, and the other one moved", at(7, kNone, 61), at(7, 50, 60), Refusal::offsets_differ, 0, 0,
       0, false, true},
      {"past the high watermark", at(7, 101, 60), at(7, 101, 60), Refusal::input_recreated, 0, 0, 0, false,
       true},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.what));
    const CrossCheck check = cross_check(facts(row.committed, row.meta), rules());

    CHECK(check.refusal == row.refusal);
    CHECK(check.sentence.empty() != row.warns);
    if (row.refusal != Refusal::none) continue;
    CHECK(check.version.offsets[0] == row.telemetry);
    CHECK(check.version.offsets[1] == row.profiles);
    CHECK(check.version.v == row.v);
    CHECK(check.version.replay_from == row.telemetry);
    CHECK(check.commit_now == row.commit_now);
    CHECK(check.gap == 0);
  }
}

TEST_CASE("a lost changelog is accepted only by order, and the counter goes on") {
  CrossCheckRules by_order = rules();
  by_order.accept_empty_state = true;

  const CrossCheck check = cross_check(facts(at(7, 50, 60), kNothing), by_order);

  CHECK(check.refusal == Refusal::none);
  CHECK(check.version.v == 7);
  CHECK(check.version.offsets[0] == 50);
  CHECK(check.commit_now);
}

TEST_CASE(
    "moved offsets are accepted only by order: state stays, offsets are taken, the counter never falls") {
  CrossCheckRules by_order = rules();
  by_order.accept_offset_reset = true;

  const CrossCheck check = cross_check(facts(at(0, 20, 30), at(7, 50, 60)), by_order);

  CHECK(check.refusal == Refusal::none);
  CHECK(check.version.offsets[0] == 20);
  CHECK(check.version.offsets[1] == 30);
  CHECK(check.version.v == 7);
  CHECK(check.commit_now);
}

TEST_CASE("lost input is skipped only when configured, and the gap is counted") {
  CrossCheckRules skipping = rules();
  skipping.skip_lost_input = true;

  const CrossCheck check = cross_check(facts(at(7, 4, 60), at(7, 4, 60)), skipping);

  CHECK(check.refusal == Refusal::none);
  CHECK(check.version.offsets[0] == 10);
  CHECK(check.gap == 6);
  CHECK(check.commit_now);
}

TEST_CASE("state of another group or partition count is never used") {
  CrossCheckFacts foreign = facts(kNothing, at(7, 50, 60));
  foreign.meta_group = "other";
  const CrossCheck group = cross_check(foreign, rules());
  CHECK(group.refusal == Refusal::foreign_group);
  CHECK(group.sentence ==
        "the changelog proactived.changelog holds state of group 'other', this is group 'proactived': two "
        "groups must "
        "not share a changelog; give this group a changelog topic of its own");

  CrossCheckFacts moved = facts(at(7, 50, 60), at(7, 50, 60));
  moved.meta_partitions = 6;
  const CrossCheck count = cross_check(moved, rules());
  CHECK(count.refusal == Refusal::partition_count);
  CHECK(count.sentence ==
        "the state was written with 6 partitions, the input now has 8: keys have moved; use a new group and "
        "a new "
        "changelog topic, and read the input again");
}

TEST_CASE("each refusal says what is wrong and what to do") {
  const auto sentence = [](CommitVersion committed, CommitVersion meta) {
    return cross_check(facts(committed, meta), rules()).sentence;
  };
  CHECK(sentence(at(7, 50, 60), kNothing) ==
        "offsets are committed (v7 at telemetry 50, profiles 60), but the changelog proactived.changelog "
        "holds no state "
        "for partition 3: it was deleted or is another topic; restore it, or start with --accept-empty-state "
        "to begin "
        "without history at these offsets");
  CHECK(sentence(at(0, 20, 20), at(7, 50, 60)) ==
        "committed offsets (v0 at telemetry 20, profiles 20) and restored state (v7 at telemetry 50, "
        "profiles 60) do not "
        "belong together: offsets were reset by hand, or the changelog is another one's; undo that, or start "
        "with "
        "--accept-offset-reset to keep the state and read from the committed offsets");
  CHECK(sentence(at(7, 4, 60), at(7, 4, 60)) ==
        "telemetry.events partition 3 begins at offset 10, the state ends at 4: 6 records were deleted "
        "before they were "
        "read; set on_lost_input: skip to go on without them");
  CHECK(sentence(at(7, 200, 60), at(7, 200, 60)) ==
        "telemetry.events partition 3 ends at offset 100, the state was built up to 200: the topic was "
        "recreated; use a "
        "new group and a new changelog topic");
  CHECK(sentence(at(7, kNone, 60), at(7, 50, 60)) ==
        "the group has lost its offset of telemetry.events partition 3, the state was built up to 50: the "
        "topic "
        "was recreated; use a new group and a new changelog topic");
}

// "Keep the state and read from the committed offsets" has no meaning without an offset.
TEST_CASE("the order to accept moved offsets does not accept a recreated topic") {
  CrossCheckRules by_order = rules();
  by_order.accept_offset_reset = true;

  CHECK(cross_check(facts(at(7, kNone, 60), at(7, 50, 60)), by_order).refusal == Refusal::input_recreated);
}

TEST_CASE("a stream that is off is neither compared nor read") {
  CrossCheckRules without_profiles = rules();
  without_profiles.streams[1].on = false;

  const CrossCheck check = cross_check(facts(at(7, 50, kNone), at(7, 50, 60)), without_profiles);

  CHECK(check.refusal == Refusal::none);
  CHECK(check.version.offsets[0] == 50);
  CHECK(check.version.offsets[1] == kNone);
  CHECK_FALSE(check.commit_now);
}
