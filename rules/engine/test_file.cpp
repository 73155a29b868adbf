#include "rules/engine/test_file.h"

#include <array>
#include <chrono>
#include <tuple>

#include <fmt/format.h>

#include "config/loader/config_tree.h"
#include "config/loader/decode_fields.h"
#include "config/loader/field_table.h"

namespace proactive::rules {
namespace {

using namespace std::chrono_literals;

using config::Field;
using config::FieldKind;
using config::FieldTable;
using config::Findings;
using config::Need;
using config::NodeKind;
using config::TreeNode;

constexpr std::size_t kMaxRecords = 1'000'000;                           // of one test
constexpr Timestamp kDefaultStart{std::chrono::seconds(1'767'571'200)};  // 2026-01-05T00:00:00Z, a Monday
constexpr Duration kDefaultLateness = 2min;

constexpr Duration kLongestEvery = 24h * 365;

constexpr std::array<std::string_view, 4> kStates{"ok", "pending", "firing", "recovering"};
constexpr std::array<std::string_view, 3> kCounted{"outreach", "episodes", "decisions"};

constexpr std::array kOptionFields{
    Field{.key = "lateness",
          .kind = FieldKind::duration,
          .default_text = "2m",
          .doc = "How far the watermark trails."},
    Field{.key = "start",
          .kind = FieldKind::text,
          .default_text = "2026-01-05T00:00:00Z",
          .doc = "Offset zero."},
    Field{.key = "rollout", .kind = FieldKind::any, .need = Need::later, .doc = "Rules run as live."},
    Field{.key = "shuffle", .kind = FieldKind::any, .need = Need::later, .doc = "Random arrival."},
    Field{.key = "seed", .kind = FieldKind::any, .need = Need::later, .doc = "Of random arrival."},
};
constexpr FieldTable kOptionTable{"options", kOptionFields};

constexpr std::array kSignalFields{
    Field{.key = "signal", .kind = FieldKind::name, .need = Need::required, .doc = "Of the catalogue."},
    Field{.key = "customer", .kind = FieldKind::texts, .need = Need::required, .doc = "One, or a list."},
    Field{.key = "entity", .kind = FieldKind::text, .doc = "type/id."},
    Field{.key = "from", .kind = FieldKind::duration, .default_text = "0m", .doc = "Of the first value."},
    Field{.key = "every", .kind = FieldKind::duration, .need = Need::required, .doc = "Between two values."},
    Field{.key = "values", .kind = FieldKind::text, .need = Need::required, .doc = "v*n, v+d*n, _*n."},
};
constexpr FieldTable kSignalTable{"a given signal", kSignalFields};

constexpr std::array kLagFields{
    Field{.key = "pipeline_lag",
          .kind = FieldKind::duration,
          .need = Need::required,
          .doc = "How much later records arrive."},
    Field{.key = "from", .kind = FieldKind::duration, .need = Need::required, .doc = "Event time."},
    Field{.key = "to", .kind = FieldKind::duration, .need = Need::required, .doc = "Event time."},
};
constexpr FieldTable kLagTable{"a pipeline_lag", kLagFields};

constexpr std::array kProfileEntryFields{
    Field{.key = "profile", .kind = FieldKind::any, .need = Need::required, .doc = "customer and fields."},
};
constexpr FieldTable kProfileTable{"a given profile", kProfileEntryFields};

constexpr std::array kExpectFields{
    Field{.key = "at", .kind = FieldKind::duration, .doc = "When."},
    Field{.key = "rule", .kind = FieldKind::text, .doc = "Which rule."},
    Field{.key = "customer", .kind = FieldKind::text, .doc = "Whose."},
    Field{.key = "entity", .kind = FieldKind::text, .doc = "type/id."},
    Field{.key = "state", .kind = FieldKind::choice, .choices = kStates, .doc = "Of the episode."},
    Field{.key = "because", .kind = FieldKind::texts, .doc = "Words of the reasons."},
    Field{.key = "title", .kind = FieldKind::text, .doc = "Part of the title."},
    Field{.key = "from", .kind = FieldKind::duration, .doc = "With nothing."},
    Field{.key = "to", .kind = FieldKind::duration, .doc = "With nothing."},
    Field{.key = "nothing", .kind = FieldKind::boolean, .doc = "No outreach."},
    Field{.key = "count", .kind = FieldKind::choice, .choices = kCounted, .doc = "Of what."},
    Field{.key = "is", .kind = FieldKind::integer, .doc = "Exactly."},
    Field{.key = "at_least", .kind = FieldKind::integer, .doc = "Not fewer."},
    Field{.key = "at_most", .kind = FieldKind::integer, .doc = "Not more."},
    Field{.key = "decision", .kind = FieldKind::any, .need = Need::later, .doc = "Of a gate."},
    Field{.key = "gate", .kind = FieldKind::any, .need = Need::later, .doc = "Of a decision."},
};
constexpr FieldTable kExpectTable{"an expectation", kExpectFields};

constexpr std::array kTestFields{
    Field{.key = "name", .kind = FieldKind::text, .need = Need::required, .doc = "What the rule promises."},
    Field{.key = "options", .kind = FieldKind::mapping, .child = &kOptionTable, .doc = "Of the run."},
    Field{.key = "given", .kind = FieldKind::any, .need = Need::required, .doc = "Telemetry and profiles."},
    Field{.key = "expect", .kind = FieldKind::any, .need = Need::required, .doc = "What must be."},
};
constexpr FieldTable kTestTable{"a test", kTestFields};

constexpr std::array kFileFields{
    Field{.key = "version", .kind = FieldKind::integer, .need = Need::required, .doc = "Always 1."},
    Field{.key = "rules", .kind = FieldKind::texts, .need = Need::required, .doc = "Files beside this one."},
    Field{.key = "tests",
          .kind = FieldKind::list,
          .need = Need::required,
          .child = &kTestTable,
          .doc = "The tests."},
};
constexpr FieldTable kFileTable{"a test file", kFileFields};

constexpr std::array<std::string_view, 3> kLaterGiven{"event", "restart", "lookup"};

// One test of the file.
class TestReader {
 public:
  explicit TestReader(Findings& findings) : findings_(findings) {}

  TestCase read(const TreeNode& node) {
    test_.place = node.place;
    test_.start = kDefaultStart;
    test_.lateness = kDefaultLateness;
    if (!config::check_members(node, kTestTable, findings_, &kFileTable)) return std::move(test_);
    test_.name = text(node, "name");
    if (const TreeNode* options = node.find("options")) read_options(*options);
    if (const TreeNode* given = list(node, "given")) {
      for (const TreeNode& entry : given->items) read_given(entry);
    }
    if (const TreeNode* expect = list(node, "expect")) {
      for (const TreeNode& entry : expect->items) read_expectation(entry);
    }
    return std::move(test_);
  }

 private:
  const TreeNode* list(const TreeNode& node, std::string_view key) {
    const TreeNode* value = node.find(key);
    if (value == nullptr || value->kind == NodeKind::null) return nullptr;
    if (value->kind != NodeKind::sequence) {
      config::wrong_kind(*value, "a list", findings_);
      return nullptr;
    }
    return value;
  }

  std::string text(const TreeNode& node, std::string_view key) {
    const TreeNode* value = node.find(key);
    return value == nullptr ? std::string() : config::as_text(*value, findings_).value_or("");
  }

  Duration duration(const TreeNode& node, std::string_view key) {
    const TreeNode* value = node.find(key);
    return value == nullptr ? Duration::zero()
                            : config::as_duration(*value, findings_).value_or(Duration::zero());
  }

  std::vector<std::string> texts(const TreeNode& node, std::string_view key) {
    const TreeNode* value = node.find(key);
    return value == nullptr ? std::vector<std::string>()
                            : config::as_texts(*value, findings_).value_or(std::vector<std::string>());
  }

  std::pair<std::string, std::string> entity(const TreeNode& node) {
    const TreeNode* value = node.find("entity");
    if (value == nullptr) return {};
    const std::string written = config::as_text(*value, findings_).value_or("");
    const std::size_t slash = written.find('/');
    if (slash == 0 || slash == std::string::npos || slash + 1 == written.size()) {
      config::wrong_kind(*value, "an entity as type/id, for example device/d-1", findings_);
      return {};
    }
    return {written.substr(0, slash), written.substr(slash + 1)};
  }

  void read_options(const TreeNode& node) {
    if (!config::check_members(node, kOptionTable, findings_)) return;
    if (node.find("lateness") != nullptr) test_.lateness = duration(node, "lateness");
    const TreeNode* start = node.find("start");
    if (start == nullptr) return;
    const auto time = parse_rfc3339(text(node, "start"));
    if (time) {
      test_.start = *time;
    } else {
      config::wrong_kind(*start, "a time such as 2026-01-05T00:00:00Z", findings_);
    }
  }

  void read_given(const TreeNode& node) {
    for (const TreeNode::Member& member : node.members) {
      for (const std::string_view later : kLaterGiven) {
        if (member.key != later) continue;
        findings_.add("E209", member.key_place, fmt::format("'{}' in a test is not available yet", later));
        return;
      }
    }
    if (node.find("pipeline_lag") != nullptr) return read_lag(node);
    if (node.find("profile") != nullptr) return read_profile(node);
    if (!config::check_members(node, kSignalTable, findings_)) return;
    GivenSignal given;
    given.place = node.place;
    if (const TreeNode* signal = node.find("signal")) {
      given.signal = config::as_text(*signal, findings_).value_or("");
      given.place = signal->place;
    }
    given.customers = texts(node, "customer");
    std::tie(given.entity_type, given.entity_id) = entity(node);
    given.from = duration(node, "from");
    if (const TreeNode* every = node.find("every")) {
      given.every = config::as_duration(*every, findings_, {1s, kLongestEvery}).value_or(Duration::zero());
    }
    const TreeNode* values = node.find("values");
    if (values != nullptr && values->kind != NodeKind::null &&
        !expand_values(text(node, "values"), given.values)) {
      config::wrong_kind(*values, "values such as 100*20 100+5*10 _*3", findings_);
    }
    records_ += given.values.size() * given.customers.size();
    if (records_ > kMaxRecords) {
      if (!too_many_)
        findings_.add("E604", node.place, fmt::format("more than {} records in one test", kMaxRecords));
      too_many_ = true;
      given.values.clear();
    }
    test_.signals.push_back(std::move(given));
  }

  void read_lag(const TreeNode& node) {
    if (!config::check_members(node, kLagTable, findings_)) return;
    test_.lags.push_back({duration(node, "pipeline_lag"), duration(node, "from"), duration(node, "to")});
  }

  void read_profile(const TreeNode& node) {
    config::check_members(node, kProfileTable, findings_);
    const TreeNode& profile = *node.find("profile");
    if (profile.kind != NodeKind::mapping) {
      config::wrong_kind(profile, "a mapping: {customer: acme, plan: pro}", findings_);
      return;
    }
    GivenProfile given;
    given.place = profile.place;
    given.customer = text(profile, "customer");
    if (profile.find("customer") == nullptr)
      findings_.add("E203", profile.place, "a profile has no 'customer'");
    for (const TreeNode::Member& member : profile.members) {
      if (member.key != "customer") given.fields.emplace_back(member.key, field_value(member.value));
    }
    test_.profiles.push_back(std::move(given));
  }

  TestValue field_value(const TreeNode& node) {
    if (!node.quoted && (node.text == "true" || node.text == "false")) return node.text == "true";
    const bool numeric = !node.quoted && !node.text.empty() &&
                         node.text.find_first_not_of("-.0123456789") == std::string::npos;
    if (numeric) {
      if (const auto number = config::as_number(node, findings_)) return *number;
    }
    return config::as_text(node, findings_).value_or("");
  }

  void require(const TreeNode& node, std::initializer_list<std::string_view> keys, std::string_view what) {
    for (const std::string_view key : keys) {
      if (node.find(key) == nullptr)
        findings_.add("E203", node.place, fmt::format("an expectation of {} has no '{}'", what, key));
    }
  }

  void forbid(const TreeNode& node, std::initializer_list<std::string_view> keys, std::string_view what) {
    for (const TreeNode::Member& member : node.members) {
      for (const std::string_view key : keys) {
        if (member.key == key)
          findings_.add("E202", member.key_place, fmt::format("'{}' in an expectation of {}", key, what));
      }
    }
  }

  void read_expectation(const TreeNode& node) {
    if (!config::check_members(node, kExpectTable, findings_)) return;
    Expectation expectation;
    expectation.place = node.place;
    if (node.find("count") != nullptr) {
      expectation.what = read_count(node);
    } else if (node.find("nothing") != nullptr) {
      expectation.what = read_nothing(node);
    } else if (node.find("state") != nullptr) {
      expectation.what = read_state(node);
    } else if (node.find("because") != nullptr || node.find("title") != nullptr) {
      expectation.what = read_text(node);
    } else {
      findings_.add("E203", node.place, "an expectation needs one of state, nothing, count, because, title");
      return;
    }
    test_.expect.push_back(std::move(expectation));
  }

  ExpectedCount read_count(const TreeNode& node) {
    forbid(node, {"at", "customer", "entity", "state", "because", "title", "from", "to", "nothing"},
           "a count");
    ExpectedCount count;
    const auto of = config::as_enum(*node.find("count"), "count", kCounted, findings_);
    if (of) count.of = static_cast<ExpectedCount::Of>(*of);
    count.rule = text(node, "rule");
    const auto number = [&](std::string_view key) -> std::optional<std::int64_t> {
      const TreeNode* value = node.find(key);
      return value == nullptr ? std::nullopt : config::as_integer(*value, findings_, {0, 1'000'000'000});
    };
    count.is = number("is");
    count.at_least = number("at_least");
    count.at_most = number("at_most");
    if (node.find("is") == nullptr && node.find("at_least") == nullptr && node.find("at_most") == nullptr) {
      findings_.add("E203", node.place, "a count needs 'is', 'at_least' or 'at_most'");
    }
    return count;
  }

  ExpectedNothing read_nothing(const TreeNode& node) {
    require(node, {"from", "to"}, "nothing");
    forbid(node, {"at", "entity", "state", "because", "title", "is", "at_least", "at_most"}, "nothing");
    const auto flag = config::as_bool(*node.find("nothing"), findings_);
    if (flag && !*flag) findings_.add("E301", node.find("nothing")->place, "'nothing' can only be true");
    return {duration(node, "from"), duration(node, "to"), text(node, "rule"), text(node, "customer")};
  }

  ExpectedState read_state(const TreeNode& node) {
    require(node, {"at", "rule", "customer"}, "a state");
    forbid(node, {"from", "to", "is", "at_least", "at_most"}, "a state");
    ExpectedState expected;
    expected.at = duration(node, "at");
    expected.rule = text(node, "rule");
    expected.customer = text(node, "customer");
    std::tie(expected.entity_type, expected.entity_id) = entity(node);
    const auto state = config::as_enum(*node.find("state"), "state", kStates, findings_);
    if (state) expected.state = static_cast<EpisodeState>(*state);
    expected.because = texts(node, "because");
    expected.title = text(node, "title");
    return expected;
  }

  ExpectedText read_text(const TreeNode& node) {
    require(node, {"rule"}, "a text");
    forbid(node, {"from", "to", "is", "at_least", "at_most", "entity"}, "a text");
    ExpectedText expected;
    if (node.find("at") != nullptr) expected.at = duration(node, "at");
    expected.rule = text(node, "rule");
    expected.customer = text(node, "customer");
    expected.because = texts(node, "because");
    expected.title = text(node, "title");
    return expected;
  }

  Findings& findings_;
  TestCase test_;
  std::size_t records_ = 0;
  bool too_many_ = false;
};

}  // namespace

std::optional<TestFile> parse_test_file(const std::string& file, std::string_view text, Findings& findings) {
  const std::size_t before = findings.errors();
  const auto root = config::read_tree(file, text, findings);
  if (root == nullptr) return std::nullopt;
  TestFile parsed;
  if (!config::check_members(*root, kFileTable, findings)) return std::nullopt;
  check_version(*root, findings);
  if (const TreeNode* rules = root->find("rules")) {
    parsed.rules = config::as_texts(*rules, findings).value_or(std::vector<std::string>());
  }
  const TreeNode* tests = root->find("tests");
  if (tests != nullptr && tests->kind == NodeKind::sequence) {
    for (const TreeNode& node : tests->items) parsed.tests.push_back(TestReader(findings).read(node));
  } else if (tests != nullptr) {
    config::wrong_kind(*tests, "a list of tests", findings);
  }
  if (findings.errors() != before) return std::nullopt;
  return parsed;
}

}  // namespace proactive::rules
