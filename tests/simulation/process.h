// One life of a lane: a process that ends in the middle of anything, or stands while the others go on.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "daemon/io/lane.h"
#include "tests/simulation/oracle.h"
#include "tests/simulation/sim_ports.h"

namespace proactive::simulation {

class Process {
 public:
  using Boundary = std::function<void(Process& process, std::string_view call)>;

  // `life`: of this lane, from 0.
  Process(Sim& sim, SimLog& log, SimGroup& group, const daemon::LaneOptions& options, SharedRules rules,
          SharedSetup setup, int life, Boundary boundary);

  bool turn();   // false: the lane has ended
  void close();  // as Lane::run does at its end
  [[nodiscard]] const daemon::LaneEnd& end() const { return lane_->end(); }
  [[nodiscard]] bool is_zombie() const;  // holds an assignment that the group has given away
  void count_into(Events& events) const;
  void check_not_refused() const;

  const int lane;
  const std::shared_ptr<Session> session;
  daemon::LaneInbox inbox;
  daemon::LaneMetrics metrics;
  bool on_stack = false;           // in a turn
  bool frozen = false;             // in the middle of it
  std::uint64_t frozen_until = 0;  // step; between two turns

 private:
  SimSource* source_ = nullptr;
  SimSink* sink_ = nullptr;
  std::unique_ptr<daemon::Lane> lane_;
};

}  // namespace proactive::simulation
