// librdkafka's objects with owners.
#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>
#include <string>
#include <string_view>

namespace proactive::daemon::kafka {

template <auto Destroy>
struct Destroyer {
  template <class T>
  void operator()(T* object) const {
    Destroy(object);
  }
};

using ConfHandle = std::unique_ptr<rd_kafka_conf_t, Destroyer<rd_kafka_conf_destroy>>;
using ListHandle =
    std::unique_ptr<rd_kafka_topic_partition_list_t, Destroyer<rd_kafka_topic_partition_list_destroy>>;
using MessageHandle = std::unique_ptr<rd_kafka_message_t, Destroyer<rd_kafka_message_destroy>>;
using ErrorHandle = std::unique_ptr<rd_kafka_error_t, Destroyer<rd_kafka_error_destroy>>;
using TopicHandle = std::unique_ptr<rd_kafka_topic_t, Destroyer<rd_kafka_topic_destroy>>;
using HeadersHandle = std::unique_ptr<rd_kafka_headers_t, Destroyer<rd_kafka_headers_destroy>>;
using QueueHandle = std::unique_ptr<rd_kafka_queue_t, Destroyer<rd_kafka_queue_destroy>>;
using EventHandle = std::unique_ptr<rd_kafka_event_t, Destroyer<rd_kafka_event_destroy>>;
using GroupMetadataHandle =
    std::unique_ptr<rd_kafka_consumer_group_metadata_t, Destroyer<rd_kafka_consumer_group_metadata_destroy>>;

// A client. Consumers are closed by their owner first; the destructor never waits for a close.
struct ClientDestroyer {
  void operator()(rd_kafka_t* client) const {
    rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  }
};
using ClientHandle = std::unique_ptr<rd_kafka_t, ClientDestroyer>;

// Null counts as empty.
inline std::string_view view(const void* bytes, std::size_t size) {
  return bytes == nullptr ? std::string_view() : std::string_view(static_cast<const char*>(bytes), size);
}

inline ListHandle new_list(int size = 8) { return ListHandle(rd_kafka_topic_partition_list_new(size)); }

// "broker: not coordinator (NOT_COORDINATOR)"
inline std::string text_of(rd_kafka_resp_err_t code) {
  return std::string(rd_kafka_err2str(code)) + " (" + rd_kafka_err2name(code) + ")";
}
inline std::string text_of(const rd_kafka_error_t* error) {
  return std::string(rd_kafka_error_string(error)) + " (" + rd_kafka_error_name(error) + ")";
}

}  // namespace proactive::daemon::kafka
