// Many restores of one lane: whose turn it is, and what is told of them.
#include <algorithm>

#include "daemon/io/lane.h"
#include "tests/support/lane_world.h"

using namespace proactive;
using namespace proactive::daemon;
using namespace proactive::test;
using namespace std::chrono_literals;

namespace {

std::vector<PartitionId> ids(PartitionId count) {
  std::vector<PartitionId> all;
  for (PartitionId id = 0; id < count; ++id) all.push_back(id);
  return all;
}

// A process that has written state for all partitions, and then died.
struct Died : LaneFixture {
  explicit Died(PartitionId partitions, int records = 20) : LaneFixture(partitions), count(partitions) {
    process->start(ids(count));
    for (int round = 0; round < records; ++round) {  // a commit each, so that the changelogs have a length
      for (const PartitionId id : ids(count)) telemetry(id, 1);
      process->run_dry();
    }
  }
  [[nodiscard]] std::vector<PartitionId> running() const {
    std::vector<PartitionId> all;
    for (const PartitionStatus& status : process->metrics.status()->partitions) {
      if (status.state == PartitionState::running) all.push_back(status.partition);
    }
    return all;
  }
  PartitionId count;
};

}  // namespace

TEST_CASE("a restore that stands still lets the others go on within seconds") {
  Died at(6, 3);
  at.log.changelog_stuck = {0};
  at.restart(ids(6)).turns(80, 50ms);

  CHECK(at.running() == std::vector<PartitionId>{1, 2, 3, 4, 5});
  CHECK(at.process->metrics.restore_waiting_open_txn.get() == 1);
  at.log.changelog_stuck.clear();
  at.process->turns(40, 50ms);
  CHECK(at.running() == ids(6));
  CHECK(at.process->metrics.restore_waiting_open_txn.get() == 0);
}

TEST_CASE("however many restores stand still for ever, each other one gets its turn") {
  Died at(6, 3);
  at.log.changelog_stuck = {0, 1, 2, 3};
  at.restart(ids(6)).turns(1200, 60ms);  // a restore that stands still is given up after 30 s

  CHECK(at.running() == std::vector<PartitionId>{4, 5});
  at.log.changelog_stuck.clear();
  at.process->turns(1200, 60ms);
  CHECK(at.running() == ids(6));
}

TEST_CASE("restores on their way tell how far they are and when they will be done") {
  Died at(4);
  LaneWorld& next = at.restart(ids(4));
  at.log.during_changelog = [&at] { at.clock.advance(500ms); };  // seven records
  CHECK(next.metrics.status()->restore_eta == Duration::zero());

  std::vector<double> etas;
  double most = 0;
  for (int i = 0; i < 200 && at.running().size() < 4; ++i) {
    next.turns(1, 600ms);
    const std::shared_ptr<const LaneStatus> status = next.metrics.status();
    for (const PartitionStatus& partition : status->partitions) {
      if (partition.state == PartitionState::restoring && partition.restore_progress < 1)
        most = std::max(most, partition.restore_progress);
    }
    if (status->restore_eta && *status->restore_eta > 0s)
      etas.push_back(std::chrono::duration<double>(*status->restore_eta).count());
  }
  REQUIRE(at.running().size() == 4);
  CHECK(most > 0.1);
  REQUIRE(etas.size() > 3);
  CHECK(etas.back() < etas.front() / 2);
  next.turns(3, 600ms);
  CHECK(next.metrics.status()->restore_eta == Duration::zero());
}

TEST_CASE("the input that is read again behind a changelog has a progress") {
  LaneFixture at;
  at.process->checkpoint_age = 20s;
  at.process->start({0});
  at.telemetry(0, 10);
  at.process->run_dry();
  at.telemetry(0, 200);
  at.process->run_dry();
  LaneWorld& next = at.restart({0});
  double most = 0;
  for (int i = 0; i < 100; ++i) {
    next.turns(1, 1100ms);
    const PartitionStatus status = next.metrics.status()->partitions.at(0);
    if (status.state != PartitionState::replaying) {
      if (most > 0) break;
      continue;
    }
    CHECK(status.replay_progress <= 1);
    CHECK(status.replay_progress >= most);
    most = status.replay_progress;
  }
  CHECK(most > 0.2);
}
