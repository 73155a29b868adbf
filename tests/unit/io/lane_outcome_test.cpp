// What each outcome of a transaction does to state, outputs and offsets (kafka.md 4 and 7).
#include "daemon/io/lane.h"

#include "tests/support/lane_world.h"

using namespace proactive;
using namespace proactive::daemon;
using namespace proactive::test;
using namespace std::chrono_literals;

namespace {

std::vector<std::string> outreach_of_undisturbed(const World& world, std::int32_t partitions) {
  LaneFixture calm(partitions);
  calm.clock.wall_stands = true;
  append_world(calm.log, world, partitions);
  std::vector<PartitionId> all;
  for (PartitionId id = 0; id < partitions; ++id) all.push_back(id);
  calm.process->start(all);
  calm.process->run_dry();
  std::vector<std::string> values = calm.log.values(Channel::outreach);
  std::sort(values.begin(), values.end());
  return values;
}

std::vector<std::string> sorted(std::vector<std::string> values) {
  std::sort(values.begin(), values.end());
  return values;
}

}  // namespace

TEST_CASE("aborts, unknown outcomes and kills at any moment leave the same outreach as a calm run") {
  const World world = make_world(11, 0, 12);
  const std::vector<std::string> expected = outreach_of_undisturbed(world, 2);
  REQUIRE(expected.size() > 5);
  for (std::uint32_t seed = 1; seed <= 6; ++seed) {
    CAPTURE(seed);
    std::mt19937 rng(seed);
    LaneFixture at(2);
    at.clock.wall_stands = true;
    append_world(at.log, world, 2);
    at.process->start({0, 1});
    for (int i = 0; i < 4000 && !at.process->all_committed(); ++i) {
      const auto dice = rng() % 100;
      if (dice < 3) at.log.fates.push_back(FakeLog::Fate::abort);
      if (dice == 4) at.log.fates.push_back(FakeLog::Fate::unknown_committed);
      if (dice == 5) at.log.fates.push_back(FakeLog::Fate::unknown_aborted);
      if (dice == 6) at.log.writes_left = static_cast<int>(rng() % 20);
      if (dice == 7) at.log.committed_failures = static_cast<int>(rng() % 5);
      if (dice == 8) at.process->source->events.push_back(Revoked{{0, 1}});
      if (dice == 8) at.process->source->events.push_back(Assigned{{0, 1}});
      if (dice == 9) at.process->source->events.push_back(Lost{{0, 1}});
      if (dice == 9) at.process->source->events.push_back(Assigned{{0, 1}});
      if (dice == 10) at.restart({0, 1});
      at.process->turns(10, 20ms);
    }
    at.log.fates.clear();
    at.log.writes_left.reset();
    at.process->run_dry();

    CHECK(at.log.transactions_aborted > 0);
    const std::vector<std::string> outreach = sorted(at.log.values(Channel::outreach));
    CHECK(outreach.size() == expected.size());
    const auto first = std::mismatch(outreach.begin(), outreach.end(), expected.begin(), expected.end());
    if (first.first != outreach.end() && first.second != expected.end()) CHECK(*first.first == *first.second);
  }
}

TEST_CASE("an aborted commit is undone and its records are read again") {
  LaneFixture at;
  at.telemetry(0, 5);
  at.process->start({0});
  at.process->turns(1, 0ms);  // the start is committed
  at.log.fates = {FakeLog::Fate::abort};

  at.process->turns(3, 600ms);
  CHECK(at.log.transactions_aborted == 1);
  at.process->run_dry();

  CHECK(at.log.committed[0].offsets[0] == 5);
  CHECK(at.process->metrics.aborts[static_cast<std::size_t>(AbortCause::commit)].get() == 1);
  CHECK(at.process->metrics.records[0].get() == 10);  // work counts twice
}

TEST_CASE("a failed write undoes the transaction") {
  LaneFixture at;
  append_world(at.log, make_world(3, 0, 6), 1);
  at.process->start({0});
  at.process->turns(1, 0ms);
  at.log.writes_left = 0;

  at.process->run_dry();

  CHECK(at.process->metrics.aborts[static_cast<std::size_t>(AbortCause::write)].get() == 1);
}

TEST_CASE("repeated aborts back off") {
  LaneFixture at;
  at.telemetry(0, 5);
  at.process->start({0});
  at.process->turns(1, 0ms);
  for (int i = 0; i < 1000; ++i) at.log.fates.push_back(FakeLog::Fate::abort);

  at.process->turns(600, 100ms);  // a minute

  CHECK(1000 - at.log.fates.size() < 15);
  CHECK(1000 - at.log.fates.size() > 5);
}

TEST_CASE("an unknown outcome that did commit is kept") {
  LaneFixture at;
  at.telemetry(0, 5);
  at.process->start({0});
  at.process->turns(1, 0ms);
  at.log.fates = {FakeLog::Fate::unknown_committed};

  at.process->turns(5, 600ms);

  CHECK(at.process->metrics.rebuilds[static_cast<std::size_t>(RebuildOutcome::committed)].get() == 1);
  CHECK(at.process->metrics.records[0].get() == 5);  // none is processed again
  CHECK(at.log.committed[0].offsets[0] == 5);
}

TEST_CASE("an unknown outcome that did not commit is undone") {
  LaneFixture at;
  at.telemetry(0, 5);
  at.process->start({0});
  at.process->turns(1, 0ms);
  at.log.fates = {FakeLog::Fate::unknown_aborted};

  at.process->turns(5, 600ms);

  CHECK(at.process->metrics.rebuilds[static_cast<std::size_t>(RebuildOutcome::rolled_back)].get() == 1);
  CHECK(at.process->metrics.records[0].get() == 10);
  CHECK(at.log.committed[0].offsets[0] == 5);
}

TEST_CASE("a committed version that is neither ours nor the one before means another owner: restore") {
  LaneFixture at;
  at.telemetry(0, 5);
  at.process->start({0});
  at.process->turns(1, 0ms);
  at.log.fates = {FakeLog::Fate::unknown_aborted};
  at.log.committed[0].v += 7;  // somebody else's

  at.process->turns(5, 600ms);

  CHECK(at.process->metrics.rebuilds[static_cast<std::size_t>(RebuildOutcome::foreign)].get() == 1);
  CHECK(at.process->partition(0).state == PartitionState::refused);  // the changelog here is not that owner's
}

TEST_CASE("when nobody can say what was committed, the partition is restored") {
  LaneFixture at;
  at.telemetry(0, 5);
  at.process->start({0});
  at.process->turns(1, 0ms);
  at.log.fates = {FakeLog::Fate::unknown_committed};
  at.log.committed_failures = 4;

  at.process->turns(4, 600ms);
  at.process->run_dry();

  CHECK(at.process->metrics.rebuilds[static_cast<std::size_t>(RebuildOutcome::foreign)].get() == 1);
  CHECK(at.log.committed[0].offsets[0] == 5);
  CHECK(at.process->partition(0).state == PartitionState::running);
}

TEST_CASE("a twin ends the lane and leaves nothing behind") {
  LaneFixture at;
  at.telemetry(0, 5);
  at.process->start({0});
  at.process->turns(1, 0ms);
  at.log.fates = {FakeLog::Fate::fence};

  at.process->turns(5, 600ms);

  CHECK(at.process->lane->end().reason == LaneEndReason::twin);
  CHECK(at.log.committed[0].offsets[0] == 0);
  CHECK_FALSE(at.process->lane->turn());
}

TEST_CASE("a lane of an old generation commits nothing") {
  LaneFixture at;
  at.telemetry(0, 5);
  at.process->start({0});
  at.process->turns(1, 0ms);
  ++at.log.generation;

  at.process->turns(20, 600ms);

  CHECK(at.log.committed[0].offsets[0] == 0);
  CHECK(at.log.versions[0].size() == 1);
}
