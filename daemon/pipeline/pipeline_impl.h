// The inside of Pipeline, shared by its source files:
//   pipeline.cpp          records in, the transaction
//   pipeline_timers.cpp   what is due: closes, silences, deadlines, expiry
//   pipeline_evaluate.cpp rules and episodes
//   pipeline_announce.cpp decisions and outreach events
//   pipeline_state.cpp    state records out
//   pipeline_load.cpp     state records in
//   pipeline_replay.cpp   checkpoint, and records read again after a restore
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/codec/dead_letter.h"
#include "daemon/codec/decode.h"
#include "daemon/codec/outreach_record.h"
#include "daemon/outreach/decision.h"
#include "daemon/pipeline/checkpoint.h"
#include "daemon/pipeline/customer_store.h"
#include "daemon/pipeline/pipeline.h"
#include "daemon/pipeline/plan_table.h"
#include "daemon/pipeline/profile_view.h"
#include "daemon/pipeline/timers.h"
#include "daemon/pipeline/watermark.h"
#include "models/base/state_record.h"
#include "rules/engine/condition.h"

namespace date {
class time_zone;
}

namespace proactive::daemon {

inline std::int64_t micros(Timestamp time) { return time.time_since_epoch().count(); }
inline Timestamp at_micros(std::int64_t us) { return Timestamp(Duration(us)); }

struct Pipeline::Impl {
  Impl(PartitionId partition, std::shared_ptr<const rules::RuleSet> rules,
       std::shared_ptr<const PipelineSetup> setup);

  // What a step works with besides state.
  struct Step {
    Timestamp now;
    Timestamp caused_at;  // append time of the record that drives it
    PipelineOutput* out;
    std::int64_t telemetry_offset = -1;  // of that record; -1: a timer
  };

  // ---- records
  void apply(const TelemetryEvent& event, const InputRecord& record, Step step);
  void apply(const ProfileEvent& event, const InputRecord& record, Step step);
  void feed(Customer& customer, const TelemetryEvent& event, const InputRecord& record, Step step);
  [[nodiscard]] Entity* scope(Customer& customer, rules::EntityTypeIndex type, const TelemetryEvent& event);
  void note_activity(Entity& entity, std::int64_t time_us, std::int64_t offset);
  void reject(const InputRecord& record, DeadLetterStage stage, std::string_view code,
              const std::string& detail, Step step);
  void erase_customer(std::string_view id, Step step);
  void close_open(EpisodeSlot& slot, Reason why, Step step);

  // ---- checkpoint and replay
  [[nodiscard]] Timestamp clock_for(Timestamp time, Timestamp now, std::int64_t offset);
  [[nodiscard]] Checkpoint::Origin origin() const;
  [[nodiscard]] bool something_due();
  void choose_written(std::int64_t next, Timestamp now, bool all);
  [[nodiscard]] Result<void> prepare_replay();
  void apply_step(const ReplayStep& step);
  void run_silent_timers();
  void schedule_all();
  [[nodiscard]] bool has_applied(const Entity& entity, std::int64_t offset) const;

  // ---- timers
  [[nodiscard]] std::int64_t close_share_us(const Customer& customer, const SeriesPlan& plan) const;
  [[nodiscard]] std::int64_t series_due_us(const Series& series) const;
  [[nodiscard]] std::int64_t episode_due_us(const EpisodeSlot& episode) const;
  [[nodiscard]] std::int64_t entity_due_us(const Entity& entity) const;
  [[nodiscard]] std::int64_t expiry_us(const Entity& entity) const;
  void schedule(Entity& entity);                       // by all that it holds
  void schedule(Entity& entity, std::int64_t due_us);  // when only one due time is new
  bool run_timers(std::size_t most, Step step);
  void prefetch_timers();
  void refresh_own_due(Customer& customer);
  void run_entity(Entity& entity, std::int64_t due_us, Step step);
  void close_buckets(Entity& entity, std::int64_t due_us, Step step);
  void judge_together(Entity& entity, Step step);
  void judge_silence(Entity& entity, Series& series, std::int64_t due_us, Step step);
  void run_own_clocks(Customer& customer, std::int64_t until_us, Step step);
  void expire(Entity& entity, Step step);
  [[nodiscard]] bool keeps_closing(const Entity& entity, const Series& series) const;
  [[nodiscard]] int utc_offset_s(Customer& customer, std::int64_t at_us);

  // ---- rules
  void evaluate(Entity& entity, rules::RuleIndex index, std::int64_t at_us, rules::MeasureIndex closed,
                const rules::MeasureFact* closed_fact, Step step);
  void gather(const Entity& entity, const rules::Rule& rule, std::int64_t at_us, rules::MeasureIndex closed,
              const rules::MeasureFact* closed_fact);
  [[nodiscard]] static double deviation_of(const rules::Leaf& leaf, const rules::MeasureFact& fact,
                                           const ProfileView& profile);
  void forget_if_idle(EpisodeSlot& episode, std::int64_t at_us);

  // ---- outreach
  struct Candidate {
    Trigger trigger;
    Reason close_reason;
    std::uint16_t matched;  // leaves that are true now
    double deviation;
    std::int64_t at_us;
  };
  // Decides about an episode's change and writes the decision and, if it says so, the outreach event. Uses `facts`.
  void announce(EpisodeSlot& slot, const Candidate& candidate, Step step);
  [[nodiscard]] Deployment deployment() const;
  [[nodiscard]] Result<Message> render(const EpisodeSlot& slot, const rules::Rule& rule,
                                       const Candidate& candidate, std::string_view zone) const;
  [[nodiscard]] std::vector<Evidence> evidence(const EpisodeSlot& slot, const rules::Rule& rule,
                                               const Candidate& candidate) const;
  void write(const OutreachFacts& told, const Decision& decision, std::optional<rules::RuleIndex> rule,
             Step step);

  // ---- state
  // Writes the record of a change into `key` and `value`; an erased one has no value.
  void encode_record(const CustomerStore::Change& change, std::string& key, std::string& value) const;
  [[nodiscard]] std::uint64_t state_keys() const;
  [[nodiscard]] std::string meta_value(const CommitVersion& version, const ReplayPlan& plan) const;
  [[nodiscard]] Result<void> load_meta(std::string_view value);
  [[nodiscard]] Result<void> load_profile(std::string_view customer, std::string_view value);
  [[nodiscard]] Result<void> load_series(const StateKey& key, std::string_view whole_key,
                                         std::string_view value);
  [[nodiscard]] Result<void> load_episode(const StateKey& key, std::string_view whole_key,
                                          std::string_view value);
  void keep_orphan(std::string_view key, std::string_view value);
  [[nodiscard]] static bool read_episode_record(std::string_view value, EpisodeRecord& into);
  void retire_orphans(Step step);
  void expire_orphans(Step step);

  PartitionId partition;
  std::shared_ptr<const rules::RuleSet> rules;
  std::shared_ptr<const PipelineSetup> setup;
  std::unique_ptr<PlanTable> plans;
  PipelineCounts counts;
  std::unique_ptr<CustomerStore> store;
  Timers timers;
  Watermark watermark;
  Decoder decoder;
  Checkpoint checkpoint;
  std::int64_t clock_us = WatermarkState::kNone;  // no event up to here is ahead of the host
  std::int64_t next_telemetry = -1;               // offset behind the newest record
  bool began_due = false;                         // timers were due when the transaction began
  bool chosen = false;                            // what the transaction writes
  std::int64_t chosen_replay_from = -1;
  std::int64_t write_all_until = -1;  // telemetry offset

  EffectCounts effects;          // committed
  EffectCounts pending_effects;  // of the open transaction
  CommitVersion version;

  // Partition scalars as they were at the last commit.
  WatermarkState saved_watermark;
  std::int64_t saved_clock_us = WatermarkState::kNone;
  bool scalars_changed = false;

  // State of measures and rules that are gone, kept as it was read until its time to live ends.
  struct Orphan {
    std::string value;
    std::int64_t last_event_us = 0;
  };
  std::map<std::string, Orphan, std::less<>> orphans;
  std::vector<std::string> erased_orphans;  // of the open transaction
  std::map<std::string, Orphan, std::less<>> undo_orphans;

  // A replay: silent, nobody is told, no episode moves, nothing is created, erased or counted.
  bool silent = false;
  ReplayPlan replay_plan;
  std::size_t next_step = 0;       // of the plan
  WatermarkState final_watermark;  // as committed; the replay must end there

  CommitVersion loaded;
  std::string loaded_group;
  std::int32_t loaded_partition_count = 0;
  std::uint64_t loaded_keys = 0, missing_keys = 0;

  bool orphans_to_retire = false;
  Timestamp last_append{};

  // Scratch of one step, reused.
  struct Touched {
    Entity* entity;
    Series* series;
  };
  std::vector<Touched> touched;
  std::vector<std::pair<Entity*, rules::RuleIndex>> due_rules;
  std::vector<rules::MeasureFact> facts;
  std::vector<double> row;
  std::vector<rules::MeasureIndex> just_closed;  // series that close_buckets() has closed a bucket of
  std::string change_key, change_value;
};

}  // namespace proactive::daemon
