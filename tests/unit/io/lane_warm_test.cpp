// Partitions that go and come back: the lane holds their state meanwhile (docs/decisions/0017).
#include "daemon/io/lane.h"

#include "tests/support/lane_world.h"

using namespace proactive;
using namespace proactive::daemon;
using namespace proactive::test;
using namespace std::chrono_literals;

namespace {

// A lane that has read some input of its partitions, all of it committed.
struct WarmFixture : LaneFixture {
  explicit WarmFixture(std::int32_t partitions = 1) : LaneFixture(partitions) {}

  void begin(Duration hold_for = 60s, std::size_t state_bytes = 0) {
    process->options.warm = {hold_for, state_bytes};
    std::vector<PartitionId> all;
    for (PartitionId id = 0; id < process->options.checks.partition_count; ++id) {
      telemetry(id, 5);
      all.push_back(id);
    }
    process->start(all);
    process->run_dry();
    loaded = process->metrics.restore_records.get();
  }
  void revoke(std::vector<PartitionId> partitions = {0}) {
    process->source->events.push_back(Revoked{std::move(partitions)});
    process->turns(1);
  }
  void give_back(std::vector<PartitionId> partitions = {0}) {
    process->source->events.push_back(Assigned{std::move(partitions)});
    process->turns(3);
  }
  [[nodiscard]] std::uint64_t ended(WarmEnd how) const {
    return process->metrics.warm_ended[static_cast<std::size_t>(how)].get();
  }
  [[nodiscard]] std::uint64_t loaded_since() const { return process->metrics.restore_records.get() - loaded; }
  [[nodiscard]] bool counted_up(PartitionId partition = 0) const {
    const std::vector<std::uint64_t>& versions = log.versions.at(partition);
    for (std::size_t i = 0; i < versions.size(); ++i) {
      if (versions[i] != i + 1) return false;
    }
    return true;
  }

  std::uint64_t loaded = 0;
};

}  // namespace

TEST_CASE("a partition that comes back before anybody has committed it goes on without a restore") {
  WarmFixture at;
  at.begin();
  at.revoke();
  CHECK(at.process->metrics.warm_held.get() == 1);
  at.give_back();

  CHECK(at.ended(WarmEnd::reused) == 1);
  CHECK(at.process->partition(0).state == PartitionState::running);
  at.telemetry(0, 5);
  at.process->run_dry();
  CHECK(at.loaded_since() == 0);
  CHECK(at.log.committed[0].offsets[0] == 10);
  CHECK(at.counted_up());
  (void)at.process->partition(0);
  CHECK(at.process->metrics.status()->work.telemetry == 10);  // nothing is counted twice
  at.restart({0});
  at.process->run_dry();
  CHECK(at.process->metrics.restores_refused.get() == 0);
}

TEST_CASE("a partition that somebody else has committed meanwhile is restored") {
  WarmFixture at;
  at.begin();
  at.revoke();
  at.telemetry(0, 5);
  {
    LaneWorld owner(at.log, at.clock);
    owner.start({0});
    owner.run_dry();
  }

  at.give_back();

  CHECK(at.ended(WarmEnd::overtaken) == 1);
  CHECK(at.ended(WarmEnd::reused) == 0);
  CHECK(at.loaded_since() > 0);
  at.telemetry(0, 5);
  at.process->run_dry();
  CHECK(at.log.committed[0].offsets[0] == 15);
  CHECK(at.counted_up());
}

TEST_CASE("a commit that moved no offset is noticed, too") {
  WarmFixture at;
  at.begin();
  at.revoke();
  ++at.log.committed[0].v;

  at.give_back();

  CHECK(at.ended(WarmEnd::overtaken) == 1);
  CHECK(at.loaded_since() > 0);
}

TEST_CASE("held state is not used when the group's offsets are gone or were set by hand") {
  for (const bool by_hand : {false, true}) {
    WarmFixture at;
    at.begin();
    at.revoke();
    at.log.committed.erase(0);
    if (by_hand) at.log.committed[0].offsets = {5, 0};  // the same, but nobody of us wrote them

    at.give_back();

    CHECK(at.ended(WarmEnd::unfit) == 1);
    CHECK(at.loaded_since() > 0);
    CHECK(at.process->partition(0).state == (by_hand ? PartitionState::refused : PartitionState::running));
  }
}

TEST_CASE("held state is not used when its input was deleted before it was read") {
  WarmFixture at;
  at.begin();
  at.revoke();
  at.telemetry(0, 10);
  at.log.delete_before(kTelemetry, 0, 8);

  at.give_back();

  CHECK(at.ended(WarmEnd::unfit) == 1);
  CHECK(at.process->partition(0).reason.find("were deleted before they were read") != std::string::npos);
}

TEST_CASE("what a lost partition had not committed is no part of what is held of it") {
  WarmFixture at;
  at.process->options.commit_interval = 5s;
  at.begin();
  at.telemetry(0, 5);
  at.process->turns(1, 0ms);  // processed, not committed
  REQUIRE(at.log.committed[0].offsets[0] == 5);
  at.process->source->events.push_back(Lost{{0}});
  at.process->turns(1, 0ms);
  at.give_back();

  CHECK(at.ended(WarmEnd::reused) == 1);
  at.process->run_dry();
  CHECK(at.log.committed[0].offsets[0] == 10);
  CHECK(at.process->metrics.records[0].get() == 15);
  CHECK(at.counted_up());
}

TEST_CASE("a partition whose first version was not committed is not held") {
  LaneFixture at;
  at.telemetry(0, 5);
  at.log.fates = {FakeLog::Fate::abort, FakeLog::Fate::abort};
  at.process->start({0});
  at.process->turns(1);
  REQUIRE(at.log.committed.empty());
  at.process->source->events.push_back(Revoked{{0}});
  at.process->turns(1);

  CHECK(at.process->metrics.warm_held.get() == 0);
}

TEST_CASE("held state goes after its time") {
  WarmFixture at;
  at.begin(10s);
  at.revoke();
  at.process->turns(9, 1s);
  CHECK(at.process->metrics.warm_partitions.get() == 1);
  CHECK(at.process->metrics.warm_bytes.get() > 0);
  at.process->turns(4, 1s);
  CHECK(at.ended(WarmEnd::expired) == 1);
  CHECK(at.process->metrics.warm_partitions.get() == 0);
  CHECK(at.process->metrics.warm_bytes.get() == 0);
  at.give_back();
  CHECK(at.ended(WarmEnd::reused) == 0);
  CHECK(at.process->partition(0).state == PartitionState::running);
}

TEST_CASE("without a time nothing is held") {
  WarmFixture at;
  at.begin(0s);
  at.revoke();
  at.give_back();
  CHECK(at.process->metrics.warm_held.get() == 0);
  CHECK(at.loaded_since() > 0);
}

TEST_CASE("held state goes for the memory of the partitions that the lane has") {
  WarmFixture at(3);
  at.begin();
  const std::size_t one = at.process->partition(0).state_bytes;
  REQUIRE(one > 0);
  // Room for two and a half, a tenth of it left free.
  WarmFixture tight(3);
  tight.begin(60s, one * 5 / 2 * 10 / 9);
  tight.revoke({0, 1, 2});
  CHECK(tight.process->metrics.warm_held.get() == 3);
  tight.process->turns(1);
  CHECK(tight.ended(WarmEnd::memory) == 1);  // the oldest
  tight.give_back({0, 1, 2});
  tight.process->turns(10);
  CHECK(tight.ended(WarmEnd::reused) + tight.ended(WarmEnd::memory) == 3);
  CHECK(tight.loaded_since() > 0);
  for (PartitionId id = 0; id < 3; ++id) CHECK(tight.process->partition(id).state == PartitionState::running);
}

TEST_CASE("other rules drop held state") {
  WarmFixture at;
  at.begin();
  at.revoke();
  at.process->inbox.new_rules(shared_world_rules());
  at.give_back();
  CHECK(at.ended(WarmEnd::rules) == 1);
  CHECK(at.ended(WarmEnd::reused) == 0);
  CHECK(at.process->partition(0).state == PartitionState::running);
}

TEST_CASE("brokers that do not say what is committed delay the use of held state") {
  WarmFixture at;
  at.begin();
  at.revoke();
  at.log.committed_failures = 2;
  at.give_back();
  CHECK(at.ended(WarmEnd::reused) == 0);
  at.process->turns(20, 200ms);
  CHECK(at.ended(WarmEnd::reused) == 1);
  CHECK(at.loaded_since() == 0);
}

TEST_CASE("held state waits for no turn behind another partition's restore") {
  WarmFixture at(2);
  at.begin();
  at.revoke({1});
  at.log.changelog_stuck = {0};
  at.process->source->events.push_back(InputMissing{0, "offset out of range"});  // 0 is restored anew
  at.process->turns(2);
  REQUIRE(at.process->metrics.status()->partitions[0].state == PartitionState::restoring);

  at.process->source->events.push_back(Assigned{{0, 1}});
  at.process->turns(2, 50ms);

  CHECK(at.ended(WarmEnd::reused) == 1);
  CHECK(at.process->partition(1).state == PartitionState::running);
}

TEST_CASE("a lane that waits for the group's next assignment has not joined") {
  WarmFixture at;
  at.begin();
  CHECK(at.process->metrics.status()->joined);
  at.revoke();
  CHECK_FALSE(at.process->metrics.status()->joined);
  at.give_back();
  CHECK(at.process->metrics.status()->joined);
}
