#include "config/loader/check_config.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>
#include <vector>

namespace proactive::config {
namespace {

// Of the producer (kafka.md, "Configuration"): a transaction must outlive the wait for a commit and for its messages.
constexpr Duration kTransactionTimeout = 15s;
constexpr Duration kMessageTimeout = 10s;

struct Refused {
  std::string_view name;  // a trailing '*' stands for any end
  std::string_view reason;
};
constexpr Refused kRefused[] = {
    {"transactional.id", "it is <group>.<instance>.<lane>, so that a restart fences its predecessor"},
    {"transaction.timeout.ms", "the commit cadence is built on 15s"},
    {"message.timeout.ms", "a message must fail before its transaction does"},
    {"delivery.timeout.ms", "a message must fail before its transaction does"},
    {"enable.*", "offsets are committed inside transactions, and producers are idempotent"},
    {"auto.commit.*", "offsets are committed inside transactions"},
    {"offset.store.*", "offsets are committed inside transactions"},
    {"isolation.level", "uncommitted records must never be read"},
    {"auto.offset.reset", "a silent reset under existing state is corruption; use `start` of the input"},
    {"group.*", "use kafka.group, kafka.instance and kafka.static_membership"},
    {"session.timeout.ms", "use kafka.session_timeout"},
    {"partition.assignment.strategy", "all inputs of a partition must come to one process"},
    {"partitioner*", "use kafka.partitioner; outputs follow the input's partition"},
    {"acks", "a commit must be on all in-sync replicas"},
    {"request.required.acks", "a commit must be on all in-sync replicas"},
    {"max.in.flight*", "order within a partition must hold"},
    {"message.send.max.retries", "a transaction retries until its timeout"},
    {"retries", "a transaction retries until its timeout"},
    {"bootstrap.servers", "use kafka.brokers"},
    {"metadata.broker.list", "use kafka.brokers"},
    {"security.protocol", "it follows from kafka.tls and kafka.sasl"},
    {"sasl.*", "use kafka.sasl, whose secrets stand in files"},
    {"ssl.*password*", "secrets stand in files; use kafka.tls"},
    {"ssl.*.pem", "secrets stand in files; use kafka.tls"},
    {"ssl.ca.location", "use kafka.tls"},
    {"ssl.certificate.location", "use kafka.tls"},
    {"ssl.key.location", "use kafka.tls"},
    {"ssl.keystore.*", "use kafka.tls"},
    {"ssl.endpoint.identification.algorithm", "use kafka.tls.verify_hostname"},
    {"plugin.library.paths", "it loads foreign code into the daemon"},
    {"ssl.engine.location", "it loads foreign code into the daemon"},
};

// '*' matches any run of characters.
bool matches(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern.front() != '*') {
    return !text.empty() && text.front() == pattern.front() && matches(pattern.substr(1), text.substr(1));
  }
  for (std::size_t skip = 0; skip <= text.size(); ++skip) {
    if (matches(pattern.substr(1), text.substr(skip))) return true;
  }
  return false;
}

bool is_topic_name(std::string_view name) {
  return name != "." && name != ".." && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                  c == '_' || c == '-';
         });
}

// host:port, or [IPv6]:port.
bool is_address(std::string_view text, int lowest_port) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  const bool is_bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (!is_bracketed && host.find_first_of(":[] /") != std::string_view::npos) return false;
  int port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return error == std::errc{} && end == digits.data() + digits.size() && port >= lowest_port && port <= 65535;
}

class Checker {
 public:
  Checker(const DaemonConfig& config, const TreeNode& root, Findings& findings)
      : config_(config), root_(root), findings_(findings) {}

  void check_times() {
    const Duration interval = config_.kafka.commit_interval;
    if (interval + kMessageTimeout < kTransactionTimeout) return;
    findings_.add("E314", place({"kafka", "commit", "interval"}),
                  "a commit interval of " + format_duration(interval) + " and the message timeout of " +
                      format_duration(kMessageTimeout) + " do not fit into the transaction timeout of " +
                      format_duration(kTransactionTimeout),
                  "keep the interval under " + format_duration(kTransactionTimeout - kMessageTimeout));
  }

  void check_security() {
    const auto& [tls, sasl] = std::tie(config_.kafka.tls, config_.kafka.sasl);
    if (tls && tls->cert_file.empty() != tls->key_file.empty()) {
      findings_.add("E314", place({"kafka", "tls"}), "cert_file and key_file go together",
                    tls->cert_file.empty() ? "add cert_file" : "add key_file");
    }
    if (!sasl) return;
    if (!tls && !has("tls") && !sasl->allow_plaintext_credentials) {
      findings_.add("E314", place({"kafka", "sasl"}), "a login without TLS shows the password to the network",
                    "add kafka.tls, or set allow_plaintext_credentials: true on a network that you trust");
    }
    if (sasl->mechanism.empty() || sasl->mechanism == "GSSAPI") return;
    for (const std::string_view key : {"username", "password_file"}) {
      if (find({"kafka", "sasl", key}) != nullptr) continue;
      findings_.add("E203", place({"kafka", "sasl"}),
                    "kafka.sasl has no '" + std::string(key) + "', which " + sasl->mechanism + " needs");
    }
  }

  void check_names() {
    for (const std::string_view key : {"group", "instance"}) {
      const TreeNode* node = find({"kafka", key});
      if (node == nullptr || node->kind != NodeKind::scalar || is_topic_name(node->text)) continue;
      findings_.add("E302", node->place,
                    "'" + std::string(key) + "' can have letters, digits, '.', '_' and '-'");
    }
    check_addresses("brokers", {"kafka", "brokers"}, 1);
    check_addresses("listen", {"http", "ops", "listen"}, 0);
  }

  // A topic that is read and written would feed the daemon its own outreach.
  void check_topics() {
    struct Use {
      const std::string* topic;
      std::vector<std::string_view> path;
    };
    const KafkaConfig& kafka = config_.kafka;
    const Use uses[] = {{&kafka.telemetry.topic, {"kafka", "inputs", "telemetry", "topic"}},
                        {&kafka.profiles.topic, {"kafka", "inputs", "profiles", "topic"}},
                        {&kafka.outputs.outreach, {"kafka", "outputs", "outreach"}},
                        {&kafka.outputs.decisions, {"kafka", "outputs", "decisions"}},
                        {&kafka.outputs.changelog, {"kafka", "outputs", "changelog"}},
                        {&kafka.dlq.topic, {"kafka", "dlq", "topic"}}};
    for (const Use& use : uses) {
      if (!is_topic_name(*use.topic)) {
        findings_.add("E302", place(use.path), "'" + *use.topic + "' is no topic name",
                      "letters, digits, '.', '_' and '-'");
      }
      for (const Use* other = uses; other != &use; ++other) {
        if (*other->topic != *use.topic || use.topic->empty()) continue;
        findings_.add("E314", place(find(use.path) != nullptr ? use.path : other->path),
                      "topic '" + *use.topic + "' is used twice: for " + dotted(other->path) + " and for " +
                          dotted(use.path),
                      "give each its own topic");
      }
    }
  }

  void check_mapping() {
    const TelemetryInput& telemetry = config_.kafka.telemetry;
    const TreeNode* fields = find({"kafka", "inputs", "telemetry", "fields"});
    const TreeNode* shape = find({"kafka", "inputs", "telemetry", "shape"});
    if (telemetry.shape == InputShape::canonical) {
      // A shape with a finding of its own was left at canonical.
      if (fields != nullptr && (shape == nullptr || shape->text == "canonical")) {
        findings_.add("E314", fields->place, "`fields` has no effect while `shape` is canonical",
                      "write shape: fields");
      }
      return;
    }
    if (fields == nullptr) {
      findings_.add("E203", shape->place, "`shape: fields` needs `fields`",
                    "for example fields: {customer_id: /owner, signal: {const: machine}, value: /reading}");
      return;
    }
    if (fields->kind != NodeKind::mapping) return;
    const auto kind = telemetry.mapping.fields.find("kind");
    const bool has_constant = kind != telemetry.mapping.fields.end() && kind->second.constant.has_value();
    const std::string constant = has_constant ? *kind->second.constant : "";
    if (fields->find("value") == nullptr && constant != "event") {
      findings_.add("E203", fields->place, "kafka.inputs.telemetry.fields has no 'value'",
                    "add it, or write kind: {const: event}");
    }
    constexpr std::array<std::string_view, 5> kKinds{"gauge", "delta", "cumulative", "count", "event"};
    if (has_constant && std::find(kKinds.begin(), kKinds.end(), constant) == kKinds.end()) {
      findings_.add("E301", fields->find("kind")->place,
                    "unknown value '" + constant + "' for 'kind' (gauge, delta, cumulative, count, event)",
                    did_you_mean(constant, {kKinds.begin(), kKinds.end()}).empty()
                        ? ""
                        : "did you mean '" + did_you_mean(constant, {kKinds.begin(), kKinds.end()}) + "'?");
    }
  }

  void check_overrides() {
    for (const std::string_view client : {"consumer", "producer"}) {
      const TreeNode* map = find({"kafka", "overrides", client});
      if (map == nullptr) continue;
      for (const TreeNode::Member& member : map->members) {
        const std::string_view reason = refused_override(member.key);
        if (reason.empty()) continue;
        findings_.add("E315", member.key_place,
                      "'" + member.key + "' can't be overridden: " + std::string(reason));
      }
    }
  }

  // A key with a finding of its own is there: nothing more is said about it.
  void check_needs_of_run() {
    if (find({"kafka"}) == nullptr) {
      findings_.add("E203", root_.place, "the configuration has no 'kafka', which `run` needs",
                    "for example kafka: {brokers: [\"localhost:9092\"], instance: ${HOSTNAME}}");
    } else {
      need(config_.kafka.brokers.empty(), {"kafka", "brokers"}, "for example brokers: [\"localhost:9092\"]");
      need(config_.kafka.instance.empty(), {"kafka", "instance"}, "for example instance: ${HOSTNAME}");
    }
    if (find({"privacy", "id_key_file"}) == nullptr) {
      findings_.add("E203", root_.place, "the configuration has no 'privacy.id_key_file', which `run` needs",
                    "write a random key into a file and name it: privacy: {id_key_file: id-key}");
    }
  }

 private:
  using Path = std::vector<std::string_view>;

  [[nodiscard]] const TreeNode* find(const Path& path) const {
    const TreeNode* node = &root_;
    for (const std::string_view key : path) {
      node = node->find(key);
      if (node == nullptr) return nullptr;
    }
    return node;
  }

  [[nodiscard]] bool has(std::string_view key) const { return find({"kafka", key}) != nullptr; }

  // Of the deepest part of the path that is there.
  [[nodiscard]] const Place& place(const Path& path) const {
    const TreeNode* node = &root_;
    for (const std::string_view key : path) {
      const TreeNode* next = node->find(key);
      if (next == nullptr) break;
      node = next;
    }
    return node->place;
  }

  static std::string dotted(const Path& path) {
    std::string text;
    for (const std::string_view key : path) text += (text.empty() ? "" : ".") + std::string(key);
    return text;
  }

  void need(bool is_empty, const Path& path, std::string_view example) {
    const TreeNode* node = find(path);
    const bool has_finding = node != nullptr && node->kind == NodeKind::null;
    const bool is_written_empty = node != nullptr && node->text.empty() && node->items.empty();
    if (!is_empty || has_finding || (node != nullptr && !is_written_empty)) return;
    findings_.add("E203", place(path), "`run` needs '" + dotted(path) + "'", std::string(example));
  }

  void check_addresses(std::string_view key, const Path& path, int lowest_port) {
    const TreeNode* node = find(path);
    if (node == nullptr) return;
    const auto check = [&](const TreeNode& each) {
      if (each.kind != NodeKind::scalar || each.text.empty() || is_address(each.text, lowest_port)) return;
      findings_.add("E302", each.place, "'" + each.text + "' in '" + std::string(key) + "' is not host:port",
                    "for example localhost:9092");
    };
    check(*node);
    for (const TreeNode& item : node->items) check(item);
  }

  const DaemonConfig& config_;
  const TreeNode& root_;
  Findings& findings_;
};

}  // namespace

std::string_view refused_override(std::string_view name) {
  constexpr std::size_t kLongestName = 256;  // longer than any setting; bounds the matching
  if (name.size() > kLongestName) return "no setting has such a name";
  for (const Refused& refused : kRefused) {
    if (matches(refused.name, name)) return refused.reason;
  }
  return {};
}

void check_config(const DaemonConfig& config, const TreeNode& root, LoadFor purpose, Findings& findings) {
  Checker checker(config, root, findings);
  checker.check_times();
  checker.check_security();
  checker.check_names();
  checker.check_topics();
  checker.check_mapping();
  checker.check_overrides();
  if (purpose == LoadFor::run) checker.check_needs_of_run();
}

}  // namespace proactive::config
