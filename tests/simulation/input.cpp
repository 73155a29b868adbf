#include "tests/simulation/input.h"

#include <algorithm>

#include <fmt/format.h>

#include "daemon/io/partition_hash.h"

namespace proactive::simulation {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kStart{Duration(1'767'571'200LL * 1'000'000)};  // 2026-01-05T00:00:00Z

PartitionId place(const std::string& key, const Plan& plan) {
  return daemon::partition_of(daemon::Partitioner::murmur2, key, plan.partitions);
}

struct Draft {
  Timestamp arrival{};
  InputLine line;
};

class Customer {
 public:
  Customer(Random& random, const Plan& plan, std::string id)
      : random_(random), id_(std::move(id)), partition_(place(id_, plan)) {}

  InputLine profile(int version, std::string_view plan_name) const {
    InputLine line{StreamKind::profiles, partition_, kStart, id_, {}};
    line.value = fmt::format(
        R"({{"customer_id":"{}","plan":"{}","limit_ms":150,"time_zone":"Europe/Berlin","version":{}}})", id_,
        plan_name, version);
    return line;
  }
  InputLine erased() const {
    InputLine line{StreamKind::profiles, partition_, kStart, id_, {}};
    line.tombstone = true;
    return line;
  }
  // One minute of telemetry. The first one is slow: whether that matters, only the profile says, so it must have come.
  void minute(Timestamp from, bool faulty, std::vector<Draft>& into) {
    const Timestamp at = from + std::chrono::duration_cast<Duration>(random_.uniform(0, 59) * 1s);
    const auto line = [&](const char* signal, const char* kind, double value, const char* more = "") {
      return fmt::format(
          R"({{"event_time":"{}","customer_id":"{}","signal":"{}","kind":"{}","value":{:.2f}{}}})",
          format_rfc3339(at), id_, signal, kind, value, more);
    };
    if (!faulty || fault_ != 0) {
      add(at, line("sync.heartbeat", "event", 1), into);
    }
    add(at,
        line("api.latency_ms", "gauge",
             random_.uniform(80, 120) + (from == kStart || (faulty && fault_ == 1) ? 90 : 0)),
        into);
    if (random_.one_in(2)) {
      const double requests = 25;
      add(at, line("api.requests", "count", requests), into);
      if (faulty && fault_ == 2) add(at, line("api.errors", "count", requests / 2), into);
    }
    if (random_.one_in(3)) {
      const double level = faulty && fault_ == 3 ? 5 : 60;
      add(at, line("device.battery", "gauge", level, R"(,"entity":{"type":"device","id":"d1"})"), into);
    }
    if (random_.one_in(12)) into.push_back({into.back().arrival + 1s, into.back().line});  // a duplicate
    if (random_.one_in(25)) add(at, R"({"event_time":"broken)", into);
    if (random_.one_in(25)) add(at, line("nobody.asks", "count", 1), into);
  }
  void draw_fault() { fault_ = random_.below(5); }

 private:
  void add(Timestamp at, std::string value, std::vector<Draft>& into) {
    Duration delay = std::chrono::duration_cast<Duration>(random_.uniform(0, 40) * 1s);
    if (random_.one_in(30)) delay += 4min;  // beyond the lateness, unless the partition is as late
    into.push_back({at + delay, {StreamKind::telemetry, partition_, at, id_, std::move(value)}});
  }

  Random& random_;
  std::string id_;
  PartitionId partition_;
  std::uint64_t fault_ = 0;
};

}  // namespace

Input make_input(Random& random, const Plan& plan) {
  Input input;
  std::vector<Customer> speaking, silent;
  for (int i = 0; i < plan.customers; ++i) speaking.emplace_back(random, plan, fmt::format("c_{}", i));
  for (int i = 0; i < 2; ++i) silent.emplace_back(random, plan, fmt::format("quiet_{}", i));
  for (const Customer& customer : speaking) {
    input.profiles.push_back(customer.profile(1, random.one_in(3) ? "trial" : "pro"));
  }
  const std::int64_t backlog = random.one_in(4) ? 40 : random.between(2, 12);  // 40 take some polls to read
  for (std::int64_t i = 0; i < backlog; ++i) {
    input.profiles.push_back(Customer(random, plan, fmt::format("p_{}", i)).profile(1, "pro"));
  }
  std::rotate(input.profiles.begin(),
              input.profiles.begin() + static_cast<std::ptrdiff_t>(random.below(input.profiles.size())),
              input.profiles.end());
  input.profiles.push_back({StreamKind::profiles, 0, kStart, "nobody", "{", false});

  const std::int64_t rounds = plan.rounds;
  const int minutes = plan.idle ? 8 : 12;
  Timestamp from = kStart, wall = kStart + 24h;
  int version = 0;
  for (std::int64_t r = 0; r < rounds; ++r) {
    std::vector<Draft> drafts;
    for (Customer& customer : speaking) {
      customer.draw_fault();
      const std::int64_t fault_from = random.between(2, minutes / 2);
      const std::int64_t fault_to = fault_from + random.between(4, minutes);
      for (int m = 0; m < minutes; ++m) {
        customer.minute(from + m * 1min, m >= fault_from && m < fault_to, drafts);
      }
    }
    for (const Customer& customer : silent) {
      for (int i = 0; i < 4; ++i) {
        const Timestamp at = from + random.between(0, minutes) * 1min;
        // A version that is behind an earlier one is dropped, by this oracle and by any other.
        const int stale = random.one_in(3) ? 1 : 0;
        drafts.push_back({at, customer.profile(++version - stale, "pro")});
        if (random.one_in(6)) drafts.push_back({at + 1s, customer.erased()});
      }
    }
    std::stable_sort(drafts.begin(), drafts.end(),
                     [](const Draft& a, const Draft& b) { return a.arrival < b.arrival; });
    Round round;
    from += minutes * 1min;
    // Without records for so long, the watermark follows the wall clock: past the silence of a faulty heartbeat.
    if (plan.idle) from += random.between(10, 25) * 1min;
    wall += random.between(0, 60) * 1s;  // by the age that a checkpoint allows, more or less
    round.wall = plan.idle ? from : wall;
    for (Draft& draft : drafts) round.lines.push_back(std::move(draft.line));
    input.rounds.push_back(std::move(round));
  }
  return input;
}

void append_input(Sim& sim, SimLog& log, const std::vector<InputLine>& lines, std::size_t from,
                  std::size_t to) {
  for (std::size_t i = from; i < to;) {
    // Neighbours of one partition go together, as a producer's batch.
    std::size_t end = i + 1;
    while (end < to && lines[end].partition == lines[i].partition && lines[end].stream == lines[i].stream)
      ++end;
    const SimLog::Place place{topic_of(lines[i].stream), lines[i].partition};
    const auto entry = [&](const InputLine& line) {
      Entry one;
      one.body = std::make_shared<const Body>(Body{line.key, line.value, {}});
      one.tombstone = line.tombstone;
      one.at = line.at;
      return one;
    };
    const auto send = [&](bool commit) {
      const std::string id(kUpstream);
      const std::uint64_t epoch = log.init_producer(id);
      for (std::size_t k = i; k < end; ++k) log.produce(id, epoch, place, entry(lines[k]));
      log.end(id, epoch, commit);
    };
    if (sim.random.one_in(8)) {
      send(false);
      sim.events.add(Event::input_aborted);
    }
    if (sim.random.one_in(6)) {
      send(true);
      sim.events.add(Event::input_control);
    } else {
      for (std::size_t k = i; k < end; ++k) log.at(place.first, place.second).append(entry(lines[k]));
    }
    i = end;
  }
  // Whoever is told of an end must have been given all before it, else time may pass over records that are there.
  if (sim.plan.idle) log.init_producer(std::string(kUpstream));
}

}  // namespace proactive::simulation
