#include <algorithm>

#include "tests/simulation/sim_ports.h"

namespace proactive::simulation {
namespace {

using namespace std::chrono_literals;
using namespace proactive::daemon;

constexpr std::uint64_t kLetterPartitions = 2;
constexpr Duration kCall = 5s, kMessageTimeout = 10s, kTransactionCall = 15s;  // of the real sink

tl::unexpected<SinkError> sink_error(std::string message, CommitOutcome outcome) {
  return tl::make_unexpected(SinkError{std::move(message), outcome});
}

}  // namespace

// ---- the producer -----------------------------------------------------------------------------------------------------------

bool SimSink::open() {
  if (epoch_) return true;
  if (!session_->sim.reach(kCall)) return false;
  epoch_ = session_->log.init_producer(session_->producer);
  return true;
}

CommitOutcome SimSink::rebuild(bool fenced, std::string_view why) {
  Sim& sim = session_->sim;
  epoch_.reset();
  open_ = false;
  queue_.clear();
  sim.say(session_->name, "makes its producer anew: {}", why);
  if (fenced) {
    sim.events.add(Event::producer_fenced);
    if (fences_.add(sim.steady)) return CommitOutcome::fenced;
  }
  session_->boundary("rebuild");
  if ((sim.chaos && sim.random.one_in(4)) || (!open() && !open())) {
    sim.events.add(Event::no_producer);  // the next write goes on trying
    sim.say(session_->name, "has no producer for now");
  }
  return sim.mutant == Mutant::unknown_is_aborted ? CommitOutcome::aborted : CommitOutcome::unknown;
}

// Records leave the client when it likes.
bool SimSink::flush() {
  if (!epoch_ || session_->sim.down()) return true;
  for (Queued& queued : queue_) {
    if (queued.refused) {
      if (*queued.refused != Channel::changelog) session_->sim.events.add(Event::output_refused);
      session_->sim.say(session_->name, "a record is refused");
      if (session_->sim.mutant != Mutant::refusal_unseen && !refused_)
        refused_ = {*queued.refused, queued.place.second, std::string(kRefusalReason)};
      continue;
    }
    if (session_->log.produce(session_->producer, *epoch_, queued.place, std::move(queued.entry)) ==
        SimLog::Reply::fenced) {
      queue_.clear();
      return false;
    }
  }
  queue_.clear();
  return true;
}

// ---- the transaction --------------------------------------------------------------------------------------------------------

Result<void, SinkError> SimSink::write(PartitionId partition, const OutputRecord& record) {
  Sim& sim = session_->sim;
  session_->boundary("write");
  if (sim.chaos && sim.random.one_in(sim.plan.fail * 4)) {
    sim.events.add(Event::write_failed);
    sim.say(session_->name, "a write fails");
    const bool dead = sim.random.one_in(2);
    return sink_error("the write failed", dead ? rebuild(false, "a write failed") : CommitOutcome::aborted);
  }
  if (!open()) return sink_error("no broker answers", CommitOutcome::aborted);
  if (!open_) refused_.reset();
  open_ = true;
  Entry entry;
  entry.tombstone = record.tombstone;
  entry.body = std::make_shared<const Body>(
      Body{record.key, record.tombstone ? std::string() : record.value, record.headers});
  const Topic topic = topic_of(record.channel);
  if (topic == Topic::dead_letters) partition = static_cast<PartitionId>(sim.random.below(kLetterPartitions));
  queue_.push_back({SimLog::Place{topic, partition}, std::move(entry),
                    sim.refuses(record) ? std::optional(record.channel) : std::nullopt});
  if (sim.random.one_in(4) && !flush()) {
    return sink_error("the producer is fenced", rebuild(true, "fenced while producing"));
  }
  return {};
}

Result<void, SinkError> SimSink::deliver() {
  session_->boundary("deliver");
  if (!flush()) return sink_error("the producer is fenced", rebuild(true, "fenced while producing"));
  if (refused_) return sink_error(refused_->reason, CommitOutcome::refused);
  return {};
}

CommitOutcome SimSink::commit(std::span<const PartitionVersion> versions) {
  session_->boundary("commit");
  if (versions.empty()) throw Broken("a commit without partitions");
  if (!open()) return CommitOutcome::aborted;
  open_ = true;
  if (!session_->metadata) return aborted_or_worse();
  if (!session_->sim.reach(kMessageTimeout)) return aborted_or_worse();  // its records cannot be delivered
  if (!flush()) return rebuild(true, "fenced while producing");
  if (refused_) {
    const CommitOutcome aborted = aborted_or_worse();
    return aborted == CommitOutcome::aborted ? CommitOutcome::refused : aborted;
  }
  if (const CommitOutcome sent = send_offsets(versions); sent != CommitOutcome::committed) return sent;
  session_->boundary("offsets sent");
  return end_commit();
}

// `committed`: they were taken.
CommitOutcome SimSink::send_offsets(std::span<const PartitionVersion> versions) {
  Sim& sim = session_->sim;
  // A transaction without offsets asks nobody in the group. That such a mutant still counts its versions keeps the
  // simulation from finding it by its missing numbers: only a zombie can.
  const bool moved = std::any_of(versions.begin(), versions.end(), [&](const PartitionVersion& one) {
    const StoredOffsets* stored = session_->log.committed(one.partition);
    return stored == nullptr || stored->offsets != one.version.offsets;
  });
  const bool unasked = sim.mutant == Mutant::fresh_generation || (sim.mutant == Mutant::no_offsets && !moved);
  if (!unasked && !session_->group.accepts(*session_->metadata)) {
    sim.events.add(Event::stale_generation);
    sim.say(session_->name, "offsets of generation {} are refused", session_->metadata->generation);
    return aborted_or_worse();
  }
  if (!moved) sim.events.add(Event::idle_commit);
  const bool unanswered = sim.chaos && sim.random.one_in(sim.plan.commit_trouble * 2);
  for (const PartitionVersion& one : versions) {
    if (!unasked && session_->group.split(one.partition))
      throw Broken(fmt::format("partition {} was processed without all of its topics", one.partition));
    if (unanswered && !sim.random.one_in(3)) {
      session_->log.add_offsets_later(session_->producer, *epoch_, one.partition,
                                      {one.version.offsets, format_metadata(one.version)},
                                      sim.random.below(40));
      continue;
    }
    if (session_->log.add_offsets(session_->producer, *epoch_, one.partition,
                                  {one.version.offsets, format_metadata(one.version)}) ==
        SimLog::Reply::fenced) {
      return rebuild(true, "fenced while sending offsets");
    }
  }
  if (unanswered) {
    // They may still be on their way. Only a producer of another epoch keeps them out of the next transaction.
    sim.events.add(Event::offsets_unanswered);
    sim.say(session_->name, "gets no answer to its offsets");
    if (sim.mutant == Mutant::late_offsets) return aborted_or_worse();
    return rebuild(false, "offsets are not answered");
  }
  return CommitOutcome::committed;
}

CommitOutcome SimSink::end_commit() {
  Sim& sim = session_->sim;
  SimLog& log = session_->log;
  if (!sim.reach(kTransactionCall)) {
    sim.events.add(Event::broker_lost_in_commit);
    // It may have reached the broker before, and be decided when that is back.
    if (sim.random.one_in(2)) log.end_later(session_->producer, *epoch_, 0);
    return rebuild(false, "no broker answers to the commit");
  }
  const bool trouble = sim.chaos && sim.random.one_in(sim.plan.commit_trouble);
  const std::uint64_t kind = trouble ? sim.random.below(3) : 0;
  if (trouble && kind == 1) {
    sim.events.add(Event::lost_request);
    return rebuild(false, "the commit did not reach the broker");
  }
  if (trouble && kind == 2) {
    sim.events.add(Event::late_request);
    log.end_later(session_->producer, *epoch_, sim.random.below(20));
    return rebuild(false, "the commit is not answered");
  }
  if (log.end(session_->producer, *epoch_, true) == SimLog::Reply::fenced) {
    return rebuild(true, "fenced at the commit");
  }
  if (trouble) {
    sim.events.add(Event::lost_reply);
    return rebuild(false, "the commit's answer is lost");
  }
  open_ = false;
  session_->boundary("commit decided");
  return CommitOutcome::committed;
}

CommitOutcome SimSink::aborted_or_worse() {
  const Result<void, SinkError> aborted = abort();
  return aborted ? CommitOutcome::aborted : aborted.error().outcome;
}

Result<void, SinkError> SimSink::abort() {
  session_->boundary("abort");
  queue_.clear();
  if (!open_) return {};
  if (!session_->sim.reach(kTransactionCall) || session_->sim.fails())
    return sink_error("abort", rebuild(false, "the abort is not answered"));
  if (session_->log.end(session_->producer, *epoch_, false) == SimLog::Reply::fenced)
    return sink_error("abort", rebuild(true, "fenced at the abort"));
  open_ = false;
  return {};
}

void SimSink::poll() {
  session_->boundary("sink poll");
  // Fenced: whatever this producer is asked for next will say so.
  if (session_->sim.random.one_in(2)) (void)flush();
}

void SimSink::close() {
  if (open_) (void)abort();
  epoch_.reset();
}

}  // namespace proactive::simulation
