#include "daemon/kafka/kafka_source.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/format.h>

#include "daemon/io/log.h"
#include "daemon/kafka/client_config.h"
#include "models/base/check.h"

namespace proactive::daemon::kafka {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kBatchRecords = 1000;
constexpr std::size_t kBatchBytes = std::size_t{4} << 20;

void read_headers(const rd_kafka_message_t* message, std::vector<HeaderView>& into) {
  into.clear();
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
    into.push_back({name, view(value, size)});
  }
}

}  // namespace

KafkaSource::KafkaSource(config::KafkaConfig kafka, int lane, MemoryBudget budget,
                         std::shared_ptr<GroupSession> session, std::function<Duration()> steady)
    : kafka_(std::move(kafka)),
      lane_(lane),
      budget_(budget),
      session_(std::move(session)),
      steady_(std::move(steady)) {}

Result<std::unique_ptr<KafkaSource>> KafkaSource::create(const config::KafkaConfig& kafka, int lane,
                                                         const MemoryBudget& budget,
                                                         std::shared_ptr<GroupSession> session,
                                                         std::function<Duration()> steady) {
  std::unique_ptr<KafkaSource> source(
      new KafkaSource(kafka, lane, budget, std::move(session), std::move(steady)));
  if (Result<void> made = source->make_group_client(); !made) return tl::make_unexpected(made.error());
  return source;
}

Result<void> KafkaSource::make_group_client() {
  Result<ConfHandle> conf = make_conf(client_settings(kafka_, ClientRole::group_consumer, lane_, budget_));
  if (!conf) return tl::make_unexpected(conf.error());
  rd_kafka_conf_set_opaque(conf->get(), this);
  rd_kafka_conf_set_rebalance_cb(conf->get(), &KafkaSource::on_rebalance);
  Result<ClientHandle> client = make_client(RD_KAFKA_CONSUMER, std::move(*conf));
  if (!client) return tl::make_unexpected(client.error());
  client_ = std::move(*client);
  rd_kafka_poll_set_consumer(client_.get());
  return {};
}

// The group client is dead: whatever it held is lost, and another one joins under the same name.
SourceEvent KafkaSource::rejoin() {
  Lost lost{std::move(owned_)};  // restoring, stopped and refused ones too, which are not assigned
  owned_.clear();
  dead_ = false;
  closing_ = true;
  pending_.clear();
  session_->metadata.reset();
  client_.reset();  // without a close, which may wait for a coordinator that is away
  closing_ = false;
  subscribed_ = false;
  places_.clear();
  newest_ = places_.end();
  if (Result<void> made = make_group_client(); !made) return SourceFailed{made.error().message};
  return lost;
}

KafkaSource::~KafkaSource() { close(); }

// ---- the group -------------------------------------------------------------------------------------------------------

void KafkaSource::on_rebalance(rd_kafka_t*, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t* list,
                               void* self) {
  static_cast<KafkaSource*>(self)->rebalance(code, list);
}

void KafkaSource::rebalance(rd_kafka_resp_err_t code, const rd_kafka_topic_partition_list_t* list) {
  if (closing_ ||
      (code != RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS && code != RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS)) {
    rd_kafka_assign(client_.get(), nullptr);
    return;
  }
  std::map<PartitionId, std::size_t> topics;  // partition -> number of our topics it came with
  for (int i = 0; i < list->cnt; ++i) {
    if (stream_of(list->elems[i].topic)) ++topics[list->elems[i].partition];
  }
  std::vector<PartitionId> complete, incomplete;
  const auto inputs = static_cast<std::size_t>(std::count_if(
      session_->inputs.begin(), session_->inputs.end(), [](const auto& topic) { return !topic.empty(); }));
  for (const auto& entry : topics) (entry.second == inputs ? complete : incomplete).push_back(entry.first);

  if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    session_->metadata.reset(rd_kafka_consumer_group_metadata(client_.get()));
    const ListHandle nothing = new_list(1);
    rd_kafka_assign(client_.get(), nothing.get());  // completes the join; offsets follow from the lane
    owned_ = complete;
    owned_.insert(owned_.end(), incomplete.begin(), incomplete.end());
    pending_.push_back(Assigned{std::move(complete), std::move(incomplete)});
    return;
  }
  complete.insert(complete.end(), incomplete.begin(), incomplete.end());
  if (rd_kafka_assignment_lost(client_.get()) != 0) {
    pending_.clear();
    pending_.push_back(Lost{std::move(complete)});
  } else {
    pending_.push_back(Revoked{std::move(complete)});
  }
}

Result<void> KafkaSource::release() {
  session_->metadata.reset();
  owned_.clear();
  places_.clear();
  newest_ = places_.end();
  if (const rd_kafka_resp_err_t code = rd_kafka_assign(client_.get(), nullptr);
      code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return failure(fmt::format("cannot give the partitions up: {}", text_of(code)));
  }
  return {};
}

Result<void> KafkaSource::assign(std::span<const PartitionStart> starts) {
  const ListHandle list = new_list(static_cast<int>(starts.size() * kStreamKinds + 1));
  std::map<PlaceKey, Place> places;
  for (const PartitionStart& start : starts) {
    for (std::size_t stream = 0; stream < kStreamKinds; ++stream) {
      if (start.offsets[stream] == CommitVersion::kNone || session_->inputs[stream].empty()) continue;
      rd_kafka_topic_partition_list_add(list.get(), session_->inputs[stream].c_str(), start.partition)
          ->offset = start.offsets[stream];
      const auto known = places_.find({stream, start.partition});
      places[{stream, start.partition}] = {start.offsets[stream],
                                           known == places_.end() ? -1 : known->second.end};
    }
  }
  // What was fetched before is void: ends of partitions too.
  pending_.erase(
      std::remove_if(pending_.begin(), pending_.end(),
                     [](const SourceEvent& event) { return std::holds_alternative<EndOfPartition>(event); }),
      pending_.end());
  if (const rd_kafka_resp_err_t code = rd_kafka_assign(client_.get(), list.get());
      code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return failure(fmt::format("cannot assign {} partitions: {}", starts.size(), text_of(code)));
  }
  places_ = std::move(places);
  newest_ = places_.end();
  return {};
}

void KafkaSource::close() {
  if (client_ == nullptr) return;
  closing_ = true;
  messages_.clear();
  pending_.clear();
  session_->metadata.reset();
  table_client_.reset();
  bounds_client_.reset();
  // A static member has no LeaveGroup to send and nothing to commit; the call has no time limit, and once, in the middle of a
  // rebalance, a lane did not come back from here before the shutdown's deadline.
  if (!kafka_.static_membership) rd_kafka_consumer_close(client_.get());
  client_.reset();
}

// ---- records ---------------------------------------------------------------------------------------------------------

SourceEvent KafkaSource::poll(Duration wait) {
  messages_.clear();
  if (dead_) return rejoin();
  if (!subscribed_) {
    const ListHandle topics = new_list();
    for (const std::string& topic : session_->inputs) {
      if (!topic.empty())
        rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
    }
    if (const rd_kafka_resp_err_t code = rd_kafka_subscribe(client_.get(), topics.get());
        code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return SourceFailed{fmt::format("cannot subscribe: {}", text_of(code))};
    }
    subscribed_ = true;
  }
  if (pending_.empty()) probe_ends();
  if (!pending_.empty()) return pop();

  std::size_t bytes = 0;
  auto timeout = static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(wait).count());
  while (messages_.size() < kBatchRecords && bytes < kBatchBytes && pending_.empty() && !dead_) {
    MessageHandle message(rd_kafka_consumer_poll(client_.get(), timeout));
    timeout = 0;
    if (message == nullptr) break;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      note(*message);
      continue;
    }
    bytes += message->len + message->key_len;
    add(std::move(message));
  }
  if (!pending_.empty() && std::holds_alternative<Lost>(pending_.front())) {
    messages_.clear();
    return pop();
  }
  if (!messages_.empty()) return Records{std::span<const InputRecord>(records_.data(), messages_.size())};
  return pending_.empty() ? SourceEvent(Idle{}) : pop();
}

SourceEvent KafkaSource::pop() {
  SourceEvent event = std::move(pending_.front());
  pending_.pop_front();
  return event;
}

std::optional<std::size_t> KafkaSource::stream_of(const char* topic) const {
  for (std::size_t stream = 0; stream < kStreamKinds; ++stream) {
    if (!session_->inputs[stream].empty() && session_->inputs[stream] == topic) return stream;
  }
  return std::nullopt;
}

void KafkaSource::add(MessageHandle message) {
  const std::optional<std::size_t> stream = stream_of(rd_kafka_topic_name(message->rkt));
  if (!stream) return;
  if (records_.size() <= messages_.size()) records_.emplace_back();
  InputRecord& record = records_[messages_.size()];
  record.stream = static_cast<StreamKind>(*stream);
  record.partition = message->partition;
  record.offset = message->offset;
  rd_kafka_timestamp_type_t type{};
  const std::int64_t appended_ms = rd_kafka_message_timestamp(message.get(), &type);
  record.appended_at = appended_ms < 0 ? kNever : Timestamp(std::chrono::milliseconds(appended_ms));
  record.key = view(message->key, message->key_len);
  record.value = view(message->payload, message->len);
  record.tombstone = message->payload == nullptr;
  read_headers(message.get(), record.headers);
  const PlaceKey key{*stream, message->partition};
  if (newest_ == places_.end() || newest_->first != key) newest_ = places_.find(key);
  if (newest_ != places_.end()) newest_->second.position = message->offset + 1;
  messages_.push_back(std::move(message));
}

// What librdkafka has to say instead of a record.
void KafkaSource::note(const rd_kafka_message_t& message) {
  const char* topic = message.rkt == nullptr ? "" : rd_kafka_topic_name(message.rkt);
  const std::optional<std::size_t> stream = stream_of(topic);
  switch (message.err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF: {
      if (!stream) return;
      if (const auto place = places_.find({*stream, message.partition}); place != places_.end()) {
        place->second.position = std::max(place->second.position, message.offset);
        place->second.end = message.offset;
      }
      pending_.push_back(EndOfPartition{static_cast<StreamKind>(*stream), message.partition, message.offset});
      return;
    }
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
      pending_.push_back(InputMissing{
          message.partition,
          fmt::format("{} partition {}: {}", topic, message.partition, rd_kafka_message_errstr(&message))});
      return;
    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID: {
      std::array<char, 512> why{};
      const rd_kafka_resp_err_t code = rd_kafka_fatal_error(client_.get(), why.data(), why.size());
      const bool fenced =
          code == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID || message.err == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID;
      // A coordinator that restarts can fence a static member by the member's own, repeated join: only one that is fenced
      // again and again has a twin.
      if (fences_.add(steady_())) {
        pending_.push_back(
            SourceFailed{fenced ? "another process is member '" + member_name(kafka_, lane_) +
                                      "' of the group: every process needs a kafka.instance of its own"
                                : fmt::format("the consumer fails again and again: {}", why.data()),
                         fenced});
        return;
      }
      log(LogLevel::warn, "kafka", "the consumer has failed and joins anew",
          {{"lane", lane_}, {"cause", why.data()}, {"code", rd_kafka_err2name(code)}});
      dead_ = true;
      return;
    }
    default:
      log(LogLevel::warn, "kafka", rd_kafka_message_errstr(&message),
          {{"lane", lane_}, {"topic", topic}, {"code", rd_kafka_err2name(message.err)}});
  }
}

}  // namespace proactive::daemon::kafka
