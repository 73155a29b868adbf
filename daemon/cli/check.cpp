#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>

#include "daemon/cli/commands.h"
#include "daemon/cli/config_file.h"
#include "daemon/cli/rule_test_suite.h"
#include "daemon/cli/share_paths.h"
#include "daemon/kafka/topics.h"
#include "rules/engine/load_rules.h"
#include "rules/engine/test_file.h"

namespace proactive::daemon {
namespace {

struct CheckOptions {
  std::string config_file;
  std::vector<std::string> packs, signals;
  std::string format = "text";
  bool strict = false;
  bool environment = false;
  kafka::EnvironmentOptions kafka;
};

struct Checked {
  config::Findings findings;
  std::size_t files = 0;
  std::optional<std::size_t> rules;  // unknown when the set has errors
  std::optional<config::DaemonConfig> config;
  std::optional<kafka::EnvironmentReport> environment;
};

// A configuration that names brokers is one for `run` and must have all that `run` asks for.
std::optional<config::DaemonConfig> check_config(const std::string& file, config::Findings& findings) {
  const config::Environment environment = config::process_environment();
  config::Findings as_replay;
  auto loaded = config::load_config(file, as_replay, environment, config::LoadFor::replay);
  if (loaded && loaded->kafka.brokers.empty()) {
    findings = std::move(as_replay);
    return loaded;
  }
  return config::load_config(file, findings, environment, config::LoadFor::run);
}

std::string text_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The mistake that is easily made: only a configuration speaks of Kafka at its top level.
bool is_configuration(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return false;
  const std::string text = text_of(path);
  return text.starts_with("kafka:") || text.find("\nkafka:") != std::string::npos;
}

// A test beside a rule that can't be read, or asks after what it never gave, proves nothing.
void check_tests(const std::vector<std::string>& rule_files, const std::vector<std::string>& signals,
                 Checked& checked) {
  for (const std::string& file : rule_files) {
    ++checked.files;
    const std::string test = rules::test_beside(file);
    std::error_code error;
    if (!std::filesystem::is_regular_file(test, error)) continue;
    ++checked.files;
    config::Findings of_rules;  // of files under check: told by load_rules
    const std::size_t errors = checked.findings.errors();
    if (load_rule_tests(test, signals, checked.findings, of_rules) || checked.findings.errors() > errors)
      continue;
    checked.findings.add("E310", {test, 1, 1, 1}, "the rules of this test can't be loaded",
                         of_rules.all().empty() ? "" : of_rules.all().front().message);
  }
}

ExitCode check_files(const CheckOptions& options, Checked& checked) {
  rules::LoadOptions load;
  load.signal_files = options.signals;
  load.pack_paths = options.packs;
  if (!options.config_file.empty()) {
    if (!require_path(options.config_file)) return ExitCode::no_input;
    ++checked.files;
    checked.config = check_config(options.config_file, checked.findings);
    if (checked.config) {
      const config::RulesConfig& rules = checked.config->rules;
      if (load.signal_files.empty()) load.signal_files = rules.signals;
      if (load.pack_paths.empty()) load.pack_paths = rules.packs;
      load.time_zone = rules.time_zone;
    }
  }
  if (load.pack_paths.empty()) return ExitCode::ok;
  for (const auto* paths : {&options.packs, &options.signals}) {
    for (const std::string& path : *paths) {
      if (!require_path(path)) return ExitCode::no_input;
    }
  }
  for (const std::string& path : options.packs) {
    if (!is_configuration(path)) continue;
    std::cerr << fmt::format("proactived: {} is a configuration, not a pack; use --config {}\n", path, path);
    return ExitCode::usage;
  }
  if (load.signal_files.empty()) load.signal_files = signals_near(load.pack_paths.front());
  if (load.signal_files.empty()) {
    std::cerr << "proactived: no signals.yaml beside or above the pack; name one with --signals FILE\n";
    return ExitCode::no_input;
  }
  checked.files += load.signal_files.size();
  for (const std::string& path : load.pack_paths)
    check_tests(rules::rule_files(path), load.signal_files, checked);
  if (const auto set = rules::load_rules(load, checked.findings)) checked.rules = set->rules.size();
  return ExitCode::ok;
}

std::string counted(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

nlohmann::ordered_json describe(const kafka::EnvironmentReport& report) {
  nlohmann::ordered_json findings = nlohmann::ordered_json::array();
  for (const kafka::EnvironmentFinding& finding : report.findings) {
    findings.push_back({{"severity", finding.error ? "error" : "warning"}, {"message", finding.sentence}});
  }
  return {{"ok", report.ok()},
          {"partitions", report.partition_count},
          {"findings", std::move(findings)},
          {"created", report.created},
          {"commands", report.commands}};
}

void print_environment(const kafka::EnvironmentReport& report) {
  for (const kafka::EnvironmentFinding& finding : report.findings) {
    std::cerr << (finding.error ? "error: " : "warning: ") << finding.sentence << '\n';
  }
  for (const std::string& topic : report.created) std::cout << "created " << topic << '\n';
  if (!report.commands.empty()) std::cout << "to create what is missing (or add --create-topics):\n";
  for (const std::string& command : report.commands) std::cout << "  " << command << '\n';
  if (report.ok()) std::cout << fmt::format("the environment fits, {} partitions\n", report.partition_count);
}

void print_checked(const CheckOptions& options, const Checked& checked, bool ok) {
  if (options.format == "json") {
    nlohmann::ordered_json out{{"schema", 1}, {"ok", ok}, {"files", checked.files}};
    out["rules"] = checked.rules ? nlohmann::ordered_json(*checked.rules) : nlohmann::ordered_json(nullptr);
    out["findings"] = nlohmann::ordered_json::parse(checked.findings.render_json());
    if (checked.environment) out["environment"] = describe(*checked.environment);
    std::cout << out.dump(2) << '\n';
    return;
  }
  std::cerr << checked.findings.render_text();
  std::cout << fmt::format("{}, {} in {}", counted(checked.findings.errors(), "error"),
                           counted(checked.findings.warnings(), "warning"), counted(checked.files, "file"));
  if (checked.rules) std::cout << fmt::format(" ({})", counted(*checked.rules, "rule"));
  std::cout << '\n';
  if (checked.environment) print_environment(*checked.environment);
}

ExitCode environment_code(const kafka::EnvironmentReport& report, bool strict) {
  if (report.ok()) return strict && !report.findings.empty() ? ExitCode::configuration : ExitCode::ok;
  return report.exit_code() == to_int(ExitCode::unavailable) ? ExitCode::unavailable
                                                             : ExitCode::configuration;
}

ExitCode check(const CheckOptions& options) {
  if (options.config_file.empty() && options.packs.empty()) {
    std::cerr << "proactived: nothing to check; name a pack or give --config FILE\n";
    return ExitCode::usage;
  }
  if (options.config_file.empty() && options.environment) {
    std::cerr << "proactived: --environment needs --config FILE\n";
    return ExitCode::usage;
  }
  Checked checked;
  if (const ExitCode code = check_files(options, checked); code != ExitCode::ok) return code;
  checked.findings.sort();
  const bool ok = !checked.findings.has_errors() && (!options.strict || checked.findings.warnings() == 0);
  // Brokers are asked only with settings that make sense.
  if (options.environment && checked.config) {
    checked.environment = kafka::check_environment(checked.config->kafka, options.kafka);
  }
  print_checked(options, checked, ok);
  if (!ok) return ExitCode::configuration;
  return checked.environment ? environment_code(*checked.environment, options.strict) : ExitCode::ok;
}

}  // namespace

void add_check(CLI::App& app, Command& chosen) {
  CLI::App* command = app.add_subcommand("check", "Find mistakes in configuration, signals and packs");
  const auto options = std::make_shared<CheckOptions>();
  command
      ->add_option("packs", options->packs,
                   "Rule files, or folders of them; without: those of the configuration")
      ->type_name("PATH");
  command
      ->add_option("--config", options->config_file,
                   "Configuration file; one that names brokers is checked as `run` would")
      ->type_name("FILE");
  command
      ->add_option(
          "--signals", options->signals,
          "Signal catalogues; without: those of the configuration, else signals.yaml beside or above the "
          "pack, else the shipped one")
      ->allow_extra_args(false)
      ->type_name("FILE");
  command->add_option("--format", options->format, "Output format")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->add_flag("--strict", options->strict, "Warnings count as errors");
  auto* environment = command->add_flag("--environment", options->environment,
                                        "Also ask the brokers: reach, login, topics, permissions");
  command->add_flag("--create-topics", options->kafka.create_topics, "Create the topics that are missing")
      ->needs(environment);
  command->add_option("--partitions", options->kafka.partitions, "Of new topics, when no input exists yet")
      ->needs(environment)
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  command->add_option("--replication", options->kafka.replication, "Of new topics")
      ->needs(environment)
      ->check(CLI::Range(1, 16))
      ->capture_default_str();
  command->footer(
      "Ends with 78 when an error was found, 69 when no broker answers.\n"
      "Examples:\n"
      "  proactived check --config /etc/proactived/proactived.yaml\n"
      "  proactived check --config proactived.yaml --environment --create-topics --replication 1\n"
      "  proactived check rules/packs --signals rules/packs/signals.yaml --strict");
  command->callback([&chosen, options] { chosen = [options] { return check(*options); }; });
}

}  // namespace proactive::daemon
