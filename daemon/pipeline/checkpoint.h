// From which telemetry record on must a restore read again?
//
// Series are not written whenever they change, but once they have been dirty for `age`: at full load nearly every record
// of a transaction touches another series, and producing them all costs more than everything else. What the changelog
// lacks is in the input: a restore loads the changelog and replays the records from `replay_from` to the committed
// offset, telling nobody (docs/decisions/0010).
//
// The log of steps makes that exact. A series depends on its records, and on when the watermark closed its buckets; the
// watermark depends on the records, the clock, and the idle partition's ticks. The last two are no part of the input, so
// each change of them is a step, with the offset of the record before which it happened.
//
// Owner: one Pipeline. Clock: an argument. Bound: so many steps, then everything is written; 8 bytes per dirty entity.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/pipeline/watermark.h"
#include "models/base/result.h"

namespace proactive::daemon {

// An entity by its place in the store: valid as long as the entity is.
struct EntityRef {
  std::uint32_t slot, generation;
};

// Something other than a record, before the record at `offset`.
struct ReplayStep {
  enum class Kind : std::uint8_t {
    lap,    // a lap began at `time_us`; see Checkpoint
    clock,  // events up to `time_us` are not ahead of the host
    idle    // the watermark was moved to `time_us` without a record
  };
  std::int64_t offset;
  std::int64_t time_us;
  Kind kind;
};

// What the meta record says of it. Empty steps: nothing to replay.
struct ReplayPlan {
  WatermarkState watermark;                       // before the first step
  std::int64_t clock_us = WatermarkState::kNone;  // likewise
  std::vector<ReplayStep> steps;                  // the first one is a lap
};

class Checkpoint {
 public:
  static constexpr std::int64_t kLapUs = 1'000'000;  // entities dirty since the same second are one lap

  // Zero: everything is written in the transaction that changes it.
  Checkpoint(Duration age, std::size_t most_steps) : age_us_(age.count()), most_steps_(most_steps) {}

  [[nodiscard]] bool by_age() const { return age_us_ > 0; }
  // REQUIRES: offsets that never fall.
  void note(ReplayStep step) {
    if (by_age()) steps_.push_back(step);
  }

  // What a lap starts from: the partition as it was at a commit.
  struct Origin {
    std::int64_t offset = -1;  // next telemetry record
    WatermarkState watermark;
    std::int64_t clock_us = WatermarkState::kNone;
  };

  struct Choice {
    bool all = false;               // the fresh ones are to be written too
    bool full = false;              // because there are too many steps
    std::vector<EntityRef> swept;   // to be written, though some may be clean by now
    std::int64_t replay_from = -1;  // once that is committed
    double credit = 0;              // part of an entity that may be swept, but not yet
  };
  // For the commit of a transaction that began at `begin` and ends before the telemetry record `next`; `fresh`: it made
  // entities dirty that it does not have to write. `all`: the caller wants everything written.
  [[nodiscard]] const Choice& choose(const Origin& begin, std::int64_t next, Timestamp now, bool fresh,
                                     bool all);
  // What a restore will need, once the choice is committed.
  [[nodiscard]] ReplayPlan plan() const;
  // `fresh`: the entities that the transaction made dirty and did not write.
  void commit(const std::vector<EntityRef>& fresh);
  void rollback();
  // Entities that are dirty since nobody knows when; only behind a rollback.
  void adopt(const std::vector<EntityRef>& dirty);

  // A lap is older than it should be, and no commit comes along to write it.
  [[nodiscard]] bool overdue(Timestamp now) const;
  [[nodiscard]] bool empty() const { return laps_.empty(); }
  [[nodiscard]] std::size_t steps() const { return steps_.size(); }

  // During a replay, which builds up what was there: a lap begins, another step, and what became dirty in the lap.
  void replay_lap(const Origin& from, std::int64_t begun_us);
  void replay_step(ReplayStep step);
  void replay_dirty(const std::vector<EntityRef>& dirty);

 private:
  struct Lap {
    Origin from;
    std::int64_t begun_us = 0;
    std::uint64_t step = 0;  // its own step, counted from the beginning of time
    std::vector<EntityRef> entities;
    std::size_t swept = 0;  // of them
  };
  [[nodiscard]] std::size_t waiting() const;
  void sweep(std::size_t most, std::int64_t begun_until_us);

  std::int64_t age_us_;
  std::size_t most_steps_;
  std::deque<Lap> laps_;
  std::deque<ReplayStep> steps_;
  std::uint64_t first_step_ = 0, committed_steps_ = 0;  // counted from the beginning of time
  std::optional<std::int64_t> swept_at_us_;
  double credit_ = 0;

  // Between choose() and commit().
  Choice choice_;
  Origin begin_;
  std::int64_t now_us_ = 0;
  bool begins_lap_ = false;
  std::size_t laps_done_ = 0;  // laps that the choice sweeps to their end
  std::size_t lap_swept_ = 0;  // entities of the next one that are swept then
};

// The payload of the meta record's replay block.
void append_replay_plan(const ReplayPlan& plan, std::string& out);
[[nodiscard]] Result<ReplayPlan> read_replay_plan(std::string_view payload);

}  // namespace proactive::daemon
