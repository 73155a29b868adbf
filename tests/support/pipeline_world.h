// A small world for property tests: a few customers with rhythm, faults, gaps, duplicates, profiles and bad records, all
// drawn from a seed; and ways to run its records through Pipelines.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "daemon/pipeline/pipeline.h"
#include "rules/engine/load_rules.h"

namespace proactive::test {

using namespace std::chrono_literals;

struct WorldRecord {
  daemon::StreamKind stream = daemon::StreamKind::telemetry;
  std::int64_t time_us = 0;     // event time
  std::int64_t arrival_us = 0;  // order of arrival within the customer
  std::size_t customer = 0;
  std::string key, value;
};

struct World {
  std::vector<WorldRecord> records;  // in order of arrival
};

constexpr Duration kWorldLateness = 2min;

// `delays`: another seed that moves each customer's records as a whole by up to half the lateness, which changes the
// order between customers but not within one.
inline World make_world(std::uint32_t seed, std::uint32_t delays = 0, std::int64_t hours = 20) {
  std::mt19937 rng(seed);
  const auto uniform = [&rng](double lo, double hi) {
    return lo + (hi - lo) * (static_cast<double>(rng()) / 4294967296.0);
  };
  const std::int64_t start = 1767571200LL * 1'000'000;  // 2026-01-05T00:00:00Z
  const std::int64_t minute = 60'000'000;
  World world;
  const std::size_t customers = 6 + rng() % 4;
  const std::int64_t outage =
      start + static_cast<std::int64_t>(uniform(0.3, 0.9) * 60.0 * static_cast<double>(hours)) * minute;
  for (std::size_t c = 0; c < customers; ++c) {
    const std::string id = fmt::format("c_{}", c);
    const auto add = [&](std::int64_t time, std::string value, bool jitter = true) {
      WorldRecord record;
      record.time_us = time;
      record.arrival_us = time + (jitter ? static_cast<std::int64_t>(uniform(0, 50e6)) : 0);
      record.customer = c;
      record.key = id;
      record.value = std::move(value);
      world.records.push_back(std::move(record));
    };
    WorldRecord profile;
    profile.stream = daemon::StreamKind::profiles;
    profile.time_us = profile.arrival_us = start;
    profile.customer = c;
    profile.key = id;
    profile.value = fmt::format(
        R"({{"customer_id":"{}","plan":"{}","limit_ms":{},"time_zone":"Europe/Berlin","version":1}})", id,
        c % 3 == 0 ? "trial" : "pro", 180 + 20 * static_cast<int>(c));
    world.records.push_back(profile);

    const std::int64_t fault_from =
        start + static_cast<std::int64_t>(uniform(0.2, 0.9) * 60.0 * static_cast<double>(hours)) * minute;
    const std::int64_t fault_to = fault_from + static_cast<std::int64_t>(uniform(5, 120)) * minute;
    const auto fault = static_cast<unsigned>(rng() % 5);
    double total = uniform(0, 1e6);
    for (std::int64_t m = 0; m < hours * 60; ++m) {
      const std::int64_t t = start + m * minute + static_cast<std::int64_t>(uniform(0, 59e6));
      if (t >= outage && t < outage + 25 * minute) continue;  // the upstream is dead for everybody
      const bool bad = t >= fault_from && t < fault_to;
      const std::string stamp = format_rfc3339(Timestamp(Duration(t / 1000 * 1000)));
      const auto line = [&](const char* signal, const char* kind, double value, const char* more = "") {
        return fmt::format(
            R"({{"event_time":"{}","customer_id":"{}","signal":"{}","kind":"{}","value":{:.3f}{}}})", stamp,
            id, signal, kind, value, more);
      };
      if (m % 2 == 0) {
        const double requests = std::floor(uniform(20, 40));
        const bool drop = bad && fault == 4;
        if (!drop) add(t, line("api.requests", "count", requests));
        add(t, line("api.errors", "count",
                    std::floor(requests * (bad && fault == 0 ? uniform(0.2, 0.5) : uniform(0, 0.06)))));
        if (uniform(0, 1) < 0.02) add(t, world.records.back().value);  // a duplicate
      }
      add(t, line("api.latency_ms", "gauge", (bad && fault == 1 ? 160.0 : 100.0) + uniform(-15, 15)));
      if (!(bad && fault == 2)) add(t, line("sync.heartbeat", "event", 1));
      if (m % 10 == 0) {
        for (const char* device : {"d1", "d2"}) {
          const double level = bad && fault == 3 ? uniform(5, 25) : uniform(35, 90);
          add(t, line("device.battery", "gauge", level,
                      fmt::format(R"(,"entity":{{"type":"device","id":"{}"}})", device).c_str()));
        }
      }
      total += uniform(0, 120'000) * (bad ? 3 : 1);
      if (uniform(0, 1) < 0.003) total = 0;  // the counter begins anew
      add(t, line("bytes.total", "cumulative", total));
      if (uniform(0, 1) < 0.01) add(t, R"({"event_time":"broken)");
      if (uniform(0, 1) < 0.05) add(t, line("nobody.asks", "count", 1));
    }
  }
  std::mt19937 delay_rng(delays);
  std::vector<std::int64_t> delay(customers, 0);
  if (delays != 0) {
    for (std::int64_t& one : delay) one = static_cast<std::int64_t>(delay_rng() % 60'000'000);
  }
  std::stable_sort(world.records.begin(), world.records.end(),
                   [&delay](const WorldRecord& a, const WorldRecord& b) {
                     if (a.stream != b.stream) return a.stream > b.stream;  // profiles first
                     const std::int64_t at_a = a.arrival_us + delay[a.customer];
                     const std::int64_t at_b = b.arrival_us + delay[b.customer];
                     return at_a < at_b;
                   });
  return world;
}

inline std::shared_ptr<const rules::RuleSet> world_rules() {
  rules::LoadOptions options;
  options.signal_files = {PROACTIVE_SOURCE_DIR "/tests/data/good/rules/property/signals.yaml"};
  options.pack_paths = {PROACTIVE_SOURCE_DIR "/tests/data/good/rules/property/rules.yaml"};
  config::Findings findings;
  auto rules = rules::load_rules(options, findings);
  INFO(findings.render_text());
  REQUIRE(rules != nullptr);
  return rules;
}

inline std::shared_ptr<const daemon::PipelineSetup> world_setup() {
  auto setup = std::make_shared<daemon::PipelineSetup>();
  setup->limits.lateness = kWorldLateness;
  setup->outreach.enabled = true;
  setup->key = std::make_shared<const daemon::IdentityKey>(config::Secret("property-test-key"));
  return setup;
}

// Drives one Pipeline by hand.
class Driver {
 public:
  Driver(std::shared_ptr<const rules::RuleSet> rules, std::shared_ptr<const daemon::PipelineSetup> setup)
      : rules_(std::move(rules)), setup_(std::move(setup)) {
    pipeline = std::make_unique<daemon::Pipeline>(0, rules_, setup_);
    version_.offsets = {0, 0};
  }

  void process(const WorldRecord& record) {
    daemon::InputRecord input;
    input.stream = record.stream;
    input.offset = offset_[static_cast<std::size_t>(record.stream)]++;
    input.appended_at = Timestamp(Duration(record.time_us));
    input.key = record.key;
    input.value = record.value;
    input.tombstone = record.stream == daemon::StreamKind::profiles && record.value.empty();
    now_ = std::max(now_, input.appended_at);
    if (record.stream == daemon::StreamKind::telemetry) {
      telemetry_.resize(static_cast<std::size_t>(input.offset));
      telemetry_.push_back(record);
    }
    pipeline->process(input, now_, out_);
    drain_timers();
  }
  void tick() {
    pipeline->tick(now_, kNever, out_);
    drain_timers();
  }
  // The lane vouches for event time although nobody spoke.
  void idle(Timestamp watermark) {
    pipeline->tick(now_, watermark, out_);
    drain_timers();
  }
  // Takes over the outputs of the transaction and writes the changes into the changelog.
  void commit(bool write_all = false) {
    version_.offsets = offset_;
    ++version_.v;
    version_.watermark = pipeline->watermark();
    version_.replay_from = pipeline->choose_written(offset_[0], now_, write_all);
    daemon::ChangeSet changes;
    pipeline->collect_changes(version_, changes);
    written += changes.changes.size();
    for (const daemon::StateChange& change : changes.changes) {
      if (change.tombstone) {
        changelog.erase(change.key);
      } else {
        changelog[change.key] = change.value;
      }
    }
    pipeline->commit(version_);
    for (daemon::OutputRecord& record : out_.records) outputs.push_back(std::move(record));
    out_.clear();
    committed_offset_ = offset_;
    committed_now_ = now_;
  }
  void use_rules(std::shared_ptr<const rules::RuleSet> rules) {
    rules_ = std::move(rules);
    pipeline->use_rules(rules_);
  }
  void rollback() {
    pipeline->rollback();
    out_.clear();
    offset_ = committed_offset_;
    now_ =
        committed_now_;  // the same clock when the records come again, so that outputs can be compared whole
  }
  // A new process: nothing but the changelog is left, and the input.
  void restart() {
    pipeline = std::make_unique<daemon::Pipeline>(0, rules_, setup_);
    for (const auto& entry : changelog) {
      const Result<void> loaded = pipeline->load(entry.first, entry.second);
      INFO((loaded ? std::string() : loaded.error().message));
      REQUIRE(loaded);
    }
    REQUIRE(pipeline->finish_load());
    if (pipeline->replaying()) {
      const daemon::CommitVersion& loaded = pipeline->loaded_version();
      for (std::int64_t offset = loaded.replay_from; offset < loaded.offsets[0]; ++offset, ++replayed) {
        const WorldRecord& record = telemetry_[static_cast<std::size_t>(offset)];
        daemon::InputRecord input;
        input.offset = offset;
        input.appended_at = Timestamp(Duration(record.time_us));
        input.key = record.key;
        input.value = record.value;
        pipeline->replay(input);
      }
      pipeline->finish_replay();
      CHECK(pipeline->counts().replay_differs == 0);
    }
    out_.clear();
    offset_ = committed_offset_;
    now_ =
        committed_now_;  // the same clock when the records come again, so that outputs can be compared whole
  }
  [[nodiscard]] std::vector<daemon::StateChange> state() {
    daemon::ChangeSet all;
    pipeline->dump(all);
    return all.changes;
  }
  [[nodiscard]] std::size_t committed_records() const {
    return static_cast<std::size_t>(committed_offset_[0] + committed_offset_[1]);
  }

  std::unique_ptr<daemon::Pipeline> pipeline;
  std::vector<daemon::OutputRecord> outputs;     // of committed transactions
  std::map<std::string, std::string> changelog;  // compacted
  std::uint64_t replayed = 0;                    // records, by restarts
  std::uint64_t written = 0;                     // changelog records

 private:
  void drain_timers() {
    while (pipeline->due()) pipeline->tick(now_, kNever, out_);
  }

  std::shared_ptr<const rules::RuleSet> rules_;
  std::shared_ptr<const daemon::PipelineSetup> setup_;
  daemon::CommitVersion version_;
  std::array<std::int64_t, daemon::kStreamKinds> offset_{0, 0}, committed_offset_{0, 0};
  std::vector<WorldRecord> telemetry_;  // by offset
  Timestamp now_{}, committed_now_{};
  daemon::PipelineOutput out_;
};

inline bool same_state(const std::vector<daemon::StateChange>& a, const std::vector<daemon::StateChange>& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](const auto& x, const auto& y) {
           return x.key == y.key && x.value == y.value && x.tombstone == y.tombstone;
         });
}

inline bool same_outputs(const std::vector<daemon::OutputRecord>& a,
                         const std::vector<daemon::OutputRecord>& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](const auto& x, const auto& y) {
           return x.channel == y.channel && x.key == y.key && x.value == y.value && x.headers == y.headers;
         });
}

}  // namespace proactive::test
