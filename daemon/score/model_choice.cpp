#include "daemon/score/model_choice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace proactive::daemon {
namespace {

// In the order of their numbers.
constexpr std::array<ModelId, 8> kLoneModels{ModelId::ewma,       ModelId::seasonal, ModelId::jump,
                                             ModelId::drift,      ModelId::stuck,    ModelId::rate,
                                             ModelId::volatility, ModelId::frozen};

// Models that need more than `timestamp,value`, and where they are at work.
struct Elsewhere {
  std::string_view name, where;
};
constexpr std::array<Elsewhere, 4> kElsewhere{
    {{"multi", "give --multivariate"},
     {"ratio", "it needs a numerator and a denominator, which rules give it"},
     {"forecast", "it needs a limit, which rules give it"},
     {"silence", "it needs the clock, and speaks between rows"}}};

// Levenshtein distance: how many letters to add, drop or change.
std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
    }
  }
  return row.back();
}

tl::unexpected<Error> unknown_model(const std::string& name) {
  for (const Elsewhere& other : kElsewhere) {
    if (name == other.name) return failure(fmt::format("'{}' can't score one column: {}", name, other.where));
  }
  const std::vector<std::string> names = model_names();
  const auto nearest = std::min_element(names.begin(), names.end(), [&](const auto& a, const auto& b) {
    return edits(name, a) < edits(name, b);
  });
  std::string text = fmt::format("unknown model '{}'", name);
  if (name.size() <= 64 && edits(name, *nearest) <= 2) text += fmt::format(": did you mean '{}'?", *nearest);
  return failure(text + fmt::format(" Models: {}", fmt::join(names, ", ")));
}

models::EnsembleKind kind_of(const ModelChoice& choice) {
  const bool slim = choice.profile == "slim";
  if (choice.kind == "event" || (choice.kind == "count" && slim)) return models::EnsembleKind::event;
  if (choice.kind == "count") return models::EnsembleKind::count;
  return slim ? models::EnsembleKind::gauge_slim : models::EnsembleKind::gauge;
}

// Two have an ensemble of their own, the others are listened to within that of a gauge.
void run_alone(ModelId model, ChosenModels& chosen) {
  using Season = models::Ablation::Season;
  models::EnsembleParams& params = chosen.params;
  if (model == ModelId::stuck || model == ModelId::rate) {
    params.kind = model == ModelId::stuck ? models::EnsembleKind::stuck : models::EnsembleKind::event;
    return;
  }
  chosen.alone = model;
  const bool slim = params.kind == models::EnsembleKind::gauge_slim && model != ModelId::seasonal;
  params.kind = slim ? models::EnsembleKind::gauge_slim : models::EnsembleKind::gauge;
  params.ablation.season = model == ModelId::seasonal ? Season::always : Season::never;
}

}  // namespace

std::vector<std::string> model_names() {
  std::vector<std::string> names;
  for (const ModelId model : kLoneModels) names.emplace_back(model_name(model));
  return names;
}

Result<ChosenModels> ensemble_for(const ModelChoice& choice) {
  ChosenModels chosen;
  chosen.params.direction = choice.direction;
  if (choice.kind == "duration" && choice.direction == Direction::either) {
    chosen.params.direction = Direction::high;
  }
  chosen.params.kind = kind_of(choice);
  if (choice.model.empty()) return chosen;
  for (const ModelId model : kLoneModels) {
    if (choice.model != model_name(model)) continue;
    run_alone(model, chosen);
    return chosen;
  }
  return unknown_model(choice.model);
}

}  // namespace proactive::daemon
