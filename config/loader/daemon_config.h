// The daemon's configuration as plain structs. Defaults here equal config/defaults/proactived.yaml (a test compares).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/base/time.h"

namespace proactive::config {

using namespace std::chrono_literals;

// A value that never reaches a log, a page or a dump: it has no formatter.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  [[nodiscard]] const std::string& reveal() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }

 private:
  std::string value_;
};

struct TlsConfig {
  std::string ca_file, cert_file, key_file;
  Secret key_password;
  bool verify_hostname = true;
};

struct SaslConfig {
  std::string mechanism;  // PLAIN | SCRAM-SHA-256 | SCRAM-SHA-512 | GSSAPI
  std::string username;
  Secret password;
  bool allow_plaintext_credentials = false;
};

enum class StartOffset : std::uint8_t { earliest, latest };
enum class InputShape : std::uint8_t { canonical, fields };

// Where one canonical field stands in a team's own JSON: a JSON Pointer or a constant.
struct FieldSource {
  std::string pointer;                  // "/ts"; empty: constant
  std::optional<std::string> constant;  // as text
};

struct FieldMapping {
  std::map<std::string, FieldSource>
      fields;  // event_time customer_id signal value event_id entity_type entity_id unit kind
  std::map<std::string, FieldSource> dims;
};

struct TelemetryInput {
  std::string topic = "telemetry.events";
  StartOffset start = StartOffset::latest;
  Duration lateness = 2min;
  bool dead_letter_late = false;             // late: drop | dlq
  std::optional<Duration> idle_after = 30s;  // nullopt: never
  InputShape shape = InputShape::canonical;
  FieldMapping mapping;  // shape: fields
};

struct ProfilesInput {
  std::string topic;  // empty: off
  StartOffset start = StartOffset::earliest;
  bool bootstrap = true;
};

struct KafkaConfig {
  std::vector<std::string> brokers;
  std::string group = "proactived";
  std::string instance;
  bool static_membership = true;
  Duration session_timeout = 12s;
  std::uint32_t lanes = 0;          // 0: auto
  std::uint64_t memory_budget = 0;  // bytes; 0: auto
  Duration commit_interval = 500ms;
  Duration outreach_delay = 5ms;
  std::uint32_t commit_max_records = 50'000;
  Duration checkpoint_age = 20s;
  std::string partitioner = "murmur2";  // murmur2 | crc32 | fnv1a
  std::optional<TlsConfig> tls;
  std::optional<SaslConfig> sasl;
  TelemetryInput telemetry;
  ProfilesInput profiles;
  struct Outputs {
    std::string outreach = "outreach.events";
    std::string decisions = "outreach.decisions";
    std::string changelog = "proactived.changelog";
  } outputs;
  struct DeadLetters {
    std::string topic = "proactived.dlq";
    std::uint32_t max_consecutive = 100;
    double max_ratio = 0.2;
    bool stop_on_limit = true;
  } dlq;
  bool skip_lost_input = false;  // on_lost_input: refuse | skip
  std::map<std::string, std::string> consumer_overrides, producer_overrides;
};

struct RulesConfig {
  std::vector<std::string> signals;  // files
  std::vector<std::string> packs;    // files or directories
  std::string time_zone = "Etc/UTC";
};

struct OutreachConfig {
  bool enabled = false;  // kill switch: decisions are written, nothing is sent
  std::string source_name = "proactived";
  std::string source = "urn:proactived:main";
  std::string type_prefix = "org.proactived";
};

struct LogConfig {
  std::string level = "info";
  std::string format = "auto";  // auto | logfmt | json
};

struct DaemonConfig {
  KafkaConfig kafka;
  RulesConfig rules;
  OutreachConfig outreach;
  Secret id_key;  // privacy.id_key_file: HMAC key of all ids
  std::string http_listen = "127.0.0.1:9480";
  LogConfig log;
  Duration lane_stall = 30s;  // watchdog
  Duration shutdown_deadline = 25s;
  std::uint64_t record_limit = 1 << 20;  // limits.record, bytes
};

}  // namespace proactive::config
