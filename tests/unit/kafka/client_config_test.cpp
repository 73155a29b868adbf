#include "daemon/kafka/client_config.h"

#include <map>

#include <doctest/doctest.h>

using namespace proactive;
using namespace proactive::daemon;
using namespace proactive::daemon::kafka;

namespace {

config::KafkaConfig config_of_two_brokers() {
  config::KafkaConfig kafka;
  kafka.brokers = {"one:9092", "two:9092"};
  kafka.instance = "a";
  return kafka;
}

// What librdkafka sees: the last value of each name.
std::map<std::string, std::string> effective(const config::KafkaConfig& kafka, ClientRole role) {
  std::map<std::string, std::string> values;
  for (const auto& setting : client_settings(kafka, role, 3, *split_memory(std::uint64_t{2} << 30, 2, 2))) {
    values[setting.first] = setting.second;
  }
  return values;
}

constexpr ClientRole kRoles[] = {ClientRole::group_consumer, ClientRole::table_consumer, ClientRole::bounds,
                                 ClientRole::producer,       ClientRole::probe,          ClientRole::loader};

}  // namespace

TEST_CASE("librdkafka takes the settings of every role") {
  for (const ClientRole role : kRoles) {
    const auto conf = make_conf(
        client_settings(config_of_two_brokers(), role, 0, *split_memory(std::uint64_t{1} << 30, 1, 1)));
    CHECK_MESSAGE(conf.has_value(), (conf ? std::string() : conf.error().message));
  }
}

TEST_CASE("the group consumer is a static member that never commits, resets or skips by itself") {
  auto values = effective(config_of_two_brokers(), ClientRole::group_consumer);

  CHECK(values["bootstrap.servers"] == "one:9092,two:9092");
  CHECK(values["group.id"] == "proactived");
  CHECK(values["group.instance.id"] == "a-3");
  CHECK(values["partition.assignment.strategy"] == "range");
  CHECK(values["enable.auto.commit"] == "false");
  CHECK(values["enable.auto.offset.store"] == "false");
  CHECK(values["auto.offset.reset"] == "error");
  CHECK(values["isolation.level"] == "read_committed");
  CHECK(values["session.timeout.ms"] == "12000");
  CHECK(values["security.protocol"] == "plaintext");
}

TEST_CASE("without static membership the member has no name and leaves at once") {
  config::KafkaConfig kafka = config_of_two_brokers();
  kafka.static_membership = false;

  CHECK(effective(kafka, ClientRole::group_consumer).count("group.instance.id") == 0);
}

TEST_CASE("the transactional id is stable and names group, instance and lane") {
  CHECK(effective(config_of_two_brokers(), ClientRole::producer)["transactional.id"] == "proactived.a.3");
}

TEST_CASE("only the client that asks for high watermarks reads uncommitted") {
  for (const ClientRole role : kRoles) {
    const auto values = effective(config_of_two_brokers(), role);
    const auto found = values.find("isolation.level");
    const bool uncommitted = found != values.end() && found->second == "read_uncommitted";
    CHECK(uncommitted == (role == ClientRole::bounds));
  }
}

TEST_CASE("tls and sasl pass through and choose the protocol") {
  config::KafkaConfig kafka = config_of_two_brokers();
  kafka.tls = config::TlsConfig{"ca.pem", "c.pem", "k.pem", config::Secret("kp"), true};
  CHECK(effective(kafka, ClientRole::producer)["security.protocol"] == "ssl");

  kafka.sasl = config::SaslConfig{"SCRAM-SHA-512", "proactived", config::Secret("s3cret"), false};
  auto values = effective(kafka, ClientRole::producer);
  CHECK(values["security.protocol"] == "sasl_ssl");
  CHECK(values["ssl.ca.location"] == "ca.pem");
  CHECK(values["ssl.certificate.location"] == "c.pem");
  CHECK(values["ssl.key.location"] == "k.pem");
  CHECK(values["ssl.key.password"] == "kp");
  CHECK(values["ssl.endpoint.identification.algorithm"] == "https");
  CHECK(values["sasl.mechanism"] == "SCRAM-SHA-512");
  CHECK(values["sasl.username"] == "proactived");
  CHECK(values["sasl.password"] == "s3cret");

  kafka.tls->verify_hostname = false;
  CHECK(effective(kafka, ClientRole::probe)["ssl.endpoint.identification.algorithm"] == "none");
  kafka.tls.reset();
  CHECK(effective(kafka, ClientRole::probe)["security.protocol"] == "sasl_plaintext");
}

TEST_CASE("overrides reach the client, but not what correctness owns") {
  config::KafkaConfig kafka = config_of_two_brokers();
  kafka.consumer_overrides = {{"fetch.wait.max.ms", "7"}, {"isolation.level", "read_uncommitted"}};
  kafka.producer_overrides = {
      {"linger.ms", "9"}, {"transactional.id", "mine"}, {"acks", "1"}, {"message.max.bytes", "1000"}};

  CHECK(effective(kafka, ClientRole::group_consumer)["fetch.wait.max.ms"] == "7");
  CHECK(effective(kafka, ClientRole::group_consumer)["isolation.level"] == "read_committed");
  CHECK(effective(kafka, ClientRole::producer)["linger.ms"] == "9");
  CHECK(effective(kafka, ClientRole::producer)["transactional.id"] == "proactived.a.3");
  CHECK(effective(kafka, ClientRole::producer).count("acks") == 0);
  CHECK(effective(kafka, ClientRole::producer)["message.max.bytes"] == "1040000");
  for (const char* owned : {"transactional.id", "enable.auto.commit", "group.id", "group.instance.id", "acks",
                            "max.in.flight.requests.per.connection", "sasl.password", "auto.offset.reset"}) {
    CAPTURE(owned);
    CHECK_FALSE(override_allowed(owned));
  }
}

TEST_CASE("a setting that librdkafka refuses is named, a secret's value is not shown") {
  const auto unknown = make_conf({{"no.such.setting", "1"}});
  REQUIRE_FALSE(unknown.has_value());
  CHECK(unknown.error().message.find("no.such.setting") != std::string::npos);
}
