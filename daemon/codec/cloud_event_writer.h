// The envelope of every output: CloudEvents 1.0, structured (the value is the JSON event), with the same attributes as
// ce_* headers for receivers that filter without parsing.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/codec/json_writer.h"
#include "daemon/codec/record.h"

namespace proactive::daemon {

inline constexpr std::string_view kCloudEventType = "application/cloudevents+json; charset=UTF-8";

// Writes attributes into the value and the headers of one record, in the order of the calls, then data.
class CloudEventWriter {
 public:
  explicit CloudEventWriter(OutputRecord& record);

  void attribute(std::string_view name, std::string_view value);
  void attribute(std::string_view name, int value);
  JsonWriter& begin_data();  // the object of `data`, open
  void end();                // closes data and event

 private:
  OutputRecord* record_;
  JsonWriter json_;
};

}  // namespace proactive::daemon
