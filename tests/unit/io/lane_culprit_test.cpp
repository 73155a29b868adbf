// What the brokers refuse however often it is written: the record that leads to it is found, the others go on
// (docs/decisions/0018).
#include "daemon/io/lane.h"

#include "tests/support/lane_world.h"

using namespace proactive;
using namespace proactive::daemon;
using namespace proactive::test;
using namespace std::chrono_literals;

namespace {

constexpr int kRecords = 300;

bool has_header(const OutputRecord& record, std::string_view name, std::string_view value) {
  return std::any_of(record.headers.begin(), record.headers.end(),
                     [&](const auto& header) { return header.first == name && header.second == value; });
}

std::uint64_t refusals(const LaneFixture& at) {
  return at.process->metrics.aborts[static_cast<std::size_t>(AbortCause::refused)].get();
}

// Telemetry with one record in its midst that ends as a dead letter.
struct BadRecordFixture : LaneFixture {
  explicit BadRecordFixture(std::int32_t partitions = 1) : LaneFixture(partitions) {
    telemetry(0, 199);
    log.append(kTelemetry, 0, "key", std::string(40'000, '{'), at);
    telemetry(0, kRecords - 200);
    log.refuses = [](const OutputRecord& record) {
      return record.channel == Channel::dead_letters && record.value.size() > 20'000;
    };
    process->start({0});
    process->source->batch_limit = 1000;
  }
};

}  // namespace

TEST_CASE("a dead letter that its topic refuses is found among the records, cut and written") {
  BadRecordFixture at;

  at.process->run_dry();

  CHECK(at.log.committed[0].offsets[0] == kRecords);
  REQUIRE(at.log.count(Channel::dead_letters) == 1);
  const OutputRecord& letter = at.log.written.back().second;
  CHECK(letter.key == "key");
  CHECK(letter.value == std::string(16 * 1024, '{'));
  CHECK(has_header(letter, "src_offset", "199"));
  CHECK(has_header(letter, "stage", "decode"));  // why it was a letter at all
  CHECK(has_header(letter, "refused", "topic: too large"));
  CHECK(at.process->partition(0).state == PartitionState::running);
  CHECK(at.process->metrics.status()->dead_letters.size() == 1);
  // Three as they are, 150, 75, 37, ...: halves, not one by one.
  CHECK(refusals(at) > 5);
  CHECK(refusals(at) < 25);
  CHECK(at.log.commits < 60);
}

TEST_CASE("a refusal that passes costs the transaction and nothing else") {
  BadRecordFixture at;
  at.process->turns(3, 600ms);
  REQUIRE(refusals(at) > 0);
  REQUIRE(refusals(at) < 3);
  at.log.refuses = nullptr;  // an operator has raised max.message.bytes

  at.process->run_dry();

  CHECK(at.log.committed[0].offsets[0] == kRecords);
  CHECK(at.log.deliveries == 0);  // nothing was written alone
  CHECK(at.log.written.back().second.value.size() == 40'000);
}

TEST_CASE("other aborts in a row start no search") {
  LaneFixture at;
  at.telemetry(0, 5);
  at.process->start({0});
  at.process->turns(1, 0ms);
  for (int i = 0; i < 8; ++i) at.log.fates.push_back(FakeLog::Fate::abort);

  at.process->run_dry();

  CHECK(at.log.committed[0].offsets[0] == 5);
  CHECK(at.log.deliveries == 0);
  CHECK(refusals(at) == 0);
}

TEST_CASE("of all outreach only the refused one becomes a dead letter, whose state change stands") {
  const World world = make_world(11, 0, 12);
  const auto run = [&world](LaneFixture& at) {
    at.clock.wall_stands = true;
    append_world(at.log, world, 1);
    at.process->start({0});
    at.process->run_dry();
  };
  LaneFixture calm;
  run(calm);
  const std::vector<std::string> expected = calm.log.values(Channel::outreach);
  REQUIRE(expected.size() > 5);
  const std::string victim = expected[3];

  LaneFixture at;
  at.log.refuses = [&victim](const OutputRecord& record) {
    return record.channel == Channel::outreach && record.value == victim;
  };
  run(at);

  std::vector<std::string> rest = expected;
  rest.erase(rest.begin() + 3);
  CHECK(at.log.values(Channel::outreach) == rest);
  CHECK(at.log.values(Channel::decisions) == calm.log.values(Channel::decisions));
  std::size_t found = 0;
  for (const auto& written : at.log.written) {
    if (!is_refused_letter(written.second)) continue;
    ++found;
    CHECK(written.second.value == victim);
    CHECK(has_header(written.second, "stage", "output"));
    CHECK(has_header(written.second, "code", "refused"));
    CHECK(has_header(written.second, "detail", "topic: too large"));
  }
  CHECK(found == 1);
}

TEST_CASE("a state record that is refused stops its partition and names the record, others go on") {
  LaneFixture at(2);
  for (int i = 0; i < 40; ++i) {
    at.telemetry(0, 1);
    at.log.append(kTelemetry, 1, "", latency_line(i < 25 ? "c_2" : "c_3", at.at), at.at);
  }
  at.log.refuses = [](const OutputRecord& record) {
    return record.channel == Channel::changelog && record.key.find("c_3") != std::string::npos;
  };
  at.process->start({0, 1});
  at.process->turns(400, 100ms);

  const PartitionStatus stopped = at.process->partition(1);
  CHECK(stopped.state == PartitionState::stopped);
  CHECK(stopped.reason.find("telemetry.events:1:25 leads to: topic: too large") != std::string::npos);
  CHECK(stopped.reason.find("max.message.bytes of that topic to 1048576") != std::string::npos);
  CHECK(stopped.reason.find("run --skip-record telemetry.events:1:25") != std::string::npos);
  CHECK(at.log.committed[0].offsets[0] == 40);
  CHECK(at.log.committed[1].offsets[0] == 25);
  const std::uint64_t before = refusals(at);
  at.telemetry(0, 5);
  at.process->turns(50, 100ms);
  CHECK(at.log.committed[0].offsets[0] == 45);  // untroubled by what the other one would write
  CHECK(refusals(at) == before);

  SUBCASE("the topic's limit is raised: it goes on after the retry") {
    at.log.refuses = nullptr;
    at.process->turns(310, 1s);
    CHECK(at.process->partition(1).state == PartitionState::running);
    CHECK(at.log.committed[1].offsets[0] == 40);
  }
  SUBCASE("it is not: the partition stops anew, at the same record") {
    at.process->turns(310, 1s);
    at.process->turns(100, 100ms);
    CHECK(at.process->partition(1).state == PartitionState::stopped);
    CHECK(refusals(at) > before);
  }
  SUBCASE("a reload tries at once") {
    at.log.refuses = nullptr;
    at.process->inbox.new_rules(world_rules());
    at.process->run_dry();
    CHECK(at.log.committed[1].offsets[0] == 40);
  }
}

TEST_CASE("the record that the sentence names can be left out") {
  LaneFixture at;
  at.telemetry(0, 10);
  at.log.append(kTelemetry, 0, "", latency_line("c_3", at.at), at.at);
  at.telemetry(0, 10);
  at.log.refuses = [](const OutputRecord& record) {
    return record.channel == Channel::changelog && record.key.find("c_3") != std::string::npos;
  };
  at.process->start({0});
  at.process->turns(200, 100ms);
  REQUIRE(at.process->partition(0).reason.find("--skip-record telemetry.events:0:10") != std::string::npos);
  at.process->options.skip_records = {*parse_record_place("telemetry.events:0:10")};

  at.restart({0}).run_dry();

  CHECK(at.log.committed[0].offsets[0] == 21);
  CHECK(at.log.count(Channel::dead_letters) == 1);
}

TEST_CASE("when the dead letter is refused as well, the partition stops") {
  BadRecordFixture at;
  at.log.refuses = [](const OutputRecord& record) { return record.channel == Channel::dead_letters; };

  at.process->turns(400, 100ms);

  const PartitionStatus stopped = at.process->partition(0);
  CHECK(stopped.state == PartitionState::stopped);
  CHECK(stopped.reason.find("telemetry.events:0:199") != std::string::npos);
  CHECK(stopped.reason.find("--skip-record") == std::string::npos);  // that writes a dead letter too
  CHECK(at.log.committed[0].offsets[0] == 199);
  CHECK(at.log.count(Channel::dead_letters) == 0);
}
