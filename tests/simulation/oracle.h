// What must come out: one Pipeline per partition that is given its records once, in order, by nobody's schedule.
//
// Where time alone may move the watermark (a third of the seeds), it does so at the end of a round, to the same moment as
// any lane's: the wall clock stands while records are read, so that outputs, which tell it, are the same bytes.
#pragma once

#include <memory>
#include <vector>

#include "daemon/pipeline/pipeline.h"
#include "tests/simulation/sim_log.h"

namespace proactive::simulation {

using SharedRules = std::shared_ptr<const rules::RuleSet>;
using SharedSetup = std::shared_ptr<const daemon::PipelineSetup>;

class Oracle {
 public:
  // The profiles that are in the log now come before all telemetry, as a lane's bootstrap has it.
  Oracle(Sim& sim, SimLog& log, SharedRules rules, SharedSetup setup);
  // Takes what was appended since.
  void advance();
  // Takes the telemetry that is about to be deleted.
  void advance_telemetry(PartitionId partition) { take(run(partition), StreamKind::telemetry); }
  // What the rules that are gone have open closes at once.
  void use_rules(const SharedRules& rules, const SharedSetup& setup);
  // What an operator has allowed: state is lost, or telemetry is read from another offset on.
  void forget_state(PartitionId partition);
  void move(PartitionId partition, std::int64_t telemetry);
  // Compares everything that a reader of committed records can see. Throws Broken. `stopped`: all lanes have stopped in
  // good order.
  void compare(bool stopped);
  [[nodiscard]] Timestamp watermark(PartitionId partition) const;
  void count_into(Events& events) const;

 private:
  struct Run {
    std::unique_ptr<daemon::Pipeline> pipeline;
    std::array<std::int64_t, daemon::kStreamKinds> next{0, 0};
    std::array<std::vector<daemon::OutputRecord>, 2> outputs;  // by channel: not compared yet
  };
  [[nodiscard]] Run& run(PartitionId partition) { return runs_[static_cast<std::size_t>(partition)]; }
  void take(Run& run, StreamKind stream);
  void count_output(const daemon::OutputRecord& record) const;
  void replay(daemon::Pipeline& restored);
  [[nodiscard]] std::unique_ptr<daemon::Pipeline> restored(PartitionId partition);
  static void commit(daemon::Pipeline& pipeline);
  void drain(Run& run, daemon::PipelineOutput& out);
  std::vector<Entry> newly_committed(Topic topic, PartitionId partition);
  void compare_outputs(PartitionId partition, Topic topic, Channel channel);
  void compare_letters();
  void compare_state(PartitionId partition, bool stopped);

  Sim& sim_;
  SimLog& log_;
  SharedRules rules_;
  SharedSetup setup_;
  std::vector<Run> runs_;
  std::vector<daemon::OutputRecord> letters_;         // of all partitions, not compared yet
  std::map<SimLog::Place, std::int64_t> compared_{};  // committed outputs up to here
};

}  // namespace proactive::simulation
