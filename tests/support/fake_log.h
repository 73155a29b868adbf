// A log in memory with the promises of Kafka that a lane relies on: transactions with offsets and metadata, a group
// generation that fences, end-of-partition events, rewinding assignments, a changelog. Faults are switched on by name.
//
// One FakeLog outlives the sources and sinks of the processes that a test starts and kills.
#pragma once

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "daemon/io/ports.h"
#include "models/base/check.h"

namespace proactive::test {

using daemon::Channel;
using daemon::CommitOutcome;
using daemon::CommitVersion;
using daemon::kChannels;
using daemon::kStreamKinds;
using daemon::OutputRecord;
using daemon::PartitionId;
using daemon::StreamKind;

struct FakeClock {
  Timestamp now{std::chrono::seconds(1'768'003'200)};  // 2026-01-10T00:00:00Z
  Duration steady = std::chrono::hours(1);
  bool wall_stands =
      false;  // outputs tell `now`: runs that are compared must not depend on the number of turns

  void advance(Duration by) {
    if (!wall_stands) now += by;
    steady += by;
  }
};

class FakeLog {
 public:
  struct Input {
    std::int64_t offset;
    std::string key, value;
    Timestamp at;
  };
  struct Stream {
    std::deque<Input> records;
    std::int64_t low = 0, high = 0;  // `high` counts control records
  };

  void append(StreamKind stream, PartitionId partition, std::string key, std::string value, Timestamp at) {
    Stream& log = inputs[{index(stream), partition}];
    log.records.push_back({log.high++, std::move(key), std::move(value), at});
  }
  // What a producer's commit leaves behind its records.
  void append_control(StreamKind stream, PartitionId partition) { ++inputs[{index(stream), partition}].high; }
  // Retention: everything before `offset` is gone.
  void delete_before(StreamKind stream, PartitionId partition, std::int64_t offset) {
    Stream& log = inputs[{index(stream), partition}];
    log.low = offset;
    while (!log.records.empty() && log.records.front().offset < offset) log.records.pop_front();
  }
  static std::size_t index(StreamKind stream) { return static_cast<std::size_t>(stream); }

  [[nodiscard]] std::vector<std::string> values(Channel channel) const {
    std::vector<std::string> all;
    for (const auto& entry : written) {
      if (entry.second.channel == channel) all.push_back(entry.second.value);
    }
    return all;
  }
  [[nodiscard]] std::size_t count(Channel channel) const { return values(channel).size(); }

  std::map<std::pair<std::size_t, PartitionId>, Stream> inputs;
  std::vector<std::pair<PartitionId, OutputRecord>> written;  // committed, without the changelog
  std::map<PartitionId, std::vector<std::pair<std::string, std::string>>>
      changelog;  // committed; empty: tombstone
  std::map<PartitionId, CommitVersion> committed;
  std::map<PartitionId, std::vector<std::uint64_t>> versions;  // every v that was committed
  std::uint64_t commits = 0, transactions_aborted = 0, deliveries = 0;

  // ---- faults and sights ----
  enum class Fate { commit, abort, unknown_committed, unknown_aborted, fence };
  std::deque<Fate> fates;          // of the next commits; empty: commit
  std::optional<int> writes_left;  // further writes fail with `write_failure`
  CommitOutcome write_failure = CommitOutcome::aborted;
  std::function<bool(const OutputRecord&)> refuses;  // a transaction with such a record never commits
  int committed_failures = 0;                        // so many calls of committed() fail
  std::uint64_t generation = 1;                      // of the group; a sink of an older one is refused
  bool brokers_up = true;                            // else no end of partition is told
  std::set<PartitionId>
      changelog_stuck;         // an open transaction holds the last stable offset of these partitions back
  int changelog_failures = 0;  // so many opens fail
  std::function<void()> before_changelog;  // what happens before the next open
  std::function<void()> during_changelog;  // at each poll of a changelog
};

class FakeChangelog : public daemon::ChangelogReader {
 public:
  FakeChangelog(const FakeLog& log, PartitionId partition) : log_(log), partition_(partition) {
    if (const auto found = log.changelog.find(partition); found != log.changelog.end())
      entries_ = &found->second;
    end_ = entries_ == nullptr ? 0 : entries_->size();
  }
  Result<std::span<const daemon::ChangelogEntry>> poll(Duration) override {
    batch_.clear();
    if (log_.during_changelog) log_.during_changelog();
    if (stuck()) return std::span<const daemon::ChangelogEntry>(batch_);
    for (; next_ < end_ && batch_.size() < 7; ++next_) {  // an odd number, so that batches end anywhere
      const auto& entry = (*entries_)[next_];
      batch_.push_back({entry.first, entry.second, static_cast<std::int64_t>(next_)});
    }
    return std::span<const daemon::ChangelogEntry>(batch_);
  }
  [[nodiscard]] daemon::StreamBounds bounds() const override {
    return {0, static_cast<std::int64_t>(end_) + (stuck() ? 1 : 0)};
  }
  [[nodiscard]] std::int64_t position() const override { return static_cast<std::int64_t>(next_); }

 private:
  [[nodiscard]] bool stuck() const { return log_.changelog_stuck.count(partition_) > 0; }

  const FakeLog& log_;
  PartitionId partition_;
  const std::vector<std::pair<std::string, std::string>>* entries_ = nullptr;
  std::size_t next_ = 0, end_ = 0;
  std::vector<daemon::ChangelogEntry> batch_;
};

class FakeSource : public daemon::RecordSource {
 public:
  FakeSource(FakeLog& log, std::vector<PartitionId> partitions, std::array<bool, kStreamKinds> streams)
      : log_(log), streams_(streams) {
    if (!partitions.empty()) events.push_back(daemon::Assigned{std::move(partitions)});
  }

  daemon::SourceEvent poll(Duration) override {
    if (!events.empty()) {
      daemon::SourceEvent event = std::move(events.front());
      events.pop_front();
      return event;
    }
    batch_.clear();
    for (auto& place : places_) {
      const FakeLog::Stream& log = log_.inputs[place.first];
      for (const FakeLog::Input& input : log.records) {
        if (input.offset < place.second.next || batch_.size() >= batch_limit) continue;
        daemon::InputRecord record;
        record.stream = static_cast<StreamKind>(place.first.first);
        record.partition = place.first.second;
        record.offset = input.offset;
        record.appended_at = input.at;
        record.key = input.key;
        record.value = input.value;
        batch_.push_back(record);
        place.second.next = input.offset + 1;
        place.second.end_told = false;
      }
    }
    if (!batch_.empty()) return daemon::Records{batch_};
    for (auto& place : places_) {
      const std::int64_t high = log_.inputs[place.first].high;
      if (!log_.brokers_up || (place.second.end_told && place.second.told == high)) continue;
      place.second = {high, high, true};
      return daemon::EndOfPartition{static_cast<StreamKind>(place.first.first), place.first.second, high};
    }
    for (auto& place : places_) place.second.end_told = false;  // as the probe of each second does
    return daemon::Idle{};
  }
  Result<CommitVersion> committed(PartitionId partition) override {
    if (log_.committed_failures > 0) {
      --log_.committed_failures;
      return failure("the coordinator does not answer");
    }
    const auto found = log_.committed.find(partition);
    return found == log_.committed.end() ? CommitVersion{} : found->second;
  }
  Result<std::array<daemon::StreamBounds, kStreamKinds>> bounds(PartitionId partition) override {
    std::array<daemon::StreamBounds, kStreamKinds> all{};
    for (std::size_t stream = 0; stream < kStreamKinds; ++stream) {
      const FakeLog::Stream& log = log_.inputs[{stream, partition}];
      all[stream] = {log.low, log.high};
    }
    return all;
  }
  [[nodiscard]] std::array<std::int64_t, kStreamKinds> ends(PartitionId partition) const override {
    std::array<std::int64_t, kStreamKinds> all{-1, -1};
    for (std::size_t stream = 0; stream < kStreamKinds; ++stream) {
      if (streams_[stream]) all[stream] = log_.inputs[{stream, partition}].high;
    }
    return all;
  }
  Result<void> assign(std::span<const daemon::PartitionStart> starts) override {
    places_.clear();
    ++assigns;
    for (const daemon::PartitionStart& start : starts) {
      for (std::size_t stream = 0; stream < kStreamKinds; ++stream) {
        if (streams_[stream] && start.offsets[stream] != CommitVersion::kNone) {
          places_[{stream, start.partition}].next = start.offsets[stream];
        }
      }
    }
    return {};
  }
  Result<void> release() override {
    places_.clear();
    ++releases;
    return {};
  }
  Result<std::unique_ptr<daemon::ChangelogReader>> open_changelog(PartitionId partition) override {
    if (log_.changelog_failures > 0) {
      --log_.changelog_failures;
      return failure("the changelog's leader is away");
    }
    if (log_.before_changelog) std::exchange(log_.before_changelog, nullptr)();
    return std::unique_ptr<daemon::ChangelogReader>(std::make_unique<FakeChangelog>(log_, partition));
  }
  void close() override { closed = true; }

  [[nodiscard]] bool reads(StreamKind stream, PartitionId partition) const {
    return places_.count({FakeLog::index(stream), partition}) > 0;
  }

  std::deque<daemon::SourceEvent> events;  // come before records
  std::size_t batch_limit = 13;
  int assigns = 0, releases = 0;
  bool closed = false;

 private:
  struct Place {
    std::int64_t next = 0;
    std::int64_t told = -1;
    bool end_told = false;
  };
  FakeLog& log_;
  std::array<bool, kStreamKinds> streams_;
  std::map<std::pair<std::size_t, PartitionId>, Place> places_;
  std::vector<daemon::InputRecord> batch_;
};

class FakeSink : public daemon::Sink {
 public:
  explicit FakeSink(FakeLog& log) : log_(log), generation_(log.generation) {}

  Result<void, daemon::SinkError> write(PartitionId partition, const OutputRecord& record) override {
    if (log_.writes_left.has_value() && --*log_.writes_left < 0) {
      log_.writes_left.reset();
      if (log_.write_failure != CommitOutcome::aborted) open_.clear();
      return tl::make_unexpected(daemon::SinkError{"the write failed", log_.write_failure});
    }
    if (open_.empty()) refused_.reset();
    open_.emplace_back(partition, record);
    if (log_.refuses && log_.refuses(record) && !refused_.has_value())
      refused_ = {record.channel, partition, "topic: too large"};
    return {};
  }
  Result<void, daemon::SinkError> deliver() override {
    ++log_.deliveries;
    if (!refused_.has_value()) return {};
    return tl::make_unexpected(daemon::SinkError{refused_->reason, CommitOutcome::refused});
  }
  [[nodiscard]] daemon::SinkRefusal refusal() const override { return refused_.value(); }
  CommitOutcome commit(std::span<const daemon::PartitionVersion> versions) override {
    PROACTIVE_CHECK(!versions.empty());
    FakeLog::Fate fate = FakeLog::Fate::commit;
    if (!log_.fates.empty()) {
      fate = log_.fates.front();
      log_.fates.pop_front();
    }
    if (refused_.has_value()) {
      ++log_.transactions_aborted;
      open_.clear();
      return CommitOutcome::refused;
    }
    if (generation_ != log_.generation) fate = FakeLog::Fate::abort;  // fenced by the group
    if (fate == FakeLog::Fate::commit || fate == FakeLog::Fate::unknown_committed) apply(versions);
    if (fate != FakeLog::Fate::commit) ++log_.transactions_aborted;
    open_.clear();
    switch (fate) {
      case FakeLog::Fate::commit:
        return CommitOutcome::committed;
      case FakeLog::Fate::abort:
        return CommitOutcome::aborted;
      case FakeLog::Fate::unknown_committed:
      case FakeLog::Fate::unknown_aborted:
        return CommitOutcome::unknown;
      case FakeLog::Fate::fence:
        return CommitOutcome::fenced;
    }
    PROACTIVE_CHECK(false);
  }
  Result<void, daemon::SinkError> abort() override {
    if (!open_.empty()) ++log_.transactions_aborted;
    open_.clear();
    return {};
  }
  void poll() override {}
  void close() override { closed = true; }

  bool closed = false;

 private:
  void apply(std::span<const daemon::PartitionVersion> versions) {
    for (auto& entry : open_) {
      if (entry.second.channel == Channel::changelog) {
        log_.changelog[entry.first].emplace_back(entry.second.key,
                                                 entry.second.tombstone ? "" : entry.second.value);
        continue;
      }
      log_.written.push_back(entry);
    }
    for (const daemon::PartitionVersion& version : versions) {
      log_.committed[version.partition] = version.version;
      log_.versions[version.partition].push_back(version.version.v);
    }
    ++log_.commits;
  }

  FakeLog& log_;
  std::uint64_t generation_;
  std::vector<std::pair<PartitionId, OutputRecord>> open_;
  std::optional<daemon::SinkRefusal> refused_;  // of the open transaction, or the one before
};

}  // namespace proactive::test
