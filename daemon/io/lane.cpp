#include "daemon/io/lane.h"

#include <algorithm>

#include <fmt/format.h>

#include "daemon/codec/dead_letter.h"
#include "daemon/io/log.h"
#include "models/base/check.h"

namespace proactive::daemon {
namespace {

using namespace std::chrono_literals;

constexpr Duration kIdleWait = 50ms;
constexpr std::uint64_t kRecordsPerSinkPoll = 1000;
constexpr std::uint32_t kPlacementSample = 1000;
constexpr std::uint32_t kPlacementLimit = kPlacementSample / 100;

constexpr std::size_t index(StreamKind stream) { return static_cast<std::size_t>(stream); }

// A dead letter that says that the input is bad, not one that was set aside (late, output too large).
bool tells_of_poison(const OutputRecord& record) {
  if (record.channel != Channel::dead_letters) return false;
  for (auto header = record.headers.rbegin(); header != record.headers.rend(); ++header) {  // ours stand last
    if (header->first == "code" && header->second == "late") return false;
    if (header->first == "stage") return header->second != "output";
  }
  return false;
}

}  // namespace

Lane::Lane(LaneOptions options, std::shared_ptr<const rules::RuleSet> rules,
           std::shared_ptr<const PipelineSetup> setup, std::unique_ptr<RecordSource> source,
           std::unique_ptr<Sink> sink, LaneClocks clocks, LaneInbox& inbox, LaneMetrics& metrics)
    : options_(std::move(options)),
      rules_(std::move(rules)),
      setup_(std::move(setup)),
      source_(std::move(source)),
      sink_(std::move(sink)),
      clocks_(std::move(clocks)),
      inbox_(inbox),
      metrics_(metrics),
      warm_(options_.warm, metrics) {
  totals_.use_rules(*rules_);
  now_ = clocks_.now();
  steady_ = clocks_.steady();
  committed_at_ = steady_;
  telemetry_at_ = steady_;
  publish(true);
}

Lane::~Lane() = default;

LaneEnd Lane::run() {
  while (turn()) {
  }
  source_->close();
  sink_->close();
  return end_;
}

bool Lane::turn() {
  if (ended()) return false;
  take_orders();
  if (ended()) return false;

  const SourceEvent event = source_->poll(wait());
  now_ = clocks_.now();
  steady_ = clocks_.steady();
  records_flow_ = std::holds_alternative<Records>(event);
  std::visit([this](const auto& known) { handle(known); }, event);

  shed_warm();
  if (!ended()) restore_next();
  if (!ended()) tick_partitions();
  if (!ended()) {
    if (const std::optional<CommitTrigger> trigger = due()) commit(*trigger);
  }
  if (!ended()) {
    stop_blamed();
    end_bootstraps();
    wake_stopped(false);
    assign_if_wanted();
    sink_->poll();
  }
  for (const auto& at : partitions_) count_work(*at);
  beat();
  metrics_.busy_micros.add(
      static_cast<std::uint64_t>(std::max(clocks_.steady() - steady_, Duration::zero()).count()));
  publish(ended());
  return !ended();
}

void Lane::take_orders() {
  if (inbox_.draining()) {
    // What was undone comes again after the next start; but what is learnt should not have to.
    if (!commit(CommitTrigger::stop) && !ended()) commit(CommitTrigger::stop);
    if (!ended()) finish(LaneEndReason::drained, "stopped by order");
    publish(true);
    return;
  }
  const LaneInbox::Rules next = inbox_.take_rules();
  if (next.rules != nullptr && use_rules(next)) wake_stopped(true);
}

Duration Lane::wait() const { return records_flow_ || restore_waits() ? Duration::zero() : kIdleWait; }

void Lane::handle(const Records& batch) {
  const std::uint64_t undone = undone_;
  std::uint64_t taken = 0;
  const auto pipeline_of = [&](std::size_t i) -> const Pipeline* {
    const LanePartition* at = find(batch.records[i].partition);
    return at == nullptr ? nullptr : at->pipeline.get();
  };
  const auto key_of = [&batch](std::size_t i) { return batch.records[i].key; };
  for (std::size_t i = 0; i < batch.records.size(); ++i) {
    // After an undone transaction all of this batch will be read again; going on would leave a hole.
    if (assign_at_.has_value() || undone_ != undone || ended()) return;
    hints_.before(i, batch.records.size(), pipeline_of, key_of);
    take(batch.records[i]);
    if (++taken % kRecordsPerSinkPoll == 0) sink_->poll();
  }
}

void Lane::take(const InputRecord& record) {
  LanePartition* at = find(record.partition);
  const std::size_t stream = index(record.stream);
  if (at == nullptr || !at->reads() || record.offset < at->expected[stream]) {
    metrics_.stale_records.add();
    return;
  }
  metrics_.records[stream].add();
  metrics_.record_bytes[stream].add(record.key.size() + record.value.size());
  check_context() = {options_.checks.streams[stream].topic.c_str(), record.partition, record.offset};

  if (at->replaying()) return replay(*at, record);
  cause_ = {record.partition, record.stream, record.offset};
  if (!options_.skip_records.empty() && is_skipped(record)) return skip(*at, record);

  // Timers first: what happens must depend on the records alone, not on how often the lane ticks.
  if (!run_timers(*at)) return;
  out_.clear();
  at->pipeline->process(record, now_of(*at), out_);
  at->expected[stream] = record.offset + 1;
  ++transaction_records_;
  if (record.stream == StreamKind::telemetry) at->record_at = telemetry_at_ = steady_;
  const bool bad = std::any_of(out_.records.begin(), out_.records.end(), tells_of_poison);
  if (!emit(*at) || !run_timers(*at)) return;
  judge(*at, record, bad);
  if (const std::optional<CommitTrigger> trigger = full(transaction_records_ % 64 == 0)) commit(*trigger);
}

bool Lane::is_skipped(const InputRecord& record) const {
  return std::any_of(options_.skip_records.begin(), options_.skip_records.end(),
                     [&](const RecordPlace& place) {
                       return place.partition == record.partition && place.offset == record.offset &&
                              place.topic == options_.checks.streams[index(record.stream)].topic;
                     });
}

// The next start knows nothing of the order, and must not meet the record in a replay: so all is written.
void Lane::skip(LanePartition& at, const InputRecord& record) {
  out_.clear();
  OutputRecord letter =
      make_dead_letter(record, options_.checks.streams[index(record.stream)].topic,
                       {DeadLetterStage::validate, "skipped", "skipped unseen, as --skip-record says",
                        fmt::format("{:016x}", rules_->hash), setup_->engine_version});
  letter.caused_at = record.appended_at;
  out_.records.push_back(std::move(letter));
  at.expected[index(record.stream)] = record.offset + 1;
  ++transaction_records_;
  log(LogLevel::warn, "lane", "record skipped, as --skip-record says",
      {{"lane", options_.lane}, {"partition", at.id}, {"offset", record.offset}});
  if (emit(at)) commit(CommitTrigger::stop);
}

// Is this input fit for this partition at all? Too many bad records stop it, misplaced keys refuse it.
void Lane::judge(LanePartition& at, const InputRecord& record, bool bad) {
  if (at.poison.add(bad) && options_.stop_on_poison && at.state == PartitionState::running) {
    at.state = PartitionState::stopped;
    at.reason = "too many bad records: " + std::to_string(at.poison.consecutive()) + " in a row, " +
                std::to_string(at.poison.bad_of_window()) +
                " of the last 1000; they are in the dead letter topic, reading is tried again in 5 minutes "
                "and on reload";
    at.retry_at = steady_ + options_.stopped_retry;
    log(LogLevel::error, "lane", at.reason,
        {{"code", "partition_stopped"},
         {"lane", options_.lane},
         {"partition", at.id},
         {"offset", record.offset}});
    if (commit(CommitTrigger::stop)) want_assign();
    return;
  }
  // One writer per key holds only if every producer places keys as the configuration says.
  if (record.stream != StreamKind::telemetry || record.key.empty() || at.placed >= kPlacementSample) return;
  ++at.placed;
  if (partition_of(options_.partitioner, record.key, options_.checks.partition_count) == at.id) return;
  metrics_.misplaced_customers.add();
  if (++at.misplaced > kPlacementLimit) {
    refuse(at, Refusal::misplaced,
           "more than 1 % of the keys belong to other partitions: set kafka.partitioner to the hash that the "
           "producers use (Java clients: murmur2, librdkafka by default: crc32)");
  }
}

void Lane::handle(const Assigned& assigned) {
  joined_ = true;
  assigned_at_ = steady_;
  metrics_.rebalances.add();
  const PoisonLimit limit(options_.poison_consecutive, options_.poison_ratio);
  for (const PartitionId partition : assigned.partitions) {
    if (find(partition) == nullptr) partitions_.push_back(std::make_unique<LanePartition>(partition, limit));
  }
  for (const PartitionId partition : assigned.incomplete) {
    if (find(partition) != nullptr) continue;
    partitions_.push_back(std::make_unique<LanePartition>(partition, limit));
    partitions_.back()->state = PartitionState::incomplete;
    partitions_.back()->reason =
        "the group assigned this partition without all of its input topics: all members must read the same "
        "topics, "
        "each with the same number of partitions";
    log(LogLevel::error, "lane", partitions_.back()->reason,
        {{"code", "partition_incomplete"}, {"lane", options_.lane}, {"partition", partition}});
  }
  std::sort(partitions_.begin(), partitions_.end(),
            [](const auto& a, const auto& b) { return a->id < b->id; });
  log(LogLevel::info, "lane", "partitions assigned",
      {{"lane", options_.lane}, {"partitions", assigned.partitions.size()}});
  publish(true);
}

void Lane::handle(const Revoked& revoked) {
  commit(CommitTrigger::revoke);
  if (ended()) return;
  drop(revoked.partitions);
}

void Lane::handle(const Lost& lost) {
  if (touched()) {
    settle(CommitOutcome::aborted, {}, AbortCause::lost,
           "the group has given our partitions to somebody else");
  }
  if (ended()) return;
  drop(lost.partitions);
}

void Lane::handle(const EndOfPartition& end) {
  LanePartition* at = find(end.partition);
  if (at == nullptr || !at->reads() || assign_at_.has_value()) return;
  if (at->replaying()) {
    if (end.stream == StreamKind::telemetry && end.next_offset >= at->replay_until) end_replay(*at);
    return;
  }
  std::int64_t& expected = at->expected[index(end.stream)];
  if (expected == CommitVersion::kNone || end.next_offset < expected) return;
  expected = end.next_offset;  // control records are passed, else lag never reaches zero
  if (end.stream == StreamKind::telemetry) at->end_seen_at = steady_;
}

// Restoring it again ends in the cross-check, which refuses or skips as configured.
void Lane::handle(const InputMissing& missing) {
  LanePartition* at = find(missing.partition);
  if (at == nullptr || !at->reads() || assign_at_.has_value()) return;
  log(LogLevel::error, "lane", missing.reason, {{"lane", options_.lane}, {"partition", at->id}});
  const std::uint64_t undone = undone_;
  commit(CommitTrigger::stop);
  if (ended()) return;
  if (undone_ == undone) want_assign();
  restart(*at);
}

void Lane::handle(const Finished&) {
  commit(CommitTrigger::stop);
  if (!ended()) finish(LaneEndReason::finished, "the input is read");
}

void Lane::handle(const SourceFailed& failed) {
  if (touched()) settle(CommitOutcome::aborted, {}, AbortCause::lost, failed.reason);
  finish(failed.twin ? LaneEndReason::twin : LaneEndReason::failed, failed.reason);
}

void Lane::finish(LaneEndReason reason, std::string message) {
  if (ended()) return;
  end_ = {reason, std::move(message)};
}

LanePartition* Lane::find(PartitionId partition) {
  for (const auto& at : partitions_) {
    if (at->id == partition) return at.get();
  }
  return nullptr;
}

bool Lane::touched() const {
  return std::any_of(partitions_.begin(), partitions_.end(), [](const auto& at) { return at->touched(); });
}

void Lane::beat() { metrics_.heartbeat_micros.set(static_cast<std::uint64_t>(clocks_.steady().count())); }

}  // namespace proactive::daemon
