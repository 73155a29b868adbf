// Bytes from a changelog: a key, a header, blocks, and the blocks of each kind of ensemble. Nothing may crash, what
// decodes must encode to the same bytes, and a state that was let in must give finite scores.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/state_record.h"
#include "models/detect/ensemble.h"

namespace {

using namespace proactive;

void require(bool holds) {
  if (!holds) std::abort();
}

void try_ensemble(models::EnsembleKind kind, std::string_view blocks) {
  const models::Ensemble ensemble({kind, Direction::either});
  std::vector<std::uint64_t> words(ensemble.state_bytes() / 8);
  const std::span<std::byte> state = std::as_writable_bytes(std::span(words));
  (void)ensemble.load_blocks(blocks, state);
  (void)ensemble.describe(state);
  models::Context context;
  context.step = context.elapsed = std::chrono::minutes(5);
  for (int i = 0; i < 8; ++i) {
    models::Sample sample;
    sample.x = sample.learn_x = i;
    sample.n = sample.learn_n = 10;
    const Score score = ensemble.update(state, sample, context);
    require(std::isfinite(score.sum) && std::isfinite(score.ratio) && std::isfinite(score.p));
    require(std::isfinite(score.expected) && std::isfinite(score.low) && std::isfinite(score.high));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto key = decode_key(bytes)) require(encode_key(*key) == bytes);

  if (const auto header = decode_header(bytes)) {
    std::string again;
    encode_header(*header, again);
    require(again == bytes.substr(0, kRecordHeaderBytes));
  }
  const std::string_view blocks = bytes.substr(size < kRecordHeaderBytes ? size : kRecordHeaderBytes);
  for (const auto kind :
       {models::EnsembleKind::level, models::EnsembleKind::seasonal_day, models::EnsembleKind::seasonal_week,
        models::EnsembleKind::ratio, models::EnsembleKind::gauge, models::EnsembleKind::gauge_slim,
        models::EnsembleKind::count, models::EnsembleKind::event, models::EnsembleKind::ratio_full,
        models::EnsembleKind::stuck}) {
    try_ensemble(kind, blocks);
  }
  return 0;
}
