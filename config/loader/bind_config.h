// Which key of the configuration is which member of DaemonConfig, written once. ConfigReader fills the members from a
// tree, ConfigWriter writes them out; both know kinds, ranges and words from the field tables.
#pragma once

#include "config/loader/daemon_config.h"

namespace proactive::config {

enum class LateEvents : std::uint8_t { drop, dlq };
enum class OnLimit : std::uint8_t { stop, go_on };
enum class OnLostInput : std::uint8_t { refuse, skip };

// A bool member whose key is a choice of two: the enum's values are in the order of the table's choices.
template <class Io, class Choice>
void bind_choice(Io& io, std::string_view key, bool& member, Choice if_true, Choice if_false) {
  Choice choice = member ? if_true : if_false;
  io.choice(key, choice);
  member = choice == if_true;
}

template <class Io>
void bind_kafka_connection(Io& io, KafkaConfig& kafka) {
  io.texts("brokers", kafka.brokers);
  io.text("group", kafka.group);
  io.text("instance", kafka.instance);
  io.flag("static_membership", kafka.static_membership);
  io.duration("session_timeout", kafka.session_timeout);
  io.auto_count("lanes", kafka.lanes);
  io.auto_size("memory_budget", kafka.memory_budget);
  io.section("commit", [&](auto& commit) {
    commit.duration("interval", kafka.commit_interval);
    commit.duration("outreach_delay", kafka.outreach_delay);
    commit.count("max_records", kafka.commit_max_records);
    commit.duration("checkpoint_age", kafka.checkpoint_age);
  });
  io.choice("partitioner", kafka.partitioner);
  io.optional_section("tls", kafka.tls, [](auto& section, TlsConfig& tls) {
    section.path("ca_file", tls.ca_file);
    section.path("cert_file", tls.cert_file);
    section.path("key_file", tls.key_file);
    section.secret("key_password_file", tls.key_password);
    section.flag("verify_hostname", tls.verify_hostname);
  });
  io.optional_section("sasl", kafka.sasl, [](auto& section, SaslConfig& sasl) {
    section.choice("mechanism", sasl.mechanism);
    section.text("username", sasl.username);
    section.secret("password_file", sasl.password);
    section.flag("allow_plaintext_credentials", sasl.allow_plaintext_credentials);
  });
}

template <class Io>
void bind_kafka_topics(Io& io, KafkaConfig& kafka) {
  io.section("inputs", [&](auto& inputs) {
    inputs.section("telemetry", [&](auto& section) {
      TelemetryInput& telemetry = kafka.telemetry;
      section.text("topic", telemetry.topic);
      section.choice("start", telemetry.start);
      section.duration("lateness", telemetry.lateness);
      bind_choice(section, "late", telemetry.dead_letter_late, LateEvents::dlq, LateEvents::drop);
      section.never_or_duration("idle_after", telemetry.idle_after);
      section.choice("shape", telemetry.shape);
      section.mapping("fields", telemetry.mapping);
    });
    inputs.section("profiles", [&](auto& section) {
      section.text("topic", kafka.profiles.topic);
      section.choice("start", kafka.profiles.start);
      section.flag("bootstrap", kafka.profiles.bootstrap);
    });
  });
  io.section("outputs", [&](auto& outputs) {
    outputs.text("outreach", kafka.outputs.outreach);
    outputs.text("decisions", kafka.outputs.decisions);
    outputs.text("changelog", kafka.outputs.changelog);
  });
  io.section("dlq", [&](auto& dlq) {
    dlq.text("topic", kafka.dlq.topic);
    dlq.count("max_consecutive", kafka.dlq.max_consecutive);
    dlq.number("max_ratio", kafka.dlq.max_ratio);
    bind_choice(dlq, "on_limit", kafka.dlq.stop_on_limit, OnLimit::stop, OnLimit::go_on);
  });
  bind_choice(io, "on_lost_input", kafka.skip_lost_input, OnLostInput::skip, OnLostInput::refuse);
  io.section("overrides", [&](auto& overrides) {
    overrides.text_map("consumer", kafka.consumer_overrides);
    overrides.text_map("producer", kafka.producer_overrides);
  });
}

template <class Io>
void bind_config(Io& io, DaemonConfig& config) {
  std::uint32_t version = 1;
  io.count("version", version);
  io.section("kafka", [&](auto& kafka) {
    bind_kafka_connection(kafka, config.kafka);
    bind_kafka_topics(kafka, config.kafka);
  });
  io.section("rules", [&](auto& rules) {
    rules.paths("signals", config.rules.signals);
    rules.paths("packs", config.rules.packs);
    rules.text("time_zone", config.rules.time_zone);
  });
  io.section("outreach", [&](auto& outreach) {
    outreach.flag("enabled", config.outreach.enabled);
    outreach.text("source_name", config.outreach.source_name);
    outreach.text("source", config.outreach.source);
    outreach.text("type_prefix", config.outreach.type_prefix);
  });
  io.section("privacy", [&](auto& privacy) { privacy.secret("id_key_file", config.id_key); });
  io.section("http", [&](auto& http) {
    http.section("ops", [&](auto& ops) { ops.text("listen", config.http_listen); });
  });
  io.section("log", [&](auto& log) {
    log.choice("level", config.log.level);
    log.choice("format", config.log.format);
  });
  io.section("watchdog", [&](auto& watchdog) { watchdog.duration("lane_stall", config.lane_stall); });
  io.section("shutdown", [&](auto& shutdown) { shutdown.duration("deadline", config.shutdown_deadline); });
  io.section("limits", [&](auto& limits) { limits.size("record", config.record_limit); });
}

}  // namespace proactive::config
