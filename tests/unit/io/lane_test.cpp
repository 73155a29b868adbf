// A lane over the log in memory: what happens to state, outputs and offsets in every case of kafka.md 2 to 8.
#include "daemon/io/lane.h"

#include "tests/support/lane_world.h"

using namespace proactive;
using namespace proactive::daemon;
using namespace proactive::test;
using namespace std::chrono_literals;

namespace {

constexpr StreamKind kTelemetry = StreamKind::telemetry;
constexpr StreamKind kProfiles = StreamKind::profiles;

struct Fixture {
  FakeLog log;
  FakeClock clock;
  std::unique_ptr<LaneWorld> process = std::make_unique<LaneWorld>(log, clock);

  explicit Fixture(std::int32_t partitions = 1) { process->options.checks.partition_count = partitions; }

  void telemetry(PartitionId partition, int count, Duration apart = 1s) {
    for (int i = 0; i < count; ++i) {
      at += apart;
      log.append(kTelemetry, partition, "", latency_line("c_1", at), at);
    }
  }
  void garbage(PartitionId partition, int count) {
    for (int i = 0; i < count; ++i) log.append(kTelemetry, partition, "", "{", at);
  }
  // Another process in place of this one, which is killed as it stands.
  LaneWorld& restart(std::vector<PartitionId> partitions) {
    const LaneOptions options = process->options;
    process = std::make_unique<LaneWorld>(log, clock);
    process->options = options;
    process->start(std::move(partitions));
    return *process;
  }

  Timestamp at = FakeClock().now - 1h;
};

std::vector<std::string> outreach_of_undisturbed(const World& world, std::int32_t partitions) {
  Fixture calm(partitions);
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

// ---- the transaction --------------------------------------------------------------------------------------------------

TEST_CASE("a new partition commits its start as version 1 before it processes anything") {
  Fixture at;
  at.telemetry(0, 3);
  at.process->start({0});

  at.process->turns(1);

  REQUIRE(at.log.versions[0].size() == 1);
  CHECK(at.log.versions[0][0] == 1);
  CHECK(at.log.committed[0].offsets[0] == 0);
  CHECK(at.log.changelog[0].size() == 1);  // the meta record
}

TEST_CASE("records move offsets even when they change no state, so lag reaches zero") {
  Fixture at;
  for (int i = 0; i < 5; ++i) {
    at.log.append(kTelemetry, 0, "", 
                  R"({"event_time":"2026-01-01T00:00:00Z","customer_id":"c","signal":"nobody.asks","value":1})", at.at);
  }
  at.process->start({0});

  at.process->run_dry();

  CHECK(at.log.committed[0].offsets[0] == 5);
  CHECK(at.process->partition(0).lag[0] == 0);
}

TEST_CASE("control records behind the last record are committed as passed") {
  Fixture at;
  at.telemetry(0, 2);
  at.log.append_control(kTelemetry, 0);
  at.process->start({0});

  at.process->run_dry();

  CHECK(at.log.committed[0].offsets[0] == 3);
}

TEST_CASE("nothing to do means no transaction") {
  Fixture at;
  at.telemetry(0, 2);
  at.process->start({0});
  at.process->run_dry();
  const std::uint64_t commits = at.log.commits;

  at.process->turns(100, 100ms);

  CHECK(at.log.commits == commits);
}

TEST_CASE("versions of a partition are 1, 2, 3 without a gap, also across aborts and restarts") {
  Fixture at(2);
  for (int round = 0; round < 6; ++round) {
    at.telemetry(0, 20);
    at.telemetry(1, 20);
    if (round == 2) at.log.fates = {FakeLog::Fate::abort, FakeLog::Fate::unknown_aborted};
    if (round == 4) at.log.fates = {FakeLog::Fate::unknown_committed};
    at.restart({0, 1}).run_dry(600ms);
  }
  for (const auto& entry : at.log.versions) {
    for (std::size_t i = 0; i < entry.second.size(); ++i) CHECK(entry.second[i] == i + 1);
  }
}

TEST_CASE("the meta record carries what the offset commit carries") {
  Fixture at;
  at.telemetry(0, 30);
  at.process->start({0});
  at.process->run_dry();

  Pipeline reader(0, shared_world_rules(), world_setup());
  for (const auto& entry : at.log.changelog[0]) REQUIRE(reader.load(entry.first, entry.second));
  REQUIRE(reader.finish_load());

  CHECK(reader.loaded_version().v == at.log.committed[0].v);
  CHECK(reader.loaded_version().offsets == at.log.committed[0].offsets);
  CHECK(reader.loaded_group() == "proactived");
}

// ---- cadence ----------------------------------------------------------------------------------------------------------

TEST_CASE("a commit is due half a second after the last one") {
  Fixture at;
  at.process->start({0});
  at.process->turns(3);
  at.telemetry(0, 1);
  const std::uint64_t before = at.process->commits(CommitTrigger::interval);

  at.process->turns(1, 0ms);
  CHECK(at.process->commits(CommitTrigger::interval) == before);
  at.clock.advance(500ms);
  at.process->turns(1, 0ms);

  CHECK(at.process->commits(CommitTrigger::interval) == before + 1);
  CHECK(at.log.committed[0].offsets[0] == 1);
}

TEST_CASE("an outreach or decision is committed after 50 ms, not in a hurry after the last commit") {
  Fixture at;
  append_world(at.log, make_world(3), 1);
  at.process->options.commit_interval = 1h;
  at.process->start({0});

  at.process->turns(3000, 10ms);

  CHECK(at.process->commits(CommitTrigger::outreach) > 0);
  CHECK(at.log.count(Channel::decisions) > 0);
  CHECK(at.process->commits(CommitTrigger::interval) == 0);
}

TEST_CASE("records, bytes and the undo log each bound a transaction") {
  struct Row {
    CommitTrigger trigger;
    std::uint64_t records;
    std::size_t bytes, undo;
  };
  const Row rows[] = {
      {CommitTrigger::records, 10, 1 << 30, std::size_t{1} << 30},
      {CommitTrigger::bytes, 1'000'000, 1, std::size_t{1} << 30},
      {CommitTrigger::undo, 1'000'000, 1 << 30, 1},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(to_string(row.trigger)));
    Fixture at;
    append_world(at.log, make_world(3), 1);
    at.process->options.commit_interval = 1h;
    at.process->options.outreach_delay = 1h;
    at.process->options.commit_max_records = row.records;
    at.process->options.commit_max_bytes = row.bytes;
    at.process->undo_bytes = row.undo;
    at.process->start({0});

    at.process->turns(2000, 0ms);

    CHECK(at.process->commits(row.trigger) > 1);
  }
}

// ---- outcomes ---------------------------------------------------------------------------------------------------------

TEST_CASE("aborts, unknown outcomes and kills at any moment leave the same outreach as a calm run") {
  const World world = make_world(11, 0, 12);
  const std::vector<std::string> expected = outreach_of_undisturbed(world, 2);
  REQUIRE(expected.size() > 5);
  for (std::uint32_t seed = 1; seed <= 6; ++seed) {
    CAPTURE(seed);
    std::mt19937 rng(seed);
    Fixture at(2);
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
  Fixture at;
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
  Fixture at;
  append_world(at.log, make_world(3), 1);
  at.process->start({0});
  at.process->turns(1, 0ms);
  at.log.writes_left = 0;

  at.process->run_dry();

  CHECK(at.process->metrics.aborts[static_cast<std::size_t>(AbortCause::write)].get() == 1);
}

TEST_CASE("repeated aborts back off") {
  Fixture at;
  at.telemetry(0, 5);
  at.process->start({0});
  at.process->turns(1, 0ms);
  for (int i = 0; i < 1000; ++i) at.log.fates.push_back(FakeLog::Fate::abort);

  at.process->turns(600, 100ms);  // a minute

  CHECK(1000 - at.log.fates.size() < 15);
  CHECK(1000 - at.log.fates.size() > 5);
}

TEST_CASE("an unknown outcome that did commit is kept") {
  Fixture at;
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
  Fixture at;
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
  Fixture at;
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
  Fixture at;
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
  Fixture at;
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
  Fixture at;
  at.telemetry(0, 5);
  at.process->start({0});
  at.process->turns(1, 0ms);
  ++at.log.generation;

  at.process->turns(20, 600ms);

  CHECK(at.log.committed[0].offsets[0] == 0);
  CHECK(at.log.versions[0].size() == 1);
}

// ---- the group --------------------------------------------------------------------------------------------------------

TEST_CASE("a revoked partition is committed, then given up with its state") {
  Fixture at;
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
  Fixture at;
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
  Fixture at;
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
  Fixture at;
  at.process->start({});
  CHECK_FALSE(at.process->metrics.status()->joined);
  at.process->source->events.push_back(Assigned{});

  at.process->turns(1);

  CHECK(at.process->metrics.status()->joined);
}

TEST_CASE("a partition without all of its input topics is not processed") {
  Fixture at(2);
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
  Fixture at;
  at.process->start({0});
  at.process->source->events.push_back(SourceFailed{"fenced", true});

  at.process->turns(3);

  CHECK(at.process->lane->end().reason == LaneEndReason::twin);
}

// ---- restore ----------------------------------------------------------------------------------------------------------

TEST_CASE("profiles are read up to their end before the first telemetry of a new partition") {
  Fixture at;
  at.telemetry(0, 3);
  for (int i = 0; i < 40; ++i) {
    at.log.append(kProfiles, 0, "", fmt::format(R"({{"customer_id":"c_{}","plan":"pro","version":1}})", i), at.at);
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
  Fixture at;
  at.telemetry(0, 3);
  for (int i = 0; i < 40; ++i) {
    at.log.append(kProfiles, 0, "", fmt::format(R"({{"customer_id":"c_{}","plan":"pro","version":1}})", i), at.at);
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

TEST_CASE("start: latest skips what is there, start: earliest takes it") {
  for (const config::StartOffset start : {config::StartOffset::earliest, config::StartOffset::latest}) {
    Fixture at;
    at.telemetry(0, 7);
    at.process->options.checks.streams[0].start = start;
    at.process->start({0});

    at.process->run_dry();

    CHECK(at.process->metrics.records[0].get() == (start == config::StartOffset::earliest ? 7 : 0));
  }
}

TEST_CASE("a refused partition says why while the others run") {
  Fixture at(2);
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

TEST_CASE("a damaged state record refuses the partition and names its offset") {
  Fixture at;
  at.telemetry(0, 5);
  at.process->start({0});
  at.process->run_dry();
  at.log.changelog[0].insert(at.log.changelog[0].begin() + 1, {"\x77nonsense", "x"});

  at.restart({0}).turns(3);

  const PartitionStatus refused = at.process->partition(0);
  CHECK(refused.state == PartitionState::refused);
  CHECK(refused.reason.find("proactived.changelog partition 0 offset 1: ") == 0);
}

TEST_CASE("brokers that do not answer delay a restore, they do not fail it") {
  Fixture at;
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

TEST_CASE("input that is deleted under a running partition is refused, or skipped as configured") {
  for (const bool skip : {false, true}) {
    Fixture at;
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
  Fixture at;
  at.telemetry(0, 5);
  at.process->start({0});
  at.process->run_dry();
  const std::array<PartitionStart, 1> again{{{0, {0, 0}}}};
  REQUIRE(at.process->source->assign(again));

  at.process->turns(3, 600ms);

  CHECK(at.process->metrics.stale_records.get() == 5);
  CHECK(at.process->metrics.records[0].get() == 5);
}

// ---- time -------------------------------------------------------------------------------------------------------------

TEST_CASE("wall time moves the watermark of an idle partition, behind lateness and idle_after") {
  Fixture at;
  at.at = at.clock.now;
  at.telemetry(0, 3);
  at.process->options.idle_after = 30s;
  at.process->start({0});
  at.process->run_dry();
  const Timestamp before = at.process->partition(0).watermark;

  at.process->turns(25, 1s);
  CHECK(at.process->partition(0).watermark == before);  // not idle for long enough

  at.process->turns(200, 1s);
  const Timestamp after = at.process->partition(0).watermark;
  CHECK(after > before);
  CHECK(after <= at.clock.now - kWorldLateness - 30s);
  CHECK(after >= at.clock.now - kWorldLateness - 30s - 3s);
}

TEST_CASE("wall time moves no watermark while records wait, brokers are away, or idle_after is never") {
  enum class Reason { lag, brokers_away, never };
  for (const Reason reason : {Reason::lag, Reason::brokers_away, Reason::never}) {
    CAPTURE(static_cast<int>(reason));
    Fixture at;
    at.at = at.clock.now;
    at.telemetry(0, 3);
    if (reason != Reason::never) at.process->options.idle_after = 30s;
    at.process->start({0});
    at.process->run_dry();
    const Timestamp before = at.process->partition(0).watermark;
    if (reason == Reason::brokers_away) at.log.brokers_up = false;
    if (reason == Reason::lag) {
      at.process->source->batch_limit = 0;  // the record is there but does not come
      at.log.append(kTelemetry, 0, "", latency_line("c_1", at.at), at.at);
      at.log.brokers_up = false;
    }

    at.process->turns(300, 1s);

    CHECK(at.process->partition(0).watermark == before);
  }
}

TEST_CASE("a restored partition never ticks earlier than before, whatever the clock says") {
  Fixture at;
  append_world(at.log, make_world(3, 0, 6), 1);
  at.process->start({0});
  at.process->run_dry();
  const Timestamp tick = at.log.committed[0].tick;
  REQUIRE(tick != kNever);
  at.clock.now -= 48h;  // another host
  append_world(at.log, make_world(3, 0, 7), 1);

  at.restart({0}).run_dry();

  CHECK(at.log.committed[0].tick >= tick);
}

// ---- bad input --------------------------------------------------------------------------------------------------------

TEST_CASE("too many bad records in a row stop the partition, others go on, and it is tried again") {
  Fixture at(2);
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
  Fixture at;
  at.garbage(0, 250);
  at.process->options.stop_on_poison = false;
  at.process->start({0});

  at.process->run_dry();

  CHECK(at.log.count(Channel::dead_letters) == 250);
  CHECK(at.process->partition(0).state == PartitionState::running);
}

TEST_CASE("dead letters are counted by stage and code once they are committed") {
  Fixture at;
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
  Fixture at(8);
  for (int i = 0; i < 200; ++i) {
    at.log.append(kTelemetry, 3, "c_" + std::to_string(i), latency_line("c_" + std::to_string(i), at.at), at.at);
  }
  at.process->start({3});

  at.process->turns(30, 600ms);

  const PartitionStatus refused = at.process->partition(3);
  CHECK(refused.state == PartitionState::refused);
  CHECK(refused.reason.find("kafka.partitioner") != std::string::npos);
}

// ---- orders -----------------------------------------------------------------------------------------------------------

TEST_CASE("drain commits what was processed and ends") {
  Fixture at;
  at.telemetry(0, 5);
  at.process->start({0});
  at.process->turns(2, 0ms);
  at.process->inbox.drain();

  const LaneEnd end = at.process->lane->run();

  CHECK(end.reason == LaneEndReason::drained);
  CHECK(at.log.committed[0].offsets[0] == 5);
  CHECK(at.process->source->closed);
  CHECK(at.process->sink->closed);
}

TEST_CASE("new rules are taken between transactions and acknowledged") {
  Fixture at;
  at.telemetry(0, 5);
  at.process->start({0});
  at.process->turns(2, 0ms);
  const auto rules = world_rules();
  const std::uint64_t number = at.process->inbox.new_rules(rules);
  CHECK(at.process->inbox.acknowledged() < number);

  at.process->turns(1, 0ms);

  CHECK(at.process->inbox.acknowledged() == number);
  CHECK(at.process->commits(CommitTrigger::reload) == 1);
  CHECK(at.log.committed[0].offsets[0] == 5);
}

TEST_CASE("a reload wakes a stopped partition at once") {
  Fixture at;
  at.garbage(0, 150);
  at.process->start({0});
  at.process->turns(30, 100ms);
  REQUIRE(at.process->partition(0).state == PartitionState::stopped);

  at.process->inbox.new_rules(world_rules());
  at.process->run_dry();

  CHECK(at.log.committed[0].offsets[0] == 150);
}

// ---- counts -----------------------------------------------------------------------------------------------------------

TEST_CASE("effects are counted by rule when they are committed, and an abort leaves no trace in them") {
  const World world = make_world(3);
  const auto opened = [&world](bool disturbed) {
    Fixture at;
    append_world(at.log, world, 1);
    at.process->start({0});
    at.process->turns(1, 0ms);
    if (disturbed) at.log.fates = {FakeLog::Fate::abort, FakeLog::Fate::commit, FakeLog::Fate::abort};
    at.process->run_dry();
    (void)at.process->partition(0);
    std::uint64_t sum = 0;
    for (const RuleEffects& rule : *at.process->metrics.status()->effects) sum += rule.counts.outreach_opened;
    return sum;
  };
  const std::uint64_t calm = opened(false);
  CHECK(calm > 0);
  CHECK(opened(true) == calm);
}

TEST_CASE("counters never fall when a partition leaves, sizes do") {
  Fixture at;
  at.telemetry(0, 10);
  at.process->start({0});
  at.process->run_dry();
  (void)at.process->partition(0);
  CHECK(at.process->metrics.status()->work.telemetry == 10);
  CHECK(at.process->metrics.status()->work.customers == 1);
  at.process->source->events.push_back(Revoked{{0}});

  at.process->turns(3, 600ms);

  CHECK(at.process->metrics.status()->work.telemetry == 10);
  CHECK(at.process->metrics.status()->work.customers == 0);
}
