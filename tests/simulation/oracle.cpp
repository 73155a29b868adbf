#include "tests/simulation/oracle.h"

#include <algorithm>

#include "daemon/pipeline/state_blocks.h"
#include "tests/simulation/input.h"

namespace proactive::simulation {
namespace {

using namespace proactive::daemon;

std::string printed(const std::string& key, const std::string& value,
                    const std::vector<std::pair<std::string, std::string>>& headers) {
  std::string all = fmt::format("key {} value {}", key, value);
  for (const auto& header : headers) all += fmt::format(" {}={}", header.first, header.second);
  return all;
}
// Enough to find it with in a trace.
std::string shortened(const std::string& line) {
  return line.size() < 400 ? line : line.substr(0, 400) + "...";
}

std::string printed(const Entry& entry) { return printed(entry.key, entry.value, entry.headers); }
std::string printed(const OutputRecord& record) { return printed(record.key, record.value, record.headers); }

std::string described(const StateChange& change) {
  const Result<std::string> text = describe_state_record(change.key, change.value);
  return text ? *text : text.error().message;
}

void compare_lines(const std::string& what, const std::vector<std::string>& seen,
                   const std::vector<std::string>& expected) {
  const auto differ = std::mismatch(seen.begin(), seen.end(), expected.begin(), expected.end());
  if (differ.first == seen.end() && differ.second == expected.end()) return;
  throw Broken(fmt::format(
      "{}: {} records, {} expected; the first that differs is number {}\n  seen     {}\n  expected {}", what,
      seen.size(), expected.size(), differ.first - seen.begin(),
      differ.first == seen.end() ? "nothing" : shortened(*differ.first),
      differ.second == expected.end() ? "nothing" : shortened(*differ.second)));
}

}  // namespace

Oracle::Oracle(Sim& sim, SimLog& log, SharedRules rules, SharedSetup setup)
    : sim_(sim), log_(log), rules_(std::move(rules)), setup_(std::move(setup)) {
  for (PartitionId partition = 0; partition < sim_.plan.partitions; ++partition) {
    runs_.emplace_back();
    runs_.back().pipeline = std::make_unique<Pipeline>(partition, rules_, setup_);
    take(runs_.back(), StreamKind::profiles);
  }
}

void Oracle::drain(Run& run, PipelineOutput& out) const {
  while (run.pipeline->due()) run.pipeline->tick(sim_.wall, kNever, out);
  for (OutputRecord& record : out.records) run.outputs.push_back(std::move(record));
  out.clear();
}

void Oracle::take(Run& run, StreamKind stream) {
  TopicLog& log = log_.at(topic_of(stream), run.pipeline->partition());
  PipelineOutput out;
  for (const Entry& entry : log.read(run.next[static_cast<std::size_t>(stream)], log.stable(), SIZE_MAX)) {
    InputRecord record;
    record.stream = stream;
    record.partition = run.pipeline->partition();
    record.offset = entry.offset;
    record.appended_at = entry.at;
    record.key = entry.key;
    record.value = entry.value;
    record.tombstone = entry.tombstone;
    run.pipeline->process(record, sim_.wall, out);
    drain(run, out);
  }
}

void Oracle::advance() {
  PipelineOutput out;
  for (Run& run : runs_) {
    take(run, StreamKind::telemetry);
    take(run, StreamKind::profiles);
    if (sim_.plan.idle) {
      run.pipeline->tick(sim_.wall, sim_.wall - kLateness - kIdleAfter, out);
      drain(run, out);
    }
    commit(*run.pipeline);
  }
}

void Oracle::use_rules(const SharedRules& rules) {
  rules_ = rules;
  PipelineOutput out;
  for (Run& run : runs_) {
    commit(*run.pipeline);
    run.pipeline->use_rules(rules_);
    run.pipeline->tick(sim_.wall, kNever, out);
    drain(run, out);
    commit(*run.pipeline);
  }
}

// What is to be written is also when state of rules that are gone is given up.
void Oracle::commit(Pipeline& pipeline) {
  ChangeSet unused;
  pipeline.collect_changes(pipeline.version(), unused);
  pipeline.commit(pipeline.version());
}

Timestamp Oracle::watermark(PartitionId partition) const {
  return runs_[static_cast<std::size_t>(partition)].pipeline->watermark();
}

void Oracle::compare() {
  for (PartitionId partition = 0; partition < sim_.plan.partitions; ++partition) {
    compare_state(partition);
    compare_outputs(partition, Topic::outreach, Channel::outreach);
    compare_outputs(partition, Topic::decisions, Channel::decisions);
  }
  compare_letters();
}

void Oracle::compare_outputs(PartitionId partition, Topic topic, Channel channel) const {
  std::vector<std::string> seen, expected;
  for (const Entry& entry : log_.at(topic, partition).all_committed()) seen.push_back(printed(entry));
  for (const OutputRecord& record : runs_[static_cast<std::size_t>(partition)].outputs) {
    if (record.channel == channel) expected.push_back(printed(record));
  }
  compare_lines(
      fmt::format("{} of partition {}", channel == Channel::outreach ? "outreach" : "decisions", partition),
      seen, expected);
}

// In any order: their topic has partitions of its own, and profiles have none beside telemetry.
void Oracle::compare_letters() const {
  std::vector<std::string> seen, expected;
  for (PartitionId partition = 0; partition < 2; ++partition) {
    for (const Entry& entry : log_.at(Topic::dead_letters, partition).all_committed())
      seen.push_back(printed(entry));
  }
  for (const Run& run : runs_) {
    for (const OutputRecord& record : run.outputs) {
      if (record.channel == Channel::dead_letters) expected.push_back(printed(record));
    }
  }
  std::sort(seen.begin(), seen.end());
  std::sort(expected.begin(), expected.end());
  if (!seen.empty()) sim_.events.add(Event::dead_letters);
  compare_lines("dead letters", seen, expected);
}

// The state that a new process would begin with, byte for byte; but for the meta record, which counts commits.
void Oracle::compare_state(PartitionId partition) {
  Pipeline restored(partition, rules_, setup_);
  for (const Entry& entry : log_.at(Topic::changelog, partition).all_committed()) {
    if (const auto loaded = restored.load(entry.key, entry.value); !loaded)
      throw Broken(fmt::format("partition {}: {}", partition, loaded.error().message));
  }
  if (const auto loaded = restored.finish_load(); !loaded)
    throw Broken(fmt::format("partition {}: {}", partition, loaded.error().message));
  const std::optional<CommitVersion> version = log_.committed_version(partition);
  if (!version || restored.loaded_version() != *version) {
    throw Broken(fmt::format("partition {}: the offsets are of v{}, the changelog is of v{}", partition,
                             version ? version->v : 0, restored.loaded_version().v));
  }
  if (log_.changelog_commits(partition) != version->v) {
    throw Broken(fmt::format("partition {}: {} transactions changed the state up to v{}", partition,
                             log_.changelog_commits(partition), version->v));
  }
  // Nothing may be left to say; what is given up with the next commit, whenever that is, may be given up now.
  PipelineOutput late;
  restored.tick(sim_.wall, kNever, late);
  if (!late.records.empty()) {
    throw Broken(fmt::format("partition {}: a new process would still say {}", partition,
                             shortened(printed(late.records.front()))));
  }
  commit(restored);
  ChangeSet seen, expected;
  restored.dump(seen);
  Pipeline& oracle = *runs_[static_cast<std::size_t>(partition)].pipeline;
  oracle.dump(expected);
  seen.changes.pop_back();
  expected.changes.pop_back();
  for (std::size_t i = 0; i < std::max(seen.changes.size(), expected.changes.size()); ++i) {
    if (i < seen.changes.size() && i < expected.changes.size() &&
        seen.changes[i].key == expected.changes[i].key && seen.changes[i].value == expected.changes[i].value)
      continue;
    const std::string one = i < seen.changes.size() ? described(seen.changes[i]) : "nothing";
    const std::string other = i < expected.changes.size() ? described(expected.changes[i]) : "nothing";
    throw Broken(
        fmt::format("state of partition {}: {} records, {} expected; the first that differs:\n  seen     {}\n"
                    "  expected {}",
                    partition, seen.changes.size(), expected.changes.size(), one, other));
  }
  if (restored.watermark() != oracle.watermark() || restored.max_event_time() != oracle.max_event_time())
    throw Broken(fmt::format("partition {}: another watermark", partition));
}

}  // namespace proactive::simulation
