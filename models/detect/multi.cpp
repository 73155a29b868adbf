#include "models/detect/multi.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>

#include "models/base/check.h"
#include "models/base/math.h"
#include "models/detect/sample.h"

namespace proactive::models {
namespace {

constexpr double kGain = 2.0 / 9;  // a span of 8 rows
constexpr double kClip = 8;        // scales
constexpr double kOwnWeight = 4;   // rows of the cohort's mean in an entity's
constexpr double kInflationPrior = 20, kMostInflation = 25;
constexpr double kExcessPrior = 20, kMostExcess = 5;
constexpr std::uint32_t kSettling = 16;  // rows of an entity after which its y shows how much y varies
constexpr double kMostRenewal = 64, kLeastRows = 8, kMostFirstRows = 32;
constexpr double kLargestG = 1e6;
constexpr double kBandP = 0.01;

// The 98 % quantile of a normal number and the mean of what is beyond it.
constexpr Tail::State kTailPrior{2.05F, 0.4F, 0.32F, 1.0F, 0, 5, 0, 0};

// y and spread in units of their own spread, of the columns that were there.
struct Standardised {
  MultiFit::Vector z, y;
  Eigen::Index positions[MultiFit::kMostColumns];  // in the fit
  Eigen::Index present = 0;
};

// What the start has left of a value after so many rows.
double left_after(std::uint32_t rows) { return math::pow(1 - kGain, std::min(rows, 1000U)); }

// Of y, in squared scales. Residuals from a mean that goes on learning are independent; those from one that stands still
// share its error.
double variance_of_y(const MultiEntity& e, std::size_t column) {
  const double start = left_after(e.smoothed), standing = 1 - left_after(e.since);
  return kGain / (2 - kGain) * (1 - start * start) + standing * standing / (e.counts[column] + kOwnWeight);
}

// Shrunk to the cohort's mean, but never by more than half of the own mean's standard error: machines may stand at levels
// far apart (limited translation, Efron and Morris 1972).
double expected(double cohort, double own, double n, double scale) {
  if (n <= 0) return cohort;
  const double most = 0.5 * scale / std::sqrt(n);
  return own + std::clamp(kOwnWeight / (kOwnWeight + n) * (cohort - own), -most, most);
}

Standardised smooth(const MultiCohort& cohort, MultiEntity& e, std::span<const double> row) {
  const MultiFit& fit = cohort.fit;
  Standardised s;
  s.z.resize(fit.size());
  s.y.resize(fit.size());
  if (e.smoothed < std::numeric_limits<std::uint32_t>::max()) ++e.smoothed;
  if (e.since < std::numeric_limits<std::uint32_t>::max()) ++e.since;
  for (Eigen::Index i = 0; i < fit.size(); ++i) {
    const std::size_t column = fit.column(i);
    const double x = row[column], n = e.counts[column];
    if (!std::isfinite(x)) continue;
    const double mean = expected(cohort.settled.mean(column), e.mean[column], n, fit.scale(i));
    const double off = std::clamp((x - mean) / fit.scale(i), -kClip, kClip);
    e.y[column] += kGain * (off - e.y[column]);
    const double shown = (kInflationPrior + cohort.inflation[column]) / (kInflationPrior + cohort.heard);
    s.z[s.present] = off / std::sqrt(1 + 1 / (n + kOwnWeight));
    s.y[s.present] = e.y[column] / std::sqrt(variance_of_y(e, column));
    if (shown > 1) s.y[s.present] /= std::sqrt(shown);
    s.positions[s.present++] = i;
  }
  s.z.conservativeResize(s.present);
  s.y.conservativeResize(s.present);
  return s;
}

void name_contributors(const MultiFit& fit, const MultiFit::Vector& y, MultiReading& reading) {
  MultiFit::Vector share = y.cwiseProduct(fit.whitened(y)).cwiseMax(0);
  const double all = share.sum();
  for (auto& contributor : reading.contributors) {
    Eigen::Index i = 0;
    if (all <= 0 || share.maxCoeff(&i) <= 0) return;
    contributor = {fit.column(i), share[i] / all};
    share[i] = 0;
  }
}

}  // namespace

MultiCohort::MultiCohort(std::size_t columns, bool with_residual)
    : settled(columns), pending(columns), inflation(columns), residual(with_residual) {
  PROACTIVE_CHECK(columns > 0 && columns <= MultiFit::kMostColumns);
  tails.fill(kTailPrior);
}

double MultiCohort::excess(MultiChannel channel) const {
  const double shown =
      (kExcessPrior + excess_sums[static_cast<std::size_t>(channel)]) / (kExcessPrior + heard);
  return std::max(1.0, shown);
}

void MultiCohort::renew() {
  settled.merge(pending);
  pending.clear();
  fit.make(settled, residual);
}

MultiReading Multi::update(const MultiCohort& cohort, MultiEntity& e, std::span<const double> row) const {
  PROACTIVE_CHECK(row.size() == cohort.columns() && e.mean.size() == row.size());
  const MultiFit& whole = cohort.fit;
  MultiReading reading;
  if (whole.size() == 0) return reading;

  const Standardised s = smooth(cohort, e, row);
  reading.ready = s.present > 0;
  if (!reading.ready) return reading;
  // What is not there is unknown, not as expected: the columns at hand are measured by what they alone do.
  std::optional<MultiFit> part;
  if (s.present < whole.size()) {
    part.emplace();
    whole.narrow({s.positions, static_cast<std::size_t>(s.present)}, *part);
  }
  const MultiFit& fit = part ? *part : whole;

  reading.freedom = reading.present = static_cast<double>(s.present);
  reading.t2 = fit.t2(s.y) / cohort.excess(MultiChannel::level);
  reading.q = fit.t2(s.z) / cohort.excess(MultiChannel::spread);
  const double q = gaussianised(reading.q, reading.present);
  e.spread += kGain * (q - e.spread);
  const double left = left_after(e.smoothed);
  reading.g[0] = gaussianised(reading.t2, reading.freedom);
  reading.g[1] = e.spread / std::sqrt(kGain / (2 - kGain) * (1 - left * left));
  reading.g[2] = fit.spe_mean() > 0
                     ? gaussianised(fit.spe(s.y) / fit.spe_mean() * fit.spe_freedom(), fit.spe_freedom())
                     : 0;
  for (std::size_t c = 0; c < kMultiChannels; ++c) {
    reading.g[c] = std::clamp(reading.g[c], 0.0, kLargestG);  // only the upper side is odd
    reading.channels[c] = Tail().surprise(cohort.tails[c], reading.g[c]);
  }
  reading.top = reading.channels[1] > reading.channels[0] ? MultiChannel::spread : MultiChannel::level;
  reading.surprise = std::max(reading.channels[0], reading.channels[1]);
  reading.t2_high = chi_squared_at(Tail().quantile(cohort.tails[0], kBandP), reading.freedom);
  name_contributors(fit, reading.top == MultiChannel::level ? s.y : s.z, reading);
  return reading;
}

void Multi::learn(MultiCohort& cohort, MultiEntity& e, std::span<const double> row,
                  const MultiReading& reading, double memory) const {
  if (reading.ready && e.rows >= kSettling) {
    // A row with gaps has no residual.
    const bool whole = reading.present == static_cast<double>(cohort.fit.size());
    for (std::size_t c = 0; c < (whole ? kMultiChannels : 2); ++c) {
      static_cast<void>(Tail().update(cohort.tails[c], reading.g[c]));
    }
    const double keep = cohort.heard >= memory ? 1 - 1 / memory : 1;
    for (const auto& [c, statistic, freedom] :
         {std::tuple{0, reading.t2, reading.freedom}, {1, reading.q, reading.present}}) {
      double& sum = cohort.excess_sums[static_cast<std::size_t>(c)];
      const double raw = statistic * cohort.excess(static_cast<MultiChannel>(c)) / freedom;
      sum = sum * keep + std::min(raw, kMostExcess);
    }
    cohort.heard = cohort.heard * keep + 1;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const double square = e.y[i] * e.y[i] / variance_of_y(e, i);
      cohort.inflation[i] = cohort.inflation[i] * keep + std::min(square, kMostInflation);
    }
  }

  std::array<double, MultiFit::kMostColumns> values, deviation;
  e.since = 0;
  if (e.rows == 0) cohort.pending.open_group();
  if (e.rows < std::numeric_limits<std::uint32_t>::max()) ++e.rows;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const bool there = std::isfinite(row[i]);
    values[i] = there ? row[i] : std::numeric_limits<double>::quiet_NaN();
    deviation[i] = there && e.counts[i] > 0 ? row[i] - e.mean[i] : 0;
    if (!there) continue;
    e.counts[i] = std::min(e.counts[i] + 1, memory);
    e.mean[i] += e.counts[i] > 1 ? deviation[i] / e.counts[i] : row[i] - e.mean[i];
  }
  const double n = std::min<double>(e.rows, memory);
  cohort.pending.learn({values.data(), row.size()}, {deviation.data(), row.size()}, (n - 1) / n);

  const double before = cohort.settled.rows(), since = cohort.pending.rows();
  const double first = std::clamp(static_cast<double>(row.size()) / 2, kLeastRows, kMostFirstRows);
  if (since < (before > 0 ? std::clamp(before / 8, 1.0, kMostRenewal) : first)) return;
  cohort.settled.forget(std::max(memory - since, 1.0));
  cohort.renew();
}

void MultiCohort::save(ByteWriter& out) const {
  settled.save(out);
  pending.save(out);
  out.put(heard);
  for (const double sum : excess_sums) out.put(sum);
  for (const double sum : inflation) out.put(sum);
  for (const Tail::State& tail : tails) out.put_bytes({reinterpret_cast<const char*>(&tail), sizeof tail});
}

bool MultiCohort::load(ByteReader& in) {
  if (!settled.load(in) || !pending.load(in)) return false;
  heard = in.get<double>();
  bool sound = heard >= 0 && heard <= 1e15;
  for (double& sum : excess_sums) {
    sum = in.get<double>();
    sound = sound && sum >= 0 && sum <= kMostExcess * heard * (1 + 1e-9);
  }
  for (double& sum : inflation) {
    sum = in.get<double>();
    sound = sound && sum >= 0 && sum <= kMostInflation * heard * (1 + 1e-9);
  }
  for (Tail::State& tail : tails) {
    const std::string_view bytes = in.get_bytes(sizeof tail);
    if (bytes.size() == sizeof tail) std::memcpy(&tail, bytes.data(), sizeof tail);
    sound = sound && Tail().sane(tail);
  }
  if (!sound || in.failed()) return false;
  fit.make(settled, residual);
  return true;
}

void MultiEntity::save(ByteWriter& out) const {
  out.put(rows);
  out.put(smoothed);
  out.put(since);
  out.put(spread);
  for (const double value : mean) out.put(value);
  for (const double value : y) out.put(value);
  for (const double count : counts) out.put(count);
}

bool MultiEntity::load(ByteReader& in) {
  bool sound = true;
  rows = in.get<std::uint32_t>();
  smoothed = in.get<std::uint32_t>();
  since = in.get<std::uint32_t>();
  const auto take = [&](double largest) {
    const auto value = in.get<double>();
    sound = sound && std::fabs(value) <= largest;
    return value;
  };
  spread = take(1e9);
  for (double& value : mean) value = take(kLargestValue);
  for (double& value : y) value = take(kClip);
  for (double& count : counts) {
    count = take(1e15);
    sound = sound && count >= 0;
  }
  return sound && !in.failed();
}

}  // namespace proactive::models
