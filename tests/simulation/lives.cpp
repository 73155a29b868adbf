// Processes come and go.
#include <algorithm>

#include "tests/simulation/schedule.h"

namespace proactive::simulation {

using namespace std::chrono_literals;
using namespace proactive::daemon;

std::vector<Process*> Schedule::living() {
  std::vector<Process*> all;
  for (const Slot& slot : slots_) {
    if (slot.process != nullptr) all.push_back(slot.process.get());
  }
  for (const auto& twin : twins_) all.push_back(twin.get());
  return all;
}

// The brokers' part of each moment. A process is heard as long as it lives, busy or not; not while it stands still.
void Schedule::world_turns() {
  if (sim_.down()) return;
  if (sim_.down_until != Duration::min()) {
    sim_.say("broker", "answers again");
    sim_.down_until = Duration::min();
    group_.come_back();
  }
  for (const Process* process : living()) {
    if (!process->frozen && process->frozen_until <= sim_.step && process->session->member != 0)
      group_.heard(process->session->instance, process->session->member);
  }
  log_.turn();
  group_.turn();
}

void Schedule::start(std::size_t slot) {
  LaneOptions options = options_;
  options.lane = static_cast<int>(slot);
  slots_[slot].process =
      std::make_unique<Process>(sim_, log_, group_, options, rules_, setup_, slots_[slot].lives++,
                                [this](Process& process, std::string_view call) { boundary(process, call); });
}

void Schedule::start_missing() {
  if (sim_.down()) return;
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    if (slots_[slot].process != nullptr || (sim_.chaos && slots_[slot].start_at > sim_.step)) continue;
    start(slot);
  }
}

void Schedule::remove(const Process& process, bool crashed) {
  process.count_into(sim_.events);
  if (crashed) sim_.say(process.session->name, "is gone");
  for (Slot& slot : slots_) {
    if (slot.process.get() != &process) continue;
    slot.process.reset();
    // Soon, or later than its session lasts.
    slot.start_at = sim_.step + (sim_.random.one_in(2) ? sim_.random.below(8) : sim_.random.below(100));
    return;
  }
  std::erase_if(twins_, [&](const auto& twin) { return twin.get() == &process; });
}

void Schedule::kill_all() {
  while (!living().empty()) remove(*living().front(), true);
}

// Whoever restarts a process that hangs has two of them for a while.
void Schedule::start_twin() {
  if (sim_.down()) return;
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    if (slots_[slot].process == nullptr || !slots_[slot].process->frozen) continue;
    sim_.events.add(Event::twin_started);
    twins_.push_back(std::move(slots_[slot].process));
    start(slot);
    return;
  }
}

void Schedule::lose_brokers() {
  if (sim_.down()) return;
  sim_.down_until = sim_.steady + sim_.random.between(500, sim_.random.one_in(2) ? 5'000 : 40'000) * 1ms;
  sim_.events.add(Event::broker_lost);
  sim_.say("broker", "no broker answers any more");
}

void Schedule::give_order() {
  Slot& slot = slots_[sim_.random.below(slots_.size())];
  if (slot.process == nullptr) return;
  if (sim_.random.one_in(2)) {
    sim_.say(slot.process->session->name, "is told to stop");
    slot.process->inbox.drain();
    return;
  }
  if (sim_.random.one_in(2)) {  // sleeps between two turns, as in a long pause of its host
    slot.process->frozen_until = sim_.step + 5 + sim_.random.below(100);
    return;
  }
  if (sim_.mutant == Mutant::no_undo) return;
  sim_.say(slot.process->session->name, "is given the same rules anew");
  sim_.events.add(Event::reloaded);
  slot.process->inbox.new_rules(rules_);
}

}  // namespace proactive::simulation
