// What the brokers refuse for good, such as a record that is larger than its topic's max.message.bytes, would stop a lane
// for ever: it would abort, read again and write the same. So the record that leads to it is sought (docs/decisions/0018):
//
//   refused 3 times in a row -> half the records per transaction -> ... -> one record, whose outputs are delivered alone
//                       ^---------- committed: twice as many ----------'
//
// A refused output is replaced by a dead letter. What cannot be replaced, a state record or that letter itself, stops its
// partition, which gives up its state lest the other partitions' transactions carry it; it is tried again later.
#include <algorithm>

#include <fmt/format.h>

#include "daemon/io/lane.h"
#include "daemon/io/log.h"

namespace proactive::daemon {
namespace {

constexpr int kRefusalsBeforeSearch = 3;         // a topic's settings take a moment to reach all brokers
constexpr std::size_t kMostRefusedOutputs = 16;  // of a partition between two commits; more stop it

}  // namespace

std::string Lane::place_of_cause(PartitionId partition) const {
  if (cause_.partition != partition || cause_.offset == CommitVersion::kNone) return {};
  return fmt::format("{}:{}:{}", options_.checks.streams[static_cast<std::size_t>(cause_.stream)].topic,
                     partition, cause_.offset);
}

// An output, or what takes its place.
bool Lane::write_output(LanePartition& at, const OutputRecord& record) {
  if (!at.refused_outputs.empty() && !is_refused_letter(record)) {
    const std::string identity = identity_of(record);
    for (RefusedOutput& known : at.refused_outputs) {
      if (known.identity != identity) continue;
      known.replaced = true;
      return write_output(at, refused_letter(record, known.reason));
    }
  }
  Result<void, SinkError> result = sink_->write(at.id, record);
  const bool alone = piece_ == 1;
  if (result && alone) result = sink_->deliver();
  const bool culprit = !result && alone && result.error().outcome == CommitOutcome::refused;
  if (culprit) blame_output(at, record);
  return written(record, result);
}

// It comes again after the undo.
void Lane::blame_output(LanePartition& at, const OutputRecord& record) {
  const SinkRefusal refusal = sink_->refusal();
  const std::string place = place_of_cause(at.id);
  found_ = true;
  if (is_refused_letter(record) || at.refused_outputs.size() >= kMostRefusedOutputs)
    return stop_next(at, place, refusal.reason, false);
  at.refused_outputs.push_back({identity_of(record), refusal.reason});
  log(LogLevel::error, "lane", "the brokers refuse an output: a dead letter takes its place",
      {{"code", "output_refused"},
       {"lane", options_.lane},
       {"partition", at.id},
       {"record", place.empty() ? "none: time alone" : place},
       {"cause", refusal.reason}});
}

// Until the transaction has its usual size again.
void Lane::widen() {
  refused_in_row_ = 0;
  if (piece_ == 0 || transaction_records_ < piece_) return;
  piece_ *= 2;
  if (piece_ < options_.commit_max_records) return;
  piece_ = 0;
  for (const auto& at : partitions_) at->refused_outputs.clear();
  log(LogLevel::info, "lane", "transactions have their usual size again", {{"lane", options_.lane}});
}

// False: the same records again, after a pause.
bool Lane::narrow(const SinkRefusal& refusal) {
  ++refused_in_row_;
  if (piece_ == 0 && refused_in_row_ < kRefusalsBeforeSearch) return false;
  if (piece_ == 1) {
    LanePartition* at = refusal.channel == Channel::changelog ? find(refusal.partition) : nullptr;
    if (at == nullptr) return found_;
    stop_next(*at, transaction_records_ == 1 ? place_of_cause(at->id) : "", refusal.reason, true);
    return true;
  }
  const std::uint64_t most = piece_ == 0 ? transaction_records_ : std::min(piece_, transaction_records_);
  piece_ = std::max<std::uint64_t>(1, most / 2);
  log(LogLevel::warn, "lane",
      "the brokers refuse a record: fewer records per transaction, to find what leads to it",
      {{"lane", options_.lane}, {"records", piece_}, {"cause", refusal.reason}});
  return true;
}

// `skippable`: the record may be left out, which writes a dead letter.
void Lane::stop_next(const LanePartition& at, const std::string& place, const std::string& why,
                     bool skippable) {
  if (blamed_.has_value()) return;
  blamed_ = {
      at.id,
      fmt::format("the brokers refuse what {} leads to: {}; raise max.message.bytes of that topic to {}{}; "
                  "reading is tried again in 5 minutes and on reload",
                  place.empty() ? "time alone" : place, why, kMaxBatchBytes,
                  place.empty() || !skippable
                      ? ""
                      : fmt::format(", or leave the record out: run --skip-record {}", place))};
}

void Lane::stop_blamed() {
  if (!blamed_.has_value()) return;
  const Blamed blamed = *std::exchange(blamed_, std::nullopt);
  LanePartition* at = find(blamed.partition);
  if (at == nullptr || at->pipeline == nullptr) return;
  restart(*at);
  at->refused_outputs.clear();
  at->state = PartitionState::stopped;
  at->reason = blamed.reason;
  at->retry_at = steady_ + options_.stopped_retry;
  log(LogLevel::error, "lane", at->reason,
      {{"code", "partition_stopped"}, {"lane", options_.lane}, {"partition", at->id}});
  want_assign();
}

}  // namespace proactive::daemon
