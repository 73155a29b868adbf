#include "tests/simulation/schedule.h"

namespace proactive::simulation {

using namespace std::chrono_literals;

// Some seeds are nearly calm, so that a rare event is not always followed by another that hides it.
Plan draw_plan(Random& random) {
  Plan plan;
  plan.lanes = static_cast<int>(random.between(2, 4));
  plan.partitions = static_cast<std::int32_t>(random.between(3, 6));
  plan.static_members = !random.one_in(4);
  plan.idle = random.one_in(3);
  plan.customers = static_cast<int>(random.between(1, 4));
  plan.rounds = plan.idle ? random.between(2, 4) : random.between(1, 2);
  plan.dead_letter_late = random.one_in(2);
  plan.low_poison_limit = random.one_in(8);
  plan.chaos_steps = static_cast<int>(random.between(60, 260));
  plan.session_timeout = random.between(1, 4) * 1s;
  plan.transaction_timeout = random.between(4, 15) * 1s;
  plan.batch = random.between(4, 60);
  plan.marker_delay = random.one_in(3) ? 0 : random.between(1, 40);
  const std::uint64_t calm = random.one_in(3) ? 8 : 1;
  plan.crash = random.one_in(5) ? 0 : calm * static_cast<std::uint64_t>(random.between(200, 900));
  plan.freeze = random.one_in(6) ? 0 : calm * static_cast<std::uint64_t>(random.between(100, 500));
  plan.fail = random.one_in(4) ? 0 : calm * static_cast<std::uint64_t>(random.between(40, 200));
  plan.commit_trouble = random.one_in(4) ? 0 : static_cast<std::uint64_t>(random.between(4, 20));
  plan.rebalance = random.one_in(4) ? 0 : calm * static_cast<std::uint64_t>(random.between(30, 150));
  plan.compact = static_cast<std::uint64_t>(random.between(20, 100));
  plan.order = random.one_in(2) ? 0 : static_cast<std::uint64_t>(random.between(60, 300));
  plan.loss = random.one_in(2) ? 0 : calm * static_cast<std::uint64_t>(random.between(60, 300));
  plan.retention = random.one_in(2) ? 0 : static_cast<std::uint64_t>(random.between(20, 100));
  plan.expiry = random.one_in(4) ? static_cast<std::uint64_t>(random.between(100, 400)) : 0;
  plan.incomplete = random.one_in(3) ? static_cast<std::uint64_t>(random.between(1, 6)) : 0;
  plan.skip_lost_input = random.one_in(4);
  plan.refuse = random.one_in(4) ? static_cast<std::int32_t>(random.between(3, 30)) : 0;
  plan.refuse_state = random.one_in(8) ? static_cast<std::int32_t>(random.between(10, 400)) : 0;
  return plan;
}

}  // namespace proactive::simulation
