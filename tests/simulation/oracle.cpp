#include "tests/simulation/oracle.h"

#include <algorithm>
#include <tuple>

#include "daemon/pipeline/state_blocks.h"
#include "tests/simulation/input.h"
#include "tests/simulation/sim_ports.h"

namespace proactive::simulation {
namespace {

using namespace proactive::daemon;

template <class Record>
std::string printed(const Record& record) {
  std::string all = fmt::format("key {} value {}", record.key, record.value);
  for (const auto& header : record.headers) all += fmt::format(" {}={}", header.first, header.second);
  return all;
}
// Enough to find it with in a trace.
std::string shortened(const std::string& line) {
  return line.size() < 400 ? line : line.substr(0, 400) + "...";
}

InputRecord as_record(const Entry& entry, StreamKind stream, PartitionId partition) {
  InputRecord record;
  record.stream = stream;
  record.partition = partition;
  record.offset = entry.offset;
  record.appended_at = entry.at;
  record.key = entry.body->key;
  record.value = entry.body->value;
  record.tombstone = entry.tombstone;
  return record;
}

std::string described(const StateChange& change) {
  const Result<std::string> text = describe_state_record(change.key, change.value);
  return text ? *text : text.error().message;
}

bool same(const Entry& seen, const OutputRecord& expected) {
  return seen.body->key == expected.key && seen.body->value == expected.value &&
         seen.body->headers == expected.headers && seen.tombstone == expected.tombstone;
}

void compare_records(const std::string& what, const std::vector<Entry>& seen,
                     const std::vector<OutputRecord>& expected) {
  const auto differ = std::mismatch(seen.begin(), seen.end(), expected.begin(), expected.end(), same);
  if (differ.first == seen.end() && differ.second == expected.end()) return;
  throw Broken(
      fmt::format("{}: {} records since the last comparison, {} expected; the first that differs is number "
                  "{}\n  seen     "
                  "{}\n  expected {}",
                  what, seen.size(), expected.size(), differ.first - seen.begin(),
                  differ.first == seen.end() ? "nothing" : shortened(printed(*differ.first->body)),
                  differ.second == expected.end() ? "nothing" : shortened(printed(*differ.second))));
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

void Oracle::drain(Run& run, PipelineOutput& out) {
  while (run.pipeline->due()) run.pipeline->tick(sim_.wall, kNever, out);
  for (OutputRecord& record : out.records) {
    count_output(record);
    if (sim_.refuses(record)) {
      record = refused_letter(record, kRefusalReason);
      sim_.events.add(Event::output_replaced);
    }
    std::vector<OutputRecord>& into = record.channel == Channel::dead_letters
                                          ? letters_
                                          : run.outputs[static_cast<std::size_t>(record.channel)];
    into.push_back(std::move(record));
  }
  out.clear();
}

void Oracle::take(Run& run, StreamKind stream) {
  TopicLog& log = log_.at(topic_of(stream), run.pipeline->partition());
  PipelineOutput out;
  for (const Entry& entry : log.read(run.next[static_cast<std::size_t>(stream)], log.stable(), SIZE_MAX)) {
    run.pipeline->process(as_record(entry, stream, run.pipeline->partition()), sim_.wall, out);
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

void Oracle::use_rules(const SharedRules& rules, const SharedSetup& setup) {
  rules_ = rules;
  setup_ = setup;
  PipelineOutput out;
  for (Run& run : runs_) {
    commit(*run.pipeline);
    run.pipeline->use_rules(rules_, setup_);
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

void Oracle::forget_state(PartitionId partition) {
  run(partition).pipeline = std::make_unique<Pipeline>(partition, rules_, setup_);
}

void Oracle::move(PartitionId partition, std::int64_t telemetry) {
  run(partition).next[static_cast<std::size_t>(StreamKind::telemetry)] = telemetry;
}

// What the input leads to must be as rich as what is done to it.
void Oracle::count_output(const OutputRecord& record) const {
  if (record.channel != Channel::outreach) return;
  for (const auto& [word, event] : {std::pair{".outreach.opened.", Event::outreach_opened},
                                    {".outreach.updated.", Event::outreach_updated},
                                    {".outreach.resolved.", Event::outreach_resolved},
                                    {".outreach.cancelled.", Event::outreach_cancelled}}) {
    if (record.value.find(word) != std::string::npos) sim_.events.add(event);
  }
}

void Oracle::count_into(Events& events) const {
  for (const Run& run : runs_) {
    const PipelineCounts& counts = run.pipeline->counts();
    events.add(Event::late, counts.late);
    events.add(Event::duplicate, counts.duplicates);
    events.add(Event::stale_profile, counts.stale_profiles);
    events.add(Event::state_expired, counts.expired);
    events.add(Event::timers_full, counts.tick_full);
  }
}

Timestamp Oracle::watermark(PartitionId partition) const {
  return runs_[static_cast<std::size_t>(partition)].pipeline->watermark();
}

void Oracle::compare(bool stopped) {
  for (PartitionId partition = 0; partition < sim_.plan.partitions; ++partition) {
    compare_state(partition, stopped);
    compare_outputs(partition, Topic::outreach, Channel::outreach);
    compare_outputs(partition, Topic::decisions, Channel::decisions);
  }
  compare_letters();
}

std::vector<Entry> Oracle::newly_committed(Topic topic, PartitionId partition) {
  const TopicLog& log = log_.at(topic, partition);
  return log.read(compared_[{topic, partition}], log.stable(), SIZE_MAX);
}

// What was equal once stays so: nothing that is committed changes.
void Oracle::compare_outputs(PartitionId partition, Topic topic, Channel channel) {
  std::vector<OutputRecord>& expected =
      runs_[static_cast<std::size_t>(partition)].outputs[static_cast<std::size_t>(channel)];
  compare_records(
      fmt::format("{} of partition {}", channel == Channel::outreach ? "outreach" : "decisions", partition),
      newly_committed(topic, partition), expected);
  expected.clear();
}

// In any order: their topic has partitions of its own, and profiles have none beside telemetry.
void Oracle::compare_letters() {
  std::vector<Entry> seen;
  for (PartitionId partition = 0; partition < 2; ++partition) {
    for (Entry& entry : newly_committed(Topic::dead_letters, partition)) seen.push_back(std::move(entry));
  }
  const auto sort = [](auto& records, auto body) {
    std::sort(records.begin(), records.end(), [&](const auto& a, const auto& b) {
      return std::tie(body(a).headers, body(a).key, body(a).value) <
             std::tie(body(b).headers, body(b).key, body(b).value);
    });
  };
  sort(seen, [](const Entry& entry) -> const Body& { return *entry.body; });
  sort(letters_, [](const OutputRecord& record) -> const OutputRecord& { return record; });
  if (!seen.empty()) sim_.events.add(Event::dead_letters);
  compare_records("dead letters", seen, letters_);
  letters_.clear();
}

// What a new process would begin with.
std::unique_ptr<Pipeline> Oracle::restored(PartitionId partition) {
  auto made = std::make_unique<Pipeline>(partition, rules_, setup_);
  Pipeline& restored = *made;
  for (const Entry& entry : log_.at(Topic::changelog, partition).all_committed()) {
    if (const auto loaded = restored.load(entry.body->key, entry.body->value); !loaded)
      throw Broken(fmt::format("partition {}: {}", partition, loaded.error().message));
  }
  if (const auto loaded = restored.finish_load(); !loaded)
    throw Broken(fmt::format("partition {}: {}", partition, loaded.error().message));
  if (restored.replaying()) replay(restored);
  return made;
}

// What the changelog lacks is in the input.
void Oracle::replay(Pipeline& restored) {
  const CommitVersion& version = restored.loaded_version();
  std::int64_t from = version.replay_from;
  for (const Entry& entry :
       log_.at(Topic::telemetry, restored.partition()).read(from, version.offsets[0], SIZE_MAX))
    restored.replay(as_record(entry, StreamKind::telemetry, restored.partition()));
  restored.finish_replay();
  if (restored.counts().replay_differs > 0)
    throw Broken(fmt::format("partition {}: the replay ends at another watermark", restored.partition()));
}

// Byte for byte; but for the meta record, which counts commits. A lane that has stopped in good order has left nothing
// to replay.
void Oracle::compare_state(PartitionId partition, bool stopped) {
  const std::optional<CommitVersion> version = log_.committed_version(partition);
  if (stopped && version && version->replay_from != version->offsets[0]) {
    throw Broken(fmt::format("partition {}: a lane has stopped, its changelog is of {}, its offsets of {}",
                             partition, version->replay_from, version->offsets[0]));
  }
  const std::unique_ptr<Pipeline> made = restored(partition);
  Pipeline& restored = *made;
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
