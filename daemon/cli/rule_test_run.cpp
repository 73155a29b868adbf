#include "daemon/cli/rule_test_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "daemon/cli/pipeline_setup.h"
#include "daemon/pipeline/pipeline.h"
#include "daemon/pipeline/state_blocks.h"

namespace proactive::daemon {
namespace {

using Json = nlohmann::json;

Json to_json(const rules::TestValue& value) {
  return std::visit([](const auto& known) { return Json(known); }, value);
}

std::string_view kind_name(SignalKind kind) {
  switch (kind) {
    case SignalKind::gauge:
      return "gauge";
    case SignalKind::delta:
      return "delta";
    case SignalKind::cumulative:
      return "cumulative";
    case SignalKind::count:
      return "count";
    case SignalKind::event:
      return "event";
  }
  return "";
}

// The record as a team's producer would write it.
std::string encode(const rules::TestRecord& record, Timestamp start) {
  Json out{{"customer_id", record.customer}};
  if (record.is_profile) {
    for (const auto& [name, value] : record.fields) out[name] = to_json(value);
    return out.dump();
  }
  out["event_time"] = format_rfc3339(start + record.at);
  out["signal"] = record.signal;
  out["kind"] = kind_name(record.kind);
  out["value"] = record.value;
  if (!record.entity_type.empty()) out["entity"] = {{"type", record.entity_type}, {"id", record.entity_id}};
  for (const auto& [name, value] : record.fields) out["dims"][name] = to_json(value);
  return out.dump();
}

std::string_view state_name(rules::EpisodeState state) {
  switch (state) {
    case rules::EpisodeState::ok:
      return "ok";
    case rules::EpisodeState::pending:
      return "pending";
    case rules::EpisodeState::firing:
      return "firing";
    case rules::EpisodeState::recovering:
      return "recovering";
  }
  return "";
}

struct Told {  // one outreach event
  Duration at{};
  std::string rule, customer, title;
  bool opened = false;
  Json data;
};

class TestRun {
 public:
  TestRun(const rules::TestCase& test, std::shared_ptr<const rules::RuleSet> rules)
      : test_(test), rules_(std::move(rules)), pipeline_(0, rules_, setup_of(test)) {}

  void feed(const rules::TestRecord& record);
  void rest_until(Duration at);
  void finish();

  // nullopt: met.
  [[nodiscard]] std::optional<std::string> judge(const rules::ExpectedState& expected);
  [[nodiscard]] std::optional<std::string> judge(const rules::ExpectedNothing& expected) const;
  [[nodiscard]] std::optional<std::string> judge(const rules::ExpectedText& expected) const;
  [[nodiscard]] std::optional<std::string> judge(const rules::ExpectedCount& expected) const;

 private:
  static std::shared_ptr<const PipelineSetup> setup_of(const rules::TestCase& test);
  void take_outputs();
  [[nodiscard]] std::string state_of(const rules::ExpectedState& expected);
  [[nodiscard]] bool shows(const Told& told, const std::string& word) const;
  [[nodiscard]] std::optional<std::string> missing_text(const Told* told,
                                                        const std::vector<std::string>& because,
                                                        const std::string& title) const;

  const rules::TestCase& test_;
  std::shared_ptr<const rules::RuleSet> rules_;
  Pipeline pipeline_;
  PipelineOutput out_;
  std::array<std::int64_t, kStreamKinds> next_offset_{};
  Timestamp now_{};
  std::vector<Told> told_;
  std::vector<std::string> decided_;  // rules, one per decision
};

std::shared_ptr<const PipelineSetup> TestRun::setup_of(const rules::TestCase& test) {
  config::DaemonConfig config;
  config.outreach.enabled = true;
  config.kafka.telemetry.lateness = test.lateness;
  return pipeline_setup(config, 1, 0);
}

void TestRun::feed(const rules::TestRecord& record) {
  const std::string value = encode(record, test_.start);
  now_ = std::max(now_, test_.start + record.arrives);
  InputRecord input;
  input.stream = record.is_profile ? StreamKind::profiles : StreamKind::telemetry;
  input.offset = next_offset_[static_cast<std::size_t>(input.stream)]++;
  input.appended_at = now_;
  input.key = record.customer;
  input.value = value;
  pipeline_.process(input, now_, out_);
  while (pipeline_.due()) pipeline_.tick(now_, kNever, out_);
  take_outputs();
}

void TestRun::rest_until(Duration at) {
  now_ = std::max(now_, test_.start + at);
  pipeline_.tick(now_, now_ - test_.lateness, out_);
  while (pipeline_.due()) pipeline_.tick(now_, kNever, out_);
  take_outputs();
}

void TestRun::finish() {
  CommitVersion version;
  version.v = 1;
  version.offsets = next_offset_;
  version.watermark = pipeline_.watermark();
  pipeline_.commit(version);  // effects count what is committed
}

void TestRun::take_outputs() {
  for (const OutputRecord& record : out_.records) {
    if (record.channel != Channel::outreach && record.channel != Channel::decisions) continue;
    const Json event = Json::parse(record.value);
    const Json& data = event.at("data");
    const std::string rule = data.at("issue").at("rule_id");
    if (record.channel == Channel::decisions) {
      decided_.push_back(rule);
      continue;
    }
    const Result<Timestamp> at = parse_rfc3339(event.at("time").get<std::string>());
    Told told{at.value_or(now_) - test_.start, rule, data.at("customer").at("id"), {}, false, data};
    told.opened = data.at("status") == "opened";
    if (data.contains("message")) told.title = data["message"]["rendered"].value("title", "");
    told_.push_back(std::move(told));
  }
  out_.clear();
}

// From the state's own bytes, so that a test sees what a restart would.
std::string TestRun::state_of(const rules::ExpectedState& expected) {
  ChangeSet all;
  pipeline_.dump(all);
  const std::string type = expected.entity_type.empty() ? "customer" : expected.entity_type;
  for (const StateChange& change : all.changes) {
    const Result<std::string> text = describe_state_record(change.key, change.value);
    if (!text) continue;
    const Json record = Json::parse(*text);
    const Json& key = record["key"];
    if (record["type"] != "episode" || key.size() < 4 || key[0] != expected.customer || key[1] != type ||
        key[3] != expected.rule || (!expected.entity_id.empty() && key[2] != expected.entity_id)) {
      continue;
    }
    for (const Json& block : record["blocks"]) {
      if (block["id"] == kEpisodeBlock) return block["content"].value("state", "ok");
    }
  }
  return "ok";
}

// A word of `because`: a leaf's id stands for its evidence, anything else for text in evidence or explanation.
bool TestRun::shows(const Told& told, const std::string& word) const {
  const Json& evidence = told.data.at("evidence");
  for (const rules::Rule& rule : rules_->rules) {
    if (rule.name != told.rule) continue;
    for (const rules::Leaf& leaf : rule.when.leaves) {
      if (leaf.id != word || leaf.measure >= rule.measures.size()) continue;
      const bool modelled = std::holds_alternative<rules::Unusual>(leaf.test);  // others name no model
      if (std::holds_alternative<rules::Together>(leaf.test)) {  // it speaks through its measures
        for (const Json& item : evidence) {
          if (item.contains("contribution")) return true;
        }
      }
      for (const Json& item : evidence) {
        if (item["measure"] == rule.measures[leaf.measure].name && item.contains("model") == modelled)
          return true;
      }
    }
  }
  const std::string text = evidence.dump() + told.data.value("explanation", Json::object()).dump();
  return text.find(word) != std::string::npos;
}

std::optional<std::string> TestRun::missing_text(const Told* told, const std::vector<std::string>& because,
                                                 const std::string& title) const {
  if (because.empty() && title.empty()) return std::nullopt;
  if (told == nullptr) {
    return pipeline_.counts().render_failed == 0
               ? "no outreach was sent, so there are no reasons"
               : "no outreach was sent: its text needs a value that is missing at that time";
  }
  for (const std::string& word : because) {
    if (!shows(*told, word))
      return fmt::format("'{}' is not among the reasons: {}", word, told->data["explanation"].dump());
  }
  if (told->title.find(title) == std::string::npos) return fmt::format("the title is '{}'", told->title);
  return std::nullopt;
}

std::optional<std::string> TestRun::judge(const rules::ExpectedState& expected) {
  const std::string state = state_of(expected);
  if (state != state_name(expected.state)) {
    return fmt::format("at {} rule '{}' is {} for {}, not {}", format_duration(expected.at), expected.rule,
                       state, expected.customer, state_name(expected.state));
  }
  const Told* newest = nullptr;
  for (const Told& told : told_) {
    if (told.rule == expected.rule && told.customer == expected.customer) newest = &told;
  }
  return missing_text(newest, expected.because, expected.title);
}

std::optional<std::string> TestRun::judge(const rules::ExpectedNothing& expected) const {
  for (const Told& told : told_) {
    const bool meant = (expected.rule.empty() || told.rule == expected.rule) &&
                       (expected.customer.empty() || told.customer == expected.customer);
    if (told.opened && meant && told.at >= expected.from && told.at <= expected.to) {
      return fmt::format("rule '{}' opened an outreach for {} at {}", told.rule, told.customer,
                         format_duration(told.at));
    }
  }
  return std::nullopt;
}

std::optional<std::string> TestRun::judge(const rules::ExpectedText& expected) const {
  std::optional<std::string> problem = "no outreach was sent";
  for (const Told& told : told_) {
    const bool meant = (expected.rule.empty() || told.rule == expected.rule) &&
                       (expected.customer.empty() || told.customer == expected.customer);
    if (!meant || (expected.at && told.at > *expected.at)) continue;
    problem = missing_text(&told, expected.because, expected.title);
    if (!problem) return std::nullopt;
  }
  return problem;
}

std::optional<std::string> TestRun::judge(const rules::ExpectedCount& expected) const {
  std::int64_t count = 0;
  std::string_view noun;
  switch (expected.of) {
    case rules::ExpectedCount::Of::outreach:
      noun = "outreach";
      count = std::count_if(told_.begin(), told_.end(), [&](const Told& told) {
        return told.opened && (expected.rule.empty() || told.rule == expected.rule);
      });
      break;
    case rules::ExpectedCount::Of::episodes:
      noun = "episodes";
      for (const rules::Rule& rule : rules_->rules) {
        if (!expected.rule.empty() && rule.name != expected.rule) continue;
        if (rule.index >= pipeline_.effects().rules.size()) continue;
        count += static_cast<std::int64_t>(pipeline_.effects().rules[rule.index].opened);
      }
      break;
    case rules::ExpectedCount::Of::decisions:
      noun = "decisions";
      count = std::count_if(decided_.begin(), decided_.end(), [&](const std::string& rule) {
        return expected.rule.empty() || rule == expected.rule;
      });
      break;
  }
  if (expected.is && count != *expected.is) return fmt::format("{} {}, not {}", count, noun, *expected.is);
  if (expected.at_least && count < *expected.at_least) {
    return fmt::format("{} {}, fewer than {}", count, noun, *expected.at_least);
  }
  if (expected.at_most && count > *expected.at_most) {
    return fmt::format("{} {}, more than {}", count, noun, *expected.at_most);
  }
  return std::nullopt;
}

// Only a state is looked at in the middle of the run; the rest is judged by what was written.
std::optional<Duration> moment_of(const rules::Expectation& expectation) {
  const auto* state = std::get_if<rules::ExpectedState>(&expectation.what);
  return state == nullptr ? std::nullopt : std::optional<Duration>(state->at);
}

}  // namespace

std::vector<UnmetExpectation> run_rule_test(const rules::TestCase& test,
                                            const std::vector<rules::TestRecord>& records,
                                            std::shared_ptr<const rules::RuleSet> rules) {
  TestRun run(test, std::move(rules));
  std::vector<const rules::Expectation*> moments;
  Duration last{};
  for (const rules::Expectation& expectation : test.expect) {
    if (moment_of(expectation)) moments.push_back(&expectation);
    if (const auto* nothing = std::get_if<rules::ExpectedNothing>(&expectation.what))
      last = std::max(last, nothing->to);
  }
  std::stable_sort(moments.begin(), moments.end(),
                   [](const rules::Expectation* a, const rules::Expectation* b) {
                     return *moment_of(*a) < *moment_of(*b);
                   });

  std::vector<UnmetExpectation> unmet;
  const auto judge = [&](const rules::Expectation& expectation) {
    const auto problem = std::visit([&run](const auto& what) { return run.judge(what); }, expectation.what);
    if (problem) unmet.push_back({expectation.place, *problem});
  };
  auto next = moments.begin();
  for (const rules::TestRecord& record : records) {
    for (; next != moments.end() && *moment_of(**next) < record.arrives; ++next) judge(**next);
    run.feed(record);
  }
  for (; next != moments.end(); ++next) {
    run.rest_until(*moment_of(**next));
    judge(**next);
  }
  run.rest_until(last);
  run.finish();
  for (const rules::Expectation& expectation : test.expect) {
    if (!moment_of(expectation)) judge(expectation);
  }
  std::stable_sort(unmet.begin(), unmet.end(), [](const UnmetExpectation& a, const UnmetExpectation& b) {
    return a.place.line < b.place.line;
  });
  return unmet;
}

}  // namespace proactive::daemon
