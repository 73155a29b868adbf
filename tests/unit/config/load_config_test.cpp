#include "config/loader/load_config.h"

#include <doctest/doctest.h>

#include "config/loader/check_config.h"
#include "tests/unit/config/fixtures.h"

namespace proactive::config {
namespace {

using test::flatten_yaml;
using test::read_source;
using test::surroundings;

DaemonConfig load(const std::string& text, const Environment& environment = surroundings(),
                  const std::string& file = "c.yaml") {
  Findings findings;
  auto config = decode_config(file, text, findings, environment);
  INFO(findings.render_text());
  REQUIRE(config);
  return *config;
}

std::string codes_of(const std::string& text, const Environment& environment = surroundings(),
                     LoadFor purpose = LoadFor::replay) {
  Findings findings;
  (void)decode_config("c.yaml", text, findings, environment, purpose);
  std::string codes;
  for (const Finding& finding : findings.all()) codes += (codes.empty() ? "" : " ") + finding.code;
  return codes;
}

}  // namespace

TEST_CASE("the shipped defaults and the defaults of the structs are the same") {
  CHECK(effective_config(load(read_source("config/defaults/proactived.yaml"))) ==
        effective_config(DaemonConfig{}));
  CHECK(effective_config(load("{}")) == effective_config(DaemonConfig{}));
}

TEST_CASE("every key reaches a member of its own") {
  const auto by_default = flatten_yaml(effective_config(DaemonConfig{}));
  const auto changed =
      flatten_yaml(effective_config(load(read_source("tests/data/good/config/other_values.yaml"))));
  REQUIRE(by_default.size() > 35);

  for (const auto& [key, value] : by_default) {
    if (key == "version") continue;
    CAPTURE(key);
    REQUIRE(changed.count(key) == 1);
    CHECK(changed.at(key) != value);
  }
}

TEST_CASE("a configuration becomes the values that it names") {
  const DaemonConfig config = load(read_source("tests/data/good/config/other_values.yaml"));

  const KafkaConfig& kafka = config.kafka;
  CHECK(kafka.brokers == std::vector<std::string>{"localhost:9092"});
  CHECK(kafka.lanes == 4);
  CHECK(kafka.memory_budget == std::uint64_t{2} << 30);
  CHECK(kafka.commit_interval == 4999ms);
  CHECK(kafka.session_timeout == 1min);
  REQUIRE(kafka.tls);
  CHECK(kafka.tls->ca_file == "ca.pem");
  CHECK(kafka.tls->key_password.reveal() == "a secret");
  CHECK(!kafka.tls->verify_hostname);
  REQUIRE(kafka.sasl);
  CHECK(kafka.sasl->mechanism == "GSSAPI");
  CHECK(kafka.telemetry.start == StartOffset::earliest);
  CHECK(kafka.telemetry.dead_letter_late);
  CHECK(kafka.telemetry.idle_after == std::nullopt);
  CHECK(kafka.telemetry.shape == InputShape::fields);
  CHECK(kafka.telemetry.mapping.fields.at("customer_id").pointer == "/owner/~1id~0");
  CHECK(kafka.telemetry.mapping.fields.at("signal").constant == "machine");
  CHECK(kafka.telemetry.mapping.dims.at("temp_c").pointer == "/readings/0");
  CHECK(kafka.telemetry.mapping.dims.at("site").constant == "north #1");
  CHECK(kafka.profiles.start == StartOffset::latest);
  CHECK(!kafka.profiles.bootstrap);
  CHECK(kafka.dlq.max_ratio == 0.05);
  CHECK(!kafka.dlq.stop_on_limit);
  CHECK(kafka.skip_lost_input);
  CHECK(kafka.consumer_overrides.at("client.rack") == "$a");
  CHECK(config.rules.packs == std::vector<std::string>{"packs", "more/packs"});
  CHECK(config.outreach.enabled);
  CHECK(config.http_listen == "[::1]:0");
  CHECK(config.record_limit == 64 * 1024);
}

TEST_CASE("variables and files are filled in after parsing, so a value can't change the structure") {
  const DaemonConfig config = load(read_source("tests/data/good/config/substitution.yaml"));

  CHECK(config.kafka.instance == "value-a");
  CHECK(config.kafka.group == "proactived");
  CHECK(config.kafka.lanes == 4);
  CHECK(config.kafka.session_timeout == 45s);
  CHECK(config.outreach.source == "urn:$:b:-c$5");

  Environment hostile = surroundings();
  hostile.variables["SET"] = "x\noutreach: {enabled: true}";
  CHECK(!load("outreach:\n  source: ${SET}\n", hostile).outreach.enabled);
}

TEST_CASE("relative paths are beside the configuration, absolute ones stay") {
  const DaemonConfig config =
      load("rules: {signals: [s.yaml, /abs/s.yaml], packs: [../packs]}\nkafka: {tls: {ca_file: ca.pem}}\n",
           surroundings(), "/etc/proactived/proactived.yaml");

  CHECK(config.rules.signals == std::vector<std::string>{"/etc/proactived/s.yaml", "/abs/s.yaml"});
  CHECK(config.rules.packs == std::vector<std::string>{"/etc/proactived/../packs"});
  CHECK(config.kafka.tls->ca_file == "/etc/proactived/ca.pem");
}

TEST_CASE("a secret is looked for among the credentials first, then beside the configuration") {
  struct Row {
    std::vector<std::string> files;  // each holds its own path
    const char* name;
    const char* found;
  };
  const Row rows[] = {
      {{"/creds/key", "/creds/proactived_key", "/etc/p/key"}, "key", "/creds/key"},  // by its plain name
      {{"/creds/proactived_key", "/etc/p/key"}, "key", "/creds/proactived_key"},     // systemd's name for it
      {{"/etc/p/key"}, "key", "/etc/p/key"},                          // beside the configuration
      {{"/creds//else/key", "/else/key"}, "/else/key", "/else/key"},  // an absolute path is final
      {{"/etc/key"}, "key", ""},                                      // nowhere
  };
  for (const Row& row : rows) {
    std::map<std::string, FileBytes> files;
    for (const std::string& path : row.files) files[path] = {path, false};
    Environment environment = surroundings(files);
    environment.variables["CREDENTIALS_DIRECTORY"] = "/creds";
    Findings findings;
    const auto config = decode_config(
        "/etc/p/c.yaml", "privacy: {id_key_file: " + std::string(row.name) + "}\n", findings, environment);
    CAPTURE(row.name);
    CAPTURE(row.files.front());
    CHECK(config.has_value() == !std::string(row.found).empty());
    if (config) CHECK(config->id_key.reveal() == row.found);
  }
}

TEST_CASE("one newline at the end of a secret is dropped, and no more") {
  const auto secret = [](const std::string& bytes) {
    return load("privacy: {id_key_file: key}\n", surroundings({{"key", {bytes, false}}})).id_key.reveal();
  };

  CHECK(secret("abc") == "abc");
  CHECK(secret("abc\n") == "abc");
  CHECK(secret("abc\n\n") == "abc\n");
  CHECK(secret(" abc ") == " abc ");
  CHECK(secret(std::string(64 * 1024, 'x') + "\n").size() == 64 * 1024);
}

TEST_CASE("no secret shows in the effective configuration or in a finding") {
  const std::string canary = "canary-7d1f";
  const std::string text =
      "kafka:\n"
      "  tls: {cert_file: c, key_password_file: key}\n"
      "  sasl: {mechanism: PLAIN, username: u, password_file: key}\n"
      "privacy: {id_key_file: key}\n";
  const Environment environment = surroundings({{"key", {canary, true}}});

  Findings findings;
  CHECK(!decode_config("c.yaml", text, findings, environment));  // cert_file without key_file
  CHECK(findings.warnings() == 3);                               // readable by everybody
  CHECK(findings.render_text().find(canary) == std::string::npos);
  CHECK(findings.render_json().find(canary) == std::string::npos);

  const std::string shown =
      effective_config(load("kafka:\n  tls: {}\n" + text.substr(text.find("  sasl")), environment));
  CHECK(shown.find(canary) == std::string::npos);
  CHECK(shown.find("password_file: <redacted>") != std::string::npos);
  CHECK(shown.find("id_key_file: <redacted>") != std::string::npos);
}

TEST_CASE("the effective configuration survives texts that YAML or substitution would read otherwise") {
  for (const std::string text : {"yes", "null", "~",     "010", "- x",   "a: b",  "a #b",    "${X}",
                                 "$$",  "it's", "\"q\"", "\\",  " lead", "tail ", "täglich", "line\nbreak",
                                 "*x",  "&x",   "!x",    "%",   "@",     "{",     "["}) {
    DaemonConfig config;
    config.outreach.source = text;
    config.kafka.consumer_overrides["client.id"] = text;
    config.rules.packs = {"/" + text};
    CAPTURE(text);
    const DaemonConfig again = load(effective_config(config));
    CHECK(again.outreach.source == text);
    CHECK(again.kafka.consumer_overrides.at("client.id") == text);
    CHECK(again.rules.packs[0] == "/" + text);
  }
}

TEST_CASE("run asks for brokers, an instance and the id key; replay does without") {
  const std::string whole =
      "kafka: {brokers: [\"h:9092\"], instance: i}\nprivacy: {id_key_file: secrets/good}\n";
  struct Row {
    const char* text;
    const char* codes;
  };
  const Row rows[] = {
      {"{}", "E203 E203"},                                                 // kafka, id key
      {"kafka: {}\nprivacy: {id_key_file: secrets/good}\n", "E203 E203"},  // brokers, instance
      {"kafka: {brokers: [], instance: i}\nprivacy: {id_key_file: secrets/good}\n", "E203"},
      {"kafka: {brokers: [\"h:1\"], instance: \"\"}\nprivacy: {id_key_file: secrets/good}\n", "E203"},
      {"kafka: {brokers: [\"h:1\"], instance: i}\n", "E203"},  // id key
      {"kafka: {brokers: [\"h:1\"], instance: i}\nprivacy: {id_key_file: nowhere}\n",
       "E310"},  // named, not found
      {"kafka: {brokers: [h], instance: [i]}\nprivacy: {id_key_file: secrets/good}\n",
       "E302 E302"},  // one each
  };
  CHECK(codes_of(whole, surroundings(), LoadFor::run) == "");
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(codes_of(row.text, surroundings(), LoadFor::run) == row.codes);
  }
  CHECK(codes_of("{}") == "");
}

TEST_CASE("raw settings that correctness depends on are refused by name, the rest is let through") {
  for (const char* name :
       {"transactional.id", "transaction.timeout.ms", "enable.idempotence", "enable.auto.commit",
        "isolation.level", "auto.offset.reset", "group.id", "group.instance.id",
        "partition.assignment.strategy", "acks", "request.required.acks", "max.in.flight",
        "max.in.flight.requests.per.connection", "sasl.password", "ssl.key.password", "ssl.keystore.password",
        "ssl.key.pem", "bootstrap.servers", "message.timeout.ms"}) {
    CAPTURE(name);
    CHECK(refused_override(name) != "");
  }
  for (const char* name :
       {"fetch.wait.max.ms", "compression.codec", "client.id", "socket.keepalive.enable", "debug",
        "linger.ms", "max.partition.fetch.bytes", "ssl.cipher.suites", "acks.not"}) {
    CAPTURE(name);
    CHECK(refused_override(name) == "");
  }
}

TEST_CASE("a commit interval must leave room for the message timeout inside the transaction timeout") {
  CHECK(codes_of("kafka: {commit: {interval: 4999ms}}\n") == "");
  CHECK(codes_of("kafka: {commit: {interval: 5s}}\n") == "E314");
  CHECK(codes_of("kafka: {commit: {interval: 2m}}\n") == "E303");  // out of range is enough to say
}

TEST_CASE("a file that is missing, a folder or too large is one finding, not a hang") {
  for (const char* path : {"/nowhere/proactived.yaml", "/", "/dev/zero"}) {
    CAPTURE(path);
    Findings findings;
    CHECK(!load_config(path, findings, Environment{}));
    REQUIRE(findings.all().size() == 1);
    CHECK(findings.all()[0].code == "E310");
    CHECK(findings.all()[0].place.line == 0);
  }
}

TEST_CASE("a file is read with its mode") {
  const std::string path = (std::filesystem::temp_directory_path() / "proactived_load_config_test").string();
  std::ofstream(path) << "text\n";
  namespace fs = std::filesystem;

  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
  CHECK(read_regular_file(path, 10)->bytes == "text\n");
  CHECK(!read_regular_file(path, 10)->is_world_readable);
  fs::permissions(path, fs::perms::others_read, fs::perm_options::add);
  CHECK(read_regular_file(path, 10)->is_world_readable);
  CHECK(read_regular_file(path, 4).error().is_too_large);
  fs::remove(path);
  CHECK(read_regular_file(path, 10).error().is_missing);
}

}  // namespace proactive::config
