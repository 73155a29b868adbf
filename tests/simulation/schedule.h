// One seed: brokers, a group, some lanes, input, and an order in which things happen and fail.
//
//   each round:   input comes -> chaos for some steps -> calm until everything is committed -> compare
//   between two:  in some seeds the offsets expire, or the rules change, in chaos too
//   at the end:   in some seeds a disaster that must end in a refusal
//
// A lane that freezes within a port call stays on the stack while the others turn below it; hence zombies wake up at
// any moment of a turn, though all is one thread.
#pragma once

#include <memory>
#include <vector>

#include "tests/simulation/input.h"
#include "tests/simulation/process.h"

namespace proactive::simulation {

[[nodiscard]] Plan draw_plan(Random& random);

struct RuleSets {
  SharedRules all, fewer;
};

class Schedule {
 public:
  Schedule(std::uint64_t seed, Mutant mutant, bool trace, const RuleSets& rules,
           const daemon::PipelineSetup& setup);

  void run();  // throws Broken
  [[nodiscard]] const Events& events() const { return sim_.events; }

 private:
  struct Slot {
    std::unique_ptr<Process> process;
    int lives = 0;
    std::uint64_t start_at = 0;
  };

  // schedule.cpp
  void come_to_rest();
  void stop_in_good_order();
  void make_changelogs_whole();
  void change_rules();
  void round(const Round& round);
  void step();
  void step_chaos();
  void turn(Process& process);
  void boundary(Process& process, std::string_view call);
  void stand_still(Process& process, std::string_view call);
  void begin_calm();
  [[nodiscard]] bool settled();
  [[nodiscard]] bool at_rest();

  // lives.cpp
  void start(std::size_t slot);
  void start_missing();
  void remove(const Process& process, bool crashed);
  void kill_all();
  void start_twin();
  void give_order();
  void lose_brokers();
  void world_turns();
  [[nodiscard]] std::vector<Process*> living();

  // disasters.cpp
  void expire_offsets();
  void expire_offsets_midway();
  void delete_old_input();
  void end_in_refusal();
  void allow_something();
  void end_allowance();
  void append_unread(PartitionId partition);
  void run_until_refused(const std::vector<PartitionId>& victims, std::string_view sentence, bool live);

  Sim sim_;
  SimLog log_;
  SimGroup group_;
  const RuleSets rule_sets_;
  SharedRules rules_;  // of these two
  std::shared_ptr<daemon::PipelineSetup> setup_;
  daemon::LaneOptions options_;
  Input input_;
  std::unique_ptr<Oracle> oracle_;

  std::vector<Slot> slots_;                        // by lane
  std::vector<std::unique_ptr<Process>> twins_;    // whose lane another process has, too
  const std::vector<InputLine>* lines_ = nullptr;  // of this round
  std::size_t appended_ = 0;
  std::uint64_t chaos_until_ = 0;
  bool allowing_ = false;  // an accept_* flag is on
  bool disaster_ = false;  // refusals are what must come
  int depth_ = 0;          // lanes that stand still on the stack
};

}  // namespace proactive::simulation
