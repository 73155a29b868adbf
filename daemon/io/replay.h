// Replay drives Pipelines over recorded input, without Kafka and without a wall clock: `replay`, `demo` and rule tests.
//
// `now` is the largest record time of the merged input, taken before records are dealt to partitions, and outputs come
// out in (now, partition, position) order: the same bytes with any number of lanes.
//
// Owner: the caller's thread. Lanes are threads of their own between feed() and the outputs' delivery; a partition
// belongs to one of them. Failure: bad records become dead letters in the output. Memory: one batch of records.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/codec/record.h"
#include "daemon/io/partition_hash.h"
#include "daemon/pipeline/pipeline.h"

namespace proactive::daemon {

struct ReplayRecord {
  StreamKind stream = StreamKind::telemetry;
  std::string key;  // empty: not keyed, goes to partition 0
  std::string value;
  bool tombstone = false;
  Timestamp time{};  // the record's timestamp
  std::vector<std::pair<std::string, std::string>> headers;
};

struct ReplayOptions {
  std::int32_t partitions = 1;
  std::uint32_t lanes = 1;
  Partitioner partitioner = Partitioner::murmur2;
  std::size_t batch_records = 20'000;
  std::size_t commit_records = 50'000;  // of one partition
};

class Replay {
 public:
  // `recorded`: the `now` of the step that wrote it.
  using Deliver = std::function<void(const OutputRecord& record, PartitionId partition, Timestamp recorded)>;

  Replay(std::shared_ptr<const rules::RuleSet> rules, std::shared_ptr<const PipelineSetup> setup,
         const ReplayOptions& options, Deliver deliver);
  ~Replay();
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;

  // Records in the order of their time; REQUIRES: not after finish().
  void feed(ReplayRecord record);
  // Event time that passes without records, as if another record of this time had come to every partition.
  void advance(Timestamp event_time);
  // Runs what is still in the batch and commits.
  void finish();

  [[nodiscard]] Pipeline& pipeline(PartitionId partition);
  [[nodiscard]] std::int32_t partitions() const;
  [[nodiscard]] std::uint64_t records() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace proactive::daemon
