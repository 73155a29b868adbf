// The stored bytes of each kind after a fixed series. They load in every later build; UPDATE_GOLDEN=1 rewrites them, and
// the diff is reviewed together with a new block version.
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "tests/unit/models/seeded_series.h"

namespace proactive::models {
namespace {

struct Golden {
  const char* name;
  EnsembleParams params;
};
constexpr Golden kGolden[] = {
    {"level", {EnsembleKind::level, Direction::either}},
    {"seasonal_day", {EnsembleKind::seasonal_day, Direction::high}},
    {"seasonal_week", {EnsembleKind::seasonal_week, Direction::low}},
    {"ratio", {EnsembleKind::ratio, Direction::high}},
    {"gauge", {EnsembleKind::gauge, Direction::either}},
    {"gauge_slim", {EnsembleKind::gauge_slim, Direction::high}},
    {"count", {EnsembleKind::count, Direction::either}},
    {"event", {EnsembleKind::event, Direction::high}},
    {"ratio_full", {EnsembleKind::ratio_full, Direction::high}},
    {"level_familiar", {EnsembleKind::level, Direction::either, {}, true}},
    {"stuck", {EnsembleKind::stuck, Direction::low}},
};

bool of_share(const Golden& golden) {
  return golden.params.kind == EnsembleKind::ratio || golden.params.kind == EnsembleKind::ratio_full;
}

std::string path_of(const Golden& golden) {
  return std::string(PROACTIVE_SOURCE_DIR "/tests/data/state/1/model_") + golden.name + ".hex";
}

// 32 bytes a line.
std::string to_hex(const std::string& bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    out += kDigits[static_cast<unsigned char>(bytes[i]) >> 4];
    out += kDigits[static_cast<unsigned char>(bytes[i]) & 15];
    if (i % 32 == 31 || i + 1 == bytes.size()) out += '\n';
  }
  return out;
}

std::string from_hex(const std::string& hex) {
  std::string bytes, digits;
  for (const char c : hex) {
    if (c != '\n') digits += c;
  }
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes += static_cast<char>(std::strtol(digits.substr(i, 2).c_str(), nullptr, 16));
  }
  return bytes;
}

Walk walked(const Golden& golden) {
  Walk walk(golden.params);
  Noise noise(2026);
  for (int i = 0; i < 288 * 9; ++i) {
    if (of_share(golden)) {
      (void)walk.step(share_sample(noise.binomial(20, 0.1), 20));
    } else {
      (void)walk.step(level_sample(50 + 10 * math::sin_turns(i / 288.0) + noise.normal()));
    }
  }
  return walk;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST_CASE("the stored bytes of every kind do not change") {
  for (const Golden& golden : kGolden) {
    Walk walk = walked(golden);
    std::string blocks;
    walk.ensemble().append_blocks(walk.state(), blocks);
    if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(path_of(golden)) << to_hex(blocks);
    INFO(std::string(golden.name));
    const bool unchanged = to_hex(blocks) == read_file(path_of(golden));
    CHECK(unchanged);
  }
}

TEST_CASE("stored bytes of schema 1 load completely and go on as if never stored") {
  for (const Golden& golden : kGolden) {
    const std::string blocks = from_hex(read_file(path_of(golden)));
    REQUIRE_FALSE(blocks.empty());
    Walk walk = walked(golden), loaded = walked(golden);  // `loaded` stands at the same bucket
    loaded.ensemble().init(loaded.state());

    const Result<BlockCounts> counts = loaded.ensemble().load_blocks(blocks, loaded.state());

    INFO(std::string(golden.name));
    REQUIRE(counts.has_value());
    CHECK(counts->damaged + counts->other_params + counts->missing + counts->unknown == 0);
    const Sample sample = of_share(golden) ? share_sample(9, 20) : level_sample(70);
    CHECK(loaded.step(sample).sum == walk.step(sample).sum);
  }
}

}  // namespace
}  // namespace proactive::models
