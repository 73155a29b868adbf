// START READING HERE. A Pipeline is one partition's state machine: records and ticks in, outputs and state changes out.
//
// Owner: one Lane. Thread: that lane's. Clock: none, time is an argument. Kafka: none. Memory: PipelineLimits.
// Failure: bad data becomes a dead letter in the output; a broken invariant aborts the process.
// The daemon, replay, demo, rule tests, fuzzers and benchmarks all drive this class.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "config/loader/daemon_config.h"
#include "daemon/codec/commit_version.h"
#include "daemon/codec/decode.h"
#include "daemon/codec/record.h"
#include "daemon/outreach/identity.h"
#include "daemon/pipeline/counts.h"
#include "daemon/pipeline/hint.h"
#include "daemon/pipeline/limits.h"
#include "daemon/pipeline/output.h"
#include "models/base/result.h"
#include "rules/engine/rule.h"

namespace proactive::daemon {

// What is the same for all partitions of a deployment.
struct PipelineSetup {
  PipelineLimits limits;
  DecodeLimits decode;
  config::InputShape shape = config::InputShape::canonical;
  config::FieldMapping mapping;
  bool dead_letter_late = false;
  config::OutreachConfig outreach;  // kill switch, source name, CloudEvents source and type prefix
  std::shared_ptr<const IdentityKey> key;
  std::string group = "proactived";  // written to the meta record
  std::int32_t partition_count = 1;  // likewise
  std::string engine_version = "0.1.0";
  std::string telemetry_topic = "telemetry.events",
              profiles_topic = "customers.profiles";  // for dead letters
};

class Pipeline {
 public:
  Pipeline(PartitionId partition, std::shared_ptr<const rules::RuleSet> rules,
           std::shared_ptr<const PipelineSetup> setup);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // Runs what the record's time makes due, then the record itself.
  void process(const InputRecord& record, Timestamp now, PipelineOutput& out);
  // Runs at most timers_per_tick timers that are due. `idle_watermark`: event time that the lane vouches for although
  // no record carried it (kafka.md 8, idle partitions); kNever otherwise.
  void tick(Timestamp now, Timestamp idle_watermark, PipelineOutput& out);
  // A timer waits at or before the watermark.
  [[nodiscard]] bool due() const;

  // A hint that something of this customer comes soon: loads what it will touch into the caches. follow() goes one link
  // of the chain further, for the steps 1 .. kHintSteps - 1, and should come when the last one has been loaded; hints.h.
  [[nodiscard]] Hint hint(std::string_view customer) const;
  void follow(Hint& hint, int step) const;
  static constexpr int kHintSteps = 4;

  // A transaction is all that happened since the last commit() or rollback().
  [[nodiscard]] bool changed() const;
  [[nodiscard]] std::size_t undo_bytes() const;
  // Which series the transaction writes, beside those that it must: those that have waited for checkpoint_age, or `all`
  // that are dirty. Returns what belongs into CommitVersion::replay_from: the telemetry offset from which a restore
  // will replay; `next`, where the transaction's offsets end, if it need not. Once, before stream_changes; not called:
  // all.
  [[nodiscard]] std::int64_t choose_written(std::int64_t next, Timestamp now, bool all);
  // Some series have waited for longer than checkpoint_age: a commit should come, though nothing else asks for it.
  [[nodiscard]] bool checkpoint_overdue(Timestamp now) const;
  [[nodiscard]] bool dirty() const;  // the changelog does not hold all of the state of the last commit
  // The state records that the transaction writes, each once, the meta record last; `version`: what is about to be
  // committed, written into the meta record. False: `take` wanted no more.
  bool stream_changes(const CommitVersion& version, const TakeChange& take);
  void collect_changes(const CommitVersion& version, ChangeSet& into);  // the same, kept
  void commit(const CommitVersion& version);
  void rollback();  // state equals, byte for byte, that of the last commit

  // Restore. REQUIRES: a new pipeline; load() any number of times, then finish_load() once.
  [[nodiscard]] Result<void> load(std::string_view key, std::string_view value);  // empty value: tombstone
  [[nodiscard]] Result<void> finish_load();
  // The meta record's version; v == 0 when the changelog held none.
  [[nodiscard]] const CommitVersion& loaded_version() const;
  [[nodiscard]] const std::string& loaded_group() const;
  [[nodiscard]] std::int32_t loaded_partition_count() const;
  // Series and episodes that the meta record counts and the changelog did not hold, of loaded_keys(): somebody has made
  // the changelog anew.
  [[nodiscard]] std::uint64_t missing_keys() const;
  [[nodiscard]] std::uint64_t loaded_keys() const;

  // After finish_load(): where the lane goes on, if that is not loaded_version() because a person moved the offsets.
  void resume_at(const CommitVersion& version);
  // After finish_load(): the changelog was behind the committed offset. REQUIRES: replay() with every telemetry record of
  // [loaded_version().replay_from, loaded_version().offsets[telemetry]) that still exists, in order, then
  // finish_replay(); nothing else meanwhile. Nothing comes out of it, and no transaction begins.
  [[nodiscard]] bool replaying() const;
  void replay(const InputRecord& record);
  void finish_replay();

  // Swaps the rules, as a restart under them would. What is open of rules that are gone closes at the next tick with
  // reason rule_removed. REQUIRES: !changed(), !dirty(). Cost: that of a restore.
  // `setup`: likewise, of the same partition count and key; nullptr: as it was.
  void use_rules(std::shared_ptr<const rules::RuleSet> rules,
                 std::shared_ptr<const PipelineSetup> setup = nullptr);

  // All state as (key, value) pairs in canonical order, meta last: what a changelog compacted to the last byte holds.
  void dump(ChangeSet& into);

  [[nodiscard]] Timestamp watermark() const;
  [[nodiscard]] Timestamp max_event_time() const;
  [[nodiscard]] const CommitVersion& version() const;  // of the last commit
  [[nodiscard]] const PipelineCounts& counts() const;
  [[nodiscard]] const EffectCounts& effects() const;  // committed only
  [[nodiscard]] std::size_t memory_bytes() const;
  [[nodiscard]] PartitionId partition() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace proactive::daemon
