// Each bound of a Pipeline, filled: what is over it is refused or put off, and counted.
#include "tests/support/pipeline_world.h"

using namespace proactive;
using namespace proactive::test;

namespace {

std::shared_ptr<daemon::PipelineSetup> setup() {
  return std::make_shared<daemon::PipelineSetup>(*world_setup());
}

WorldRecord battery(int customer, int device, std::int64_t minute = 0) {
  WorldRecord record;
  record.time_us = 1767571200LL * 1'000'000 + minute * 60'000'000;
  record.key = fmt::format("c_{}", customer);
  record.value = fmt::format(
      R"({{"event_time":"{}","customer_id":"{}","signal":"device.battery","kind":"gauge","value":10,"entity":{{"type":"device","id":"d{}"}}}})",
      format_rfc3339(Timestamp(Duration(record.time_us))), record.key, device);
  return record;
}

}  // namespace

TEST_CASE("the 257th entity of a customer is refused and counted; the others go on") {
  Driver driver(world_rules(), world_setup());
  for (int device = 0; device < 260; ++device) driver.process(battery(1, device));
  CHECK(driver.pipeline->counts().entities == 256);
  CHECK(driver.pipeline->counts().refused_entities == 8);  // by each of the two measures of a device
}

TEST_CASE("series beyond a customer's limit are refused and counted") {
  const auto limited = setup();
  limited->limits.series_per_customer = 3;
  Driver driver(world_rules(), limited);
  for (int device = 0; device < 5; ++device) driver.process(battery(1, device));
  CHECK(driver.pipeline->counts().series == 3);
  CHECK(driver.pipeline->counts().refused_series == 7);  // of ten
}

TEST_CASE("episodes beyond a customer's limit are refused and counted") {
  const auto limited = setup();
  limited->limits.episodes_per_customer = 2;
  Driver driver(world_rules(), limited);
  for (int device = 0; device < 5; ++device) driver.process(battery(1, device));
  CHECK(driver.pipeline->counts().episodes == 2);
  CHECK(driver.pipeline->counts().refused_episodes >= 3);
}

TEST_CASE("a full state refuses new customers and keeps those it knows") {
  const auto limited = setup();
  limited->limits.state_bytes = 10'000;
  Driver driver(world_rules(), limited);
  for (int customer = 0; customer < 100; ++customer) driver.process(battery(customer, 1));
  const auto known = driver.pipeline->counts().customers;
  CHECK(known > 5);
  CHECK(known < 100);
  CHECK(driver.pipeline->counts().refused_full > 0);
  CHECK(driver.pipeline->memory_bytes() < 12'000);

  const auto before = driver.pipeline->counts().refused_full;
  driver.process(battery(0, 1, 1));
  CHECK(driver.pipeline->counts().refused_full == before);
}

TEST_CASE("limits are for new keys: what was taken in once is restored, and reloaded, under lower ones") {
  const auto limited = setup();
  Driver driver(world_rules(), limited);
  for (int device = 0; device < 20; ++device) driver.process(battery(device % 4, device));
  driver.commit();
  const auto before = driver.pipeline->counts();
  limited->limits.state_bytes = 1'000;
  limited->limits.entities_per_customer = limited->limits.series_per_customer =
      limited->limits.episodes_per_customer = 1;
  driver.restart();
  CHECK(driver.pipeline->counts().series == before.series);
  CHECK(driver.pipeline->counts().episodes == before.episodes);
  driver.use_rules(world_rules());
  CHECK(driver.pipeline->counts().series == before.series);
  driver.process(battery(9, 1));
  CHECK(driver.pipeline->counts().refused_full == 1);
}

TEST_CASE("an entity without events for the time to live is erased, by event time") {
  const auto limited = setup();
  limited->limits.state_ttl = std::chrono::hours(48);
  Driver driver(world_rules(), limited);
  driver.process(battery(1, 1));
  driver.commit();
  const std::size_t records = driver.changelog.size();
  REQUIRE(records > 1);
  driver.process(battery(2, 1, 60 * 110));
  driver.process(battery(2, 1, 60 * 112));
  driver.commit();
  CHECK(driver.pipeline->counts().customers == 1);
  CHECK(driver.pipeline->counts().expired > 0);
  for (const auto& entry : driver.changelog) CHECK(entry.first.find("c_1") == std::string::npos);
}

// ---- bounds that put off what they bound: the result is that of a run that never meets them ---------------------

namespace {

struct Run {
  Driver driver;
  explicit Run(const std::shared_ptr<daemon::PipelineSetup>& limited) : driver(world_rules(), limited) {}

  // So many records to a transaction.
  void take(const World& world, std::size_t per_commit) {
    std::size_t taken = 0;
    for (const WorldRecord& record : world.records) {
      driver.process(record);
      if (++taken % per_commit == 0) driver.commit();
    }
    driver.commit();
  }
};

void check_same(Run& limited, Run& unlimited) {
  CHECK(limited.driver.outputs.size() > 20);
  CHECK(same_outputs(limited.driver.outputs, unlimited.driver.outputs));
  CHECK(same_state(limited.driver.state(), unlimited.driver.state()));
}

}  // namespace

TEST_CASE("a tick that hits timers_per_tick leaves the rest due, counts it, and nothing is lost") {
  const World world = make_world(5, 0, 6);
  const auto few = setup();
  few->limits.timers_per_tick = 1;
  Run limited(few), unlimited(setup());
  const Timestamp later = Timestamp(Duration(world.records.back().time_us)) + 3h;
  for (Run* run : {&limited, &unlimited}) {
    run->take(world, 50);
    run->driver.idle(later);  // what each customer's silence makes due, all at once
    run->driver.commit();
  }
  CHECK(limited.driver.pipeline->counts().tick_full > 20);
  CHECK(unlimited.driver.pipeline->counts().tick_full == 0);
  check_same(limited, unlimited);
}

TEST_CASE(
    "at checkpoint_steps everything is written, counted, and a restore has less to replay, to the same end") {
  const World world = make_world(5, 0, 6);
  const auto with_steps = [](std::size_t steps) {
    const auto by_age = setup();
    by_age->limits.checkpoint_age = 1h;  // of more steps than the small bound allows
    by_age->limits.checkpoint_steps = steps;
    return by_age;
  };
  Run limited(with_steps(40)), unlimited(with_steps(1'000'000));
  limited.take(world, 10);
  unlimited.take(world, 10);
  CHECK(limited.driver.pipeline->counts().checkpoint_full > 5);
  CHECK(unlimited.driver.pipeline->counts().checkpoint_full == 0);
  CHECK(limited.driver.written > unlimited.driver.written);
  check_same(limited, unlimited);

  limited.driver.restart();
  unlimited.driver.restart();
  CHECK(limited.driver.replayed < unlimited.driver.replayed);
  CHECK(unlimited.driver.replayed > 100);
  CHECK(same_state(limited.driver.state(), unlimited.driver.state()));
}
