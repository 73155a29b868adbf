#include "daemon/score/multi_scorer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/detect/severity.h"

namespace proactive::daemon {
namespace {

constexpr double kTypical = 2.25;  // -log10 p that 200 quiet rows reach, smoothed as they are
constexpr double kMemory = 1000, kForever = 1e15;
constexpr std::uint64_t kLaterBaseline = 10;
constexpr std::uint32_t kNewNormal = 500;

}  // namespace

MultiScorer::MultiScorer(std::vector<std::string> columns, MultiSettings settings)
    : columns_(std::move(columns)),
      settings_(settings),
      frozen_(settings.baseline_rows.has_value()),
      cohort_(columns_.size()),
      regimes_(columns_.size()),
      centered_(columns_.size()) {}

MultiScorer::Entity& MultiScorer::entity(std::string_view name) {
  if (last_ != SIZE_MAX && name == last_name_) return entities_[last_];
  last_name_ = name;
  const auto [place, is_new] = index_.try_emplace(last_name_, entities_.size());
  if (is_new) entities_.push_back({models::MultiEntity(columns_.size()), {}, 0, 0});
  last_ = place->second;
  return entities_[last_];
}

std::uint64_t MultiScorer::baseline_of(const Entity& entity) const {
  if (settings_.baseline_rows) return *settings_.baseline_rows;
  if (inherited_ && (frozen_ || entity.rows == 0)) return 0;
  const bool first = &entity == entities_.data();
  return first ? std::max<std::uint64_t>(32, 4 * columns_.size()) : kLaterBaseline;
}

void MultiScorer::learn(Entity& entity, std::span<const double> row) {
  std::copy(row.begin(), row.end(), centered_.begin());
  regimes_.center(centered_);
  const models::Multi multi;
  const models::MultiReading reading = multi.update(cohort_, entity.state, centered_);
  multi.learn(cohort_, entity.state, centered_, reading, frozen_ ? kForever : kMemory);
}

void MultiScorer::look_for_regimes() {
  looked_ = true;
  regimes_.find(kept_);
  const std::size_t d = columns_.size();
  for (std::size_t i = 0; i < kept_of_.size(); ++i) {
    learn(entities_[kept_of_[i]], std::span<const double>(kept_).subspan(i * d, d));
  }
  kept_ = {};
  kept_of_ = {};
}

MultiVerdict MultiScorer::judge(Entity& entity, std::span<const double> row) {
  std::copy(row.begin(), row.end(), centered_.begin());
  regimes_.center(centered_);
  MultiVerdict verdict;
  const models::Multi multi;
  verdict.reading = multi.update(cohort_, entity.state, centered_);
  verdict.kind = verdict.reading.ready     ? MultiVerdict::Kind::scored
                 : cohort_.fit.size() == 0 ? MultiVerdict::Kind::warmup
                                           : MultiVerdict::Kind::missing;
  if (verdict.reading.ready) {
    verdict.ratio = verdict.reading.surprise / kTypical;
    verdict.severity = models::severity_of(verdict.ratio);
    entity.alarm.update(verdict.ratio, verdict.ratio, theta_of(settings_.sensitivity));
    entity.alarm_rows = entity.alarm.on ? entity.alarm_rows + 1 : 0;
    if (!frozen_ && (!entity.alarm.on || entity.alarm_rows > kNewNormal)) {
      multi.learn(cohort_, entity.state, centered_, verdict.reading, kMemory);
    }
  }
  verdict.anomaly = entity.alarm.on;
  return verdict;
}

MultiVerdict MultiScorer::update(std::string_view name, std::span<const double> row) {
  Entity& e = entity(name);
  const std::uint64_t baseline = baseline_of(e);
  if (e.rows >= baseline) {
    if (!looked_) look_for_regimes();
    return judge(e, row);
  }
  ++e.rows;
  if (looked_) {
    regimes_.learn(row);
    learn(e, row);
  } else {
    kept_.insert(kept_.end(), row.begin(), row.end());
    kept_of_.push_back(last_);
    if (e.rows == baseline || kept_of_.size() == models::Regimes::kMostRows) look_for_regimes();
  }
  if (e.rows == baseline) cohort_.renew();
  MultiVerdict verdict;
  verdict.kind = MultiVerdict::Kind::warmup;
  return verdict;
}

MultiVerdict MultiScorer::skip(std::string_view name) {
  MultiVerdict verdict;
  const auto known = index_.find(std::string(name));  // a row that can't be read makes no machine
  verdict.anomaly = known != index_.end() && entities_[known->second].alarm.on;
  return verdict;
}

}  // namespace proactive::daemon
