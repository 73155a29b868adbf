#include "rules/engine/parse_rule.h"

#include <array>
#include <chrono>

#include <fmt/format.h>

#include "config/loader/decode_fields.h"
#include "config/loader/field_table.h"
#include "rules/engine/digest.h"
#include "rules/engine/parse_condition.h"
#include "rules/engine/parse_measure.h"
#include "rules/engine/parse_predicate.h"
#include "rules/engine/signal_catalogue.h"

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

constexpr std::size_t kMaxMeasures = 16;
constexpr std::size_t kMaxTitle = 120;  // code points, as are all texts
constexpr std::size_t kMaxText = 500;
constexpr std::string_view kCustomerPrefix = "customer.";

constexpr std::array<std::string_view, 4> kSeverities{"low", "medium", "high", "critical"};
constexpr std::array<std::string_view, 3> kNoData{"hold", "ok", "fire"};
constexpr std::array<std::string_view, 3> kEvaluate{"auto", "on_event", "on_close"};
constexpr std::array<std::string_view, 2> kRollouts{"shadow", "live"};
constexpr std::array<std::string_view, 4> kAudiences{"customer", "customer_success", "support",
                                                     "product_team"};

constexpr std::array kOutreachFields{
    Field{.key = "audience",
          .kind = FieldKind::choice,
          .need = Need::required,
          .choices = kAudiences,
          .doc = "Who acts on it."},
    Field{.key = "title", .kind = FieldKind::text, .need = Need::required, .doc = "One line, with ${names}."},
    Field{.key = "advice", .kind = FieldKind::text, .doc = "What the reader can do, with ${names}."},
    Field{.key = "playbook", .kind = FieldKind::text, .doc = "Where the steps are written down."},
    Field{.key = "cooldown",
          .kind = FieldKind::duration,
          .default_text = "24h",
          .doc = "No second outreach within this time."},
    Field{.key = "not_during", .kind = FieldKind::any, .need = Need::later, .doc = "Times without contact."},
    Field{.key = "unless", .kind = FieldKind::any, .need = Need::later, .doc = "Reasons to stay silent."},
};
constexpr FieldTable kOutreachTable{"outreach", kOutreachFields};

constexpr Field kFor{.key = "for",
                     .kind = FieldKind::duration,
                     .default_text = "0s",
                     .doc = "True this long before it fires."};
constexpr Field kKeepFiringFor{.key = "keep_firing_for",
                               .kind = FieldKind::duration,
                               .default_text = "0s",
                               .doc = "False this long before it resolves."};
constexpr Field kNoDataField{.key = "no_data",
                             .kind = FieldKind::choice,
                             .default_text = "hold",
                             .choices = kNoData,
                             .doc = "What an unknown verdict means."};
constexpr Field kSeverityField{
    .key = "severity", .kind = FieldKind::choice, .choices = kSeverities, .doc = "How much it matters."};
constexpr Field kCalendar{
    .key = "calendar", .kind = FieldKind::any, .need = Need::later, .doc = "Days that do not count."};

constexpr std::array kRuleFields{
    Field{.key = "name",
          .kind = FieldKind::name,
          .need = Need::required,
          .doc = "Unique; the identity of the rule's state."},
    Field{.key = "summary", .kind = FieldKind::text, .doc = "What it means, in one sentence."},
    Field{.key = "per",
          .kind = FieldKind::name,
          .need = Need::required,
          .doc = "customer, or an entity of the catalogue."},
    Field{.key = "only_for", .kind = FieldKind::any, .doc = "Predicates on profile fields."},
    Field{.key = "measures", .kind = FieldKind::any, .doc = "Name -> what is computed from signals."},
    Field{.key = "when", .kind = FieldKind::any, .need = Need::required, .doc = "The condition."},
    kFor,
    kKeepFiringFor,
    kNoDataField,
    Field{.key = "evaluate",
          .kind = FieldKind::choice,
          .default_text = "auto",
          .choices = kEvaluate,
          .doc = "At every event or at bucket ends."},
    kSeverityField,
    Field{.key = "outreach",
          .kind = FieldKind::mapping,
          .child = &kOutreachTable,
          .doc = "What is said; without it, decisions only."},
    Field{.key = "false_positives", .kind = FieldKind::any, .doc = "Known reasons for a wrong alarm."},
    Field{.key = "owner", .kind = FieldKind::text, .doc = "Who keeps it."},
    Field{.key = "rollout",
          .kind = FieldKind::any,
          .default_text = "shadow",
          .doc = "shadow decides and stays silent; live speaks."},
    kCalendar,
    Field{.key = "was", .kind = FieldKind::name, .need = Need::later, .doc = "The former name."},
    Field{.key = "escalate",
          .kind = FieldKind::any,
          .need = Need::later,
          .doc = "Raises the severity of an open episode."},
    Field{.key = "overrides",
          .kind = FieldKind::any,
          .need = Need::later,
          .doc = "Other settings for some customers."},
    Field{.key = "inhibited_by",
          .kind = FieldKind::any,
          .need = Need::later,
          .doc = "Rules or incidents that explain it."},
    Field{
        .key = "group_under", .kind = FieldKind::any, .need = Need::later, .doc = "One outreach per parent."},
    Field{.key = "widespread", .kind = FieldKind::any, .need = Need::later, .doc = "Many customers at once."},
    Field{
        .key = "noise_budget", .kind = FieldKind::any, .need = Need::later, .doc = "How often it may speak."},
    Field{.key = "expires", .kind = FieldKind::any, .need = Need::later, .doc = "When it ends."},
};
constexpr FieldTable kRuleTable{"a rule", kRuleFields};

constexpr std::array kDefaultsFields{kFor, kKeepFiringFor, kNoDataField, kSeverityField, kCalendar};
constexpr FieldTable kDefaultsTable{"defaults", kDefaultsFields};

constexpr std::array kFileFields{
    Field{.key = "version", .kind = FieldKind::integer, .need = Need::required, .doc = "Always 1."},
    Field{.key = "team", .kind = FieldKind::text, .doc = "Who keeps the file."},
    Field{.key = "defaults",
          .kind = FieldKind::mapping,
          .child = &kDefaultsTable,
          .doc = "For all rules of the file."},
    Field{.key = "rules",
          .kind = FieldKind::list,
          .need = Need::required,
          .child = &kRuleTable,
          .doc = "The rules."},
};
constexpr FieldTable kFileTable{"a rule file", kFileFields};

std::size_t code_points(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  return count;
}

std::optional<Written<std::string>> text_of(const TreeNode& node, std::string_view key, std::size_t limit,
                                            Findings& findings) {
  const TreeNode* value = node.find(key);
  if (value == nullptr) return std::nullopt;
  auto text = config::as_text(*value, findings);
  if (!text) return std::nullopt;
  if (code_points(*text) > limit) {
    findings.add("E604", value->place,
                 fmt::format("'{}' has {} characters (at most {})", key, code_points(*text), limit));
    return std::nullopt;
  }
  return Written<std::string>{std::move(*text), value->place};
}

std::optional<Written<Duration>> duration_of(const TreeNode& node, std::string_view key, Findings& findings) {
  const TreeNode* value = node.find(key);
  if (value == nullptr) return std::nullopt;
  const auto duration = config::as_duration(*value, findings);
  if (!duration) return std::nullopt;
  if (*duration > kLongestHistory) {
    findings.add("E305", value->place,
                 fmt::format("{} is longer than the 35d of history that are kept", value->text));
    return std::nullopt;
  }
  return Written<Duration>{*duration, value->place};
}

// A text, or a list of texts.
void check_texts(const TreeNode& node, std::string_view key, Findings& findings) {
  const TreeNode* value = node.find(key);
  if (value == nullptr) return;
  const auto texts = config::as_texts(*value, findings);
  if (!texts) return;
  for (const std::string& text : *texts) {
    if (code_points(text) <= kMaxText) continue;
    findings.add(
        "E604", value->place,
        fmt::format("'{}' has a text of {} characters (at most {})", key, code_points(text), kMaxText));
  }
}

std::vector<PredicateDraft> parse_only_for(const TreeNode& node, Findings& findings) {
  std::vector<PredicateDraft> all;
  if (node.kind != NodeKind::mapping) {
    config::wrong_kind(node, "a mapping: {customer.plan: pro}", findings);
    return all;
  }
  for (const TreeNode::Member& member : node.members) {
    if (!member.key.starts_with(kCustomerPrefix)) {
      findings.add("E403", member.key_place,
                   fmt::format("'{}' is no profile field: only_for reads customer.<field>", member.key));
      continue;
    }
    auto some =
        parse_predicates(member.key.substr(kCustomerPrefix.size()), member.key_place, member.value, findings);
    for (PredicateDraft& predicate : some) all.push_back(std::move(predicate));
  }
  return all;
}

OutreachDraft parse_outreach(const TreeNode& node, Findings& findings) {
  OutreachDraft outreach;
  outreach.place = node.place;
  if (!config::check_members(node, kOutreachTable, findings)) return outreach;
  if (const TreeNode* audience = node.find("audience")) {
    outreach.place = audience->place;
    if (const auto index = config::as_enum(*audience, "audience", kAudiences, findings))
      outreach.audience = kAudiences[*index];
  }
  outreach.title = text_of(node, "title", kMaxTitle, findings);
  outreach.advice = text_of(node, "advice", kMaxText, findings);
  outreach.playbook = text_of(node, "playbook", kMaxText, findings);
  outreach.cooldown = duration_of(node, "cooldown", findings);
  return outreach;
}

Written<Rollout> parse_rollout(const TreeNode& node, Findings& findings) {
  const TreeNode* mode = node.kind == NodeKind::mapping ? node.find("mode") : &node;
  const bool canary = mode != nullptr && mode->kind == NodeKind::scalar && mode->text == "canary";
  if (canary || node.kind == NodeKind::mapping) {
    findings.add("E209", node.place, "'rollout: canary' is not available yet", "write shadow or live");
    return {Rollout::shadow, node.place};
  }
  const auto index = config::as_enum(node, "rollout", kRollouts, findings);
  return {index ? static_cast<Rollout>(*index) : Rollout::shadow, node.place};
}

// The keys that `defaults` may hold, too.
void parse_common(const TreeNode& node, RuleDraft& draft, bool& has_severity, Findings& findings) {
  if (const auto hold = duration_of(node, "for", findings)) draft.hold = *hold;
  if (const auto keep = duration_of(node, "keep_firing_for", findings)) draft.keep_firing_for = *keep;
  if (const TreeNode* no_data = node.find("no_data")) {
    const auto index = config::as_enum(*no_data, "no_data", kNoData, findings);
    draft.no_data = {index ? static_cast<NoData>(*index) : NoData::hold, no_data->place};
  }
  if (const TreeNode* severity = node.find("severity")) {
    has_severity = true;
    const auto index = config::as_enum(*severity, "severity", kSeverities, findings);
    if (index) draft.severity = static_cast<Severity>(*index);
  }
}

void parse_measures(const TreeNode& node, RuleDraft& draft, Findings& findings) {
  if (node.kind != NodeKind::mapping) {
    config::wrong_kind(node, "a mapping: {name: {mean: signal, over: 30m}}", findings);
    return;
  }
  for (const TreeNode::Member& member : node.members) {
    if (draft.measures.size() == kMaxMeasures) {
      findings.add("E604", member.key_place, fmt::format("more than {} measures in one rule", kMaxMeasures));
      return;
    }
    draft.measures.push_back(parse_measure(member, findings));
  }
}

RuleDraft parse_rule(const TreeNode& node, const RuleDraft& defaults, bool has_severity, Findings& findings) {
  RuleDraft draft = defaults;
  config::check_members(node, kRuleTable, findings, &kFileTable);
  draft.name.place = node.place;
  if (const TreeNode* name = node.find("name")) {
    draft.name = {config::as_name(*name, findings, true).value_or(""), name->place};
  }
  if (auto summary = text_of(node, "summary", kMaxText, findings)) draft.summary = std::move(summary->value);
  if (const TreeNode* per = node.find("per")) {
    if (per->kind == NodeKind::scalar && per->text == "account") {
      findings.add("E209", per->place, "'per: account' is not available yet");
    } else {
      draft.per = {config::as_name(*per, findings).value_or(""), per->place};
    }
  }
  if (const TreeNode* only_for = node.find("only_for")) draft.only_for = parse_only_for(*only_for, findings);
  if (const TreeNode* measures = node.find("measures")) parse_measures(*measures, draft, findings);
  if (const TreeNode* when = node.find("when"); when != nullptr && when->kind != NodeKind::null) {
    draft.when = parse_condition(*when, findings);
  } else {
    draft.when.complete = false;
  }
  parse_common(node, draft, has_severity, findings);
  if (!has_severity) {
    findings.add("E203", node.place, "a rule has no 'severity'",
                 "write low, medium, high or critical, here or in 'defaults'");
  }
  if (const TreeNode* evaluate = node.find("evaluate")) {
    draft.evaluate_place = evaluate->place;
    const auto index = config::as_enum(*evaluate, "evaluate", kEvaluate, findings);
    if (index && *index > 0) draft.on_close = *index == 2;
  }
  if (const TreeNode* outreach = node.find("outreach")) draft.outreach = parse_outreach(*outreach, findings);
  if (const TreeNode* rollout = node.find("rollout")) draft.rollout = parse_rollout(*rollout, findings);
  check_texts(node, "false_positives", findings);
  (void)text_of(node, "owner", kMaxText, findings);
  draft.digest = fmt::format("xxh3:{}", hex16(digest64(draft.digest + canonical_text(node))).substr(0, 8));
  return draft;
}

}  // namespace

std::vector<RuleDraft> parse_rules(const TreeNode& root, const std::string& category, bool has_test,
                                   Findings& findings) {
  std::vector<RuleDraft> drafts;
  if (!config::check_members(root, kFileTable, findings)) return drafts;
  check_version(root, findings);
  (void)text_of(root, "team", kMaxText, findings);
  RuleDraft defaults;
  defaults.category = category;
  defaults.has_test = has_test;
  bool has_severity = false;
  if (const TreeNode* node = root.find("defaults");
      node != nullptr && config::check_members(*node, kDefaultsTable, findings, &kFileTable)) {
    parse_common(*node, defaults, has_severity, findings);
    defaults.digest = canonical_text(*node);
  }
  const TreeNode* rules = root.find("rules");
  if (rules == nullptr || rules->kind == NodeKind::null) return drafts;
  if (rules->kind != NodeKind::sequence) {
    config::wrong_kind(*rules, "a list of rules", findings);
    return drafts;
  }
  for (const TreeNode& node : rules->items) {
    if (node.kind != NodeKind::mapping) {
      config::wrong_kind(node, "a rule", findings);
      continue;
    }
    drafts.push_back(parse_rule(node, defaults, has_severity, findings));
  }
  return drafts;
}

}  // namespace proactive::rules
