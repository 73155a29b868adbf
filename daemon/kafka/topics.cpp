#include "daemon/kafka/topics.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "daemon/kafka/broker_probe.h"
#include "daemon/kafka/client_config.h"
#include "daemon/kafka/produce.h"
#include "daemon/kafka/reach_advice.h"
#include "daemon/kafka/topic_plan.h"

namespace proactive::daemon::kafka {
namespace {

using namespace std::chrono_literals;

constexpr int kUnreachable = 69, kConfiguration = 78;
constexpr int kTryMillis = 10'000;
constexpr Duration kMessageTimeout = 10s, kTransactionTimeout = 15s;  // as in client_settings

class Examination {
 public:
  Examination(const config::KafkaConfig& kafka, const EnvironmentOptions& options)
      : kafka_(kafka), options_(options) {}

  EnvironmentReport run() {
    check_library();
    check_times();
    Result<std::unique_ptr<BrokerProbe>> probe = BrokerProbe::open(kafka_);
    if (!probe) {
      error(probe.error().message);
      return std::move(report_);
    }
    probe_ = std::move(*probe);
    if (!check_reach()) return std::move(report_);
    check_topics();
    check_settings();
    check_broker();
    check_group();
    if (options_.try_writes) check_writes();
    return std::move(report_);
  }

 private:
  void error(std::string sentence, int exit_code = kConfiguration) {
    report_.findings.push_back({true, std::move(sentence), exit_code});
  }
  void warn(std::string sentence) { report_.findings.push_back({false, std::move(sentence), 0}); }

  void check_library();
  void check_times();
  bool check_reach();
  void check_topics();
  void check_counts(const std::vector<std::pair<TopicPlan, std::int32_t>>& counts);
  void check_settings();
  void check_broker();
  void check_group();
  void check_writes();

  const config::KafkaConfig& kafka_;
  const EnvironmentOptions& options_;
  EnvironmentReport report_;
  std::unique_ptr<BrokerProbe> probe_;
  bool topics_exist_ = true;
};

void Examination::check_library() {
  if (rd_kafka_version() < 0x02000200) {
    error(fmt::format("librdkafka is {}, at least 2.0.2 is needed", rd_kafka_version_str()));
  }
  const ConfHandle conf(rd_kafka_conf_new());
  std::array<char, 512> features{};
  std::size_t size = features.size();
  rd_kafka_conf_get(conf.get(), "builtin.features", features.data(), &size);
  const std::string all = "," + std::string(features.data()) + ",";
  for (const char* feature : {"ssl", "lz4", "zstd"}) {
    if (all.find(fmt::format(",{},", feature)) == std::string::npos) {
      error(fmt::format("librdkafka was built without {}: install the distribution's librdkafka1", feature));
    }
  }
}

void Examination::check_times() {
  if (kafka_.commit_interval + kMessageTimeout >= kTransactionTimeout) {
    error(
        "kafka.commit.interval must be below 5s: a transaction has to end before its timeout of 15 s even "
        "when a "
        "message takes its 10 s");
  }
}

bool Examination::check_reach() {
  const Result<void, ProbeFailure> reached = probe_->reach(options_.reach_within);
  if (reached) return true;
  std::string brokers;
  for (const std::string& broker : kafka_.brokers) brokers += (brokers.empty() ? "" : ", ") + broker;
  const ProbeFailure& failure = reached.error();
  const std::string advice = reach_advice(kafka_, failure.message, failure.login, rd_kafka_version());
  if (failure.login) {
    error(fmt::format("the brokers ({}) refuse our login: {}; {}", brokers, failure.message, advice));
  } else {
    error(fmt::format("no broker of {} can be reached: {}; {}", brokers, failure.message, advice),
          kUnreachable);
  }
  return false;
}

void Examination::check_topics() {
  std::vector<std::pair<TopicPlan, std::int32_t>> counts;
  for (TopicPlan& plan : topic_plans(kafka_, options_.replication)) {
    const Result<std::int32_t> count = probe_->partitions_of(plan.name);
    if (!count) {
      error(fmt::format("{}; the principal needs Describe on it", count.error().message));
      topics_exist_ = false;
      continue;
    }
    if (plan.input && *count > 0 && report_.partition_count == 0) report_.partition_count = *count;
    counts.emplace_back(std::move(plan), *count);
  }
  if (report_.partition_count == 0 && options_.create_topics) report_.partition_count = options_.partitions;
  const std::int32_t wanted = report_.partition_count > 0 ? report_.partition_count : options_.partitions;
  for (auto& entry : counts) {
    if (entry.second > 0) continue;
    const TopicPlan& plan = entry.first;
    const std::int32_t partitions = plan.keyed ? wanted : plan.fixed_partitions;
    if (options_.create_topics) {
      if (const Result<void> created = probe_->create(plan, partitions, options_.replication); created) {
        report_.created.push_back(plan.name);
        entry.second = partitions;
        continue;
      } else {
        error(created.error().message);
      }
    } else {
      error(
          fmt::format("topic {} ({}) does not exist: create it by hand or with "
                      "`proactived check --environment --create-topics`",
                      plan.name, plan.role));
    }
    topics_exist_ = false;
    report_.commands.push_back(create_command(plan, kafka_, partitions, options_.replication));
  }
  check_counts(counts);
}

void Examination::check_counts(const std::vector<std::pair<TopicPlan, std::int32_t>>& counts) {
  for (const auto& entry : counts) {
    if (!entry.first.keyed || entry.second == 0 || entry.second == report_.partition_count) continue;
    error(fmt::format(
        "topic {} ({}) has {} partitions, the telemetry input has {}: all topics keyed by customer need "
        "the same number; create {} anew with {} partitions",
        entry.first.name, entry.first.role, entry.second, report_.partition_count, entry.first.name,
        report_.partition_count));
    topics_exist_ = false;
  }
}

void Examination::check_settings() {
  for (const TopicPlan& plan : topic_plans(kafka_, options_.replication)) {
    if (plan.input || probe_->partitions_of(plan.name).value_or(0) == 0) continue;
    const auto settings = probe_->topic_settings(plan.name);
    if (!settings) {
      warn(fmt::format("{}; the principal needs DescribeConfigs on it", settings.error().message));
      continue;
    }
    for (std::string& finding : unfit_settings(plan, *settings)) error(std::move(finding));
  }
}

void Examination::check_broker() {
  const auto settings = probe_->broker_settings();
  if (!settings) return;  // needs a permission that nothing else needs
  const auto limit = settings->find("transaction.max.timeout.ms");
  if (limit != settings->end() && std::stoll(limit->second) < 15'000) {
    error(
        fmt::format("the brokers allow transactions of at most {} ms, 15000 are needed: raise "
                    "transaction.max.timeout.ms",
                    limit->second));
  }
}

void Examination::check_group() {
  const Result<ClientHandle> client = make_client(kafka_, ClientRole::table_consumer, 0, {});
  if (!client) return error(client.error().message);
  const ListHandle list = new_list(1);
  rd_kafka_topic_partition_list_add(list.get(), kafka_.telemetry.topic.c_str(), 0);
  const rd_kafka_resp_err_t code = rd_kafka_committed(client->get(), list.get(), kTryMillis);
  if (code == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED) {
    error(fmt::format("the principal may not read group {}: it needs Read and Describe on it", kafka_.group));
  } else if (code != RD_KAFKA_RESP_ERR_NO_ERROR && code != RD_KAFKA_RESP_ERR__TIMED_OUT) {
    error(fmt::format("cannot read the offsets of group {}: {}", kafka_.group, text_of(code)));
  }
}

// One record to each output in a transaction that is aborted: readers of committed records never see it.
void Examination::check_writes() {
  config::KafkaConfig as_check = kafka_;
  as_check.instance = "check";
  Result<ConfHandle> conf = make_conf(client_settings(as_check, ClientRole::producer, 0, {}));
  if (!conf) return error(conf.error().message);
  std::vector<std::string> refused;
  rd_kafka_conf_set_opaque(conf->get(), &refused);
  rd_kafka_conf_set_dr_msg_cb(conf->get(), [](rd_kafka_t*, const rd_kafka_message_t* message, void* into) {
    if (message->err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) {
      static_cast<std::vector<std::string>*>(into)->push_back(rd_kafka_topic_name(message->rkt));
    }
  });
  const Result<ClientHandle> client = make_client(RD_KAFKA_PRODUCER, std::move(*conf));
  if (!client) return error(client.error().message);
  if (const ErrorHandle failed(rd_kafka_init_transactions(client->get(), kTryMillis)); failed != nullptr) {
    return error(
        fmt::format("cannot use transactional id {}: {}; the principal needs Write and Describe on "
                    "transactional ids with prefix '{}.'",
                    transactional_id(as_check, 0), text_of(failed.get()), kafka_.group));
  }
  if (!topics_exist_) return;
  if (const ErrorHandle failed(rd_kafka_begin_transaction(client->get())); failed != nullptr) {
    return error(text_of(failed.get()));
  }
  for (const TopicPlan& plan : topic_plans(kafka_, options_.replication)) {
    if (plan.input) continue;
    const TopicHandle topic(rd_kafka_topic_new(client->get(), plan.name.c_str(), nullptr));
    Outgoing trial;
    trial.topic = topic.get();
    trial.partition = 0;
    trial.key = "check";
    if (topic != nullptr)
      (void)produce(client->get(), trial);  // what the brokers refuse is reported on delivery
  }
  rd_kafka_flush(client->get(), kTryMillis);
  const ErrorHandle aborted(rd_kafka_abort_transaction(client->get(), kTryMillis));
  std::sort(refused.begin(), refused.end());
  refused.erase(std::unique(refused.begin(), refused.end()), refused.end());
  for (const std::string& topic : refused) {
    error(fmt::format("the principal may not write to topic {}: it needs Write and Describe on it", topic));
  }
}

}  // namespace

bool EnvironmentReport::ok() const {
  return std::none_of(findings.begin(), findings.end(),
                      [](const EnvironmentFinding& finding) { return finding.error; });
}

int EnvironmentReport::exit_code() const {
  for (const EnvironmentFinding& finding : findings) {
    if (finding.error) return finding.exit_code;
  }
  return 0;
}

EnvironmentReport check_environment(const config::KafkaConfig& kafka, const EnvironmentOptions& options) {
  return Examination(kafka, options).run();
}

}  // namespace proactive::daemon::kafka
