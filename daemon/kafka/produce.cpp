#include "daemon/kafka/produce.h"

#include <array>

namespace proactive::daemon::kafka {

rd_kafka_resp_err_t produce(rd_kafka_t* client, const Outgoing& record) {
  std::array<rd_kafka_vu_t, 7> parts{};
  std::size_t count = 0;
  const auto add = [&](rd_kafka_vtype_t type) -> rd_kafka_vu_t& {
    parts[count].vtype = type;
    return parts[count++];
  };
  add(RD_KAFKA_VTYPE_RKT).u.rkt = record.topic;
  add(RD_KAFKA_VTYPE_PARTITION).u.i32 = record.partition;
  add(RD_KAFKA_VTYPE_MSGFLAGS).u.i = RD_KAFKA_MSG_F_COPY;
  rd_kafka_vu_t& key = add(RD_KAFKA_VTYPE_KEY);
  key.u.mem.ptr = record.key.empty() ? nullptr : const_cast<char*>(record.key.data());
  key.u.mem.size = record.key.size();
  rd_kafka_vu_t& value = add(RD_KAFKA_VTYPE_VALUE);
  value.u.mem.ptr = record.value ? const_cast<char*>(record.value->data()) : nullptr;
  value.u.mem.size = record.value ? record.value->size() : 0;
  if (record.timestamp_ms != 0) add(RD_KAFKA_VTYPE_TIMESTAMP).u.i64 = record.timestamp_ms;
  if (record.headers != nullptr) add(RD_KAFKA_VTYPE_HEADERS).u.headers = record.headers;
  const ErrorHandle error(rd_kafka_produceva(client, parts.data(), count));
  return error == nullptr ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_error_code(error.get());
}

}  // namespace proactive::daemon::kafka
