#include "daemon/io/replay.h"

#include <algorithm>
#include <thread>

#include "models/base/check.h"

namespace proactive::daemon {
namespace {

struct Dealt {
  ReplayRecord record;
  PartitionId partition = 0;
  Timestamp now{};
};

struct Written {
  Timestamp now{};
  PartitionId partition = 0;
  OutputRecord record;
};

struct PartitionRun {
  std::unique_ptr<Pipeline> pipeline;
  CommitVersion version;
  std::size_t since_commit = 0;
  std::vector<Dealt> batch;
  std::vector<Written> written;
};

}  // namespace

struct Replay::Impl {
  Impl(const ReplayOptions& replay_options, Deliver deliver_to)
      : options(replay_options), deliver(std::move(deliver_to)) {}

  void run_batch();
  void run_partition(PartitionRun& run) const;
  void commit(PartitionRun& run) const;

  ReplayOptions options;
  Deliver deliver;
  std::vector<PartitionRun> partitions;
  std::size_t in_batch = 0;
  Timestamp now{};
  std::uint64_t records = 0;
};

Replay::Replay(std::shared_ptr<const rules::RuleSet> rules, std::shared_ptr<const PipelineSetup> setup,
               const ReplayOptions& options, Deliver deliver)
    : impl_(std::make_unique<Impl>(options, std::move(deliver))) {
  PROACTIVE_CHECK(options.partitions > 0 && options.lanes > 0);
  impl_->partitions.resize(static_cast<std::size_t>(options.partitions));
  for (std::int32_t i = 0; i < options.partitions; ++i) {
    PartitionRun& run = impl_->partitions[static_cast<std::size_t>(i)];
    run.pipeline = std::make_unique<Pipeline>(i, rules, setup);
    run.version.offsets = {0, 0};
  }
}

Replay::~Replay() = default;

void Replay::feed(ReplayRecord record) {
  Impl& r = *impl_;
  ++r.records;
  r.now = std::max(r.now, record.time);
  const PartitionId partition =
      record.key.empty() ? 0 : partition_of(r.options.partitioner, record.key, r.options.partitions);
  r.partitions[static_cast<std::size_t>(partition)].batch.push_back({std::move(record), partition, r.now});
  if (++r.in_batch >= r.options.batch_records) r.run_batch();
}

void Replay::advance(Timestamp event_time) {
  Impl& r = *impl_;
  r.run_batch();
  r.now = std::max(r.now, event_time);
  PipelineOutput out;
  for (PartitionRun& run : r.partitions) {
    run.pipeline->tick(r.now, event_time, out);
    while (run.pipeline->due()) run.pipeline->tick(r.now, kNever, out);
    for (const OutputRecord& record : out.records) r.deliver(record, run.pipeline->partition(), r.now);
    out.clear();
  }
}

void Replay::finish() {
  impl_->run_batch();
  for (PartitionRun& run : impl_->partitions) impl_->commit(run);
}

void Replay::Impl::run_batch() {
  in_batch = 0;
  const std::size_t lanes = std::min<std::size_t>(options.lanes, partitions.size());
  if (lanes <= 1) {
    for (PartitionRun& run : partitions) run_partition(run);
  } else {
    std::vector<std::jthread> threads;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      threads.emplace_back([this, lane, lanes] {
        for (std::size_t i = lane; i < partitions.size(); i += lanes) run_partition(partitions[i]);
      });
    }
  }
  std::vector<Written> all;
  for (PartitionRun& run : partitions) {
    for (Written& written : run.written) all.push_back(std::move(written));
    run.written.clear();
  }
  std::stable_sort(all.begin(), all.end(), [](const Written& a, const Written& b) {
    return a.now != b.now ? a.now < b.now : a.partition < b.partition;
  });
  for (const Written& written : all) deliver(written.record, written.partition, written.now);
}

void Replay::Impl::run_partition(PartitionRun& run) const {
  PipelineOutput out;
  const auto take = [&run, &out](Timestamp at) {
    for (OutputRecord& record : out.records) {
      run.written.push_back({at, run.pipeline->partition(), std::move(record)});
    }
    out.clear();
  };
  for (const Dealt& dealt : run.batch) {
    InputRecord record;
    record.stream = dealt.record.stream;
    record.partition = dealt.partition;
    record.offset = run.version.offsets[static_cast<std::size_t>(record.stream)]++;
    record.appended_at = dealt.record.time;
    record.key = dealt.record.key;
    record.value = dealt.record.value;
    record.tombstone = dealt.record.tombstone;
    for (const auto& header : dealt.record.headers) record.headers.push_back({header.first, header.second});
    run.pipeline->process(record, dealt.now, out);
    while (run.pipeline->due()) run.pipeline->tick(dealt.now, kNever, out);
    if (!out.records.empty()) take(dealt.now);
    if (++run.since_commit >= options.commit_records) commit(run);
  }
  run.batch.clear();
}

void Replay::Impl::commit(PartitionRun& run) const {
  run.since_commit = 0;
  ++run.version.v;
  run.version.watermark = run.pipeline->watermark();
  run.version.replay_from = run.version.offsets[0];
  run.pipeline->commit(run.version);
}

Pipeline& Replay::pipeline(PartitionId partition) {
  return *impl_->partitions[static_cast<std::size_t>(partition)].pipeline;
}

std::int32_t Replay::partitions() const { return impl_->options.partitions; }
std::uint64_t Replay::records() const { return impl_->records; }

}  // namespace proactive::daemon
