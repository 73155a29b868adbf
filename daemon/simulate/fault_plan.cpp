// plan_faults: rows are drawn as decks, so that shares (a third subtle, kinds even, early tickets few) hold
// in every run, then placed one by one where the customer and the calendar have room.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "daemon/simulate/fault.h"
#include "daemon/simulate/rng.h"
#include "models/base/math.h"

namespace proactive::daemon {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::uint64_t kPlanStream = 0x6661756c7473;
constexpr Duration kRestBetween =
    hours(48);                        // between two faults of one customer: longer than a cooldown of a day
constexpr double kEarlyShare = 0.04;  // tickets before anybody could know; the promise is at most 5 %
constexpr double kTicketScatter = 0.5, kRepairScatter = 0.5;  // of the logarithm
constexpr int kAttempts = 300;

struct Row {
  FaultKind kind = FaultKind::error_spike;
  double size = 0;
  bool early = false;
};

template <class T>
void shuffle(Rng& rng, std::vector<T>& items) {
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[rng.below(i)]);
}

Duration seconds_of(double count) { return seconds(static_cast<std::int64_t>(count)); }

std::vector<Row> draw_rows(Rng& rng, std::size_t count) {
  std::vector<bool> subtle(count), early(count);
  for (std::size_t i = 0; i < count; ++i) {
    subtle[i] = i < (count + 1) / 3;
    early[i] = static_cast<double>(i + 1) <= kEarlyShare * static_cast<double>(count);
  }
  std::vector<std::size_t> subtle_deck(count), early_deck(count);
  for (std::size_t i = 0; i < count; ++i) subtle_deck[i] = early_deck[i] = i;
  shuffle(rng, subtle_deck);
  shuffle(rng, early_deck);

  // A bad release hits several customers or it is none.
  const std::size_t even = count / kFaultKinds;
  const std::size_t releases = even == 0 ? 0 : std::max<std::size_t>(even, 3);
  std::vector<FaultKind> singles;
  for (std::size_t kind = 0; kind < kFaultKinds; ++kind) {
    if (static_cast<FaultKind>(kind) != FaultKind::bad_release)
      singles.push_back(static_cast<FaultKind>(kind));
  }
  std::vector<Row> rows;
  for (std::size_t i = 0; i < count; ++i) {
    Row row;
    if (i < releases) {
      row.kind = FaultKind::bad_release;
    } else {
      const std::size_t turn = (i - releases) % singles.size();
      if (turn == 0) shuffle(rng, singles);
      row.kind = singles[turn];
    }
    row.size = subtle[subtle_deck[i]] ? rng.uniform(0.5, 2) : rng.uniform(2, 10);
    row.size = static_cast<double>(static_cast<int>(row.size * 100)) / 100;  // as the truth prints it
    row.early = early[early_deck[i]];
    rows.push_back(row);
  }
  return rows;
}

class Planner {
 public:
  Planner(std::uint64_t seed, std::span<const SimulatedCustomer> fleet, const FaultSchedule& schedule)
      : rng_(seed, kPlanStream), fleet_(fleet), schedule_(schedule), taken_(fleet.size()) {}

  FaultPlan plan() {
    const double weeks = static_cast<double>((schedule_.until - schedule_.from).count()) / 6.048e11;
    if (fleet_.empty() || weeks <= 0) return {};
    const double expected = static_cast<double>(fleet_.size()) * weeks * schedule_.per_customer_week;
    const std::vector<Row> rows = draw_rows(rng_, static_cast<std::size_t>(expected + 0.5));
    std::size_t first_single = 0;
    while (first_single < rows.size() && rows[first_single].kind == FaultKind::bad_release) ++first_single;
    place_releases(std::span(rows).first(first_single));
    for (const Row& row : std::span(rows).subspan(first_single)) place_single(row);
    std::sort(plan_.faults.begin(), plan_.faults.end(), [](const Fault& a, const Fault& b) {
      return a.began != b.began ? a.began < b.began : a.customer < b.customer;
    });
    for (std::size_t i = 0; i < plan_.faults.size(); ++i) plan_.faults[i].id = fmt::format("f-{:04}", i + 1);
    return std::move(plan_);
  }

 private:
  // People notice and cause things by day: four of five faults begin between 06:00 and 20:00 of the local
  // clock. A drop in usage or payments begins on a working day before 14:00, since it cannot show when nobody
  // is there.
  std::optional<Timestamp> draw_began(FaultKind kind, SimulatedZone zone) {
    const double span = static_cast<double>((schedule_.until - schedule_.from).count()) / 1e6;
    const Timestamp began = std::chrono::floor<seconds>(schedule_.from + seconds_of(rng_.uniform() * span));
    const LocalClock clock = local_clock(zone, began);
    const bool by_day = clock.hour >= 6 && clock.hour < 20;
    if (!by_day && !rng_.chance(0.35)) return std::nullopt;
    const bool needs_people = kind == FaultKind::usage_drop || kind == FaultKind::payment_failures;
    if (needs_people && (clock.weekend() || clock.hour < 7 || clock.hour >= 14)) return std::nullopt;
    return began;
  }

  Duration draw_ticket_delay(const Row& row) {
    if (row.early) return seconds_of(rng_.uniform(30, 240));
    const FaultFacts& facts = facts_of(row.kind);
    const double median = facts.ticket_hours * 3600 * math::exp(0.25 * math::log(3 / row.size));
    for (;;) {
      const Duration delay = seconds_of(rng_.log_normal(median, kTicketScatter));
      if (delay >= facts.knowable && delay <= hours(72)) return delay;
    }
  }

  Fault draw_times(const Row& row, Timestamp began) {
    Fault fault;
    fault.kind = row.kind;
    fault.size = row.size;
    fault.began = began;
    fault.ticket_at = began + draw_ticket_delay(row);
    const Duration repair = seconds_of(rng_.log_normal(3 * 3600, kRepairScatter));
    fault.ended = std::max(fault.ticket_at + repair, began + facts_of(row.kind).knowable + hours(2));
    return fault;
  }

  bool eligible(FaultKind kind, const SimulatedCustomer& customer) const {
    if (kind == FaultKind::battery_drain) return !customer.devices.empty();
    if (kind == FaultKind::payment_failures) return customer.payments > 0;
    return true;
  }

  bool free(const Fault& fault) const {
    if (fault.ended > schedule_.until) return false;
    for (const std::size_t other : taken_[fault.customer]) {
      const Fault& taken = plan_.faults[other];
      if (fault.began < taken.ended + kRestBetween && taken.began < fault.ended + kRestBetween) return false;
    }
    return true;
  }

  void take(const Fault& fault) {
    taken_[fault.customer].push_back(plan_.faults.size());
    plan_.faults.push_back(fault);
  }

  void place_single(const Row& row) {
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      const SimulatedCustomer& customer = fleet_[rng_.below(fleet_.size())];
      if (!eligible(row.kind, customer)) continue;
      const std::optional<Timestamp> began = draw_began(row.kind, customer.zone);
      if (!began) continue;
      Fault fault = draw_times(row, *began);
      fault.customer = customer.index;
      if (row.kind == FaultKind::stuck_job) fault.entity = static_cast<int>(rng_.below(customer.jobs.size()));
      if (row.kind == FaultKind::battery_drain)
        fault.entity = static_cast<int>(rng_.below(customer.devices.size()));
      if (!free(fault)) continue;
      return take(fault);
    }
  }

  // Groups of about five rows; a remainder joins the last group.
  void place_releases(std::span<const Row> rows) {
    while (!rows.empty()) {
      const std::size_t size = rows.size() <= 8 ? rows.size() : 4 + rng_.below(3);
      place_release(rows.first(size));
      rows = rows.subspan(size);
    }
  }

  void place_release(std::span<const Row> rows) {
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      const Region region = static_cast<Region>(rng_.below(kRegions));
      std::vector<const SimulatedCustomer*> ring;
      for (const SimulatedCustomer& customer : fleet_) {
        if (customer.region == region && customer.release_ring <= 1) ring.push_back(&customer);
      }
      if (ring.size() < rows.size()) continue;
      shuffle(rng_, ring);
      const std::optional<Timestamp> began = draw_began(FaultKind::bad_release, ring.front()->zone);
      if (!began) continue;
      if (const std::vector<Fault> group = draw_group(rows, ring, *began); group.size() == rows.size()) {
        plan_.releases.push_back({region, *began, group.front().ended});
        for (const Fault& fault : group) take(fault);
        return;
      }
    }
  }

  // All rows of one release end together, when the fix is out after the last ticket. Fewer rows than asked:
  // no room.
  std::vector<Fault> draw_group(std::span<const Row> rows, std::span<const SimulatedCustomer* const> ring,
                                Timestamp began) {
    std::vector<Fault> group;
    Timestamp ended = began;
    for (const Row& row : rows) {
      const Duration rollout = seconds_of(rng_.uniform(0, 1200));
      group.push_back(draw_times(row, began + rollout));
      ended = std::max(ended, group.back().ended);
    }
    std::size_t placed = 0;
    for (const SimulatedCustomer* customer : ring) {
      if (placed == rows.size()) break;
      Fault& fault = group[placed];
      fault.customer = customer->index;
      fault.ended = ended;
      if (free(fault)) ++placed;
    }
    group.resize(placed);
    return group;
  }

  Rng rng_;
  std::span<const SimulatedCustomer> fleet_;
  FaultSchedule schedule_;
  std::vector<std::vector<std::size_t>> taken_;  // by customer: positions in plan_.faults
  FaultPlan plan_;
};

}  // namespace

FaultPlan plan_faults(std::uint64_t seed, std::span<const SimulatedCustomer> fleet,
                      const FaultSchedule& schedule) {
  return Planner(seed, fleet, schedule).plan();
}

}  // namespace proactive::daemon
