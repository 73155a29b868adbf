// The guarantees of docs/architecture.md over any cut point, drawn from seeds. A failing seed is printed and replays it.
#include <set>

#include <nlohmann/json.hpp>

#include "tests/support/pipeline_world.h"

using namespace proactive;
using namespace proactive::test;

namespace {

constexpr std::uint32_t kSeeds = 8;

struct Run {
  std::vector<daemon::OutputRecord> outputs;
  std::vector<daemon::StateChange> state;
};

Run straight(const World& world, const std::shared_ptr<const rules::RuleSet>& rules) {
  Driver driver(rules, world_setup());
  for (const WorldRecord& record : world.records) driver.process(record);
  driver.commit();
  return {driver.outputs, driver.state()};
}

// What was told and decided about each rule and entity of a customer, without what depends on other customers' progress.
// Between rules the order is open: thresholds run on the customer's own clock, the others wait for the watermark.
std::map<std::string, std::vector<std::string>> per_customer(
    const std::vector<daemon::OutputRecord>& outputs) {
  std::map<std::string, std::vector<std::string>> told;
  for (const daemon::OutputRecord& record : outputs) {
    if (record.channel == daemon::Channel::dead_letters) continue;
    nlohmann::json event = nlohmann::json::parse(record.value);
    for (const char* field : {"recordedtime", "expirytime"}) event.erase(field);
    for (const char* field : {"inputs", "watermark", "decided_at", "not_before", "send_by"}) {
      event["data"]["decision"].erase(field);
    }
    const std::string about =
        record.key + " " + event["data"]["dedup_key"].get<std::string>();  // rule, customer, entity
    told[about].push_back(std::to_string(static_cast<int>(record.channel)) + event.dump());
  }
  return told;
}

// The first thing that differs, for the person who reads a failure; empty when nothing does.
using Told = std::map<std::string, std::vector<std::string>>;
std::string difference(const Told& a, const Told& b) {
  for (const auto& entry : a) {
    const auto other = b.find(entry.first);
    if (other == b.end()) return entry.first + ": told only in the first run";
    for (std::size_t i = 0; i < std::max(entry.second.size(), other->second.size()); ++i) {
      const std::string x = i < entry.second.size() ? entry.second[i] : "nothing";
      const std::string y = i < other->second.size() ? other->second[i] : "nothing";
      if (x == y) continue;
      std::size_t at = 0;
      while (at < std::min(x.size(), y.size()) && x[at] == y[at]) ++at;
      const std::size_t from = at < 60 ? 0 : at - 60;
      return entry.first + " record " + std::to_string(i) + " at byte " + std::to_string(at) + ":\n  " +
             x.substr(from, 160) + "\n  " + y.substr(from, 160);
    }
  }
  return a.size() == b.size() ? std::string() : "a customer is told only in the second run";
}

std::size_t count(const std::vector<daemon::OutputRecord>& outputs, daemon::Channel channel) {
  return static_cast<std::size_t>(std::count_if(
      outputs.begin(), outputs.end(), [channel](const auto& record) { return record.channel == channel; }));
}

}  // namespace

TEST_CASE("equal records give equal outputs and equal state bytes") {
  const auto rules = world_rules();
  std::size_t outreach = 0;
  for (std::uint32_t seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    const World world = make_world(seed);
    const Run first = straight(world, rules);
    const Run second = straight(world, rules);
    CHECK(same_outputs(first.outputs, second.outputs));
    CHECK(same_state(first.state, second.state));
    CHECK(count(first.outputs, daemon::Channel::dead_letters) > 0);
    outreach += count(first.outputs, daemon::Channel::outreach);
  }
  CHECK(outreach > 20);  // else the property would hold for want of events
}

TEST_CASE("an aborted transaction leaves no trace, wherever it is cut") {
  const auto rules = world_rules();
  for (std::uint32_t seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    const World world = make_world(seed);
    const Run expected = straight(world, rules);
    std::mt19937 rng(seed * 7919);
    Driver driver(rules, world_setup());
    std::size_t at = 0;
    int aborts = 0;
    while (at < world.records.size()) {
      const std::size_t until = std::min(world.records.size(), at + 1 + rng() % 2000);
      const std::size_t from = driver.committed_records();
      for (; at < until; ++at) driver.process(world.records[at]);
      if (rng() % 3 == 0) {
        const auto before = driver.changelog;
        driver.rollback();
        ++aborts;
        std::map<std::string, std::string> after;
        for (const daemon::StateChange& change : driver.state()) after[change.key] = change.value;
        const bool equal = from == 0 || after == before;
        CHECK(equal);
        at = from;
        for (std::size_t i = at; i < until; ++i) driver.process(world.records[i]);
        at = until;
      }
      driver.commit();
    }
    CHECK(aborts > 0);
    CHECK(same_outputs(expected.outputs, driver.outputs));
    auto final_state = driver.state();
    auto expected_state = expected.state;
    final_state.pop_back();  // the meta record counts commits
    expected_state.pop_back();
    CHECK(same_state(expected_state, final_state));
  }
}

TEST_CASE("a restore from the changelog goes on as if nothing had happened") {
  const auto rules = world_rules();
  for (std::uint32_t seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    const World world = make_world(seed);
    const Run expected = straight(world, rules);
    std::mt19937 rng(seed * 104729);
    Driver driver(rules, world_setup());
    std::size_t at = 0;
    int restarts = 0;
    while (at < world.records.size()) {
      const std::size_t until = std::min(world.records.size(), at + 1 + rng() % 3000);
      for (; at < until; ++at) driver.process(world.records[at]);
      if (rng() % 2 == 0) driver.commit();
      if (rng() % 2 == 0) {
        // Some of the work is lost with the process; it comes again from the committed offset.
        driver.restart();
        ++restarts;
        at = driver.committed_records();
      }
    }
    driver.commit();
    CHECK(restarts > 0);
    CHECK(same_outputs(expected.outputs, driver.outputs));
    auto final_state = driver.state();
    auto expected_state = expected.state;
    final_state.pop_back();
    expected_state.pop_back();
    CHECK(same_state(expected_state, final_state));
  }
}

// The state as it would be without any of this, but for the meta record, which counts commits.
bool same_but_meta(std::vector<daemon::StateChange> a, std::vector<daemon::StateChange> b) {
  a.pop_back();
  b.pop_back();
  return same_state(a, b);
}

TEST_CASE("series may be written late: a restore replays what the changelog lacks, to the byte") {
  const auto rules = world_rules();
  auto setup = std::make_shared<daemon::PipelineSetup>(*world_setup());
  for (const Duration age : {Duration(20s), Duration(15min), Duration(10h)}) {
    setup->limits.checkpoint_age = age;
    std::uint64_t replayed = 0, written = 0, written_at_once = 0;
    for (std::uint32_t seed = 1; seed <= kSeeds; ++seed) {
      CAPTURE(seed);
      CAPTURE(age.count());
      const World world = make_world(seed);
      std::mt19937 rng(seed * 15485863);
      // The one that never fails goes through the same ticks.
      Driver calm(rules, world_setup());
      Driver driver(rules, setup);
      std::size_t at = 0;
      int restarts = 0, rollbacks = 0;
      while (at < world.records.size()) {
        const std::size_t from = at;
        const std::size_t until = std::min(world.records.size(), at + 1 + rng() % 200);
        const Timestamp newest = calm.pipeline->max_event_time();  // kNever before the first record
        const Timestamp idle =
            rng() % 8 == 0 && newest != kNever ? newest - Duration(rng() % 60'000'000) : kNever;
        const auto run = [&](Driver& one) {
          for (std::size_t i = from; i < until; ++i) one.process(world.records[i]);
          if (idle != kNever) one.idle(idle);
        };
        run(calm);
        calm.commit();
        run(driver);
        const auto fate = rng() % 16;
        if (fate == 0) {
          driver.rollback();
          ++rollbacks;
          run(driver);
        } else if (fate == 1) {
          driver.restart();
          ++restarts;
          run(driver);
        }
        driver.commit();
        if (fate == 2) {
          driver.restart();
          ++restarts;
          CHECK(same_but_meta(calm.state(), driver.state()));
        }
        at = until;
      }
      driver.commit(true);
      CHECK_FALSE(driver.pipeline->dirty());
      CHECK(restarts > 0);
      CHECK(rollbacks > 0);
      CHECK(same_outputs(calm.outputs, driver.outputs));
      CHECK(same_but_meta(calm.state(), driver.state()));
      const std::uint64_t before = driver.replayed;
      driver.restart();
      CHECK(driver.replayed == before);  // all was written: nothing to replay
      CHECK(same_but_meta(calm.state(), driver.state()));
      replayed += driver.replayed;
      written += driver.written;
      written_at_once += calm.written;
    }
    CHECK(replayed > 0);
    MESSAGE("checkpoint_age " << format_duration(age) << ": " << written << " changelog records instead of "
                              << written_at_once << ", " << replayed << " records replayed");
    if (age > 1min) CHECK(written < written_at_once);
  }
}

TEST_CASE("only the order within a customer counts") {
  const auto rules = world_rules();
  for (std::uint32_t seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    const auto expected = per_customer(straight(make_world(seed), rules).outputs);
    for (std::uint32_t delays = 1; delays <= 3; ++delays) {
      CAPTURE(delays);
      const World world = make_world(seed, delays);
      Driver driver(rules, world_setup());
      for (const WorldRecord& record : world.records) driver.process(record);
      driver.commit();
      REQUIRE(driver.pipeline->counts().late == 0);
      CHECK(difference(expected, per_customer(driver.outputs)) == "");
    }
  }
}

TEST_CASE("how often the lane ticks changes nothing") {
  const auto rules = world_rules();
  for (std::uint32_t seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    const World world = make_world(seed);
    const Run expected = straight(world, rules);
    std::mt19937 rng(seed);
    Driver driver(rules, world_setup());
    for (const WorldRecord& record : world.records) {
      driver.process(record);
      for (auto i = rng() % 3; i > 0; --i) driver.tick();
    }
    driver.commit();
    CHECK(same_outputs(expected.outputs, driver.outputs));
    CHECK(same_state(expected.state, driver.state()));
  }
}

TEST_CASE("an outreach id stands for one grammar of events: opened, updates, an end") {
  const auto rules = world_rules();
  for (std::uint32_t seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    const Run run = straight(make_world(seed), rules);
    std::map<std::string, std::string> last;
    std::map<std::string, int> revision;
    std::set<std::string> ids;
    for (const daemon::OutputRecord& record : run.outputs) {
      if (record.channel != daemon::Channel::outreach) continue;
      const auto event = nlohmann::json::parse(record.value);
      CHECK(ids.insert(event["id"].get<std::string>()).second);
      const auto& data = event["data"];
      const std::string id = data["outreach_id"].get<std::string>();
      const std::string status = data["status"].get<std::string>();
      CAPTURE(id);
      CHECK(data["revision"].get<int>() == ++revision[id]);
      if (status == "opened") CHECK(last[id].empty());
      if (status == "updated")
        CHECK((last[id] == "opened" || last[id] == "updated" || last[id] == "resolved"));
      if (status == "resolved" || status == "cancelled")
        CHECK((last[id] == "opened" || last[id] == "updated"));
      last[id] = status;
    }
  }
}
