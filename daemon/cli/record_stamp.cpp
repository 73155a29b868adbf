#include "daemon/cli/record_stamp.h"

#include <algorithm>

namespace proactive::daemon {

RecordStamp::RecordStamp(const PipelineSetup& setup, const rules::RuleSet& rules)
    : rules_(&rules), decoder_(setup.shape, setup.mapping, setup.decode), seen_(rules.event_types.size()) {
  decoder_.use_rules(&rules);
}

ReplayRecord RecordStamp::stamp(StreamKind stream, std::string_view line) {
  ReplayRecord record;
  record.stream = stream;
  record.value = std::string(line);

  InputRecord probe;
  probe.stream = stream;
  probe.appended_at = kNever;  // nothing is in the future of a record without a timestamp
  probe.value = record.value;
  record.time = newest_;
  if (const auto event = decoder_.decode(probe)) {
    if (const auto* telemetry = std::get_if<TelemetryEvent>(&*event)) {
      record.key = std::string(telemetry->customer);
      // Records that no rule reads have no type of their own.
      if (telemetry->type < seen_.size() && rules_->event_types[telemetry->type] == telemetry->signal)
        ++seen_[telemetry->type];
      if (telemetry->time != kNever) {
        record.time = telemetry->time;
        newest_ = std::max(newest_, telemetry->time);
      }
    } else if (const auto* profile = std::get_if<ProfileEvent>(&*event)) {
      record.key = std::string(profile->customer);
    }
  }
  return record;
}

}  // namespace proactive::daemon
