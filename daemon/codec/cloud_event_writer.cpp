#include "daemon/codec/cloud_event_writer.h"

namespace proactive::daemon {

CloudEventWriter::CloudEventWriter(OutputRecord& record) : record_(&record), json_(record.value) {
  record.value.reserve(4096);
  record.headers.push_back({"content-type", std::string(kCloudEventType)});
  json_.begin_object();
  attribute("specversion", "1.0");
}

void CloudEventWriter::attribute(std::string_view name, std::string_view value) {
  json_.text(name, value);
  if (name == "datacontenttype")
    return;  // of a structured event, the header content-type speaks of the envelope
  record_->headers.push_back({"ce_" + std::string(name), std::string(value)});
}

void CloudEventWriter::attribute(std::string_view name, int value) {
  json_.integer(name, value);
  record_->headers.push_back({"ce_" + std::string(name), std::to_string(value)});
}

JsonWriter& CloudEventWriter::begin_data() {
  json_.begin_object("data");
  return json_;
}

void CloudEventWriter::end() {
  json_.end_object();
  json_.end_object();
}

}  // namespace proactive::daemon
