#include "daemon/kafka/reach_advice.h"

#include <initializer_list>

#include <fmt/format.h>

namespace proactive::daemon::kafka {
namespace {

bool has(std::string_view text, std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words) {
    if (text.find(word) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace

std::string reach_advice(const config::KafkaConfig& kafka, std::string_view message, bool login,
                         int client_version) {
  if (has(message, {"certificate verify failed"})) {
    return "check kafka.tls.ca_file, and whether the broker's certificate carries the name in kafka.brokers "
           "(kafka.tls.verify_hostname)";
  }
  if (has(message, {"bad certificate", "certificate required"}))
    return "the brokers want a certificate of ours: set kafka.tls.cert_file and kafka.tls.key_file";
  if (login) {
    const bool scram = kafka.sasl && kafka.sasl->mechanism.starts_with("SCRAM");
    if (scram && client_version < kScramMended) {
      return fmt::format(
          "check kafka.sasl; brokers of Kafka 4 refuse SCRAM before librdkafka 2.6.1, and this is {}.{}.{}: "
          "there PLAIN "
          "within TLS, or a client certificate, works",
          client_version >> 24 & 0xff, client_version >> 16 & 0xff, client_version >> 8 & 0xff);
    }
    return "check kafka.sasl and kafka.tls";
  }
  std::string advice = "check kafka.brokers and whether they run";
  // Somebody was there and hung up.
  if (has(message,
          {"isconnected", "Broken pipe", "reset by peer", "Receive failed", "SSL handshake failed"})) {
    if (!kafka.tls) advice += ", and kafka.tls if they speak TLS";
    if (!kafka.sasl) advice += ", and kafka.sasl if they ask for a login";
    if (kafka.tls) advice += ", and whether they speak TLS on this port (kafka.tls)";
  }
  return advice;
}

}  // namespace proactive::daemon::kafka
