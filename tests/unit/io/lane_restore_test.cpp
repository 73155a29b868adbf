// Partitions that come, go, are restored, refused or stopped (kafka.md 6 and 10).
#include "daemon/io/lane.h"

#include "tests/support/lane_world.h"

using namespace proactive;
using namespace proactive::daemon;
using namespace proactive::test;
using namespace std::chrono_literals;

// ---- the group --------------------------------------------------------------------------------------------

TEST_CASE("a revoked partition is committed, then given up with its state") {
  LaneFixture at;
  at.telemetry(0, 5);
  at.process->start({0});
  at.process->turns(2, 0ms);  // processed, not yet due
  CHECK(at.log.committed[0].offsets[0] == 0);
  at.process->source->events.push_back(Revoked{{0}});

  at.process->turns(1, 0ms);

  CHECK(at.log.committed[0].offsets[0] == 5);
  CHECK(at.process->commits(CommitTrigger::revoke) == 1);
  CHECK(at.process->source->releases == 1);
  CHECK(at.process->metrics.status()->partitions.empty());
}

TEST_CASE("a lost partition is given up without a commit") {
  LaneFixture at;
  at.telemetry(0, 5);
  at.process->start({0});
  at.process->turns(2, 0ms);
  at.process->source->events.push_back(Lost{{0}});

  at.process->turns(1, 0ms);

  CHECK(at.log.committed[0].offsets[0] == 0);
  CHECK(at.process->metrics.aborts[static_cast<std::size_t>(AbortCause::lost)].get() == 1);
  CHECK(at.process->source->releases == 1);
}

TEST_CASE("a partition that comes back goes on where it was committed") {
  LaneFixture at;
  at.telemetry(0, 5);
  at.process->start({0});
  at.process->run_dry();
  at.process->source->events.push_back(Revoked{{0}});
  at.process->source->events.push_back(Assigned{{0}});
  at.process->turns(3);
  at.telemetry(0, 5);

  at.process->run_dry();

  CHECK(at.log.committed[0].offsets[0] == 10);
  CHECK(at.process->metrics.records[0].get() == 10);
}

TEST_CASE("an empty assignment counts as joined") {
  LaneFixture at;
  at.process->start({});
  CHECK_FALSE(at.process->metrics.status()->joined);
  at.process->source->events.push_back(Assigned{});

  at.process->turns(1);

  CHECK(at.process->metrics.status()->joined);
}

TEST_CASE("a partition without all of its input topics is not processed") {
  LaneFixture at(2);
  at.telemetry(0, 1);
  at.telemetry(1, 1);
  at.process->start({});
  at.process->source->events.push_back(Assigned{{0}, {1}});
  at.process->turns(5, 600ms);

  CHECK(at.process->partition(1).state == PartitionState::incomplete);
  CHECK(at.log.committed.count(1) == 0);
  CHECK(at.log.committed[0].offsets[0] == 1);
}

TEST_CASE("a static member that is fenced ends the lane as a twin") {
  LaneFixture at;
  at.process->start({0});
  at.process->source->events.push_back(SourceFailed{"fenced", true});

  at.process->turns(3);

  CHECK(at.process->lane->end().reason == LaneEndReason::twin);
}

// ---- restore ----------------------------------------------------------------------------------------------

TEST_CASE("profiles are read up to their end before the first telemetry of a new partition") {
  LaneFixture at;
  at.telemetry(0, 3);
  for (int i = 0; i < 40; ++i) {
    at.log.append(kProfiles, 0, "", fmt::format(R"({{"customer_id":"c_{}","plan":"pro","version":1}})", i),
                  at.at);
  }
  at.process->start({0});
  at.process->turns(2);

  CHECK(at.process->metrics.status()->partitions[0].state == PartitionState::bootstrapping);
  CHECK(at.process->source->reads(kProfiles, 0));
  CHECK_FALSE(at.process->source->reads(kTelemetry, 0));
  CHECK(at.process->metrics.records[0].get() == 0);
  at.process->run_dry();
  CHECK(at.process->partition(0).state == PartitionState::running);
  CHECK(at.process->metrics.records[1].get() == 40);
  CHECK(at.process->metrics.records[0].get() == 3);
}

TEST_CASE("a bootstrap that was cut short is taken up again after a restart") {
  LaneFixture at;
  at.telemetry(0, 3);
  for (int i = 0; i < 40; ++i) {
    at.log.append(kProfiles, 0, "", fmt::format(R"({{"customer_id":"c_{}","plan":"pro","version":1}})", i),
                  at.at);
  }
  at.process->start({0});
  at.process->turns(3, 600ms);
  const std::int64_t read = at.log.committed[0].offsets[1];
  REQUIRE(read > 0);
  REQUIRE(read < 40);

  at.restart({0}).turns(2);

  CHECK(at.process->metrics.status()->partitions[0].state == PartitionState::bootstrapping);
  at.process->run_dry();
  CHECK(at.log.committed[0].offsets[1] == 40);
}

TEST_CASE("profiles come first also when their transaction is undone at the last moment") {
  LaneFixture at;
  at.telemetry(0, 3);
  for (int i = 0; i < 5; ++i) {
    at.log.append(kProfiles, 0, "", fmt::format(R"({{"customer_id":"c_{}","plan":"pro","version":1}})", i),
                  at.at);
  }
  at.process->start({0});
  at.process->turns(1, 0ms);  // the start is committed
  at.log.fates = {FakeLog::Fate::abort};
  while (at.log.transactions_aborted == 0) at.process->turns(1);

  CHECK(at.process->metrics.records[0].get() == 0);
  CHECK_FALSE(at.process->source->reads(kTelemetry, 0));
  at.process->run_dry();
  CHECK(at.process->metrics.records[1].get() == 10);
  CHECK(at.process->metrics.records[0].get() == 3);
}

TEST_CASE("start: latest skips what is there, start: earliest takes it") {
  for (const config::StartOffset start : {config::StartOffset::earliest, config::StartOffset::latest}) {
    LaneFixture at;
    at.telemetry(0, 7);
    at.process->options.checks.streams[0].start = start;
    at.process->start({0});

    at.process->run_dry();

    CHECK(at.process->metrics.records[0].get() == (start == config::StartOffset::earliest ? 7 : 0));
  }
}

TEST_CASE("a refused partition says why while the others run") {
  LaneFixture at(2);
  at.telemetry(0, 5);
  at.telemetry(1, 5);
  at.process->start({0, 1});
  at.process->run_dry();
  at.log.changelog.erase(1);
  at.telemetry(0, 5);

  at.restart({0, 1}).turns(20, 600ms);

  const PartitionStatus refused = at.process->partition(1);
  CHECK(refused.state == PartitionState::refused);
  CHECK(refused.reason.find("--accept-empty-state") != std::string::npos);
  CHECK(at.process->partition(0).state == PartitionState::running);
  CHECK(at.log.committed[0].offsets[0] == 10);
  CHECK(at.process->metrics.restores_refused.get() == 1);
}

TEST_CASE("a partition that a new owner commits during its restore is restored again, not refused") {
  LaneFixture at;
  at.telemetry(0, 5);
  at.process->start({0});
  at.process->run_dry();
  at.telemetry(0, 5);
  at.log.before_changelog = [&at] {
    LaneWorld owner(at.log, at.clock);
    owner.start({0});
    owner.run_dry();
  };
  LaneWorld& sleeper = at.restart({0});

  sleeper.turns(20, 100ms);

  CHECK(sleeper.metrics.restores_refused.get() == 0);
  CHECK(sleeper.partition(0).state == PartitionState::running);
  CHECK(sleeper.partition(0).version == at.log.committed[0].v);
}

TEST_CASE("a damaged state record refuses the partition and names its offset") {
  LaneFixture at;
  at.telemetry(0, 5);
  at.process->start({0});
  at.process->run_dry();
  at.log.changelog[0].insert(at.log.changelog[0].begin() + 1, {"\x77nonsense", "x"});

  at.restart({0}).turns(3);

  const PartitionStatus refused = at.process->partition(0);
  CHECK(refused.state == PartitionState::refused);
  CHECK(refused.reason.find("proactived.changelog partition 0 offset 1: ") == 0);
}

TEST_CASE(
    "a changelog that was made anew beneath a running lane lacks records, and the partition is refused") {
  LaneFixture at;
  at.telemetry(0, 5);
  at.process->start({0});
  at.process->run_dry();
  at.log.changelog[0].clear();
  at.telemetry(0, 5);
  at.process->run_dry();
  auto& changelog = at.log.changelog[0];
  REQUIRE(changelog.size() > 1);
  changelog.erase(changelog.begin());

  at.restart({0}).turns(3);

  const PartitionStatus refused = at.process->partition(0);
  CHECK(refused.state == PartitionState::refused);
  CHECK(refused.reason.find("the changelog proactived.changelog lacks ") == 0);

  at.process->options.checks.accept_empty_state = true;
  at.restart({0}).turns(3);
  CHECK(at.process->partition(0).state == PartitionState::running);
}

TEST_CASE("brokers that do not answer delay a restore, they do not fail it") {
  LaneFixture at;
  at.telemetry(0, 5);
  at.log.committed_failures = 3;
  at.log.changelog_failures = 2;
  at.process->start({0});
  at.process->turns(2);
  CHECK(at.process->metrics.status()->partitions[0].state == PartitionState::restoring);
  CHECK(at.process->metrics.status()->partitions[0].reason == "the coordinator does not answer");

  at.process->turns(100, 200ms);

  CHECK(at.process->partition(0).state == PartitionState::running);
  CHECK(at.log.committed[0].offsets[0] == 5);
}

TEST_CASE("while one restore waits for an open transaction, the other partition runs and commits") {
  LaneFixture at(2);
  at.telemetry(0, 5);
  at.telemetry(1, 5);
  at.process->start({0, 1});
  at.process->run_dry();
  at.telemetry(0, 5);
  at.telemetry(1, 5);
  at.log.changelog_stuck = {1};

  at.restart({0, 1}).turns(300, 60ms);
  CHECK(at.log.committed[0].offsets[0] == 10);
  CHECK(at.log.committed[1].offsets[0] == 5);
  CHECK(at.process->metrics.restore_waiting_open_txn.get() == 1);

  at.process->turns(300, 60ms);  // 36 s: it is given up and begun anew
  const PartitionStatus stuck = at.process->partition(1);
  CHECK(stuck.state == PartitionState::restoring);
  CHECK(stuck.reason.find("a transaction in it stays open") != std::string::npos);

  at.log.changelog_stuck.clear();
  at.process->turns(100, 200ms);
  CHECK(at.process->partition(1).state == PartitionState::running);
  CHECK(at.log.committed[1].offsets[0] == 10);
}

TEST_CASE("a dead letter that brokers would refuse is cut until they take it") {
  LaneFixture at;
  at.log.append(StreamKind::telemetry, 0, std::string(900'000, 'k'), std::string(300'000, '{'), at.at);
  at.telemetry(0, 5);
  at.process->start({0});
  at.process->run_dry();
  CHECK(at.log.committed[0].offsets[0] == 6);
  CHECK(at.process->metrics.oversized_outputs.get() == 1);
  REQUIRE(at.log.written.size() == 1);
  const OutputRecord& letter = at.log.written[0].second;
  CHECK(letter.key.size() + letter.value.size() < 600'000);
  CHECK(letter.headers.front().first == "src_topic");
  CHECK(letter.headers.back().first == "truncated");
}

TEST_CASE("input that is deleted under a running partition is refused, or skipped as configured") {
  for (const bool skip : {false, true}) {
    LaneFixture at;
    at.telemetry(0, 20);
    at.process->options.checks.skip_lost_input = skip;
    at.process->start({0});
    at.process->turns(2, 0ms);
    at.log.delete_before(kTelemetry, 0, 18);
    at.process->source->events.push_back(InputMissing{0, "offset out of range"});

    at.process->turns(10, 600ms);

    if (skip) {
      CHECK(at.log.committed[0].offsets[0] == 20);
      CHECK(at.process->metrics.input_gap_records.get() > 0);
    } else {
      CHECK(at.process->partition(0).state == PartitionState::refused);
    }
  }
}

TEST_CASE("records that were handed over twice are dropped and counted") {
  LaneFixture at;
  at.telemetry(0, 5);
  at.process->start({0});
  at.process->run_dry();
  const std::array<PartitionStart, 1> again{{{0, {0, 0}}}};
  REQUIRE(at.process->source->assign(again));

  at.process->turns(3, 600ms);

  CHECK(at.process->metrics.stale_records.get() == 5);
  CHECK(at.process->metrics.records[0].get() == 5);
}

// ---- bad input --------------------------------------------------------------------------------------------

TEST_CASE("too many bad records in a row stop the partition, others go on, and it is tried again") {
  LaneFixture at(2);
  at.garbage(0, 150);
  at.telemetry(1, 5);
  at.process->start({0, 1});
  at.process->turns(30, 100ms);

  PartitionStatus stopped = at.process->partition(0);
  CHECK(stopped.state == PartitionState::stopped);
  CHECK(stopped.reason.find("100 in a row") != std::string::npos);
  CHECK(stopped.committed_offsets[0] == 100);  // the letters are out, the offsets too
  CHECK(at.log.count(Channel::dead_letters) == 100);
  CHECK(at.log.committed[1].offsets[0] == 5);
  CHECK_FALSE(at.process->source->reads(kTelemetry, 0));

  at.process->turns(310, 1s);
  CHECK(at.process->partition(0).state == PartitionState::running);
  CHECK(at.log.committed[0].offsets[0] == 150);
}

TEST_CASE("on_limit: continue lets bad records pass for ever") {
  LaneFixture at;
  at.garbage(0, 250);
  at.process->options.stop_on_poison = false;
  at.process->start({0});

  at.process->run_dry();

  CHECK(at.log.count(Channel::dead_letters) == 250);
  CHECK(at.process->partition(0).state == PartitionState::running);
}

TEST_CASE("dead letters are counted by stage and code once they are committed") {
  LaneFixture at;
  at.garbage(0, 3);
  at.process->start({0});
  at.process->turns(1, 0ms);
  at.log.fates = {FakeLog::Fate::abort};
  at.process->run_dry();
  (void)at.process->partition(0);

  const std::vector<DeadLetterCount> letters = at.process->metrics.status()->dead_letters;
  REQUIRE(letters.size() == 1);
  CHECK(letters[0].stage == "decode");
  CHECK(letters[0].code == "bad_json");
  CHECK(letters[0].count == 3);
}

TEST_CASE("keys that belong to other partitions refuse the partition") {
  LaneFixture at(8);
  for (int i = 0; i < 200; ++i) {
    at.log.append(kTelemetry, 3, "c_" + std::to_string(i), latency_line("c_" + std::to_string(i), at.at),
                  at.at);
  }
  at.process->start({3});

  at.process->turns(30, 600ms);

  const PartitionStatus refused = at.process->partition(3);
  CHECK(refused.state == PartitionState::refused);
  CHECK(refused.reason.find("kafka.partitioner") != std::string::npos);
}
