#include "tests/simulation/process.h"

namespace proactive::simulation {

using namespace proactive::daemon;

Process::Process(Sim& sim, SimLog& log, SimGroup& group, const LaneOptions& options, SharedRules rules,
                 SharedSetup setup, int life, Boundary boundary)
    : lane(options.lane),
      session(std::make_shared<Session>(
          Session{sim,
                  log,
                  group,
                  fmt::format("lane {}.{}", options.lane, life),
                  fmt::format("lane-{}", options.lane),
                  fmt::format("proactived.a.{}", options.lane),
                  [this, boundary = std::move(boundary)](std::string_view call) { boundary(*this, call); },
                  0,
                  {}})) {
  if (!sim.plan.static_members) session->instance += fmt::format("-{}", life);
  sim.say(session->name, "starts");
  auto source = std::make_unique<SimSource>(session);
  auto sink = std::make_unique<SimSink>(session);
  source_ = source.get();
  sink_ = sink.get();
  sink_->open();
  lane_ = std::make_unique<Lane>(
      options, std::move(rules), std::move(setup), std::move(source), std::move(sink),
      LaneClocks{[&sim] { return sim.wall; }, [&sim] { return sim.steady; }}, inbox, metrics);
}

bool Process::turn() { return lane_->turn(); }

void Process::close() {
  source_->close();
  sink_->close();
}

bool Process::is_zombie() const { return session->metadata && !session->group.accepts(*session->metadata); }

void Process::count_into(Events& events) const {
  const auto add = [&](Event event, RebuildOutcome outcome) {
    events.add(event, metrics.rebuilds[static_cast<std::size_t>(outcome)].get());
  };
  add(Event::outcome_committed, RebuildOutcome::committed);
  add(Event::outcome_rolled_back, RebuildOutcome::rolled_back);
  add(Event::outcome_foreign, RebuildOutcome::foreign);
  const auto add_commits = [&](Event event, CommitTrigger trigger) {
    events.add(event, metrics.commits[static_cast<std::size_t>(trigger)].get());
  };
  add_commits(Event::commit_records, CommitTrigger::records);
  add_commits(Event::commit_bytes, CommitTrigger::bytes);
  add_commits(Event::commit_undo, CommitTrigger::undo);
  const auto add_warm = [&](Event event, WarmEnd end) {
    events.add(event, metrics.warm_ended[static_cast<std::size_t>(end)].get());
  };
  events.add(Event::warm_held, metrics.warm_held.get());
  add_warm(Event::warm_reused, WarmEnd::reused);
  add_warm(Event::warm_overtaken, WarmEnd::overtaken);
  add_warm(Event::warm_expired, WarmEnd::expired);
  add_warm(Event::warm_memory, WarmEnd::memory);
  add_warm(Event::warm_rules, WarmEnd::rules);
  events.add(Event::replayed, metrics.status()->work.replayed);
}

void Process::check_not_refused() const {
  if (metrics.restores_refused.get() == 0) return;
  for (const PartitionStatus& status : metrics.status()->partitions) {
    if (status.state == PartitionState::refused)
      throw Broken(fmt::format("partition {} was refused: {}", status.partition, status.reason));
  }
}

}  // namespace proactive::simulation
