// What comes next, said to the pipelines ahead of time, so that the lines it will touch are in the cache.
//
// State of many customers is nowhere near the caches, and a record's way through it is a chain: hash slot, customer,
// entity, series. A ring holds how far each of the next items has come along its chain; each turn moves four of them by
// one link, which the turns before have asked for (docs/decisions/0007).
//
// Owner: whoever walks the items. Cost: four links per item; a key is hashed once. Allocation: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "daemon/pipeline/pipeline.h"

namespace proactive::daemon {

class HintsAhead {
 public:
  // Before the work on item `i` of `count`. `pipeline_of`: index -> const Pipeline*, nullptr: nobody's concern.
  // `key_of`: index -> the customer's id, empty if unknown. REQUIRES: i goes up by one from 0; a pipeline that goes away
  // in between is told to forget().
  template <class PipelineOf, class KeyOf>
  void before(std::size_t i, std::size_t count, const PipelineOf& pipeline_of, const KeyOf& key_of) {
    if (i == 0) return begin(count, pipeline_of, key_of);
    if (i + kDistance - 1 < count) look_at(i + kDistance - 1, pipeline_of, key_of);
    for (int step = 1; step < Pipeline::kHintSteps; ++step) {
      const std::size_t at = i + kApart * static_cast<std::size_t>(Pipeline::kHintSteps - step) - 1;
      if (at < count) move(at, step);
    }
  }
  void forget() {
    for (Item& item : ring_) item.pipeline = nullptr;
  }

 private:
  static constexpr std::size_t kApart = 4;  // items per step: about as long as memory takes to answer
  static constexpr std::size_t kDistance = kApart * Pipeline::kHintSteps;

  struct Item {
    const Pipeline* pipeline = nullptr;
    Hint hint;
  };

  // The first items have nobody before them: their chains are walked side by side.
  template <class PipelineOf, class KeyOf>
  void begin(std::size_t count, const PipelineOf& pipeline_of, const KeyOf& key_of) {
    for (std::size_t at = 0; at < kDistance && at < count; ++at) look_at(at, pipeline_of, key_of);
    for (int step = 1; step < Pipeline::kHintSteps; ++step) {
      const std::size_t end = kApart * static_cast<std::size_t>(Pipeline::kHintSteps - step);
      for (std::size_t at = 0; at < end && at < count; ++at) move(at, step);
    }
  }
  template <class PipelineOf, class KeyOf>
  void look_at(std::size_t at, const PipelineOf& pipeline_of, const KeyOf& key_of) {
    Item& item = ring_[at % kDistance];
    item.pipeline = pipeline_of(at);
    if (item.pipeline == nullptr) return;
    const std::string_view key = key_of(at);
    if (key.empty()) {
      item.pipeline = nullptr;
    } else {
      item.hint = item.pipeline->hint(key);
    }
  }
  void move(std::size_t at, int step) {
    Item& item = ring_[at % kDistance];
    if (item.pipeline != nullptr) item.pipeline->follow(item.hint, step);
  }

  Item ring_[kDistance];
};

}  // namespace proactive::daemon
