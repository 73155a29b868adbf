// What KafkaSource asks the brokers: ends, bounds, committed versions, changelogs.
#include <fmt/format.h>

#include <optional>

#include "daemon/kafka/client_config.h"
#include "daemon/kafka/kafka_changelog.h"
#include "daemon/kafka/kafka_source.h"

namespace proactive::daemon::kafka {
namespace {

using namespace std::chrono_literals;

constexpr int kCallMillis = 5000;  // of each blocking question; the lane beats in between
constexpr int kProbeMillis = 300;
constexpr Duration kProbeEvery = 1s, kProbeAgainAfterFailure = 5s;

}  // namespace

// Once a second, in one call: where do our partitions end? An answer also proves that the brokers are there, and that
// a partition without records is read to its end, which librdkafka says only once.
void KafkaSource::probe_ends() {
  const Duration now = steady_();
  if (places_.empty() || (probe_at_ != Duration::min() && now < probe_at_)) return;
  const ListHandle list = new_list(static_cast<int>(places_.size()));
  for (const auto& place : places_) {
    rd_kafka_topic_partition_list_add(list.get(), session_->inputs[place.first.first].c_str(),
                                      place.first.second)
        ->offset = RD_KAFKA_OFFSET_END;
  }
  if (rd_kafka_offsets_for_times(client_.get(), list.get(), kProbeMillis) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    probe_at_ = now + kProbeAgainAfterFailure;
    return;
  }
  probe_at_ = now + kProbeEvery;
  for (int i = 0; i < list->cnt; ++i) {
    const rd_kafka_topic_partition_t& answer = list->elems[i];
    const std::optional<std::size_t> stream = stream_of(answer.topic);
    if (!stream || answer.err != RD_KAFKA_RESP_ERR_NO_ERROR || answer.offset < 0) continue;
    Place& place = places_[{*stream, answer.partition}];
    place.end = answer.offset;
    if (place.position == place.end) {
      pending_.push_back(EndOfPartition{static_cast<StreamKind>(*stream), answer.partition, place.end});
    }
  }
}

std::array<std::int64_t, kStreamKinds> KafkaSource::ends(PartitionId partition) const {
  std::array<std::int64_t, kStreamKinds> ends{};
  for (std::size_t stream = 0; stream < kStreamKinds; ++stream) {
    const auto place = places_.find({stream, partition});
    ends[stream] = place == places_.end() ? -1 : place->second.end;
  }
  return ends;
}

// Asks for stable offsets, because the client reads committed: it waits while a predecessor's commit is pending.
Result<CommitVersion> KafkaSource::committed(PartitionId partition) {
  const ListHandle list = new_list(kStreamKinds);
  for (const std::string& topic : session_->inputs) {
    if (!topic.empty()) rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition);
  }
  if (const rd_kafka_resp_err_t code = rd_kafka_committed(client_.get(), list.get(), kCallMillis);
      code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return failure(
        fmt::format("cannot read the committed offsets of partition {}: {}", partition, text_of(code)));
  }
  CommitVersion version;
  std::optional<CommitVersion> written;  // what the metadata says; all topics carry the same text
  bool agree = true;
  for (int i = 0; i < list->cnt; ++i) {
    const rd_kafka_topic_partition_t& entry = list->elems[i];
    if (entry.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return failure(fmt::format("cannot read the committed offset of {} partition {}: {}", entry.topic,
                                 partition, text_of(entry.err)));
    }
    if (entry.offset < 0) continue;
    version.offsets[*stream_of(entry.topic)] = entry.offset;
    const auto metadata = parse_metadata(view(entry.metadata, entry.metadata_size));
    if (!metadata || (written && *written != *metadata)) {
      agree = false;
    } else {
      written = *metadata;
    }
  }
  if (!written || !agree) return version;  // v stays 0: offsets that somebody else has set
  written->offsets = version.offsets;
  return *written;
}

Result<rd_kafka_t*> KafkaSource::bounds_client() {
  if (bounds_client_ == nullptr) {
    Result<ClientHandle> client = make_client(kafka_, ClientRole::bounds, lane_, budget_);
    if (!client) return tl::make_unexpected(client.error());
    bounds_client_ = std::move(*client);
  }
  return bounds_client_.get();
}

Result<StreamBounds> KafkaSource::bounds_of(const std::string& topic, PartitionId partition) {
  const Result<rd_kafka_t*> client = bounds_client();
  if (!client) return tl::make_unexpected(client.error());
  StreamBounds bounds;
  if (const rd_kafka_resp_err_t code = rd_kafka_query_watermark_offsets(
          *client, topic.c_str(), partition, &bounds.low, &bounds.high, kCallMillis);
      code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return failure(
        fmt::format("cannot ask where {} partition {} begins and ends: {}", topic, partition, text_of(code)));
  }
  return bounds;
}

Result<std::array<StreamBounds, kStreamKinds>> KafkaSource::bounds(PartitionId partition) {
  std::array<StreamBounds, kStreamKinds> all{};
  for (std::size_t stream = 0; stream < kStreamKinds; ++stream) {
    if (session_->inputs[stream].empty()) continue;
    const Result<StreamBounds> bounds = bounds_of(session_->inputs[stream], partition);
    if (!bounds) return tl::make_unexpected(bounds.error());
    all[stream] = *bounds;
  }
  return all;
}

Result<std::unique_ptr<ChangelogReader>> KafkaSource::open_changelog(PartitionId partition) {
  const std::string& topic = session_->outputs[static_cast<std::size_t>(Channel::changelog)];
  const Result<StreamBounds> bounds = bounds_of(topic, partition);
  if (!bounds) return tl::make_unexpected(bounds.error());
  if (table_client_ == nullptr) {
    Result<ClientHandle> client = make_client(kafka_, ClientRole::table_consumer, lane_, budget_);
    if (!client) return tl::make_unexpected(client.error());
    table_client_ = std::move(*client);
  }
  return KafkaChangelog::open(table_client_, topic, partition, *bounds);
}

}  // namespace proactive::daemon::kafka
