#include "daemon/kafka/client_config.h"

#include <syslog.h>

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "daemon/io/log.h"
#include "daemon/io/ports.h"

namespace proactive::daemon::kafka {
namespace {

using namespace std::chrono_literals;

std::string millis(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ",") + word;
  return text;
}

void add_connection(const config::KafkaConfig& kafka, Settings& into) {
  into.emplace_back("bootstrap.servers", joined(kafka.brokers));
  into.emplace_back("client.id", "proactived-" + kafka.instance);
  into.emplace_back("socket.nagle.disable", "true");  // false by default in 2.0.2
  into.emplace_back("socket.keepalive.enable", "true");
  into.emplace_back("allow.auto.create.topics", "false");
  into.emplace_back("security.protocol", kafka.tls ? (kafka.sasl ? "sasl_ssl" : "ssl")
                                                   : (kafka.sasl ? "sasl_plaintext" : "plaintext"));
  if (kafka.tls) {
    const config::TlsConfig& tls = *kafka.tls;
    if (!tls.ca_file.empty()) into.emplace_back("ssl.ca.location", tls.ca_file);
    if (!tls.cert_file.empty()) into.emplace_back("ssl.certificate.location", tls.cert_file);
    if (!tls.key_file.empty()) into.emplace_back("ssl.key.location", tls.key_file);
    if (!tls.key_password.empty()) into.emplace_back("ssl.key.password", tls.key_password.reveal());
    into.emplace_back("ssl.endpoint.identification.algorithm", tls.verify_hostname ? "https" : "none");
  }
  if (kafka.sasl) {
    into.emplace_back("sasl.mechanism", kafka.sasl->mechanism);
    if (!kafka.sasl->username.empty()) into.emplace_back("sasl.username", kafka.sasl->username);
    if (!kafka.sasl->password.empty()) into.emplace_back("sasl.password", kafka.sasl->password.reveal());
  }
}

void add_consumer(const MemoryBudget& budget, Settings& into) {
  into.emplace_back("fetch.wait.max.ms", "100");
  into.emplace_back("max.partition.fetch.bytes", "1048576");
  into.emplace_back("fetch.max.bytes", std::to_string(std::max<std::uint64_t>(budget.fetch_bytes, 1 << 20)));
  into.emplace_back("queued.min.messages",
                    std::to_string(std::clamp<std::uint64_t>(budget.queue_messages(), 1, 10'000'000)));
  into.emplace_back("queued.max.messages.kbytes",
                    std::to_string(std::clamp<std::uint64_t>(budget.queue_kbytes(), 1024, 2'097'151)));
  into.emplace_back("check.crcs", "true");
}

void add_owned_by_consumers(Settings& into) {
  into.emplace_back("enable.auto.commit", "false");
  into.emplace_back("enable.auto.offset.store", "false");
  into.emplace_back("enable.partition.eof", "true");
  into.emplace_back("isolation.level", "read_committed");
  into.emplace_back("auto.offset.reset", "error");
}

void add_all(const std::map<std::string, std::string>& overrides, Settings& into) {
  for (const auto& entry : overrides) {
    if (override_allowed(entry.first)) into.emplace_back(entry.first, entry.second);
  }
}

// For clients outside of lanes, which live for one question or one reading.
MemoryBudget budget_of_tools() {
  MemoryBudget budget;
  budget.lane_queue = std::uint64_t{128} << 20;
  budget.fetch_bytes = std::uint64_t{16} << 20;
  budget.producer_queue = std::uint64_t{64} << 20;
  return budget;
}

LogLevel level_of(int severity) {
  if (severity <= LOG_ERR) return LogLevel::error;
  if (severity <= LOG_WARNING) return LogLevel::warn;
  return severity <= LOG_INFO ? LogLevel::info : LogLevel::debug;
}

// librdkafka calls it from its own threads.
void log_client(const rd_kafka_t* client, int severity, const char* facility, const char* text) {
  log(level_of(severity), "kafka", text,
      {{"facility", facility}, {"client", client == nullptr ? "" : rd_kafka_name(client)}});
}

}  // namespace

bool override_allowed(std::string_view name) {
  static constexpr std::string_view kOwned[] = {"transactional.id",
                                                "transaction.timeout.ms",
                                                "isolation.level",
                                                "auto.offset.reset",
                                                "acks",
                                                "request.required.acks",
                                                "partition.assignment.strategy",
                                                "bootstrap.servers",
                                                "metadata.broker.list",
                                                "client.id",
                                                "security.protocol",
                                                "allow.auto.create.topics",
                                                "partitioner",
                                                "message.timeout.ms",
                                                "delivery.timeout.ms",
                                                "message.max.bytes",
                                                "delivery.report.only.error",
                                                "plugin.library.paths",
                                                "debug"};
  static constexpr std::string_view kOwnedPrefixes[] = {"enable.", "group.", "max.in.flight",
                                                        "ssl.",    "sasl.",  "test."};
  for (const std::string_view owned : kOwned) {
    if (name == owned) return false;
  }
  for (const std::string_view prefix : kOwnedPrefixes) {
    if (name.substr(0, prefix.size()) == prefix) return false;
  }
  return true;
}

std::string transactional_id(const config::KafkaConfig& kafka, int lane) {
  return fmt::format("{}.{}.{}", kafka.group, kafka.instance, lane);
}

std::string member_name(const config::KafkaConfig& kafka, int lane) {
  return fmt::format("{}-{}", kafka.instance, lane);
}

Settings client_settings(const config::KafkaConfig& kafka, ClientRole role, int lane,
                         const MemoryBudget& given) {
  const MemoryBudget budget = given.total > 0 ? given : budget_of_tools();
  Settings settings;
  add_connection(kafka, settings);
  switch (role) {
    case ClientRole::group_consumer:
      add_consumer(budget, settings);
      add_all(kafka.consumer_overrides, settings);
      add_owned_by_consumers(settings);
      settings.emplace_back("group.id", kafka.group);
      if (kafka.static_membership) settings.emplace_back("group.instance.id", member_name(kafka, lane));
      settings.emplace_back("session.timeout.ms", millis(kafka.session_timeout));
      settings.emplace_back("heartbeat.interval.ms",
                            millis(std::clamp<Duration>(kafka.session_timeout / 4, 100ms, 3s)));
      // The same partition numbers of all topics go to one member; roundrobin and cooperative-sticky don't promise it.
      settings.emplace_back("partition.assignment.strategy", "range");
      break;
    case ClientRole::table_consumer:
      add_consumer(budget, settings);
      // Only an answer without records says that the end is reached: let the broker not wait for some to come.
      settings.emplace_back("fetch.wait.max.ms", "5");
      add_all(kafka.consumer_overrides, settings);
      add_owned_by_consumers(settings);
      settings.emplace_back("group.id", kafka.group);  // rd_kafka_assign needs one; it joins nothing
      settings.emplace_back("session.timeout.ms",
                            millis(kafka.session_timeout));  // no longer than max.poll.interval
      break;
    case ClientRole::bounds:
      settings.emplace_back("isolation.level", "read_uncommitted");
      break;
    case ClientRole::producer:
      // Nobody sees a message before its commit, which flushes: lingering costs no latency. With too little of it, small
      // batches fill the five places in flight, and librdkafka 2.0.2 then spins until one is answered.
      settings.emplace_back("linger.ms", "100");
      settings.emplace_back("batch.size", "1000000");
      settings.emplace_back("compression.codec", "lz4");
      settings.emplace_back("queue.buffering.max.messages", "500000");
      settings.emplace_back("queue.buffering.max.kbytes",
                            std::to_string(std::max<std::uint64_t>(budget.producer_queue / 1024, 8 * 1024)));
      add_all(kafka.producer_overrides, settings);
      settings.emplace_back("message.max.bytes", std::to_string(kMaxProducedBytes));
      settings.emplace_back("transactional.id", transactional_id(kafka, lane));
      settings.emplace_back("transaction.timeout.ms", "15000");
      settings.emplace_back("message.timeout.ms", "10000");
      settings.emplace_back("partitioner", "murmur2_random");
      settings.emplace_back("delivery.report.only.error", "true");
      break;
    case ClientRole::probe:
      settings.emplace_back("isolation.level", "read_committed");
      break;
    case ClientRole::loader:
      settings.emplace_back("enable.idempotence", "true");
      settings.emplace_back("linger.ms", "20");
      settings.emplace_back("batch.size", "1000000");
      settings.emplace_back("compression.codec", "lz4");
      settings.emplace_back("queue.buffering.max.messages", "200000");
      settings.emplace_back("delivery.report.only.error", "true");
      break;
  }
  return settings;
}

Result<ConfHandle> make_conf(const Settings& settings) {
  ConfHandle conf(rd_kafka_conf_new());
  std::array<char, 512> why{};
  for (const auto& setting : settings) {
    if (rd_kafka_conf_set(conf.get(), setting.first.c_str(), setting.second.c_str(), why.data(),
                          why.size()) != RD_KAFKA_CONF_OK) {
      // librdkafka's text may quote the value.
      const bool secret = setting.first.find("password") != std::string::npos;
      return failure(fmt::format("librdkafka refuses its setting '{}'{}{}", setting.first, secret ? "" : ": ",
                                 secret ? "" : why.data()));
    }
  }
  rd_kafka_conf_set_log_cb(conf.get(), log_client);
  return conf;
}

Result<ClientHandle> make_client(rd_kafka_type_t type, ConfHandle conf) {
  std::array<char, 512> why{};
  rd_kafka_t* client = rd_kafka_new(type, conf.get(), why.data(), why.size());
  if (client == nullptr) return failure(fmt::format("cannot make a Kafka client: {}", why.data()));
  (void)conf.release();  // the client owns it now
  return ClientHandle(client);
}

Result<ClientHandle> make_client(const config::KafkaConfig& kafka, ClientRole role, int lane,
                                 const MemoryBudget& budget) {
  Result<ConfHandle> conf = make_conf(client_settings(kafka, role, lane, budget));
  if (!conf) return tl::make_unexpected(conf.error());
  const bool consumes = role == ClientRole::group_consumer || role == ClientRole::table_consumer;
  const bool produces = role == ClientRole::producer || role == ClientRole::loader;
  Result<ClientHandle> client =
      make_client(produces ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER, std::move(*conf));
  if (client && consumes) rd_kafka_poll_set_consumer(client->get());
  return client;
}

}  // namespace proactive::daemon::kafka
