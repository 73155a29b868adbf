#include "daemon/kafka/broker_probe.h"

#include <array>
#include <chrono>

#include <fmt/format.h>

#include "daemon/kafka/client_config.h"

namespace proactive::daemon::kafka {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

constexpr int kAskMillis = 10'000;
constexpr Duration kVisibleWithin = 15s;

struct MetadataDestroyer {
  void operator()(const rd_kafka_metadata_t* metadata) const { rd_kafka_metadata_destroy(metadata); }
};
using MetadataHandle = std::unique_ptr<const rd_kafka_metadata_t, MetadataDestroyer>;

using AdminOptionsHandle = std::unique_ptr<rd_kafka_AdminOptions_t, Destroyer<rd_kafka_AdminOptions_destroy>>;
using NewTopicHandle = std::unique_ptr<rd_kafka_NewTopic_t, Destroyer<rd_kafka_NewTopic_destroy>>;
using ResourceHandle = std::unique_ptr<rd_kafka_ConfigResource_t, Destroyer<rd_kafka_ConfigResource_destroy>>;

}  // namespace

Result<std::unique_ptr<BrokerProbe>> BrokerProbe::open(const config::KafkaConfig& kafka) {
  auto probe = std::make_unique<BrokerProbe>();
  Result<ConfHandle> conf = make_conf(client_settings(kafka, ClientRole::probe, 0, {}));
  if (!conf) return tl::make_unexpected(conf.error());
  rd_kafka_conf_set_opaque(conf->get(), probe.get());
  rd_kafka_conf_set_error_cb(conf->get(), &BrokerProbe::on_error);
  Result<ClientHandle> client = make_client(RD_KAFKA_CONSUMER, std::move(*conf));
  if (!client) return tl::make_unexpected(client.error());
  probe->client_ = std::move(*client);
  return probe;
}

void BrokerProbe::on_error(rd_kafka_t*, int code, const char* reason, void* self) {
  auto* probe = static_cast<BrokerProbe*>(self);
  const bool login = code == RD_KAFKA_RESP_ERR__AUTHENTICATION ||
                     code == RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED || code == RD_KAFKA_RESP_ERR__SSL;
  if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && !probe->trouble_.message.empty()) return;  // says less
  probe->trouble_ = {reason, login};
}

Result<void, ProbeFailure> BrokerProbe::reach(Duration within) {
  const Steady::time_point until = Steady::now() + within;
  do {
    const rd_kafka_metadata_t* raw = nullptr;
    const rd_kafka_resp_err_t code = rd_kafka_metadata(client_.get(), 0, nullptr, &raw, 1000);
    const MetadataHandle metadata(raw);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR && metadata->broker_cnt > 0) {
      broker_ = metadata->brokers[0].id;
      return {};
    }
    rd_kafka_poll(client_.get(), 0);
    if (trouble_.login) return tl::make_unexpected(trouble_);
    if (trouble_.message.empty()) trouble_.message = text_of(code);
  } while (Steady::now() < until);
  return tl::make_unexpected(trouble_);
}

Result<std::int32_t> BrokerProbe::partitions_of(const std::string& topic) {
  const TopicHandle handle(rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr));
  if (handle == nullptr) return failure(fmt::format("'{}' is not a topic name", topic));
  const rd_kafka_metadata_t* raw = nullptr;
  const rd_kafka_resp_err_t code = rd_kafka_metadata(client_.get(), 0, handle.get(), &raw, kAskMillis);
  const MetadataHandle metadata(raw);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return failure(fmt::format("cannot ask for topic {}: {}", topic, text_of(code)));
  if (metadata->topic_cnt != 1) return 0;
  const rd_kafka_metadata_topic_t& found = metadata->topics[0];
  if (found.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return 0;
  if (found.err != RD_KAFKA_RESP_ERR_NO_ERROR && found.err != RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE) {
    return failure(fmt::format("cannot describe topic {}: {}", topic, text_of(found.err)));
  }
  return found.partition_cnt;
}

Result<std::map<std::string, std::string>> BrokerProbe::topic_settings(const std::string& topic) {
  return settings(RD_KAFKA_RESOURCE_TOPIC, topic);
}

Result<std::map<std::string, std::string>> BrokerProbe::broker_settings() {
  return settings(RD_KAFKA_RESOURCE_BROKER, std::to_string(broker_));
}

Result<std::map<std::string, std::string>> BrokerProbe::settings(rd_kafka_ResourceType_t type,
                                                                 const std::string& name) {
  const QueueHandle queue(rd_kafka_queue_new(client_.get()));
  const ResourceHandle resource(rd_kafka_ConfigResource_new(type, name.c_str()));
  rd_kafka_ConfigResource_t* asked[] = {resource.get()};
  rd_kafka_DescribeConfigs(client_.get(), asked, 1, nullptr, queue.get());
  const EventHandle event(rd_kafka_queue_poll(queue.get(), kAskMillis));
  if (event == nullptr) return failure(fmt::format("no answer about the settings of {}", name));
  if (const rd_kafka_resp_err_t code = rd_kafka_event_error(event.get());
      code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return failure(fmt::format("cannot read the settings of {}: {}", name, text_of(code)));
  }
  std::size_t count = 0;
  const rd_kafka_ConfigResource_t** answers =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event.get()), &count);
  if (count != 1) return failure(fmt::format("no answer about the settings of {}", name));
  if (const rd_kafka_resp_err_t code = rd_kafka_ConfigResource_error(answers[0]);
      code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return failure(fmt::format("cannot read the settings of {}: {}", name, text_of(code)));
  }
  std::map<std::string, std::string> values;
  const rd_kafka_ConfigEntry_t** entries = rd_kafka_ConfigResource_configs(answers[0], &count);
  for (std::size_t i = 0; i < count; ++i) {
    const char* value = rd_kafka_ConfigEntry_value(entries[i]);
    if (value != nullptr) values[rd_kafka_ConfigEntry_name(entries[i])] = value;
  }
  return values;
}

Result<void> BrokerProbe::create(const TopicPlan& plan, std::int32_t partitions, int replication) {
  std::array<char, 512> why{};
  const NewTopicHandle topic(
      rd_kafka_NewTopic_new(plan.name.c_str(), partitions, replication, why.data(), why.size()));
  if (topic == nullptr) return failure(fmt::format("cannot create topic {}: {}", plan.name, why.data()));
  for (const auto& setting : plan.settings) {
    rd_kafka_NewTopic_set_config(topic.get(), setting.first.c_str(), setting.second.c_str());
  }
  const QueueHandle queue(rd_kafka_queue_new(client_.get()));
  const AdminOptionsHandle options(rd_kafka_AdminOptions_new(client_.get(), RD_KAFKA_ADMIN_OP_CREATETOPICS));
  rd_kafka_AdminOptions_set_operation_timeout(options.get(), kAskMillis, why.data(), why.size());
  rd_kafka_NewTopic_t* wanted[] = {topic.get()};
  rd_kafka_CreateTopics(client_.get(), wanted, 1, options.get(), queue.get());
  const EventHandle event(rd_kafka_queue_poll(queue.get(), 2 * kAskMillis));
  if (event == nullptr) return failure(fmt::format("cannot create topic {}: no answer", plan.name));
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return failure(
        fmt::format("cannot create topic {}: {}", plan.name, rd_kafka_event_error_string(event.get())));
  }
  std::size_t count = 0;
  const rd_kafka_topic_result_t** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const rd_kafka_resp_err_t code = rd_kafka_topic_result_error(results[i]);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR && code != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
      const char* text = rd_kafka_topic_result_error_string(results[i]);
      return failure(
          fmt::format("cannot create topic {}: {}", plan.name, text == nullptr ? text_of(code) : text));
    }
  }
  const Steady::time_point until = Steady::now() + kVisibleWithin;
  while (Steady::now() < until) {
    if (partitions_of(plan.name).value_or(0) == partitions) return {};
    rd_kafka_poll(client_.get(), 50);
  }
  return failure(
      fmt::format("topic {} was created, but the brokers do not show it yet: try again", plan.name));
}

}  // namespace proactive::daemon::kafka
