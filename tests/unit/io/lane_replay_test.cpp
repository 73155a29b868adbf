// Series are written by age: a restart replays what the changelog lacks (docs/decisions/0010).
#include "daemon/io/lane.h"

#include "tests/support/lane_world.h"

using namespace proactive;
using namespace proactive::daemon;
using namespace proactive::test;
using namespace std::chrono_literals;

namespace {

struct ReplayFixture : LaneFixture {
  explicit ReplayFixture(std::int32_t partitions = 1) : LaneFixture(partitions) {
    process->checkpoint_age = 20s;
  }
};

}  // namespace

TEST_CASE("a touched series is not written at each commit, and a restart replays the input instead") {
  ReplayFixture at;
  at.telemetry(0, 10);
  at.process->start({0});
  at.process->run_dry();
  const std::int64_t first = at.log.committed[0].replay_from;
  CHECK(first == 10);  // all series were new
  at.telemetry(0, 10);
  at.process->run_dry();
  REQUIRE(at.log.committed[0].offsets[0] == 20);
  CHECK(at.log.committed[0].replay_from == 10);
  const std::size_t before = at.process->metrics.changelog_records.get();
  at.telemetry(0, 10);
  at.process->run_dry();
  CHECK(at.process->metrics.changelog_records.get() == before + 1);  // the meta record
  REQUIRE(at.log.committed[0].offsets[0] == 30);
  CHECK(at.log.committed[0].replay_from == 10);

  at.restart({0});
  at.process->run_dry();

  CHECK(at.process->partition(0).state == PartitionState::running);
  CHECK(at.process->metrics.status()->work.replayed == 20);
  CHECK(at.process->metrics.status()->work.replay_differs == 0);
  CHECK(at.process->metrics.status()->work.telemetry == 0);  // a replay is no work
  CHECK(at.log.committed[0].offsets[0] == 30);
}

TEST_CASE("a drain writes everything: nothing is left to replay") {
  ReplayFixture at;
  at.telemetry(0, 10);
  at.process->start({0});
  at.process->run_dry();
  at.telemetry(0, 10);
  at.process->run_dry();
  REQUIRE(at.log.committed[0].replay_from == 10);
  at.process->inbox.drain();
  at.process->turns(2);
  CHECK(at.log.committed[0].replay_from == 20);

  at.restart({0});
  at.process->run_dry();

  CHECK(at.process->partition(0).state == PartitionState::running);
  CHECK(at.process->metrics.status()->work.replayed == 0);
}

TEST_CASE("what waited for too long is written although no record comes") {
  ReplayFixture at;
  at.telemetry(0, 10);
  at.process->start({0});
  at.process->run_dry();
  at.telemetry(0, 10);
  at.process->run_dry();
  REQUIRE(at.log.committed[0].replay_from == 10);

  at.process->turns(40, 1s);

  CHECK(at.log.committed[0].replay_from == 20);
}

TEST_CASE("while one partition replays the other one runs, and an abort touches the replay not at all") {
  ReplayFixture at(2);
  at.telemetry(0, 10);
  at.process->start({0});
  at.process->run_dry();
  at.telemetry(0, 10);
  at.process->run_dry();
  REQUIRE(at.log.committed[0].replay_from == 10);
  at.telemetry(1, 5);
  at.log.fates.push_back(FakeLog::Fate::abort);

  at.restart({0, 1});
  at.process->run_dry();

  CHECK(at.process->partition(0).state == PartitionState::running);
  CHECK(at.process->partition(1).state == PartitionState::running);
  CHECK(at.process->metrics.status()->work.replayed == 10);
  CHECK(at.log.committed[1].offsets[0] == 5);
}

TEST_CASE("input that a replay needs and that is gone is lost input") {
  ReplayFixture at;
  at.telemetry(0, 10);
  at.process->start({0});
  at.process->run_dry();
  at.telemetry(0, 10);
  at.process->run_dry();
  REQUIRE(at.log.committed[0].replay_from == 10);
  at.log.delete_before(StreamKind::telemetry, 0, 15);

  at.restart({0});
  at.process->turns(5, 600ms);

  const PartitionStatus refused = at.process->partition(0);
  CHECK(refused.state == PartitionState::refused);
  CHECK(refused.reason.find("begins at offset 15, the state ends at 10") != std::string::npos);
}

TEST_CASE("a record that is skipped by order is a dead letter, and no later replay meets it") {
  ReplayFixture at;
  at.telemetry(0, 10);
  at.process->start({0});
  at.process->run_dry();
  at.telemetry(0, 10);
  at.process->options.skip_records = {{"telemetry.events", 0, 15}, {"telemetry.events", 1, 16}};
  at.restart({0});
  at.process->run_dry();
  REQUIRE(at.log.count(Channel::dead_letters) == 1);
  CHECK(at.process->metrics.status()->work.telemetry == 9);
  REQUIRE(at.log.committed[0].offsets[0] == 20);
  CHECK(at.log.committed[0].replay_from >= 16);
}

TEST_CASE("the place of a record to skip is read strictly") {
  const auto place = parse_record_place("a:b:3:1042");
  REQUIRE(place);
  CHECK(place->topic == "a:b");
  CHECK(place->partition == 3);
  CHECK(place->offset == 1042);
  for (const char* bad :
       {"", "topic", "topic:1", ":1:2", "topic::2", "topic:1:", "topic:-1:2", "topic:1:2x"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_record_place(bad));
  }
}
