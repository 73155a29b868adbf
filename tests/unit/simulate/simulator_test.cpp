#include "daemon/simulate/simulator.h"

#include <doctest/doctest.h>
#include <xxhash.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

namespace proactive::daemon {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

SimulationOptions small(std::uint64_t seed) {
  SimulationOptions options;
  options.seed = seed;
  options.customers = 12;
  options.days = 3;
  return options;
}

std::vector<std::string> lines_of(const SimulationOptions& options) {
  Simulator simulator(options);
  std::vector<std::string> lines;
  for (SimulatedRecord record; simulator.next(record);) lines.emplace_back(record.json);
  return lines;
}

// Of all four files, as the subcommand writes them.
std::uint64_t hash_of(const SimulationOptions& options) {
  Simulator simulator(options);
  std::string bytes;
  for (SimulatedRecord record; simulator.next(record);) bytes.append(record.json).push_back('\n');
  for (const ProfileLine& line : simulator.profiles()) bytes.append(line.json).push_back('\n');
  for (const TicketLine& line : simulator.tickets()) bytes.append(line.json).push_back('\n');
  for (const TruthRow& row : simulator.truth()) bytes.append(to_json(row)).push_back('\n');
  return XXH3_64bits(bytes.data(), bytes.size());
}

TEST_CASE("the same seed gives the same bytes on every host, another seed others") {
  SimulationOptions options = small(7);
  options.customers = 40;
  options.days = 12;
  CHECK(hash_of(options) == 12139262455586981196u);

  CHECK(hash_of(small(7)) == hash_of(small(7)));
  CHECK(hash_of(small(7)) != hash_of(small(8)));
}

TEST_CASE("records come in order of event time, from the first slot to the last") {
  Simulator simulator(small(3));
  Timestamp last = simulator.begin();
  std::size_t count = 0;
  bool ordered = true;
  for (SimulatedRecord record; simulator.next(record); ++count) {
    ordered = ordered && record.event_time >= last;
    last = record.event_time;
  }
  CHECK(ordered);
  CHECK(last < simulator.end());
  CHECK(last > simulator.end() - minutes(5));
  CHECK(count > 12u * 3u * 1500u);
}

TEST_CASE("arrival jitter disorders event times within its bound and changes nothing else") {
  SimulationOptions options = small(3);
  options.arrival_jitter = seconds(90);
  Simulator simulator(options);
  Timestamp newest{};
  std::size_t disordered = 0;
  bool bounded = true;
  std::vector<std::string> lines;
  for (SimulatedRecord record; simulator.next(record);) {
    disordered += record.event_time < newest;
    newest = std::max(newest, record.event_time);
    bounded = bounded && record.event_time > newest - seconds(90);
    lines.emplace_back(record.json);
  }
  CHECK(bounded);
  CHECK(disordered > lines.size() / 10);

  std::vector<std::string> ordered = lines_of(small(3));
  CHECK(lines != ordered);
  std::sort(lines.begin(), lines.end());
  std::sort(ordered.begin(), ordered.end());
  CHECK(lines == ordered);
}

TEST_CASE("duplicates are copies right behind their original") {
  SimulationOptions options = small(3);
  options.duplicate_share = 0.01;
  const std::vector<std::string> lines = lines_of(options);

  std::vector<std::string> unique = lines;
  unique.erase(std::unique(unique.begin(), unique.end()), unique.end());
  CHECK(unique == lines_of(small(3)));
  const double copies = static_cast<double>(lines.size() - unique.size());
  CHECK(copies / static_cast<double>(lines.size()) == doctest::Approx(0.01).epsilon(0.2));
}

TEST_CASE("a longer run begins with the shorter one") {
  SimulationOptions options = small(3);
  options.faults = false;
  const std::vector<std::string> shorter = lines_of(options);
  options.days = 4;
  std::vector<std::string> longer = lines_of(options);

  REQUIRE(longer.size() > shorter.size());
  longer.resize(shorter.size());
  CHECK(longer == shorter);
}

TEST_CASE("every line is canonical telemetry with an id of its own") {
  std::set<std::string> ids;
  double unused = 0;
  Simulator simulator(small(5));
  for (SimulatedRecord record; simulator.next(record);) {
    const nlohmann::json line = nlohmann::json::parse(record.json);
    ids.insert(line.at("event_id").get<std::string>());
    REQUIRE(line.at("customer_id") == std::string(record.customer));
    REQUIRE(parse_rfc3339(line.at("event_time").get<std::string>()).value() == record.event_time);
    const std::string signal = line.at("signal"), kind = line.at("kind");
    REQUIRE((kind == "event") == !line.contains("value"));
    if (line.contains("value")) REQUIRE(line.at("value").get<double>() >= 0);
    unused += signal.rfind("debug.", 0) == 0 || signal == "ui.click";
  }
  const auto count = static_cast<double>(lines_of(small(5)).size());
  CHECK(static_cast<double>(ids.size()) == count);
  CHECK(unused / count == doctest::Approx(0.2).epsilon(0.02));
}

TEST_CASE("the warm-up is half of the run, at most a fortnight, or what is asked for") {
  SimulationOptions options = small(1);
  options.days = 90;
  CHECK(Simulator(options).warm_until() == options.start + std::chrono::days(14));
  options.days = 10;
  CHECK(Simulator(options).warm_until() == options.start + std::chrono::days(5));
  options.warm_up = std::chrono::hours(6);
  CHECK(Simulator(options).warm_until() == options.start + std::chrono::hours(6));
}

TEST_CASE("each fault has a ticket that is solved when the fault ends, and others write for other reasons") {
  SimulationOptions options = small(2);
  options.customers = 100;
  options.days = 28;
  const Simulator simulator(options);
  const std::vector<TicketLine> tickets = simulator.tickets();
  CHECK(std::is_sorted(tickets.begin(), tickets.end(),
                       [](const TicketLine& a, const TicketLine& b) { return a.at < b.at; }));

  std::size_t background = 0, matched = 0;
  for (const TicketLine& ticket : tickets) {
    const nlohmann::json line = nlohmann::json::parse(ticket.json);
    CHECK(line.at("origin") == "customer");
    const std::string id = line.at("ticket_id"), event = line.at("event");
    if (id.rfind("tk-f-", 0) != 0) {
      background += event == "created";
      continue;
    }
    for (const TruthRow& row : simulator.truth()) {
      if ("tk-" + row.fault_id != id) continue;
      matched += 1;
      CHECK(row.customer_id == line.at("customer_id"));
      CHECK(ticket.at == (event == "created" ? row.ticket_at : row.ended));
      CHECK(parse_rfc3339(line.at("created_at").get<std::string>()).value() == row.ticket_at);
    }
  }
  CHECK(matched == 2 * simulator.truth().size());
  CHECK(static_cast<double>(background) ==
        doctest::Approx(100).epsilon(0.3));  // one per customer and four weeks
}

TEST_CASE("truth is written with the documented keys") {
  TruthRow row;
  row.fault_id = "f-0003";
  row.kind = FaultKind::stuck_job;
  row.customer_id = "c_00007";
  row.entity = "job/index-build";
  row.size = 3.5;
  row.began = parse_rfc3339("2026-01-12T08:00:01Z").value();
  row.ended = row.began + minutes(600);
  row.ticket_at = row.began + minutes(420);

  CHECK(
      to_json(row) ==
      R"({"fault_id":"f-0003","kind":"stuck_job","customer_id":"c_00007","entity":"job/index-build","size":3.50,)"
      R"("began":"2026-01-12T08:00:01Z","ended":"2026-01-12T18:00:01Z","ticket_at":"2026-01-12T15:00:01Z"})");
}

TEST_CASE("a reading becomes one line of JSON") {
  SimulatedCustomer customer = make_customer(7, 41);
  customer.id = "c_00042";
  customer.region = Region::us_1;
  customer.jobs = {Job{"index-build", 0, 0, 0}};
  customer.devices = {Device{"d-41-1", 100, 20, 0}};
  SimulatedReading reading;
  reading.customer = 41;
  reading.slot = 499;
  reading.time_ms = 1767571498120;  // 2026-01-05T00:04:58.120Z
  reading.minor = 12;
  TelemetryLine line;
  struct Row {
    SimulatedSignal signal;
    double value;
    const char* tail;
  };
  // After event_id, event_time and customer_id.
  const Row rows[] = {
      {SimulatedSignal::api_requests, 407,
       R"("signal":"api.requests","value":407,"unit":"1","kind":"count","dims":{"region":"us-1","version":"4.12.0"}})"},
      {SimulatedSignal::api_latency_ms, 147.449,
       R"("signal":"api.latency_ms","value":147.4,"unit":"ms","kind":"gauge","dims":{"region":"us-1","version":"4.12.0"}})"},
      {SimulatedSignal::job_completed, 1,
       R"("signal":"job.completed","entity":{"type":"job","id":"index-build"},"unit":"1","kind":"event"})"},
      {SimulatedSignal::device_battery, 9.96,
       R"("signal":"device.battery","entity":{"type":"device","id":"d-41-1"},"value":10.0,"unit":"percent","kind":"gauge"})"},
      {SimulatedSignal::storage_used_percent, 55.045,
       R"("signal":"storage.used_percent","value":55.05,"unit":"percent","kind":"gauge"})"},
      {SimulatedSignal::storage_used, 4999999999999,
       R"("signal":"storage.used","value":4999999999999,"unit":"bytes","kind":"gauge"})"},
  };
  for (const Row& row : rows) {
    reading.signal = row.signal;
    reading.value = row.value;
    const std::string text(line.write(reading, customer));
    const std::string head = R"({"event_id":"t-000029001f3)" + text.substr(26, 4) +
                             R"(","event_time":"2026-01-05T00:04:58.120Z","customer_id":"c_00042",)";
    CHECK(text == head + row.tail);
  }
}

}  // namespace
}  // namespace proactive::daemon
