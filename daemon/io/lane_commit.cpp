// The transaction: outputs as they come to be, state changes and offsets at its end, and what each outcome means.
#include <algorithm>

#include "daemon/io/lane.h"
#include "daemon/io/log.h"
#include "models/base/check.h"

namespace proactive::daemon {
namespace {

using namespace std::chrono_literals;

constexpr Duration kFirstBackOff = 500ms, kLongestBackOff = 10s;
constexpr int kCommittedAttempts = 3;

// The last of that name: headers of the input record stand before ours.
std::string_view header(const OutputRecord& record, std::string_view name) {
  for (auto entry = record.headers.rbegin(); entry != record.headers.rend(); ++entry) {
    if (entry->first == name) return entry->second;
  }
  return "unknown";
}

}  // namespace

bool Lane::emit(LanePartition& at) {
  for (const OutputRecord& record : out_.records) {
    PROACTIVE_CHECK(record.channel != Channel::changelog);
    at.wrote = true;
    if (bytes_of(record) > kMaxOutputBytes) {  // the state change stands, the record goes where people look
      metrics_.oversized_outputs.add();
      if (!write_output(at, too_large_letter(record))) return false;
      continue;
    }
    if (!write_output(at, record)) return false;
  }
  return true;
}

bool Lane::write(LanePartition& at, const OutputRecord& record) {
  return written(record, sink_->write(at.id, record));
}

bool Lane::written(const OutputRecord& record, const Result<void, SinkError>& result) {
  if (!result) {
    settle(result.error().outcome, {}, AbortCause::write, result.error().message);
    return false;
  }
  transaction_bytes_ += record.key.size() + record.value.size();
  switch (record.channel) {
    case Channel::outreach:
      causes_.push_back(record.caused_at);
      [[fallthrough]];
    case Channel::decisions:
      if (!outreach_since_.has_value()) outreach_since_ = steady_;
      break;
    case Channel::dead_letters:
      letters_.emplace_back(header(record, "stage"), header(record, "code"));
      break;
    case Channel::changelog:
      metrics_.changelog_records.add();
      metrics_.changelog_bytes.add(record.key.size() + record.value.size());
      break;
  }
  return true;
}

// `all`: nothing is to be left that the next owner would have to replay.
CommitVersion Lane::next_version(LanePartition& at, bool all) {
  CommitVersion next;
  next.offsets = at.expected;
  next.v = at.base.v + 1;
  next.replay_from = at.pipeline->choose_written(
      next.offsets[static_cast<std::size_t>(StreamKind::telemetry)], now_of(at), all);
  next.watermark = at.pipeline->watermark();
  next.tick = at.tick;
  next.rules_hash = rules_->hash;
  return next;
}

// Every partition whose state, outputs or offsets moved is in the commit: offsets are what fences it.
bool Lane::commit(CommitTrigger trigger) {
  const Duration begun = clocks_.steady();
  const bool all =
      trigger == CommitTrigger::revoke || trigger == CommitTrigger::reload || trigger == CommitTrigger::stop;
  std::vector<PartitionVersion> versions;
  for (const auto& at : partitions_) {
    const bool left = all && at->pipeline != nullptr && !at->replaying() && at->pipeline->dirty();
    if (!at->touched() && !left) continue;
    versions.push_back({at->id, next_version(*at, all)});
    const bool written = at->pipeline->stream_changes(
        versions.back().version, [this, &at](std::string_view key, std::string_view value, bool tombstone) {
          change_.channel = Channel::changelog;
          change_.key = key;
          change_.value = value;
          change_.tombstone = tombstone;
          return write(*at, change_);
        });
    if (!written) return false;
  }
  if (versions.empty()) {
    committed_at_ = steady_;
    return true;
  }

  const std::uint64_t undone = undone_;
  const CommitOutcome outcome = sink_->commit(versions);
  beat();
  if (outcome == CommitOutcome::committed) {
    const Duration done = clocks_.steady();
    metrics_.commits[static_cast<std::size_t>(trigger)].add();
    metrics_.commit_seconds.observe(done - begun);
    committed_at_ = done;
    commit_took_ = done - begun;
    undone_in_row_ = 0;
    widen();
    const Timestamp visible = clocks_.now();
    for (const Timestamp cause : causes_) {
      if (cause != Timestamp{} && cause != kNever) metrics_.outreach_latency_seconds.observe(visible - cause);
    }
    metrics_.transaction_records.add(transaction_records_);
  }
  settle(outcome, versions, AbortCause::commit, "the commit was refused");
  return undone_ == undone && !ended();
}

// What becomes of the open transaction. `tried`: the versions of a commit that was attempted.
void Lane::settle(CommitOutcome outcome, const std::vector<PartitionVersion>& tried, AbortCause cause,
                  std::string_view why) {
  const bool was_refused = outcome == CommitOutcome::refused;
  if ((outcome == CommitOutcome::aborted || was_refused) && tried.empty()) {  // still open at the broker
    const Result<void, SinkError> aborted = sink_->abort();
    if (!aborted) outcome = aborted.error().outcome;
    if (!aborted) log(LogLevel::warn, "lane", aborted.error().message, {{"lane", options_.lane}});
  }
  switch (outcome) {
    case CommitOutcome::committed:
      for (const PartitionVersion& version : tried)
        settle_committed(*find(version.partition), version.version);
      for (const auto& letter : letters_) totals_.add_dead_letter(letter.first, letter.second);
      end_transaction();
      return;
    case CommitOutcome::aborted:
      metrics_.aborts[static_cast<std::size_t>(cause)].add();
      for (const auto& at : partitions_) undo(*at);
      end_transaction();
      back_off(why);
      return;
    case CommitOutcome::refused: {
      metrics_.aborts[static_cast<std::size_t>(AbortCause::refused)].add();
      const SinkRefusal refusal = sink_->refusal();
      const bool narrowed = narrow(refusal);
      for (const auto& at : partitions_) undo(*at);
      end_transaction();
      back_off(refusal.reason);
      if (narrowed)
        assign_at_ = steady_;  // each time fewer records, so this ends, and no broker has to recover
      return;
    }
    case CommitOutcome::unknown:
      if (settle_unknown(tried)) {
        end_transaction();
        back_off(why);
      } else {
        end_transaction();
        back_off("only the answer to the commit was lost",
                 "transaction committed, reading on from its offsets");
      }
      return;
    case CommitOutcome::fenced:
      for (const auto& at : partitions_) undo(*at);
      end_transaction();
      ++undone_;
      finish(LaneEndReason::twin,
             "another process uses this transactional id: every process needs a kafka.instance of its own");
      return;
  }
}

void Lane::settle_committed(LanePartition& at, const CommitVersion& version) {
  at.pipeline->commit(version);
  at.base = at.stored = version;
  at.must_commit = false;
  at.checkpoint_overdue = false;
  at.wrote = false;
  std::erase_if(at.refused_outputs, [](const RefusedOutput& output) { return output.replaced; });
  totals_.add(at.pipeline->effects(), at.effects);
}

// The sink rebuilt its producer, which ended the old transaction one way or the other: the committed version tells.
// False: everything was committed.
bool Lane::settle_unknown(const std::vector<PartitionVersion>& tried) {
  bool rolled_back = false;
  bool foreign = false;
  for (const auto& at : partitions_) {
    const auto mine = std::find_if(tried.begin(), tried.end(), [&](const PartitionVersion& version) {
      return version.partition == at->id;
    });
    if (!at->touched() && mine == tried.end()) {
      undo(*at);  // nothing but what the commit had chosen to write
      continue;
    }
    Result<CommitVersion> stored = source_->committed(at->id);
    for (int attempt = 1; !stored && attempt < kCommittedAttempts; ++attempt) {
      beat();
      stored = source_->committed(at->id);
    }
    RebuildOutcome outcome = RebuildOutcome::foreign;
    if (stored && mine != tried.end() && same_version(*stored, mine->version, options_.checks.streams)) {
      outcome = RebuildOutcome::committed;
      settle_committed(*at, mine->version);
    } else if (stored && same_version(*stored, at->stored, options_.checks.streams)) {
      outcome = RebuildOutcome::rolled_back;
      rolled_back = true;
      undo(*at);
    } else {
      log(LogLevel::warn, "lane",
          "the committed version is neither ours nor the one before: restoring the partition",
          {{"lane", options_.lane},
           {"partition", at->id},
           {"error", stored ? std::string_view() : std::string_view(stored.error().message)}});
      foreign = true;
      restart(*at);
    }
    metrics_.rebuilds[static_cast<std::size_t>(outcome)].add();
  }
  if (rolled_back) metrics_.aborts[static_cast<std::size_t>(AbortCause::unknown)].add();
  if (!rolled_back) {
    for (const auto& letter : letters_) totals_.add_dead_letter(letter.first, letter.second);
  }
  return rolled_back || foreign;
}

void Lane::undo(LanePartition& at) {
  for (RefusedOutput& output : at.refused_outputs) output.replaced = false;
  if (at.pipeline == nullptr || at.replaying()) return;  // a replay is no part of a transaction
  at.pipeline->rollback();
  at.expected = at.base.offsets;
  at.tick = at.base.tick;
  at.wrote = false;
  at.end_seen_at = Duration::min();
  at.poison = PoisonLimit(options_.poison_consecutive, options_.poison_ratio);  // the same records come again
}

void Lane::end_transaction() {
  transaction_records_ = 0;
  transaction_bytes_ = 0;
  outreach_since_.reset();
  causes_.clear();
  letters_.clear();
  found_ = false;
}

// The source stands behind what was undone: everything it holds is void until it is assigned anew.
void Lane::back_off(std::string_view why, std::string_view what) {
  ++undone_;
  ++undone_in_row_;
  committed_at_ = steady_;
  Duration wait = Duration::zero();
  if (undone_in_row_ > 1) {
    wait = std::min(kFirstBackOff * (1 << std::min(undone_in_row_ - 2, 5)), kLongestBackOff);
  }
  last_error_ = std::string(why);
  log(LogLevel::warn, "lane", what, {{"lane", options_.lane}, {"cause", why}, {"in_row", undone_in_row_}});
  want_assign(wait);
}

// The next tick closes what is open of removed rules.
bool Lane::use_rules(const LaneInbox::Rules& rules) {
  commit(CommitTrigger::reload);
  if (ended()) return false;
  rules_ = rules.rules;
  if (rules.outreach_enabled && *rules.outreach_enabled != setup_->outreach.enabled) {
    auto setup = std::make_shared<PipelineSetup>(*setup_);
    setup->outreach.enabled = *rules.outreach_enabled;
    setup_ = std::move(setup);
    log(LogLevel::warn, "lane",
        setup_->outreach.enabled ? "outreach is switched on" : "outreach is switched off",
        {{"lane", options_.lane}});
  }
  totals_.use_rules(*rules_);
  warm_.drop_all(WarmEnd::rules);
  for (const auto& at : partitions_) {
    // It was read under the old rules, or the commit before the swap was undone.
    if (at->restore != nullptr || at->replaying() || (at->pipeline != nullptr && at->pipeline->dirty()))
      restart(*at);
    if (at->pipeline == nullptr) continue;
    at->pipeline->use_rules(rules_, setup_);
    at->effects = at->pipeline->effects();
  }
  inbox_.acknowledge(rules.number);
  log(LogLevel::info, "lane", "rules swapped", {{"lane", options_.lane}, {"rules", rules_->rules.size()}});
  return !ended();
}

}  // namespace proactive::daemon
