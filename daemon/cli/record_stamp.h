// Gives a line of a file what a Kafka record has besides its value: key and timestamp.
//
// The key is the customer and the timestamp the event time, as a producer would set them. What can't be decoded keeps
// the newest time seen and no key; the pipeline will say what is wrong with it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/codec/decode.h"
#include "daemon/io/replay.h"
#include "daemon/pipeline/pipeline.h"

namespace proactive::daemon {

class RecordStamp {
 public:
  // `rules` must outlive it.
  RecordStamp(const PipelineSetup& setup, const rules::RuleSet& rules);

  [[nodiscard]] ReplayRecord stamp(StreamKind stream, std::string_view line);
  [[nodiscard]] Timestamp newest() const { return newest_; }
  // Telemetry records of each of the rule set's event types so far.
  [[nodiscard]] const std::vector<std::uint64_t>& seen() const { return seen_; }

 private:
  const rules::RuleSet* rules_;
  Decoder decoder_;
  std::vector<std::uint64_t> seen_;
  Timestamp newest_{};
};

}  // namespace proactive::daemon
