#include "daemon/io/restore_pace.h"

#include <algorithm>

namespace proactive::daemon {
namespace {

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

void RestorePace::opened(std::int64_t span) {
  opened_spans_ += span;
  ++opened_;
}

void RestorePace::passed(std::int64_t offsets, Duration took) {
  offsets_ += static_cast<double>(std::max<std::int64_t>(offsets, 0));
  seconds_ += std::max(seconds(took), 0.0);
  if (seconds_ <= seconds(kWindow)) return;
  offsets_ /= 2;
  seconds_ /= 2;
}

std::optional<Duration> RestorePace::remaining(std::int64_t left, std::size_t waiting) const {
  if (left <= 0 && waiting == 0) return Duration::zero();
  if (opened_ == 0 || seconds_ < seconds(kLeast) || offsets_ < 1) return std::nullopt;
  const double mean = static_cast<double>(opened_spans_) / static_cast<double>(opened_);
  const double offsets = static_cast<double>(left) + mean * static_cast<double>(waiting);
  const double estimate = offsets * seconds_ / offsets_;
  constexpr double kFarthest = 1e9;  // thirty years: microseconds still fit
  return Duration(static_cast<std::int64_t>(std::min(estimate, kFarthest) * 1e6));
}

}  // namespace proactive::daemon
