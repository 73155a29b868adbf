#include "daemon/kafka/kafka_sink.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>

#include "daemon/io/log.h"
#include "daemon/io/output_letter.h"
#include "daemon/kafka/client_config.h"
#include "daemon/kafka/produce.h"
#include "models/base/check.h"

namespace proactive::daemon::kafka {
namespace {

using namespace std::chrono_literals;

constexpr int kSliceMillis = 5000;
constexpr Duration kReportsWithin = std::chrono::seconds(1);  // of a transaction that has failed
constexpr int kFlushMillis = 1;                // a flush holds for its call alone, so it is asked for again
constexpr Duration kTransactionTimeout = 15s;  // as in client_settings
constexpr Duration kQueueFullLimit = 10s;
constexpr int kRebuildTries = 2;
constexpr int kSendOffsetsTries = 3;  // it cannot be resumed

tl::unexpected<SinkError> sink_error(std::string message, CommitOutcome outcome) {
  return tl::make_unexpected(SinkError{std::move(message), outcome});
}

// The list frees it with free().
void set_metadata(rd_kafka_topic_partition_t* entry, const std::string& text) {
  entry->metadata = std::malloc(text.size());
  PROACTIVE_CHECK(entry->metadata != nullptr);
  std::memcpy(entry->metadata, text.data(), text.size());
  entry->metadata_size = text.size();
}

}  // namespace

KafkaSink::KafkaSink(config::KafkaConfig kafka, int lane, MemoryBudget budget,
                     std::shared_ptr<GroupSession> session, std::function<Duration()> steady,
                     std::function<void()> beat)
    : kafka_(std::move(kafka)),
      lane_(lane),
      budget_(budget),
      session_(std::move(session)),
      steady_(std::move(steady)),
      beat_(std::move(beat)) {}

KafkaSink::~KafkaSink() { drop_producer(); }

// ---- the producer ----------------------------------------------------------------------------------------------------

void KafkaSink::on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR || message->err == RD_KAFKA_RESP_ERR__PURGE_QUEUE ||
      message->err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT) {
    return;
  }
  auto* sink = static_cast<KafkaSink*>(self);
  sink->delivery_error_ = fmt::format("{}: {}", rd_kafka_topic_name(message->rkt), text_of(message->err));
  if (!is_refusal(message->err)) return;
  for (std::size_t channel = 0; channel < kChannels; ++channel) {
    if (sink->topics_[channel].get() == message->rkt)
      sink->note_refusal(channel, message->partition, message->key_len + message->len, message->err);
  }
}

void KafkaSink::note_refusal(std::size_t channel, PartitionId partition, std::size_t bytes,
                             rd_kafka_resp_err_t code) {
  if (refusal_.has_value()) return;
  refusal_ = {static_cast<Channel>(channel), partition,
              fmt::format("{}: {} ({} bytes)", session_->outputs[channel], text_of(code), bytes)};
}

Result<void> KafkaSink::make_producer() {
  Result<ConfHandle> conf = make_conf(client_settings(kafka_, ClientRole::producer, lane_, budget_));
  if (!conf) return tl::make_unexpected(conf.error());
  rd_kafka_conf_set_opaque(conf->get(), this);
  rd_kafka_conf_set_dr_msg_cb(conf->get(), &KafkaSink::on_delivery);
  Result<ClientHandle> client = make_client(RD_KAFKA_PRODUCER, std::move(*conf));
  if (!client) return tl::make_unexpected(client.error());
  client_ = std::move(*client);
  for (std::size_t channel = 0; channel < kChannels; ++channel) {
    if (session_->outputs[channel].empty()) continue;
    topics_[channel].reset(rd_kafka_topic_new(client_.get(), session_->outputs[channel].c_str(), nullptr));
    PROACTIVE_CHECK(topics_[channel] != nullptr);
  }
  return {};
}

Result<void, SinkError> KafkaSink::open() {
  if (ready_) return {};
  if (client_ == nullptr) {
    if (const Result<void> made = make_producer(); !made)
      return sink_error(made.error().message, CommitOutcome::aborted);
  }
  const ErrorHandle error(rd_kafka_init_transactions(client_.get(), kSliceMillis));
  if (error == nullptr) {
    ready_ = true;
    return {};
  }
  const std::string text = fmt::format("cannot initialise the producer: {}", text_of(error.get()));
  if (remedy_of(error.get()) == Remedy::rebuild) {
    const bool twin = is_fence(rd_kafka_error_code(error.get())) && fences_.add(steady_());
    drop_producer();
    return sink_error(text, twin ? CommitOutcome::fenced : CommitOutcome::aborted);
  }
  return sink_error(text, CommitOutcome::aborted);
}

void KafkaSink::drop_producer() {
  ready_ = open_ = false;
  if (client_ == nullptr) return;
  // Nothing of the open transaction may be waited for: the next init_transactions ends it.
  rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  for (TopicHandle& topic : topics_) topic.reset();
  client_.reset();
}

CommitOutcome KafkaSink::rebuild(rd_kafka_resp_err_t code, std::string_view why) {
  log(LogLevel::warn, "kafka", "the producer has failed and is made anew",
      {{"lane", lane_}, {"cause", why}, {"code", rd_kafka_err2name(code)}});
  drop_producer();
  if (is_fence(code) && fences_.add(steady_())) return CommitOutcome::fenced;
  for (int tries = 0; tries < kRebuildTries; ++tries) {
    const Result<void, SinkError> opened = open();
    beat_();
    if (opened) break;
    if (opened.error().outcome == CommitOutcome::fenced) return CommitOutcome::fenced;
  }
  return CommitOutcome::unknown;  // without a producer too: write() goes on trying
}

// ---- the transaction -------------------------------------------------------------------------------------------------

template <class Call>
ErrorHandle KafkaSink::retried(const Call& call, Duration limit) {
  const Duration begun = steady_();
  for (;;) {
    ErrorHandle error(call());
    beat_();
    if (error == nullptr || remedy_of(error.get()) != Remedy::retry || steady_() - begun >= limit)
      return error;
  }
}

Result<void, SinkError> KafkaSink::begin() {
  if (open_) return {};
  if (Result<void, SinkError> opened = open(); !opened) return opened;
  const ErrorHandle error(rd_kafka_begin_transaction(client_.get()));
  if (error == nullptr) {
    open_ = true;
    delivery_error_.clear();
    refusal_.reset();
    return {};
  }
  const std::string text = fmt::format("cannot begin a transaction: {}", text_of(error.get()));
  return sink_error(text, rebuild(rd_kafka_error_code(error.get()), text));
}

rd_kafka_resp_err_t KafkaSink::produce(PartitionId partition, const OutputRecord& record) {
  const TopicHandle& topic = topics_[static_cast<std::size_t>(record.channel)];
  PROACTIVE_CHECK(topic != nullptr);
  // librdkafka owns the headers only if it takes the message.
  HeadersHandle headers;
  if (!record.headers.empty()) {
    headers.reset(rd_kafka_headers_new(record.headers.size()));
    for (const auto& header : record.headers) {
      rd_kafka_header_add(headers.get(), header.first.data(), static_cast<ssize_t>(header.first.size()),
                          header.second.data(), static_cast<ssize_t>(header.second.size()));
    }
  }
  Outgoing outgoing;
  outgoing.topic = topic.get();
  // Dead letters go anywhere: their topic has a partition count of its own.
  if (record.channel != Channel::dead_letters) outgoing.partition = partition;
  outgoing.key = record.key;
  if (!record.tombstone) outgoing.value = record.value;
  outgoing.headers = headers.get();
  const rd_kafka_resp_err_t code = kafka::produce(client_.get(), outgoing);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) (void)headers.release();
  return code;
}

Result<void, SinkError> KafkaSink::write(PartitionId partition, const OutputRecord& record) {
  if (Result<void, SinkError> begun = begin(); !begun) return begun;
  const Duration begun = steady_();
  rd_kafka_resp_err_t code = produce(partition, record);
  while (code == RD_KAFKA_RESP_ERR__QUEUE_FULL && steady_() - begun < kQueueFullLimit) {
    rd_kafka_poll(client_.get(), 100);
    beat_();
    code = produce(partition, record);
  }
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  const std::string text =
      fmt::format("cannot write to {} partition {}: {}",
                  session_->outputs[static_cast<std::size_t>(record.channel)], partition, text_of(code));
  std::array<char, 256> why{};
  const rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(client_.get(), why.data(), why.size());
  if (fatal != RD_KAFKA_RESP_ERR_NO_ERROR) return sink_error(text, rebuild(fatal, why.data()));
  // The transaction has failed already, and why may still wait to be told: a refused record or something else.
  if (code == RD_KAFKA_RESP_ERR__STATE) serve_reports();
  if (is_refusal(code)) {  // by the client, which has limits too
    note_refusal(static_cast<std::size_t>(record.channel), partition, bytes_of(record), code);
  }
  return sink_error(text, refusal_.has_value() ? CommitOutcome::refused : CommitOutcome::aborted);
}

ErrorHandle KafkaSink::send_offsets(std::span<const PartitionVersion> versions) {
  const ListHandle list = new_list(static_cast<int>(versions.size() * kStreamKinds));
  for (const PartitionVersion& entry : versions) {
    const std::string metadata = format_metadata(entry.version);
    for (std::size_t stream = 0; stream < kStreamKinds; ++stream) {
      if (session_->inputs[stream].empty() || entry.version.offsets[stream] == CommitVersion::kNone) continue;
      rd_kafka_topic_partition_t* place =
          rd_kafka_topic_partition_list_add(list.get(), session_->inputs[stream].c_str(), entry.partition);
      place->offset = entry.version.offsets[stream];
      set_metadata(place, metadata);
    }
  }
  ErrorHandle error;
  for (int tries = 0; tries < kSendOffsetsTries; ++tries) {
    error.reset(rd_kafka_send_offsets_to_transaction(client_.get(), list.get(), session_->metadata.get(),
                                                     kSliceMillis));
    beat_();
    if (error == nullptr || remedy_of(error.get()) != Remedy::retry) break;
  }
  return error;
}

// A transaction without offsets is not fenced by the group; none is ever committed.
CommitOutcome KafkaSink::commit(std::span<const PartitionVersion> versions) {
  PROACTIVE_CHECK(!versions.empty());
  if (const Result<void, SinkError> begun = begin(); !begun) return begun.error().outcome;
  if (session_->metadata == nullptr) {  // the partitions are gone
    const Result<void, SinkError> aborted = abort();
    return aborted ? CommitOutcome::aborted : aborted.error().outcome;
  }
  rd_kafka_flush(client_.get(), kFlushMillis);  // what lingers is on its way beside the offsets
  const ErrorHandle unsent = send_offsets(versions);
  if (unsent != nullptr) {
    if (remedy_of(unsent.get()) != Remedy::retry) return recover(unsent, "send_offsets_to_transaction");
    // An unanswered request may still be on its way. After an abort the brokers would take it for one of the next
    // transaction; with a new producer it is fenced.
    return rebuild(rd_kafka_error_code(unsent.get()),
                   fmt::format("send_offsets_to_transaction: {}", text_of(unsent.get())));
  }
  deliver_all();
  const ErrorHandle uncommitted = retried(
      [this] { return rd_kafka_commit_transaction(client_.get(), kSliceMillis); }, kTransactionTimeout);
  if (uncommitted != nullptr) return recover(uncommitted, "commit_transaction");
  open_ = false;
  return CommitOutcome::committed;
}

Result<void, SinkError> KafkaSink::deliver() {
  if (client_ != nullptr) deliver_all();
  if (refusal_.has_value()) return sink_error(refusal_->reason, CommitOutcome::refused);
  return {};
}

// The commit flushes too, but looks only every 10 ms whether all is delivered (librdkafka 2.0.2, without reports of
// success). Who gives up here waits there.
void KafkaSink::serve_reports() {
  const Duration begun = steady_();
  while (!refusal_.has_value() && rd_kafka_outq_len(client_.get()) > 0 &&
         steady_() - begun < kReportsWithin) {
    rd_kafka_poll(client_.get(), 10);
  }
}

void KafkaSink::deliver_all() {
  const Duration begun = steady_();
  while (rd_kafka_outq_len(client_.get()) > 0 &&
         steady_() - begun < std::chrono::milliseconds(kSliceMillis)) {
    rd_kafka_flush(client_.get(), kFlushMillis);
  }
  beat_();
}

CommitOutcome KafkaSink::recover(const ErrorHandle& error, std::string_view what) {
  const std::string text = fmt::format("{}: {}{}{}", what, text_of(error.get()),
                                       delivery_error_.empty() ? "" : "; ", delivery_error_);
  if (remedy_of(error.get()) != Remedy::abort) return rebuild(rd_kafka_error_code(error.get()), text);
  log(LogLevel::warn, "kafka", text, {{"lane", lane_}, {"code", rd_kafka_error_name(error.get())}});
  const Result<void, SinkError> aborted = abort();  // serves the reports of what was refused
  if (!aborted) return aborted.error().outcome;
  return refusal_.has_value() ? CommitOutcome::refused : CommitOutcome::aborted;
}

Result<void, SinkError> KafkaSink::abort() {
  if (!open_) return {};
  const ErrorHandle error = retried(
      [this] { return rd_kafka_abort_transaction(client_.get(), kSliceMillis); }, kTransactionTimeout);
  if (error == nullptr) {
    open_ = false;
    // librdkafka 2.0.2 has counted what was refused: the next record of that partition would be out of order, which
    // costs a second abort. A new producer counts anew.
    if (refusal_.has_value()) drop_producer();
    return {};
  }
  const std::string text = fmt::format("abort_transaction: {}", text_of(error.get()));
  return sink_error(text, rebuild(rd_kafka_error_code(error.get()), text));
}

void KafkaSink::poll() {
  if (client_ != nullptr) rd_kafka_poll(client_.get(), 0);
}

void KafkaSink::close() {
  if (open_) (void)abort();
  drop_producer();
}

}  // namespace proactive::daemon::kafka
