#include "tests/simulation/schedule.h"

#include <algorithm>

namespace proactive::simulation {

using namespace std::chrono_literals;
using namespace proactive::daemon;

namespace {

constexpr int kCalmSteps = 6000;  // a lane that backs off waits up to 30 s
constexpr int kDeepest = 2;       // lanes that stand still at once within a call

}  // namespace

Schedule::Schedule(std::uint64_t seed, Mutant mutant, bool trace, const RuleSets& rules,
                   const PipelineSetup& setup)
    : sim_(seed, mutant, trace), log_(sim_), group_(sim_), rule_sets_(rules), rules_(rules.all) {
  Random& random = sim_.random;
  sim_.plan = draw_plan(random);
  sim_.world_turns = [this] { world_turns(); };
  const Plan& plan = sim_.plan;

  setup_ = std::make_shared<PipelineSetup>(setup);
  setup_->partition_count = plan.partitions;
  setup_->dead_letter_late = plan.dead_letter_late;
  setup_->limits.lateness = kLateness;
  if (random.one_in(3)) setup_->limits.timers_per_tick = 3;
  if (random.one_in(5)) setup_->limits.undo_bytes = 2000;
  if (random.one_in(2)) setup_->limits.checkpoint_age = random.between(1, 30) * 1s;
  if (random.one_in(3)) {  // in days otherwise
    setup_->limits.state_ttl = 5min;
    setup_->limits.orphan_ttl = 10min;
  }

  options_.idle_after = plan.idle ? std::optional<Duration>(kIdleAfter) : std::nullopt;
  options_.checks.streams = {{{true, "telemetry.events", config::StartOffset::earliest},
                              {true, "customers.profiles", config::StartOffset::earliest}}};
  options_.checks.group = setup_->group;
  options_.checks.partition_count = plan.partitions;
  options_.checks.skip_lost_input = plan.skip_lost_input;
  if (random.one_in(3)) options_.commit_max_records = 20;
  if (random.one_in(4)) options_.commit_max_bytes = 3000;
  if (random.one_in(3)) options_.commit_interval = random.between(1, 40) * 100ms;
  options_.stop_on_poison = !random.one_in(4);
  if (plan.low_poison_limit) {
    options_.poison_consecutive = 1;
  }
  if (plan.low_poison_limit || plan.refuse_state > 0) options_.stopped_retry = 2s;
  // A rebalance takes a second or so; state is held for longer, not long enough, or not at all.
  options_.warm.hold_for = random.one_in(6) ? 0s : random.one_in(2) ? 60s : random.between(200, 4'000) * 1ms;
  if (random.one_in(4)) options_.warm.state_bytes = static_cast<std::size_t>(random.between(2, 60)) * 1000;
  slots_.resize(static_cast<std::size_t>(plan.lanes));
  input_ = make_input(random, plan);
}

void Schedule::run() {
  sim_.say("plan", "{} lanes, {} partitions, {}, {} members, session {} s, transactions {} s",
           sim_.plan.lanes, sim_.plan.partitions, sim_.plan.idle ? "idle partitions" : "time stands",
           sim_.plan.static_members ? "static" : "dynamic", sim_.plan.session_timeout.count() / 1'000'000,
           sim_.plan.transaction_timeout.count() / 1'000'000);
  append_input(sim_, log_, input_.profiles, 0, input_.profiles.size());
  sim_.chaos = false;
  log_.init_producer(std::string(kUpstream));  // they can be seen before the first lane starts
  sim_.wall = input_.rounds.front().wall;
  oracle_ = std::make_unique<Oracle>(sim_, log_, rules_, setup_);
  for (std::size_t i = 0; i < input_.rounds.size(); ++i) {
    if (i > 0 && sim_.random.one_in(6)) expire_offsets();
    if (i > 0 && sim_.random.one_in(4)) change_rules();
    if (i > 0 && sim_.random.one_in(3)) allow_something();
    round(input_.rounds[i]);
    if (allowing_) end_allowance();
  }
  oracle_->count_into(sim_.events);
  if (sim_.random.one_in(3)) end_in_refusal();
  for (Process* process : living()) process->count_into(sim_.events);
}

void Schedule::round(const Round& round) {
  sim_.say("round", "{} records", round.lines.size());
  sim_.steady += 6s;  // what a lane knew of ends is stale when the wall clock moves
  sim_.wall = round.wall;
  sim_.chaos = true;
  lines_ = &round.lines;
  appended_ = 0;
  if (sim_.plan.idle) {  // all at once: time must not pass over records that come later
    append_input(sim_, log_, round.lines, 0, round.lines.size());
    appended_ = round.lines.size();
    oracle_->advance();
  }
  const auto rounds = static_cast<std::uint64_t>(input_.rounds.size());
  chaos_until_ = sim_.step + 2 * static_cast<std::uint64_t>(sim_.plan.chaos_steps) / rounds;
  while (sim_.chaos) step();
  begin_calm();
  if (!sim_.plan.idle) oracle_->advance();
  come_to_rest();
}

void Schedule::come_to_rest() {
  for (int i = 0; !settled() || !at_rest(); ++i) {
    if (i > kCalmSteps) throw Broken("the lanes do not get through their input");
    step();
  }
  const bool stops = sim_.random.one_in(2);
  if (stops) stop_in_good_order();
  oracle_->compare(stops);
}

// A lane that is told to stop leaves nothing behind that is not in its changelog.
void Schedule::stop_in_good_order() {
  sim_.say("operator", "all lanes are told to stop");
  sim_.events.add(Event::stopped_in_order);
  for (Process* process : living()) process->inbox.drain();
  for (int i = 0; !living().empty(); ++i) {
    if (i > kCalmSteps) throw Broken("a lane that is told to stop goes on");
    world_turns();
    turn(*living().front());
  }
  while (!log_.quiet()) sim_.wait(1s);
}

// Before input is deleted that a restore would replay, or rules that it needs: nobody promises anything without them.
void Schedule::make_changelogs_whole() {
  if (setup_->limits.checkpoint_age == Duration::zero()) return;
  const auto settle = [this] {
    for (int i = 0; !settled(); ++i) {
      if (i > kCalmSteps) throw Broken("the lanes do not start again");
      step();
    }
  };
  settle();  // a lane that replays has nothing to write yet
  stop_in_good_order();
  settle();
}

// Between two rounds, as no promise says which records a reload comes before. It may fail as anything else.
// A pipeline that was not undone ends the process then, by a check of its own: the mutant is to be caught by what it wrote.
void Schedule::change_rules() {
  if (sim_.mutant == Mutant::no_undo) return;
  come_to_rest();
  make_changelogs_whole();  // state of rules that are gone cannot be replayed
  sim_.say("operator", "other rules");
  sim_.events.add(Event::rules_changed);
  rules_ = rules_ == rule_sets_.all ? rule_sets_.fewer : rule_sets_.all;
  if (sim_.random.one_in(3)) {
    sim_.events.add(Event::kill_switch);
    setup_ = std::make_shared<PipelineSetup>(*setup_);
    setup_->outreach.enabled = !setup_->outreach.enabled;
  }
  oracle_->use_rules(rules_, setup_);
  if (sim_.random.one_in(2)) {
    for (Process* process : living()) process->inbox.new_rules(rules_, setup_->outreach.enabled);
  } else if (sim_.random.one_in(2)) {
    kill_all();
  } else {
    expire_offsets();
  }
  sim_.chaos = true;
  chaos_until_ = sim_.step + 60;
  while (sim_.chaos) step();
  begin_calm();
  come_to_rest();
}

void Schedule::begin_calm() {
  sim_.chaos = false;
  sim_.say("calm", "from here on nothing fails");
  append_input(sim_, log_, *lines_, appended_, lines_->size());
  appended_ = lines_->size();
  log_.init_producer(std::string(kUpstream));
  if (group_.any_split()) group_.begin_rebalance("all members read the same topics again");
  while (!twins_.empty()) remove(*twins_.back(), true);
  for (Process* process : living()) process->frozen_until = 0;
}

// All input is committed, nothing is open, time has moved as far as it can, and each partition has somebody who would
// notice if there were more to do.
bool Schedule::settled() {
  if (!log_.quiet()) return false;
  for (PartitionId partition = 0; partition < sim_.plan.partitions; ++partition) {
    const std::optional<CommitVersion> version = log_.committed_version(partition);
    if (!version || version->v == 0) return false;
    for (const StreamKind stream : {StreamKind::telemetry, StreamKind::profiles}) {
      if (version->offsets[static_cast<std::size_t>(stream)] != log_.at(topic_of(stream), partition).high)
        return false;
    }
    if (version->watermark != oracle_->watermark(partition)) return false;
  }
  std::int32_t running = 0;
  for (const Process* process : living()) {
    if (process->is_zombie()) continue;
    for (const PartitionStatus& status : process->metrics.status()->partitions) {
      if (status.state == PartitionState::running) ++running;
    }
  }
  return running == sim_.plan.partitions;
}

// A commit may be one of many: timers that are due go on behind it. At rest is who has time for another and needs none.
bool Schedule::at_rest() {
  const TransactionId before = log_.transactions();
  const std::uint64_t generation = group_.generation();
  // A lane whose transactions were undone one after the other may wait for 10 s before it begins again.
  std::uint64_t undone = 0;
  for (const Process* process : living()) {
    for (const daemon::Count& count : process->metrics.aborts) undone += count.get();
    for (const daemon::Count& count : process->metrics.rebuilds) undone += count.get();
  }
  for (int i = 0; i < (undone > 0 ? 20 : 4); ++i) {
    sim_.wait(500ms + options_.commit_interval / 4);
    for (Process* process : living()) {
      if (!process->on_stack) turn(*process);
    }
  }
  return log_.transactions() == before && group_.generation() == generation && settled();
}

// ---- one step ---------------------------------------------------------------------------------------------------------------

void Schedule::step() {
  sim_.steady += sim_.random.one_in(12) ? 700ms : sim_.random.between(1, 90) * 1ms;
  ++sim_.step;
  if (sim_.step >= chaos_until_) sim_.chaos = false;
  world_turns();
  if (sim_.chaos) step_chaos();
  start_missing();
  std::vector<Process*> ready;
  for (Process* process : living()) {
    if (!process->on_stack && process->frozen_until <= sim_.step) ready.push_back(process);
  }
  if (!ready.empty()) turn(*ready[sim_.random.below(ready.size())]);
}

void Schedule::step_chaos() {
  Random& random = sim_.random;
  if (random.one_in(sim_.plan.order)) give_order();
  if (sim_.down()) return;
  if (random.one_in(sim_.plan.loss)) return lose_brokers();
  if (depth_ == 0 && !allowing_ && random.one_in(sim_.plan.expiry)) expire_offsets_midway();
  if (random.one_in(sim_.plan.retention)) delete_old_input();
  if (appended_ < lines_->size() && !random.one_in(3)) {
    const std::size_t to = std::min(lines_->size(), appended_ + 1 + random.below(20));
    append_input(sim_, log_, *lines_, appended_, to);
    appended_ = to;
  }
  if (random.one_in(sim_.plan.rebalance)) {
    const std::string instance = fmt::format("lane-{}", random.below(slots_.size()));
    if (random.one_in(2) && group_.has(instance)) {
      group_.leave(instance);
    } else {
      group_.begin_rebalance("by order");
    }
  }
  if (random.one_in(sim_.plan.compact)) log_.compact_changelogs();
}

void Schedule::turn(Process& process) {
  process.on_stack = true;
  bool goes_on = false;
  try {
    goes_on = process.turn();
    if (!disaster_) process.check_not_refused();
    if (!goes_on) {
      sim_.say(process.session->name, "ends: {}", process.end().message);
      if (process.end().reason == LaneEndReason::twin) sim_.events.add(Event::twin_left);
      if (process.end().reason == LaneEndReason::drained) sim_.events.add(Event::drained);
      process.close();
    }
  } catch (const Crash&) {
    return remove(process, true);
  }
  process.on_stack = false;
  for (const PartitionStatus& status : process.metrics.status()->partitions) {
    if (status.state != PartitionState::stopped) continue;
    const bool refused = status.reason.find("the brokers refuse") != std::string::npos;
    sim_.events.add(refused ? Event::stopped_by_refusal : Event::stopped_partition);
  }
  if (!goes_on) remove(process, false);
}

// Called by the ports before and after what they do.
void Schedule::boundary(Process& process, std::string_view call) {
  if (!sim_.chaos) return;
  const bool in_commit = call == "offsets sent" || call == "commit decided";
  // Few calls are commits, and what happens within one is what this is about.
  const std::uint64_t crash = in_commit ? sim_.plan.crash / 20 : sim_.plan.crash;
  const std::uint64_t freeze = in_commit || call == "commit" ? sim_.plan.freeze / 20 : sim_.plan.freeze;
  if (sim_.random.one_in(crash)) {
    sim_.say(process.session->name, "dies: {}", call);
    sim_.events.add(Event::crash);
    if (in_commit) sim_.events.add(Event::crash_in_commit);
    throw Crash{};
  }
  if (in_commit && sim_.random.one_in(sim_.plan.loss / 20)) lose_brokers();
  if (process.on_stack && depth_ < kDeepest && sim_.random.one_in(freeze)) stand_still(process, call);
}

void Schedule::stand_still(Process& process, std::string_view call) {
  sim_.events.add(Event::freeze);
  sim_.say(process.session->name, "stands still: {}", call);
  process.frozen = true;
  ++depth_;
  const bool twin = depth_ == 1 && sim_.random.one_in(4);
  const std::int64_t steps = sim_.random.between(3, 120);
  for (std::int64_t i = 0; i < steps && sim_.chaos; ++i) {
    step();
    if (twin && i == steps / 2) start_twin();
  }
  --depth_;
  process.frozen = false;
  sim_.say(process.session->name, "goes on: {}", call);
  if (process.is_zombie()) sim_.events.add(Event::zombie);
  if (sim_.chaos && sim_.random.one_in(10)) {
    sim_.events.add(Event::crash);
    throw Crash{};
  }
}

}  // namespace proactive::simulation
