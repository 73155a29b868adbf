// How an outreach ends, and that the event says why: silence, a removed rule and an erasure are no recovery.
#include <nlohmann/json.hpp>

#include "tests/support/pipeline_world.h"

using namespace proactive;
using namespace proactive::test;

namespace {

WorldRecord battery(std::int64_t minute, double percent) {
  WorldRecord record;
  record.time_us = 1767571200LL * 1'000'000 + minute * 60'000'000;
  record.key = "c_1";
  record.value = fmt::format(
      R"({{"event_time":"{}","customer_id":"c_1","signal":"device.battery","kind":"gauge","value":{},"entity":{{"type":"device","id":"d1"}}}})",
      format_rfc3339(Timestamp(Duration(record.time_us))), percent);
  return record;
}

// One outreach of the rule device_low is open and committed.
Driver opened(std::shared_ptr<const daemon::PipelineSetup> setup = world_setup()) {
  Driver driver(world_rules(), std::move(setup));
  for (std::int64_t minute = 0; minute <= 10; ++minute) driver.process(battery(minute, 10));
  driver.commit();
  REQUIRE(driver.outputs.size() == 2);  // the event and its decision
  driver.outputs.clear();
  return driver;
}

// The only outreach event of the outputs: status and code of its first reason.
std::pair<std::string, std::string> told(const Driver& driver) {
  std::pair<std::string, std::string> found;
  int events = 0;
  for (const daemon::OutputRecord& record : driver.outputs) {
    if (record.channel != daemon::Channel::outreach) continue;
    const auto data = nlohmann::json::parse(record.value)["data"];
    found = {data["status"].get<std::string>(), data["explanation"]["reasons"][0]["code"].get<std::string>()};
    ++events;
  }
  CHECK(events == 1);
  return found;
}

// The same rules without device_low.
std::shared_ptr<const rules::RuleSet> renamed() {
  auto other = std::make_shared<rules::RuleSet>(*world_rules());
  for (rules::Rule& rule : other->rules) {
    if (rule.name == "device_low") rule.name = "device_low_anew";
  }
  return other;
}

WorldRecord erasure() {
  WorldRecord record;
  record.stream = daemon::StreamKind::profiles;
  record.time_us = battery(30, 0).time_us;
  record.key = "c_1";
  return record;
}

}  // namespace

TEST_CASE("an outreach whose condition is clear is resolved: recovered") {
  Driver driver = opened();
  driver.process(battery(30, 90));
  driver.commit();
  CHECK(told(driver) == std::pair<std::string, std::string>("resolved", "RECOVERED"));
}

TEST_CASE("what was said is remembered for the cooldown, and no longer") {
  Driver driver = opened();
  driver.process(battery(30, 90));
  driver.commit();
  const auto remembered = [&driver] {
    return std::any_of(driver.changelog.begin(), driver.changelog.end(),
                       [](const auto& entry) { return entry.first.find("device_low") != std::string::npos; });
  };
  CHECK(remembered());
  const auto rules = world_rules();
  const auto rule = std::find_if(rules->rules.begin(), rules->rules.end(),
                                 [](const rules::Rule& one) { return one.name == "device_low"; });
  const std::int64_t cooldown =
      std::chrono::duration_cast<std::chrono::minutes>(rule->outreach->cooldown).count();
  driver.process(battery(cooldown, 90));
  driver.commit();
  CHECK(remembered());  // it was opened later than at minute 0
  driver.process(battery(cooldown + 60, 90));
  driver.commit();
  CHECK_FALSE(remembered());
}

TEST_CASE("an erased customer's outreach is cancelled as erased, and its state goes") {
  Driver driver = opened();
  driver.process(erasure());
  driver.commit();
  CHECK(told(driver) == std::pair<std::string, std::string>("cancelled", "ERASED"));
  CHECK(driver.changelog.size() == 1);  // the meta record
}

TEST_CASE("the outreach of a rule that is gone is cancelled as such") {
  Driver driver = opened();
  driver.use_rules(renamed());
  driver.tick();
  driver.commit();
  CHECK(told(driver) == std::pair<std::string, std::string>("cancelled", "RULE_REMOVED"));
}

TEST_CASE("the closing of a removed rule survives an undone transaction") {
  Driver driver = opened();
  driver.use_rules(renamed());
  driver.tick();
  driver.rollback();
  driver.tick();
  driver.commit();
  CHECK(told(driver) == std::pair<std::string, std::string>("cancelled", "RULE_REMOVED"));
}

TEST_CASE("an erasure takes the state of removed rules too, so that the rule's return finds nothing") {
  Driver driver = opened();
  const auto rules = world_rules();
  driver.use_rules(renamed());
  driver.process(erasure());
  driver.commit();
  CHECK(told(driver) == std::pair<std::string, std::string>("cancelled", "RULE_REMOVED"));
  CHECK(driver.changelog.size() == 1);  // the meta record
  driver.use_rules(rules);
  CHECK(driver.pipeline->counts().customers == 0);
}

TEST_CASE("a rule that is now about something else is another rule: its old outreach is closed") {
  Driver driver = opened();
  auto other = std::make_shared<rules::RuleSet>(*world_rules());
  for (rules::Rule& rule : other->rules) {
    if (rule.name == "device_low") rule.per = 0;
  }
  driver.use_rules(other);
  driver.tick();
  driver.commit();
  CHECK(told(driver) == std::pair<std::string, std::string>("cancelled", "RULE_REMOVED"));
}

TEST_CASE("state whose time to live ends closes what is open") {
  const auto brief = std::make_shared<daemon::PipelineSetup>(*world_setup());
  brief->limits.state_ttl = 2h;  // before anything else would end it
  Driver driver(world_rules(), brief);
  const auto heartbeat = [](std::int64_t minute, const char* customer) {
    WorldRecord record = battery(minute, 0);
    record.key = customer;
    record.value = fmt::format(
        R"({{"event_time":"{}","customer_id":"{}","signal":"sync.heartbeat","kind":"event","value":1}})",
        format_rfc3339(Timestamp(Duration(record.time_us))), customer);
    return record;
  };
  for (std::int64_t minute = 0; minute < 30; ++minute) driver.process(heartbeat(minute, "c_1"));
  for (std::int64_t minute = 0; minute < 60 * 5; ++minute) driver.process(heartbeat(minute, "c_2"));
  driver.commit();
  CHECK(driver.pipeline->counts().expired > 0);
  std::vector<std::string> statuses;
  for (const daemon::OutputRecord& record : driver.outputs) {
    if (record.channel != daemon::Channel::outreach) continue;
    statuses.push_back(nlohmann::json::parse(record.value)["data"]["status"].get<std::string>());
  }
  CHECK(statuses == std::vector<std::string>{"opened", "cancelled"});
}

TEST_CASE("the outreach of a rule that is gone is cancelled before its state is given up as too old") {
  auto setup = std::make_shared<daemon::PipelineSetup>(*world_setup());
  setup->limits.orphan_ttl = Duration::zero();
  Driver driver = opened(setup);
  WorldRecord later = battery(20, 90);  // another customer's, so that the watermark passes
  later.key = "c_2";
  later.value.replace(later.value.find("c_1"), 3, "c_2");
  driver.process(later);
  driver.commit();
  REQUIRE(driver.outputs.empty());
  auto other = std::make_shared<rules::RuleSet>(*world_rules());
  for (rules::Rule& rule : other->rules) {
    if (rule.name == "device_low") rule.name = "device_low_anew";
  }
  driver.use_rules(other);

  driver.commit();  // as a start does that finds its offsets expired
  driver.tick();
  driver.commit();

  CHECK(told(driver) == std::pair<std::string, std::string>("cancelled", "RULE_REMOVED"));
}

TEST_CASE("silence is not recovery: an outreach without data is cancelled for want of it") {
  Driver driver = opened();
  // Another customer carries the watermark on; the device never speaks again.
  for (std::int64_t minute = 11; minute < 60 * 72; minute += 10) {
    WorldRecord other = battery(minute, 90);
    other.key = "c_2";
    other.value.replace(other.value.find("c_1"), 3, "c_2");
    driver.process(other);
  }
  driver.commit();
  CHECK(told(driver) == std::pair<std::string, std::string>("cancelled", "NO_DATA"));
}
