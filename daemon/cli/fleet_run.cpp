#include "daemon/cli/fleet_run.h"

#include <nlohmann/json.hpp>
#include <set>

#include "daemon/cli/pipeline_setup.h"

namespace proactive::daemon {
namespace {

std::shared_ptr<const PipelineSetup> demo_setup(std::int32_t partitions) {
  config::DaemonConfig config;
  config.outreach.enabled = true;
  config.outreach.source_name = "demo";
  config.outreach.source = "urn:proactived:demo";
  return pipeline_setup(config, partitions, 0);
}

ReplayOptions replay_options(const FleetRunOptions& options) {
  ReplayOptions replay;
  replay.partitions = options.partitions;
  replay.lanes = options.lanes;
  return replay;
}

Timestamp time_of(const nlohmann::json& text) {
  return parse_rfc3339(text.get<std::string>()).value_or(Timestamp{});
}

}  // namespace

ReplayRecord to_replay_record(const SimulatedRecord& record) {
  ReplayRecord out;
  out.key = std::string(record.customer);
  out.value = std::string(record.json);
  out.time = record.event_time;
  return out;
}

FleetRun::FleetRun(std::shared_ptr<const rules::RuleSet> rules, const FleetRunOptions& options, Tell tell)
    : rules_(std::move(rules)),
      tell_(std::move(tell)),
      counted_(static_cast<std::size_t>(options.partitions)),
      effects_(static_cast<std::size_t>(options.partitions)),
      replay_(rules_, demo_setup(options.partitions), replay_options(options),
              [this](const OutputRecord& record, PartitionId, Timestamp) { take(record); }) {
  totals_.use_rules(*rules_);
}

void FleetRun::feed_profile(const ProfileLine& profile, Timestamp at) {
  ReplayRecord record;
  record.stream = StreamKind::profiles;
  record.key = profile.customer_id;
  record.value = profile.json;
  record.time = at;
  replay_.feed(std::move(record));
}

void FleetRun::finish() { replay_.finish(); }

// A reopened outreach is a new contact about a new episode, though it is told as an update of the old one.
void FleetRun::take(const OutputRecord& record) {
  if (record.channel == Channel::dead_letters) totals_.add_dead_letter("pipeline", "any");
  if (record.channel != Channel::outreach) return;
  if (tell_) tell_(record.value);
  const nlohmann::json event = nlohmann::json::parse(record.value);
  const nlohmann::json& data = event["data"];
  const std::string id = data["outreach_id"];
  const std::string status = data["status"];
  if (status == "opened" || data.value("reopened", false)) {
    const nlohmann::json& issue = data["issue"];
    OutreachRow row;
    row.customer_id = data["customer"]["id"];
    row.rule_id = issue["rule_id"];
    row.entity = issue["entity"]["type"];
    if (row.entity != "customer") row.entity += "/" + issue["entity"]["id"].get<std::string>();
    row.opened_at = time_of(issue["detected_at"]);
    open_[id] = rows_.size();
    rows_.push_back(std::move(row));
  } else if (status == "resolved" || status == "cancelled") {
    const auto open = open_.find(id);
    if (open != open_.end()) rows_[open->second].resolved_at = time_of(event["time"]);
  }
}

void FleetRun::publish(Timestamp at) {
  auto status = std::make_shared<LaneStatus>();
  status->joined = true;
  status->at = at;
  status->rules_hash = rules_->hash;
  PipelineCounts sizes;
  for (PartitionId i = 0; i < replay_.partitions(); ++i) {
    const auto index = static_cast<std::size_t>(i);
    Pipeline& pipeline = replay_.pipeline(i);
    totals_.add(pipeline.counts(), counted_[index]);
    totals_.add(pipeline.effects(), effects_[index]);
    add_sizes(pipeline.counts(), sizes);
    PartitionStatus partition;
    partition.partition = i;
    partition.state = PartitionState::running;
    partition.lag = {0, -1};
    partition.watermark = pipeline.watermark();
    partition.state_bytes = pipeline.memory_bytes();
    status->partitions.push_back(partition);
  }
  status->work = totals_.work();
  add_sizes(sizes, status->work);
  status->effects = totals_.effects();
  status->dead_letters = totals_.dead_letters();
  metrics_.records[0].set(status->work.records);
  metrics_.publish(std::move(status));
}

std::vector<RuleSignals> FleetRun::rule_signals() const {
  std::vector<RuleSignals> all;
  for (const rules::Rule& rule : rules_->rules) {
    std::set<std::string> signals;
    for (const rules::RuleMeasure& measure : rule.measures) {
      const rules::Measure& plan = rules_->measures[measure.plan];
      if (plan.function == rules::MeasureFunction::together) continue;  // its members are there themselves
      signals.insert(rules_->event_types[rules_->signals[plan.signal].type]);
      if (plan.function == rules::MeasureFunction::ratio) {
        signals.insert(rules_->event_types[rules_->signals[plan.denominator].type]);
      }
    }
    all.push_back({rule.name, {signals.begin(), signals.end()}});
  }
  return all;
}

std::uint64_t FleetRun::episodes() const {
  std::uint64_t opened = 0;
  const auto status = metrics_.status();
  if (status->effects == nullptr) return 0;
  for (const RuleEffects& rule : *status->effects) opened += rule.counts.opened;
  return opened;
}

}  // namespace proactive::daemon
