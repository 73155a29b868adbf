// The vocabulary of scoring that models, rules, events and docs share.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace proactive {

enum class Severity : std::uint8_t { low, medium, high, critical };
enum class Direction : std::uint8_t { high, low, either };

// Which model spoke. Numbers are written to state and never reused.
enum class ModelId : std::uint8_t {
  none = 0,
  ewma = 1,
  seasonal = 2,
  jump = 3,
  drift = 4,
  stuck = 5,
  rate = 6,
  ratio = 7,
  multi = 8,
  volatility = 11,
  frozen = 12,
};

// As events, state dumps and `score` write it; none: empty.
[[nodiscard]] constexpr std::string_view model_name(ModelId model) {
  switch (model) {
    case ModelId::none:
      return "";
    case ModelId::ewma:
      return "ewma";
    case ModelId::seasonal:
      return "seasonal";
    case ModelId::jump:
      return "jump";
    case ModelId::drift:
      return "drift";
    case ModelId::stuck:
      return "stuck";
    case ModelId::rate:
      return "rate";
    case ModelId::ratio:
      return "ratio";
    case ModelId::multi:
      return "multi";
    case ModelId::volatility:
      return "volatility";
    case ModelId::frozen:
      return "frozen";
  }
  return "";
}

// One channel's part in a Score. A channel that is not ready adds nothing; `have` of `need` says how far it is: samples, for
// seasonal earlier days on which this half hour was seen.
struct Contribution {
  ModelId model = ModelId::none;  // none: this place is not used
  bool ready = false;
  std::uint16_t have = 0, need = 0;
  float surprise = 0;  // -log10 p; 0 for a forecaster that another one spoke for
};
inline constexpr std::size_t kMostChannels = 6;

// One closed bucket's verdict by the models of a series.
struct Score {
  bool ready = false;  // false: warming up or nothing to score; all but `shares` is then meaningless
  double sum = 0;    // S: -log10 p of the channels together; of several the loudest and a fifth of the others
  double p = 1;      // chance that a quiet block of 200 buckets holds such an S
  double ratio = 0;  // r = S / typical: the own-noise ratio that rules compare
  double onset = 0;  // r at an onset or escalation, else 0
  float severity = 0;                       // 0..100
  Direction direction = Direction::either;  // the side of the deviation: high or low
  float expected = 0, low = 0, high = 0;    // the speaking model's centre and band at p = 0.01
  ModelId top = ModelId::none;
  std::uint32_t samples = 0;                         // how many samples the speaking model has learnt
  std::array<Contribution, kMostChannels> shares{};  // by model number
};

}  // namespace proactive
