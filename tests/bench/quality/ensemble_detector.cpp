// Drives models::Ensemble as `proactived score` does: rows are samples, the step is the running median of the gaps.
#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "tests/bench/quality/detector.h"

namespace proactive::quality {
namespace {

// Median of the last eleven gaps.
class StepWidth {
 public:
  std::int64_t after(std::int64_t gap) {
    gaps_[count_++ % gaps_.size()] = gap;
    std::array<std::int64_t, 11> sorted = gaps_;
    const std::size_t known = std::min(count_, gaps_.size());
    const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(known / 2);
    std::nth_element(sorted.begin(), middle, sorted.begin() + static_cast<std::ptrdiff_t>(known));
    return *middle;
  }

 private:
  std::array<std::int64_t, 11> gaps_{};
  std::size_t count_ = 0;
};

Trace run(const models::EnsembleParams& params, const Series& series) {
  const models::Ensemble ensemble(params);
  std::vector<std::uint64_t> words(ensemble.state_bytes() / 8);  // 8-byte aligned
  const auto state = std::as_writable_bytes(std::span(words));
  ensemble.init(state);
  StepWidth step_width;
  Trace trace(series.x.size());
  for (std::size_t i = 0; i < series.x.size(); ++i) {
    const std::int64_t t = series.t[i];
    const std::int64_t gap = i == 0 ? 0 : t - series.t[i - 1];
    models::Sample sample;
    sample.t = Timestamp(std::chrono::seconds(t));
    sample.x = series.x[i];
    models::Context context;
    context.elapsed = std::chrono::seconds(gap);
    context.step = std::chrono::seconds(i == 0 ? 300 : step_width.after(gap));
    context.half_hour = static_cast<std::uint8_t>(t / 1800 % 48);
    context.hour_of_week = static_cast<std::uint8_t>((t / 3600 + 72) % 168);
    context.local_day = static_cast<std::uint16_t>(t / 86400);
    const Score score = ensemble.update(state, sample, context);
    trace[i] = score.ready ? static_cast<float>(score.onset) : 0;
  }
  return trace;
}

}  // namespace

Detector ensemble_detector(std::string name, const models::EnsembleParams& params) {
  Detector detector;
  detector.name = std::move(name);
  detector.variants.push_back({"", [params](const Series& series) { return run(params, series); }});
  for (double theta = 1.0; theta < 4.01; theta += 0.1) detector.thresholds.push_back(theta);
  detector.quiet_hours = {1};
  detector.benchmark_quiet_hours = {0};
  return detector;
}

}  // namespace proactive::quality
