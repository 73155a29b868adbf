#include "tests/bench/quality/continuation.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <span>
#include <utility>

#include "models/detect/ensemble.h"
#include "tests/bench/quality/suite.h"

namespace proactive::quality {
namespace {

using models::Ensemble;
using models::EnsembleKind;

constexpr const char* kKinds[] = {"level",      "seasonal_day", "seasonal_week", "ratio",      "gauge",
                                  "gauge_slim", "count",        "event",         "ratio_full", "stuck"};
constexpr std::size_t kEvery = 100;
constexpr std::size_t kMostRows = 8000;  // of a series: four weeks of five minutes
constexpr double kTrials = 1000;

// What this kind of ensemble takes: a value, a number of events, or a share.
models::Sample sample_of(EnsembleKind kind, double x, double buckets) {
  models::Sample sample;
  sample.x = x;
  if (kind == EnsembleKind::count || kind == EnsembleKind::event) {
    sample.x = std::floor(std::min(std::fabs(x), 1e6));
    sample.n = buckets;
  }
  if (kind == EnsembleKind::ratio || kind == EnsembleKind::ratio_full) {
    sample.x = sample.learn_x = std::floor(std::min(std::fabs(x), kTrials));
    sample.n = sample.learn_n = kTrials;
  }
  return sample;
}

// The bytes of a series, and what they become when they go through a store.
class Life {
 public:
  explicit Life(const Ensemble& ensemble) : ensemble_(ensemble) { begin(); }
  Score step(const models::Sample& sample, const models::Context& context) {
    return ensemble_.update(bytes(), sample, context);
  }
  [[nodiscard]] std::string blocks() {
    std::string out;
    ensemble_.append_blocks(bytes(), out);
    return out;
  }
  // Into memory that has seen another series: nothing of it may shine through.
  [[nodiscard]] bool move() {
    const std::string stored = blocks();
    std::fill(words_.begin(), words_.end(), 0xA5A5'A5A5'A5A5'A5A5ULL);
    const auto counts = ensemble_.load_blocks(stored, bytes());
    return counts.has_value() && counts->damaged + counts->missing + counts->other_params == 0;
  }

 private:
  std::span<std::byte> bytes() { return std::as_writable_bytes(std::span(words_)); }
  void begin() {
    words_.assign(ensemble_.state_bytes() / 8, 0);
    ensemble_.init(bytes());
  }

  const Ensemble& ensemble_;
  std::vector<std::uint64_t> words_;  // 8-byte aligned
};

template <class Number>
bool same_bits(const Number& a, const Number& b) {
  return std::memcmp(&a, &b, sizeof a) == 0;
}

bool same(const Score& a, const Score& b) {
  bool equal = a.ready == b.ready && same_bits(a.sum, b.sum) && same_bits(a.p, b.p) &&
               same_bits(a.ratio, b.ratio) && same_bits(a.onset, b.onset) &&
               same_bits(a.severity, b.severity) && a.direction == b.direction &&
               same_bits(a.expected, b.expected) && same_bits(a.low, b.low) && same_bits(a.high, b.high) &&
               a.top == b.top && a.samples == b.samples;
  for (std::size_t i = 0; i < a.shares.size(); ++i) {
    const Contribution &one = a.shares[i], &other = b.shares[i];
    equal = equal && one.model == other.model && one.ready == other.ready && one.have == other.have &&
            one.need == other.need && same_bits(one.surprise, other.surprise);
  }
  return equal;
}

// The first row that differs, or that could not be stored; the number of rows if none.
std::size_t first_difference(EnsembleKind kind, const Series& series, std::size_t rows,
                             Continuation& result) {
  const Ensemble ensemble({kind, Direction::either, {}});
  Life kept(ensemble), moved(ensemble);
  for (std::size_t i = 0; i < rows; ++i) {
    const std::int64_t t = series.t[i];
    models::Context context;
    context.elapsed = std::chrono::seconds(i == 0 ? 0 : t - series.t[i - 1]);
    context.step = std::chrono::seconds(series.step_s);
    context.half_hour = static_cast<std::uint8_t>(t / 1800 % 48);
    context.hour_of_week = static_cast<std::uint8_t>((t / 3600 + 72) % 168);
    context.local_day = static_cast<std::uint16_t>(t / 86400);
    const models::Sample sample = sample_of(kind, series.x[i], models::buckets_since(context));
    const Score one = kept.step(sample, context), other = moved.step(sample, context);
    ++result.rows;
    if (!same(one, other)) return i;
    if (i % kEvery != 0) continue;
    ++result.saves;
    if (!moved.move() || moved.blocks() != kept.blocks()) return i;
  }
  return rows;
}

}  // namespace

Continuation check_continuation() {
  std::vector<Series> all = make_suite(Split::reporting, 1, true);
  for (Series& quiet : make_quiet_panel(Split::reporting, 1)) all.push_back(std::move(quiet));
  Continuation result;
  for (const Series& series : all) {
    const std::size_t rows = std::min(series.x.size(), kMostRows);
    for (std::size_t kind = 0; kind < std::size(kKinds); ++kind) {
      const std::size_t row = first_difference(static_cast<EnsembleKind>(kind), series, rows, result);
      if (row == rows) continue;
      result.broken.push_back(std::string(kKinds[kind]) + " on " + series.name + ": row " +
                              std::to_string(row) + " differs");
    }
  }
  return result;
}

}  // namespace proactive::quality
