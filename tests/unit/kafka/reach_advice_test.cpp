#include "daemon/kafka/reach_advice.h"

#include <doctest/doctest.h>

namespace proactive::daemon::kafka {
namespace {

constexpr int kOld = 0x020002ff, kNew = 0x020a00ff;

config::KafkaConfig with(bool tls, const char* mechanism) {
  config::KafkaConfig kafka;
  if (tls) kafka.tls.emplace();
  if (mechanism != nullptr) kafka.sasl.emplace().mechanism = mechanism;
  return kafka;
}

bool says(const std::string& advice, const char* words) { return advice.find(words) != std::string::npos; }

TEST_CASE("a refused login names the setting, and the client when it is the client") {
  constexpr auto kRefused = "Authentication failed during authentication due to invalid credentials";
  CHECK(reach_advice(with(true, "PLAIN"), kRefused, true, kOld) == "check kafka.sasl and kafka.tls");
  CHECK(reach_advice(with(true, "SCRAM-SHA-256"), kRefused, true, kNew) == "check kafka.sasl and kafka.tls");
  const std::string old = reach_advice(with(true, "SCRAM-SHA-512"), kRefused, true, kOld);
  CHECK(says(old, "librdkafka 2.6.1"));
  CHECK(says(old, "this is 2.0.2"));
}

TEST_CASE("certificates: theirs, and ours that they ask for") {
  CHECK(says(reach_advice(with(true, nullptr), "SSL handshake failed: certificate verify failed", true, kNew),
             "kafka.tls.ca_file"));
  CHECK(says(reach_advice(with(true, nullptr), "Receive failed: sslv3 alert bad certificate", false, kNew),
             "kafka.tls.cert_file"));
}

TEST_CASE("whoever hangs up may want TLS or a login; nobody there wants neither") {
  CHECK(says(reach_advice(with(false, nullptr), "Disconnected while requesting ApiVersion", false, kNew),
             "kafka.tls if"));
  CHECK(says(reach_advice(with(true, nullptr), "Send failed: Broken pipe", false, kNew), "kafka.sasl if"));
  CHECK(reach_advice(with(false, nullptr), "Connect failed: Connection refused", false, kNew) ==
        "check kafka.brokers and whether they run");
}

}  // namespace
}  // namespace proactive::daemon::kafka
