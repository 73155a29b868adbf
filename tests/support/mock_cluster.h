// librdkafka's mock cluster: one broker in this process that answers as told. It stores no transactional offsets and
// shows aborted records, so it is used to inject errors, never to prove what a reader sees.
#pragma once

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <initializer_list>
#include <string>
#include <vector>

#include "daemon/kafka/handles.h"

namespace proactive::test {

enum class Api : std::int16_t {
  produce = 0,
  init_producer_id = 22,
  add_offsets_to_txn = 25,
  end_txn = 26,
  txn_offset_commit = 28
};

class MockCluster {
 public:
  MockCluster() {
    char why[256];
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "log_level", "0", why, sizeof why);  // it misses brokers of its own
    client_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why));
    cluster_ = rd_kafka_mock_cluster_new(client_.get(), 1);
  }
  ~MockCluster() { rd_kafka_mock_cluster_destroy(cluster_); }
  MockCluster(const MockCluster&) = delete;
  MockCluster& operator=(const MockCluster&) = delete;

  [[nodiscard]] std::string brokers() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }
  // The next requests of this kind fail so.
  void fail(Api api, std::vector<rd_kafka_resp_err_t> errors) {
    rd_kafka_mock_push_request_errors_array(cluster_, static_cast<std::int16_t>(api), errors.size(),
                                            errors.data());
  }
  void heal(Api api) { rd_kafka_mock_clear_request_errors(cluster_, static_cast<std::int16_t>(api)); }

 private:
  daemon::kafka::ClientHandle client_;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
};

}  // namespace proactive::test
