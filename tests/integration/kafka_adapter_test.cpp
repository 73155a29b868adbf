// The Kafka adapters against a real broker: what librdkafka's mock cluster cannot show. The broker's address comes from
// PROACTIVED_TEST_BROKERS; tests/integration/kafka_adapter.sh sets it. Each test has topics and a group of its own.
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "daemon/io/lane.h"
#include "daemon/kafka/broker_probe.h"
#include "daemon/kafka/kafka_sink.h"
#include "daemon/kafka/kafka_source.h"
#include "daemon/kafka/lane_clients.h"
#include "daemon/kafka/topic_reader.h"
#include "daemon/kafka/topic_writer.h"
#include "daemon/kafka/topics.h"
#include "tests/support/pipeline_world.h"

using namespace proactive;
using namespace proactive::daemon;
using namespace proactive::daemon::kafka;
using namespace std::chrono_literals;

namespace {

constexpr StreamKind kTelemetry = StreamKind::telemetry;

MemoryBudget budget() { return *split_memory(std::uint64_t{256} << 20, 1, 1); }

Duration steady() { return system_clocks().steady(); }

config::KafkaConfig new_config() {
  static int number = 0;
  const char* brokers = std::getenv("PROACTIVED_TEST_BROKERS");
  REQUIRE_MESSAGE(brokers != nullptr,
                  "set PROACTIVED_TEST_BROKERS, or run tests/run.sh integration/kafka_adapter");
  const std::string name = fmt::format("t{}-{}", ::getpid(), ++number);
  config::KafkaConfig kafka;
  kafka.brokers = {brokers};
  kafka.group = name;
  kafka.instance = "a";
  kafka.session_timeout = 3s;
  kafka.telemetry.topic = name + ".telemetry";
  kafka.telemetry.start = config::StartOffset::earliest;
  kafka.profiles.topic = name + ".profiles";
  kafka.outputs = {name + ".outreach", name + ".decisions", name + ".changelog"};
  kafka.dlq.topic = name + ".dlq";
  return kafka;
}

config::KafkaConfig config_with_topics(std::int32_t partitions = 2) {
  const config::KafkaConfig kafka = new_config();
  EnvironmentOptions options;
  options.create_topics = true;
  options.partitions = partitions;
  options.replication = 1;
  options.try_writes = false;
  const EnvironmentReport report = check_environment(kafka, options);
  for (const EnvironmentFinding& finding : report.findings) MESSAGE(finding.sentence);
  REQUIRE(report.ok());
  return kafka;
}

// Source and sink of one process, without a lane.
struct Clients {
  explicit Clients(const config::KafkaConfig& kafka) : session(std::make_shared<GroupSession>()) {
    session->inputs = {kafka.telemetry.topic, kafka.profiles.topic};
    session->outputs = {kafka.outputs.outreach, kafka.outputs.decisions, kafka.dlq.topic,
                        kafka.outputs.changelog};
    source = std::move(*KafkaSource::create(kafka, 0, budget(), session, steady));
    sink = std::make_unique<KafkaSink>(kafka, 0, budget(), session, steady, [] {});
  }

  // The next event of a kind, others are passed over.
  template <class Event>
  std::optional<Event> next(Duration within = 20s) {
    const Duration until = steady() + within;
    while (steady() < until) {
      SourceEvent event = source->poll(100ms);
      if (auto* found = std::get_if<Event>(&event)) return std::move(*found);
    }
    return std::nullopt;
  }
  void join() {
    open();
    REQUIRE(next<Assigned>().has_value());
  }
  void open() {
    Result<void, SinkError> opened = sink->open();
    for (int tries = 0; !opened && tries < 5; ++tries) opened = sink->open();
    REQUIRE_MESSAGE(opened.has_value(), (opened ? std::string() : opened.error().message));
  }
  Result<CommitVersion> committed(PartitionId partition) {
    Result<CommitVersion> version = source->committed(partition);
    for (int tries = 0; !version && tries < 5; ++tries) version = source->committed(partition);
    return version;
  }
  void write(Channel channel, PartitionId partition, std::string key, std::string value) {
    OutputRecord record;
    record.channel = channel;
    record.key = std::move(key);
    record.tombstone = value.empty();
    record.value = std::move(value);
    const auto written = sink->write(partition, record);
    REQUIRE_MESSAGE(written.has_value(), (written ? std::string() : written.error().message));
  }
  CommitOutcome commit(PartitionId partition, std::uint64_t v, std::int64_t offset) {
    PartitionVersion version{partition, {}};
    version.version.v = v;
    version.version.offsets = {offset, 0};
    version.version.replay_from = offset;
    version.version.rules_hash = 0xabc;
    const std::array<PartitionVersion, 1> all{version};
    return sink->commit(all);
  }
  // Offsets of telemetry that arrive until `count` are there.
  std::vector<std::int64_t> read_offsets(std::size_t count, Duration within = 20s) {
    std::vector<std::int64_t> offsets;
    const Duration until = steady() + within;
    while (offsets.size() < count && steady() < until) {
      SourceEvent event = source->poll(100ms);
      if (auto* batch = std::get_if<Records>(&event)) {
        for (const InputRecord& record : batch->records) offsets.push_back(record.offset);
      }
    }
    return offsets;
  }

  std::shared_ptr<GroupSession> session;
  std::unique_ptr<KafkaSource> source;
  std::unique_ptr<KafkaSink> sink;
};

std::vector<std::string> values_of(const config::KafkaConfig& kafka, const std::string& topic) {
  std::vector<std::string> values;
  const auto read = read_topic(kafka, topic, std::nullopt, [&values](const TopicRecord& record) {
    values.emplace_back(record.value);
    return true;
  });
  REQUIRE_MESSAGE(read.has_value(), (read ? std::string() : read.error().message));
  return values;
}

void produce(const config::KafkaConfig& kafka, int count) {
  auto writer = TopicWriter::open(kafka);
  REQUIRE(writer.has_value());
  for (int i = 0; i < count; ++i) {
    REQUIRE((*writer)->write_to(kafka.telemetry.topic, 0, "k", fmt::format("value {}", i),
                                Timestamp(1'768'003'200s)));
  }
  REQUIRE((*writer)->flush());
}

bool says(const EnvironmentReport& report, const std::string& text) {
  for (const EnvironmentFinding& finding : report.findings) {
    if (finding.sentence.find(text) != std::string::npos) return true;
  }
  return false;
}

std::vector<std::string> read_all(ChangelogReader& reader, Duration within) {
  std::vector<std::string> entries;
  const Duration until = steady() + within;
  while (!reader.done() && steady() < until) {
    const auto batch = reader.poll(100ms);
    REQUIRE(batch.has_value());
    for (const ChangelogEntry& entry : *batch)
      entries.push_back(fmt::format("{}={}", entry.key, entry.value));
  }
  return entries;
}

// The brokers may not have heard of a young transaction yet and refuse to end it (INVALID_TXN_STATE). The sink then has a new
// producer, and the records stay invisible all the same, which is what these tests look at.
void give_up(Clients& at) {
  const Result<void, SinkError> aborted = at.sink->abort();
  if (!aborted) CHECK(aborted.error().outcome == CommitOutcome::unknown);
}

}  // namespace

TEST_CASE("the environment check names what is missing, creates it when asked, and is then content") {
  const config::KafkaConfig kafka = new_config();
  EnvironmentOptions options;
  options.partitions = 3;
  options.replication = 1;

  const EnvironmentReport missing = check_environment(kafka, options);
  CHECK(missing.exit_code() == 78);
  CHECK(missing.commands.size() == 6);
  CHECK(says(missing, "topic " + kafka.outputs.changelog + " (changelog) does not exist"));

  options.create_topics = true;
  const EnvironmentReport created = check_environment(kafka, options);
  CHECK(created.ok());
  CHECK(created.created.size() == 6);

  options.create_topics = false;
  const EnvironmentReport content = check_environment(kafka, options);
  for (const EnvironmentFinding& finding : content.findings) MESSAGE(finding.sentence);
  CHECK(content.ok());
  CHECK(content.findings.empty());
  CHECK(content.partition_count == 3);
  CHECK(values_of(kafka, kafka.outputs.outreach).empty());  // the trial transaction left nothing to see
}

TEST_CASE(
    "topics that differ in partitions, or a changelog that is not compacted, are refused in one sentence "
    "each") {
  const config::KafkaConfig kafka = new_config();
  const auto probe = BrokerProbe::open(kafka);
  REQUIRE(probe.has_value());
  REQUIRE((*probe)->reach(10s));
  for (TopicPlan plan : topic_plans(kafka, 1)) {
    if (plan.role == "changelog") plan.settings = {{"cleanup.policy", "delete"}};
    REQUIRE((*probe)->create(plan, plan.role == "profiles input" ? 5 : 4, 1));
  }

  const EnvironmentReport report = check_environment(kafka, {});

  CHECK(report.exit_code() == 78);
  CHECK(says(report, "(profiles input) has 5 partitions, the telemetry input has 4"));
  CHECK(says(report, "has cleanup.policy=delete, so state would be deleted"));
}

TEST_CASE(
    "a topic that takes less than we write is an error of the check, and its refusal one of the "
    "transaction") {
  const config::KafkaConfig kafka = new_config();
  const auto probe = BrokerProbe::open(kafka);
  REQUIRE(probe.has_value());
  REQUIRE((*probe)->reach(10s));
  for (TopicPlan plan : topic_plans(kafka, 1)) {
    if (plan.role == "decisions") plan.settings = {{"max.message.bytes", "20000"}};
    if (plan.role == "dead letters") plan.settings = {{"cleanup.policy", "compact"}};
    REQUIRE((*probe)->create(plan, 2, 1));
  }

  const EnvironmentReport report = check_environment(kafka, {});

  CHECK(report.exit_code() == 78);
  CHECK(says(report, "(decisions) has max.message.bytes=20000, and we write up to 1048576"));
  CHECK(says(report, "(dead letters) has cleanup.policy=compact"));

  Clients at(kafka);
  at.join();
  std::string noise(30'000, 'x');  // that lz4 cannot make smaller
  std::uint32_t seed = 1;
  for (char& byte : noise) byte = static_cast<char>((seed = seed * 1664525 + 1013904223) >> 24);
  at.write(Channel::decisions, 1, "c", noise);
  CHECK(at.commit(0, 1, 0) == CommitOutcome::refused);
  CHECK(at.sink->refusal().channel == Channel::decisions);
  CHECK(at.sink->refusal().partition == 1);
  CHECK(at.sink->refusal().reason.find("(30001 bytes)") != std::string::npos);

  at.write(Channel::outreach, 0, "c", "small");
  at.write(Channel::decisions, 1, "c", noise);
  const auto delivered = at.sink->deliver();
  REQUIRE_FALSE(delivered.has_value());
  CHECK(delivered.error().outcome == CommitOutcome::refused);
  REQUIRE(at.sink->abort());

  OutputRecord letter;  // without a key, which a compacted topic wants
  letter.channel = Channel::dead_letters;
  letter.value = "x";
  REQUIRE(at.sink->write(0, letter));
  CHECK(at.commit(0, 1, 0) == CommitOutcome::refused);

  at.write(Channel::decisions, 1, "c", "small");
  CHECK(at.sink->deliver());
  CHECK(at.commit(0, 1, 0) == CommitOutcome::committed);
  CHECK(values_of(kafka, kafka.outputs.decisions) == std::vector<std::string>{"small"});
  CHECK(values_of(kafka, kafka.outputs.outreach).empty());
}

TEST_CASE("brokers that are not there are reported as unreachable") {
  config::KafkaConfig kafka = new_config();
  kafka.brokers = {"127.0.0.1:1"};
  EnvironmentOptions options;
  options.reach_within = 3s;

  const EnvironmentReport report = check_environment(kafka, options);

  CHECK(report.exit_code() == 69);
  CHECK(says(report, "no broker of 127.0.0.1:1 can be reached"));
}

TEST_CASE("readers of committed records see committed transactions whole and aborted ones not at all") {
  const config::KafkaConfig kafka = config_with_topics();
  Clients at(kafka);
  at.join();

  at.write(Channel::outreach, 0, "c", "aborted");
  give_up(at);
  at.write(Channel::outreach, 0, "c", "kept");
  at.write(Channel::decisions, 1, "c", "kept too");
  CHECK(at.commit(0, 1, 0) == CommitOutcome::committed);
  at.write(Channel::outreach, 0, "c", "aborted again");
  give_up(at);

  CHECK(values_of(kafka, kafka.outputs.outreach) == std::vector<std::string>{"kept"});
  CHECK(values_of(kafka, kafka.outputs.decisions) == std::vector<std::string>{"kept too"});
}

TEST_CASE("offsets and metadata come back as they were committed, and only with the transaction") {
  const config::KafkaConfig kafka = config_with_topics();
  Clients at(kafka);
  at.join();
  const auto before = at.committed(0);
  REQUIRE(before.has_value());
  CHECK(*before == CommitVersion{});

  at.write(Channel::changelog, 0, "k", "v");
  CHECK(at.commit(0, 42, 17) == CommitOutcome::committed);

  const auto after = at.committed(0);
  REQUIRE(after.has_value());
  CHECK(after->v == 42);
  CHECK(after->offsets == std::array<std::int64_t, kStreamKinds>{17, 0});
  CHECK(after->replay_from == 17);
  CHECK(after->rules_hash == 0xabc);
  CHECK(at.committed(1)->v == 0);
}

TEST_CASE("a transaction that a dead process left open is ended by its successor and stays invisible") {
  const config::KafkaConfig kafka = config_with_topics();
  {
    Clients dead(kafka);
    dead.join();
    dead.write(Channel::outreach, 0, "c", "never seen");
    dead.sink->poll();
    REQUIRE(dead.next<EndOfPartition>(1s) == std::nullopt);  // time for the record to reach the broker
    dead.sink.reset();                                       // as a kill does: nothing is aborted
  }
  Clients next(kafka);
  const Duration began = steady();
  next.join();

  CHECK(steady() - began < 10s);  // long before the transaction's own timeout of 15 s
  CHECK(values_of(kafka, kafka.outputs.outreach).empty());
  REQUIRE(next.committed(0).has_value());
  CHECK(next.committed(0)->v == 0);
}

TEST_CASE("an assignment at other offsets rewinds at once and keeps the membership") {
  const config::KafkaConfig kafka = config_with_topics();
  produce(kafka, 10);
  Clients at(kafka);
  at.join();
  const std::array<PartitionStart, 1> from_start{{{0, {0, 0}}}};
  REQUIRE(at.source->assign(from_start));
  CHECK(at.read_offsets(10) == std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});

  const std::array<PartitionStart, 1> from_three{{{0, {3, 0}}}};
  REQUIRE(at.source->assign(from_three));

  CHECK(at.read_offsets(7) == std::vector<std::int64_t>{3, 4, 5, 6, 7, 8, 9});
  at.write(Channel::changelog, 0, "k", "v");
  CHECK(at.commit(0, 1, 10) == CommitOutcome::committed);
}

TEST_CASE("a partition that is read to its end says so again and again, counting control records") {
  const config::KafkaConfig kafka = config_with_topics();
  Clients at(kafka);
  at.join();
  // Input that a transaction wrote: two records and a control record.
  Clients upstream(kafka);
  upstream.session->outputs[static_cast<std::size_t>(Channel::outreach)] = kafka.telemetry.topic;
  config::KafkaConfig other = kafka;
  other.instance = "upstream";
  KafkaSink writer(other, 0, budget(), upstream.session, steady, [] {});
  upstream.session->metadata.reset(rd_kafka_consumer_group_metadata_new((kafka.group + "-upstream").c_str()));
  for (const char* value : {"one", "two"}) {
    OutputRecord record;
    record.value = value;
    REQUIRE(writer.write(0, record));
  }
  const std::array<PartitionVersion, 1> versions{{{0, {}}}};
  REQUIRE(writer.commit(versions) == CommitOutcome::committed);

  const std::array<PartitionStart, 1> start{{{0, {0, CommitVersion::kNone}}}};
  REQUIRE(at.source->assign(start));
  CHECK(at.read_offsets(2) == std::vector<std::int64_t>{0, 1});
  for (int times = 0; times < 3; ++times) {
    const auto end = at.next<EndOfPartition>();
    REQUIRE(end.has_value());
    CHECK(end->stream == kTelemetry);
    CHECK(end->partition == 0);
    CHECK(end->next_offset == 3);
  }
  CHECK(at.source->ends(0)[0] == 3);
}

TEST_CASE(
    "the changelog is read to its high watermark: aborted records are skipped, control records passed") {
  const config::KafkaConfig kafka = config_with_topics();
  Clients at(kafka);
  at.join();
  at.write(Channel::changelog, 0, "a", "1");
  at.write(Channel::changelog, 0, "b", "1");
  REQUIRE(at.commit(0, 1, 0) == CommitOutcome::committed);
  at.write(Channel::changelog, 0, "a", "never");
  give_up(at);
  at.write(Channel::changelog, 0, "b", "");
  REQUIRE(at.commit(0, 2, 0) == CommitOutcome::committed);
  at.write(Channel::changelog, 0, "c", "never");
  give_up(at);

  auto reader = at.source->open_changelog(0);
  REQUIRE(reader.has_value());
  CHECK(read_all(**reader, 20s) == std::vector<std::string>{"a=1", "b=1", "b="});
  CHECK((*reader)->done());
  CHECK((*reader)->progress() == 1);

  reader->reset();
  auto empty = at.source->open_changelog(1);
  REQUIRE(empty.has_value());
  CHECK((*empty)->done());
}

TEST_CASE(
    "while a transaction is open in the changelog, its reader is not done; then it is, without its records") {
  const config::KafkaConfig kafka = config_with_topics();
  Clients at(kafka);
  at.join();
  at.write(Channel::changelog, 0, "a", "1");
  REQUIRE(at.commit(0, 1, 0) == CommitOutcome::committed);
  at.write(Channel::changelog, 0, "zombie", "1");
  REQUIRE(at.next<SourceFailed>(1s) == std::nullopt);  // time for the record to reach the broker

  auto reader = at.source->open_changelog(0);
  REQUIRE(reader.has_value());
  CHECK(read_all(**reader, 3s) == std::vector<std::string>{"a=1"});
  CHECK_FALSE((*reader)->done());
  give_up(at);

  CHECK(read_all(**reader, 20s).empty());
  CHECK((*reader)->done());
}

TEST_CASE(
    "a member that slept through a rebalance commits nothing, and learns that its partitions are gone") {
  config::KafkaConfig kafka = config_with_topics();
  kafka.static_membership = false;
  kafka.consumer_overrides = {{"max.poll.interval.ms", "4000"}};
  Clients sleeper(kafka);
  sleeper.join();
  sleeper.write(Channel::outreach, 0, "c", "from the sleeper");

  config::KafkaConfig other = kafka;
  other.instance = "b";
  Clients successor(other);
  successor.open();
  std::optional<Assigned> assigned = successor.next<Assigned>(30s);
  while (assigned && assigned->partitions.size() < 2) assigned = successor.next<Assigned>(30s);
  REQUIRE(assigned.has_value());

  CHECK(sleeper.commit(0, 1, 5) == CommitOutcome::aborted);
  successor.write(Channel::outreach, 0, "c", "from the successor");
  CHECK(successor.commit(0, 1, 7) == CommitOutcome::committed);
  CHECK(successor.committed(0)->offsets[0] == 7);
  CHECK(values_of(kafka, kafka.outputs.outreach) == std::vector<std::string>{"from the successor"});
  // Lost, or revoked when the rebalance reached its client before the client fell silent.
  const Duration until = steady() + 10s;
  bool told = false;
  while (!told && steady() < until) {
    const SourceEvent event = sleeper.source->poll(100ms);
    told = std::holds_alternative<Lost>(event) || std::holds_alternative<Revoked>(event);
  }
  CHECK(told);
  REQUIRE(sleeper.source->release());
}

TEST_CASE("a fenced producer is rebuilt; twins that fence each other again and again give up") {
  const config::KafkaConfig kafka = config_with_topics();
  Clients at(kafka);
  at.join();
  at.write(Channel::outreach, 0, "c", "before");
  REQUIRE(at.commit(0, 1, 1) == CommitOutcome::committed);

  KafkaSink twin(kafka, 0, budget(), at.session, steady, [] {});
  at.write(Channel::outreach, 0, "c", "fenced");
  REQUIRE(twin.open());
  CHECK(at.commit(0, 2, 2) == CommitOutcome::unknown);
  CHECK(at.committed(0)->v == 1);  // it did not commit
  at.write(Channel::outreach, 0, "c", "after");
  CHECK(at.commit(0, 2, 2) == CommitOutcome::committed);

  CommitOutcome outcome = CommitOutcome::committed;
  for (int rounds = 0; rounds < 3 && outcome != CommitOutcome::fenced; ++rounds) {
    KafkaSink another(kafka, 0, budget(), at.session, steady, [] {});
    REQUIRE(another.open());
    OutputRecord record;
    record.value = "fenced again";
    const auto written = at.sink->write(0, record);
    outcome = written ? at.commit(0, 3, 3) : written.error().outcome;
  }
  CHECK(outcome == CommitOutcome::fenced);
  CHECK(values_of(kafka, kafka.outputs.outreach) == std::vector<std::string>{"before", "after"});
}

TEST_CASE("what a topic writer places by key is where the configured hash says") {
  const config::KafkaConfig kafka = config_with_topics(4);
  auto writer = TopicWriter::open(kafka);
  REQUIRE(writer.has_value());
  for (int i = 0; i < 50; ++i) {
    REQUIRE((*writer)->write(kafka.telemetry.topic, fmt::format("c_{}", i), "x", Timestamp(1'768'003'200s)));
  }
  REQUIRE((*writer)->write(kafka.profiles.topic, "c_1", std::nullopt, Timestamp(1'768'003'200s)));
  REQUIRE((*writer)->flush());

  int seen = 0;
  REQUIRE(read_topic(kafka, kafka.telemetry.topic, std::nullopt, [&seen](const TopicRecord& record) {
    ++seen;
    CHECK(record.partition == partition_of(Partitioner::murmur2, record.key, 4));
    CHECK(record.timestamp == Timestamp(1'768'003'200s));
    return true;
  }));
  CHECK(seen == 50);
  REQUIRE(read_topic(kafka, kafka.profiles.topic, std::nullopt, [](const TopicRecord& record) {
    CHECK(record.tombstone);
    return true;
  }));
}

TEST_CASE(
    "a lane on the broker reads a world to its end, and its successor goes on from the restored state") {
  const config::KafkaConfig kafka = config_with_topics();
  const test::World world = test::make_world(11, 0, 8);
  auto writer = TopicWriter::open(kafka);
  REQUIRE(writer.has_value());
  std::array<std::array<std::int64_t, 2>, 2> appended{};  // by stream, partition
  for (const test::WorldRecord& record : world.records) {
    const bool profile = record.stream == StreamKind::profiles;
    ++appended[profile ? 1 : 0][static_cast<std::size_t>(partition_of(Partitioner::murmur2, record.key, 2))];
    REQUIRE((*writer)->write(profile ? kafka.profiles.topic : kafka.telemetry.topic, record.key, record.value,
                             Timestamp(Duration(record.time_us))));
  }
  REQUIRE((*writer)->flush());

  auto setup = std::make_shared<PipelineSetup>(*test::world_setup());
  setup->group = kafka.group;
  setup->partition_count = 2;
  std::vector<std::uint64_t> versions(2);
  std::size_t outreach = 0;
  for (int process = 0; process < 2; ++process) {
    LaneInbox inbox;
    LaneMetrics metrics;
    LaneOptions options = lane_options(kafka, 0, 2);
    options.idle_after.reset();
    auto clients = connect_lane(kafka, 0, budget(), system_clocks(), inbox, metrics);
    REQUIRE(clients.has_value());
    Lane lane(options, test::world_rules(), setup, std::move(clients->source), std::move(clients->sink),
              system_clocks(), inbox, metrics);
    const Duration until = steady() + 60s;
    bool read = false;
    while (!read && steady() < until && lane.turn()) {
      const auto status = metrics.status();
      read = status->partitions.size() == 2;
      for (const PartitionStatus& at : status->partitions) {
        const auto p = static_cast<std::size_t>(at.partition);
        read = read && at.state == PartitionState::running && at.committed_offsets[0] == appended[0][p] &&
               at.committed_offsets[1] == appended[1][p] && at.lag[0] == 0;
      }
    }
    REQUIRE(read);
    if (process == 0) {
      CHECK(metrics.records[0].get() == static_cast<std::uint64_t>(appended[0][0] + appended[0][1]));
      outreach = values_of(kafka, kafka.outputs.outreach).size();
      CHECK(outreach > 5);
    } else {
      CHECK(metrics.records[0].get() == 0);  // nothing is read again
      CHECK(metrics.restore_records.get() > 0);
      CHECK(values_of(kafka, kafka.outputs.outreach).size() == outreach);
    }
    for (const PartitionStatus& at : metrics.status()->partitions) {
      CHECK(at.version >= versions[static_cast<std::size_t>(at.partition)]);
      versions[static_cast<std::size_t>(at.partition)] = at.version;
    }
    inbox.drain();
    CHECK(lane.run().reason == LaneEndReason::drained);
  }
}
