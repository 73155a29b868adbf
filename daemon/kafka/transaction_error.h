// What an error of the transactional API means (kafka.md 7), and how many fences make a twin.
#pragma once

#include <cstdint>
#include <deque>

#include "daemon/kafka/handles.h"
#include "models/base/time.h"

namespace proactive::daemon::kafka {

enum class Remedy : std::uint8_t {
  retry,   // call again
  abort,   // abort_transaction, then go on with the same producer
  rebuild  // the producer is dead: make another with the same id
};

// An error without any flag counts as fatal.
[[nodiscard]] inline Remedy remedy_of(const rd_kafka_error_t* error) {
  if (rd_kafka_error_is_fatal(error) != 0) return Remedy::rebuild;
  if (rd_kafka_error_txn_requires_abort(error) != 0) return Remedy::abort;
  if (rd_kafka_error_is_retriable(error) != 0) return Remedy::retry;
  return Remedy::rebuild;
}

// A record is to blame, or the batch that it was in: sent again, it is refused again.
[[nodiscard]] inline bool is_refusal(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE || code == RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE ||
         code == RD_KAFKA_RESP_ERR_INVALID_RECORD || code == RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE ||
         code == RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP;
}

// Somebody else has initialised our transactional id, or a transaction outlived its timeout: brokers say the same.
[[nodiscard]] inline bool is_fence(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED ||
         code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH;
}

// One fence may be a timeout; three within a minute are a twin that lives.
class FenceCount {
 public:
  static constexpr std::size_t kLimit = 3;
  static constexpr Duration kWithin = std::chrono::seconds(60);

  // True when this fence is the one that makes a twin.
  bool add(Duration steady) {
    while (!fences_.empty() && steady - fences_.front() > kWithin) fences_.pop_front();
    fences_.push_back(steady);
    return fences_.size() >= kLimit;
  }

 private:
  std::deque<Duration> fences_;
};

}  // namespace proactive::daemon::kafka
