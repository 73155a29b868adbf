// A lane over the log in memory: what a transaction holds, when it is committed, time, orders and counts.
#include "daemon/io/lane.h"

#include "tests/support/lane_world.h"

using namespace proactive;
using namespace proactive::daemon;
using namespace proactive::test;
using namespace std::chrono_literals;

// ---- the transaction --------------------------------------------------------------------------------------

TEST_CASE("a new partition commits its start as version 1 before it processes anything") {
  LaneFixture at;
  at.telemetry(0, 3);
  at.process->start({0});

  at.process->turns(1);

  REQUIRE(at.log.versions[0].size() == 1);
  CHECK(at.log.versions[0][0] == 1);
  CHECK(at.log.committed[0].offsets[0] == 0);
  CHECK(at.log.changelog[0].size() == 1);  // the meta record
}

TEST_CASE("records move offsets even when they change no state, so lag reaches zero") {
  LaneFixture at;
  for (int i = 0; i < 5; ++i) {
    at.log.append(
        kTelemetry, 0, "",
        R"({"event_time":"2026-01-01T00:00:00Z","customer_id":"c","signal":"nobody.asks","value":1})", at.at);
  }
  at.process->start({0});

  at.process->run_dry();

  CHECK(at.log.committed[0].offsets[0] == 5);
  CHECK(at.process->partition(0).lag[0] == 0);
}

TEST_CASE("control records behind the last record are committed as passed") {
  LaneFixture at;
  at.telemetry(0, 2);
  at.log.append_control(kTelemetry, 0);
  at.process->start({0});

  at.process->run_dry();

  CHECK(at.log.committed[0].offsets[0] == 3);
}

TEST_CASE("nothing to do means no transaction") {
  LaneFixture at;
  at.telemetry(0, 2);
  at.process->start({0});
  at.process->run_dry();
  const std::uint64_t commits = at.log.commits;

  at.process->turns(100, 100ms);

  CHECK(at.log.commits == commits);
}

TEST_CASE("versions of a partition are 1, 2, 3 without a gap, also across aborts and restarts") {
  LaneFixture at(2);
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
  LaneFixture at;
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

// ---- cadence ----------------------------------------------------------------------------------------------

TEST_CASE("a commit is due half a second after the last one") {
  LaneFixture at;
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
  LaneFixture at;
  append_world(at.log, make_world(3, 0, 8), 1);
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
    LaneFixture at;
    append_world(at.log, make_world(3, 0, 2), 1);
    at.process->options.commit_interval = 1h;
    at.process->options.outreach_delay = 1h;
    at.process->options.commit_max_records = row.records;
    at.process->options.commit_max_bytes = row.bytes;
    at.process->undo_bytes = row.undo;
    at.process->start({0});

    at.process->turns(150, 0ms);

    CHECK(at.process->commits(row.trigger) > 1);
  }
}

TEST_CASE("the bound of the undo log cuts transactions, is counted, and changes nothing of what they hold") {
  const World world = make_world(3, 0, 4);
  const auto run = [&world](LaneFixture& at, std::size_t undo_bytes) {
    at.clock.wall_stands = true;
    append_world(at.log, world, 1);
    at.process->undo_bytes = undo_bytes;
    at.process->start({0});
    at.process->run_dry();
  };
  const auto state = [](const LaneFixture& at) {
    std::map<std::string, std::string> newest;  // of each key
    for (const auto& entry : at.log.changelog.at(0)) newest[entry.first] = entry.second;
    std::erase_if(newest,
                  [](const auto& entry) { return entry.first.size() < 3; });  // meta, which counts commits
    return newest;
  };
  LaneFixture small, large;
  run(small, 4'000);
  run(large, std::size_t{1} << 30);

  CHECK(small.process->commits(CommitTrigger::undo) > 10);
  CHECK(large.process->commits(CommitTrigger::undo) == 0);
  CHECK(small.log.commits > large.log.commits);
  CHECK(small.log.count(Channel::outreach) > 0);
  CHECK(small.log.values(Channel::outreach) == large.log.values(Channel::outreach));
  CHECK(small.log.values(Channel::decisions) == large.log.values(Channel::decisions));
  CHECK(small.log.values(Channel::dead_letters) == large.log.values(Channel::dead_letters));
  CHECK(state(small).size() > 20);
  CHECK(state(small) == state(large));
}

// ---- time -------------------------------------------------------------------------------------------------

TEST_CASE("wall time moves the watermark of an idle partition, behind lateness and idle_after") {
  LaneFixture at;
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
    LaneFixture at;
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
  LaneFixture at;
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

// ---- orders -----------------------------------------------------------------------------------------------

TEST_CASE("drain commits what was processed and ends") {
  LaneFixture at;
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
  LaneFixture at;
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

TEST_CASE("a reload throws the kill switch: decisions go on, outreach stops, and starts again") {
  LaneFixture at;
  const auto outreach = [&at] {
    return std::count_if(at.log.written.begin(), at.log.written.end(),
                         [](const auto& one) { return one.second.channel == Channel::outreach; });
  };
  // Ten minutes of an empty battery fire the rule device_low.
  const auto low = [&at](const char* customer) {
    for (int minute = 0; minute <= 10; ++minute) {
      at.at += 1min;
      at.log.append(
          StreamKind::telemetry, 0, customer,
          fmt::format(R"({{"event_time":"{}","customer_id":"{}","signal":"device.battery","kind":"gauge",)"
                      R"("value":5,"entity":{{"type":"device","id":"d1"}}}})",
                      format_rfc3339(at.at), customer),
          at.at);
    }
  };
  at.process->start({0});
  low("c_1");
  at.process->run_dry();
  CHECK(outreach() == 1);

  at.process->inbox.new_rules(world_rules(), false);
  at.process->turns(3);
  const std::size_t written = at.log.written.size();
  low("c_2");
  at.process->run_dry();
  CHECK(outreach() == 1);
  CHECK(at.log.written.size() > written);  // the decision

  at.process->inbox.new_rules(world_rules(), true);
  at.process->turns(3);
  low("c_3");
  at.process->run_dry();
  CHECK(outreach() == 2);
}

TEST_CASE("a reload wakes a stopped partition at once") {
  LaneFixture at;
  at.garbage(0, 150);
  at.process->start({0});
  at.process->turns(30, 100ms);
  REQUIRE(at.process->partition(0).state == PartitionState::stopped);

  at.process->inbox.new_rules(world_rules());
  at.process->run_dry();

  CHECK(at.log.committed[0].offsets[0] == 150);
}

// ---- counts -----------------------------------------------------------------------------------------------

TEST_CASE("effects are counted by rule when they are committed, and an abort leaves no trace in them") {
  const World world = make_world(3, 0, 8);
  const auto opened = [&world](bool disturbed) {
    LaneFixture at;
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
  LaneFixture at;
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
