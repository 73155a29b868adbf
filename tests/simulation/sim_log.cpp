#include "tests/simulation/sim_log.h"

#include <algorithm>

#include "models/base/check.h"

namespace proactive::simulation {

// ---- producers ---------------------------------------------------------------------------------------------------------

std::uint64_t SimLog::init_producer(const std::string& id) {
  Producer& producer = producers_[id];
  ++producer.epoch;
  if (producer.current != 0) {
    const TransactionId former = producer.current;
    if (running_.at(former).phase == Transaction::Phase::open) decide(former, false);
    apply_markers(former, true);
  }
  sim_.say("broker", "producer {} has epoch {}", id, producer.epoch);
  return producer.epoch;
}

bool SimLog::fenced(const Producer& producer, std::uint64_t epoch) const {
  return producer.epoch != epoch && sim_.mutant != Mutant::no_epoch;
}

TransactionId SimLog::open(Producer& producer, const std::string& id) {
  if (producer.current != 0 && running_.at(producer.current).phase != Transaction::Phase::open) {
    apply_markers(producer.current, true);
  }
  if (producer.current == 0) {
    producer.current = ++last_;
    running_[producer.current] = {};
    running_[producer.current].producer = id;
    running_[producer.current].begun = sim_.steady;
  }
  return producer.current;
}

SimLog::Reply SimLog::produce(const std::string& id, std::uint64_t epoch, Place place, Entry entry) {
  Producer& producer = producers_[id];
  if (fenced(producer, epoch)) return Reply::fenced;
  const TransactionId current = open(producer, id);
  std::vector<Place>& places = running_[current].places;
  if (std::find(places.begin(), places.end(), place) == places.end()) places.push_back(place);
  entry.transaction = current;
  entry.appended = sim_.steady;
  at(place.first, place.second).append(std::move(entry));
  return Reply::ok;
}

SimLog::Reply SimLog::add_offsets(const std::string& id, std::uint64_t epoch, PartitionId partition,
                                  StoredOffsets offsets) {
  Producer& producer = producers_[id];
  if (fenced(producer, epoch)) return Reply::fenced;
  running_[open(producer, id)].offsets[partition] = std::move(offsets);
  return Reply::ok;
}

SimLog::Reply SimLog::end(const std::string& id, std::uint64_t epoch, bool commit) {
  Producer& producer = producers_[id];
  if (fenced(producer, epoch)) return Reply::fenced;
  if (producer.current != 0 && running_.at(producer.current).phase == Transaction::Phase::open) {
    decide(producer.current, commit);
  }
  return Reply::ok;
}

void SimLog::end_later(const std::string& id, std::uint64_t epoch, std::uint64_t steps) {
  late_.push_back({id, epoch, sim_.step + steps});
}

void SimLog::add_offsets_later(const std::string& id, std::uint64_t epoch, PartitionId partition,
                               StoredOffsets offsets, std::uint64_t steps) {
  late_offsets_.push_back({id, epoch, sim_.step + steps, partition, std::move(offsets)});
}

bool SimLog::has_open(const std::string& id) const {
  const auto producer = producers_.find(id);
  return producer != producers_.end() && producer->second.current != 0 &&
         running_.at(producer->second.current).phase == Transaction::Phase::open;
}

// ---- decisions and what follows -------------------------------------------------------------------------------------------

void SimLog::decide(TransactionId id, bool commit) {
  Transaction& transaction = running_.at(id);
  transaction.phase = commit ? Transaction::Phase::committing : Transaction::Phase::aborting;
  if (!commit && transaction.producer != kUpstream) sim_.events.add(Event::abort);
  const auto due = [this] {
    if (!sim_.chaos || sim_.plan.marker_delay == 0 || sim_.random.one_in(2)) return sim_.step;
    return sim_.step + static_cast<std::uint64_t>(sim_.random.between(1, sim_.plan.marker_delay));
  };
  if (!transaction.offsets.empty()) transaction.markers.push_back({std::nullopt, due()});
  for (const Place& place : transaction.places) {
    transaction.markers.push_back({place, due()});
    if (commit && place.first == Topic::changelog) ++changelog_commits_[place.second];
  }
  if (commit && std::any_of(transaction.markers.begin(), transaction.markers.end(),
                            [&](const Marker& one) { return one.due != transaction.markers.front().due; })) {
    sim_.events.add(Event::late_markers);
  }
  sim_.say("broker", "transaction {} of {}: {}", id, transaction.producer, commit ? "commit" : "abort");
  apply_markers(id, false);
}

void SimLog::apply_markers(TransactionId id, bool all) {
  const auto found = running_.find(id);
  if (found == running_.end()) return;  // they are all there
  Transaction& transaction = found->second;
  std::erase_if(transaction.markers, [&](const Marker& marker) {
    if (!all && marker.due > sim_.step) return false;
    apply(id, transaction, marker);
    return true;
  });
  if (!transaction.markers.empty()) return;
  producers_[transaction.producer].current = 0;
  running_.erase(id);
}

void SimLog::apply(TransactionId id, Transaction& transaction, const Marker& marker) {
  const bool commit = transaction.phase == Transaction::Phase::committing;
  if (!marker.place.has_value()) {
    if (commit) {
      for (const auto& entry : transaction.offsets) store(entry.first, entry.second);
    }
    transaction.offsets.clear();
    return;
  }
  TopicLog& log = at(marker.place->first, marker.place->second);
  log.parts.at(id).fate = commit ? TopicLog::Fate::committed : TopicLog::Fate::aborted;
  Entry control;
  control.control = true;
  control.transaction = id;
  control.appended = sim_.steady;
  log.append(std::move(control));
}

// The invariant that everything hangs on: the counter of a partition rises by one with each commit.
void SimLog::store(PartitionId partition, const StoredOffsets& offsets) {
  offsets_[partition] = offsets;
  const std::uint64_t v = committed_version(partition)->v;
  std::uint64_t& last = last_v_[partition];
  sim_.say("broker", "partition {}: v{} at {}, {}, replays from {}", partition, v, offsets.offsets[0],
           offsets.offsets[1], committed_version(partition)->replay_from);
  if (v != last + 1) {
    throw Broken(fmt::format("partition {}: version {} was committed after version {}", partition, v, last));
  }
  last = v;
}

// The coordinator asks whether a transaction is open, and cannot know that it is another one.
void SimLog::take_late_offsets(const LateOffsets& late) {
  const Producer& producer = producers_[late.producer];
  if (fenced(producer, late.epoch)) {
    sim_.events.add(Event::late_offsets_fenced);
    sim_.say("broker", "late offsets of {} are fenced", late.producer);
  } else if (has_open(late.producer)) {
    sim_.say("broker", "late offsets of {} for partition {} are taken", late.producer, late.partition);
    running_[producer.current].offsets[late.partition] = late.offsets;
  }
}

void SimLog::turn() {
  for (const LateOffsets& late : late_offsets_) {
    if (late.due <= sim_.step) take_late_offsets(late);
  }
  std::erase_if(late_offsets_, [&](const LateOffsets& late) { return late.due <= sim_.step; });
  for (std::size_t i = 0; i < late_.size();) {
    if (late_[i].due > sim_.step) {
      ++i;
      continue;
    }
    const LateEnd late = late_[i];
    late_.erase(late_.begin() + static_cast<std::ptrdiff_t>(i));
    if (end(late.producer, late.epoch, true) == Reply::fenced) {
      sim_.say("broker", "a late commit of {} is fenced", late.producer);
    }
  }
  std::vector<TransactionId> ids;
  for (const auto& entry : running_) ids.push_back(entry.first);
  for (const TransactionId id : ids) {
    Transaction& transaction = running_.at(id);
    if (transaction.phase != Transaction::Phase::open) {
      apply_markers(id, false);
    } else if (sim_.steady - transaction.begun > sim_.plan.transaction_timeout) {
      sim_.say("broker", "transaction {} of {} has timed out", id, transaction.producer);
      sim_.events.add(Event::transaction_timeout);
      if (sim_.mutant != Mutant::silent_timeout) ++producers_[transaction.producer].epoch;
      decide(id, false);
    }
  }
}

// ---- the group's offsets ---------------------------------------------------------------------------------------------------

bool SimLog::offsets_pending(PartitionId partition) const {
  return std::any_of(running_.begin(), running_.end(),
                     [&](const auto& entry) { return entry.second.offsets.count(partition) > 0; });
}

const StoredOffsets* SimLog::committed(PartitionId partition) const {
  const auto found = offsets_.find(partition);
  return found == offsets_.end() ? nullptr : &found->second;
}

std::optional<CommitVersion> SimLog::committed_version(PartitionId partition) const {
  const StoredOffsets* stored = committed(partition);
  if (stored == nullptr) return std::nullopt;
  auto version = daemon::parse_metadata(stored->metadata);
  if (!version) return CommitVersion{stored->offsets};
  version->offsets = stored->offsets;
  return *version;
}

std::uint64_t SimLog::changelog_commits(PartitionId partition) const {
  const auto found = changelog_commits_.find(partition);
  return found == changelog_commits_.end() ? 0 : found->second;
}

void SimLog::compact_changelogs() {
  std::size_t gone = 0;
  for (PartitionId partition = 0; partition < sim_.plan.partitions; ++partition) {
    // A tombstone outlives every restore that may have read what it erases.
    gone += at(Topic::changelog, partition).compact(sim_.steady - std::chrono::minutes(1));
  }
  if (gone == 0) return;
  sim_.events.add(Event::compaction);
  sim_.say("broker", "changelogs compacted, {} records less", gone);
}

}  // namespace proactive::simulation
