// The error table of kafka.md 7 against librdkafka itself: what each answer of a broker makes of a transaction.
#include "daemon/kafka/kafka_sink.h"

#include <doctest/doctest.h>

#include "tests/support/mock_cluster.h"

using namespace proactive;
using namespace proactive::daemon;
using namespace proactive::daemon::kafka;
using proactive::test::Api;
using proactive::test::MockCluster;
using namespace std::chrono_literals;

namespace {

struct Fixture {
  MockCluster cluster;
  config::KafkaConfig kafka;
  std::shared_ptr<GroupSession> session = std::make_shared<GroupSession>();
  Duration steady = 1h;  // stands still, so that no fence grows old
  std::unique_ptr<KafkaSink> sink;

  Fixture() {
    kafka.brokers = {cluster.brokers()};
    kafka.instance = "a";
    session->inputs = {"telemetry", ""};
    session->outputs = {"outreach", "decisions", "dlq", "changelog"};
    session->metadata.reset(rd_kafka_consumer_group_metadata_new("group"));
    sink = std::make_unique<KafkaSink>(
        kafka, 0, *split_memory(std::uint64_t{256} << 20, 1, 1), session, [this] { return steady; }, [] {});
  }
  CommitOutcome transaction() {
    OutputRecord record;
    record.key = "c";
    record.value = "x";
    record.headers = {{"name", "value"}};
    const auto written = sink->write(0, record);
    if (!written) return written.error().outcome;
    PartitionVersion version{0, {}};
    version.version.v = 1;
    version.version.offsets[0] = 5;
    const std::array<PartitionVersion, 1> versions{version};
    return sink->commit(versions);
  }
};

}  // namespace

TEST_CASE("each answer of a broker has its outcome, and the transaction after it commits") {
  struct Row {
    const char* what;
    Api api;
    std::vector<rd_kafka_resp_err_t> errors;
    CommitOutcome outcome;
  };
  const Row rows[] = {
      // librdkafka tries again by itself
      {"coordinator moves during the commit",
       Api::end_txn,
       {RD_KAFKA_RESP_ERR_NOT_COORDINATOR, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE},
       CommitOutcome::committed},
      {"coordinator loads during the offsets",
       Api::txn_offset_commit,
       {RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS},
       CommitOutcome::committed},
      // the group has gone on without us
      {"stale generation",
       Api::txn_offset_commit,
       {RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION},
       CommitOutcome::aborted},
      {"member was dropped",
       Api::txn_offset_commit,
       {RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID},
       CommitOutcome::aborted},
      {"static member was replaced",
       Api::txn_offset_commit,
       {RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID},
       CommitOutcome::aborted},
      // a record was not taken
      {"record refused", Api::produce, {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE}, CommitOutcome::refused},
      {"no fault of a record",
       Api::produce,
       {RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS},
       CommitOutcome::aborted},
      // the coordinator has forgotten the producer id
      {"producer id unknown",
       Api::end_txn,
       {RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING},
       CommitOutcome::aborted},
      // fatal for this library: rebuild, and ask what was committed
      {"state that newer clients abort on",
       Api::end_txn,
       {RD_KAFKA_RESP_ERR_INVALID_TXN_STATE},
       CommitOutcome::unknown},
      {"fenced", Api::end_txn, {RD_KAFKA_RESP_ERR_PRODUCER_FENCED}, CommitOutcome::unknown},
      {"may not commit offsets any more",
       Api::txn_offset_commit,
       {RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED},
       CommitOutcome::unknown},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.what));
    Fixture at;
    REQUIRE(at.transaction() == CommitOutcome::committed);
    at.cluster.fail(row.api, row.errors);

    CHECK(at.transaction() == row.outcome);
    at.cluster.heal(row.api);
    // Another error of a record costs more transactions: the mock cluster does not take part in the bump of the epoch.
    CommitOutcome after = at.transaction();
    for (int more = 0; row.api == Api::produce && after != CommitOutcome::committed && more < 5; ++more) {
      after = at.transaction();
    }
    CHECK(after == CommitOutcome::committed);
  }
}

TEST_CASE("three fences within a minute are a twin") {
  Fixture at;
  CHECK(at.transaction() == CommitOutcome::committed);
  at.cluster.fail(Api::end_txn, {RD_KAFKA_RESP_ERR_PRODUCER_FENCED});
  CHECK(at.transaction() == CommitOutcome::unknown);
  at.cluster.fail(Api::end_txn, {RD_KAFKA_RESP_ERR_PRODUCER_FENCED});
  CHECK(at.transaction() == CommitOutcome::unknown);
  at.cluster.fail(Api::end_txn, {RD_KAFKA_RESP_ERR_PRODUCER_FENCED});
  CHECK(at.transaction() == CommitOutcome::fenced);
}

TEST_CASE("fences that are more than a minute apart are timeouts, not a twin") {
  Fixture at;
  CHECK(at.transaction() == CommitOutcome::committed);
  for (int i = 0; i < 4; ++i) {
    at.cluster.fail(Api::end_txn, {RD_KAFKA_RESP_ERR_PRODUCER_FENCED});
    CHECK(at.transaction() == CommitOutcome::unknown);
    at.steady += 61s;
  }
}

TEST_CASE("without an assignment nothing can be committed") {
  Fixture at;
  at.session->metadata.reset();

  CHECK(at.transaction() == CommitOutcome::aborted);
}

TEST_CASE("an abort without a transaction is no error") {
  Fixture at;
  CHECK(at.sink->abort());
}

TEST_CASE(
    "a record that is refused is told when it is delivered, with topic and size, until the next "
    "transaction") {
  Fixture at;
  REQUIRE(at.transaction() == CommitOutcome::committed);
  at.cluster.fail(Api::produce, {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE});
  OutputRecord record;
  record.channel = Channel::decisions;
  record.key = "c";
  record.value = std::string(99, 'x');
  REQUIRE(at.sink->write(0, record));

  const auto delivered = at.sink->deliver();

  REQUIRE_FALSE(delivered.has_value());
  CHECK(delivered.error().outcome == CommitOutcome::refused);
  REQUIRE(at.sink->abort());
  CHECK(at.sink->refusal().channel == Channel::decisions);
  CHECK(at.sink->refusal().partition == 0);
  CHECK(at.sink->refusal().reason ==
        "decisions: Broker: Message size too large (MSG_SIZE_TOO_LARGE) (100 bytes)");
}

TEST_CASE(
    "a record that is refused while more is being written is told as a refusal, not as an ordinary abort") {
  Fixture at;
  REQUIRE(at.transaction() == CommitOutcome::committed);
  at.cluster.fail(Api::produce, {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE});
  OutputRecord record;
  record.channel = Channel::decisions;
  record.key = "c";
  record.value = std::string(2000, 'x');
  std::optional<CommitOutcome> outcome;
  for (int i = 0; i < 1'000'000 && !outcome; ++i) {
    if (const auto written = at.sink->write(0, record); !written) outcome = written.error().outcome;
  }
  CHECK(outcome == CommitOutcome::refused);
}

TEST_CASE("what is delivered without an objection is no refusal") {
  Fixture at;
  OutputRecord record;
  record.value = "x";
  REQUIRE(at.sink->write(0, record));
  CHECK(at.sink->deliver());
  CHECK(at.sink->deliver());  // nothing is left
}

TEST_CASE("the largest output passes the client, a larger record is refused by it at once") {
  Fixture at;
  OutputRecord record;
  record.key = "c";
  record.value = std::string(kMaxOutputBytes - 1, 'x');
  REQUIRE(at.sink->write(0, record));
  CHECK(at.sink->deliver());
  record.channel = Channel::changelog;
  record.value = std::string(kMaxProducedBytes, 'x');

  const auto written = at.sink->write(3, record);

  REQUIRE_FALSE(written.has_value());
  CHECK(written.error().outcome == CommitOutcome::refused);
  CHECK(at.sink->refusal().channel == Channel::changelog);
  CHECK(at.sink->refusal().partition == 3);
}

TEST_CASE("an error without any flag means that the producer must be rebuilt") {
  const ErrorHandle error(rd_kafka_error_new(RD_KAFKA_RESP_ERR__STATE, "%s", "odd"));
  CHECK(remedy_of(error.get()) == Remedy::rebuild);
}
