#include "daemon/simulate/evaluation.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_map>

namespace proactive::daemon {
namespace {

using SignalsByRule = std::unordered_map<std::string_view, const std::vector<std::string>*>;
using OutreachByCustomer = std::unordered_map<std::string_view, std::vector<const OutreachRow*>>;
using TruthByCustomer = std::unordered_map<std::string_view, std::vector<const TruthRow*>>;

constexpr double kWeek = 6.048e11;  // microseconds

bool reads_touched_signal(const SignalsByRule& rules, const OutreachRow& row, FaultKind kind) {
  const auto rule = rules.find(row.rule_id);
  if (rule == rules.end()) return false;
  for (const std::string_view touched : facts_of(kind).signals) {
    if (touched.empty()) continue;
    for (const std::string& read : *rule->second) {
      if (read == touched) return true;
    }
  }
  return false;
}

// A rule per customer may speak about a fault of one job; a rule per job must mean this one.
bool same_entity(const TruthRow& fault, const OutreachRow& row) {
  if (fault.entity == "customer") return true;
  const std::string_view type = std::string_view(fault.entity).substr(0, fault.entity.find('/') + 1);
  return row.entity.compare(0, type.size(), type) != 0 || row.entity == fault.entity;
}

bool about(const SignalsByRule& rules, const TruthRow& fault, const OutreachRow& row) {
  return reads_touched_signal(rules, row, fault.kind) && same_entity(fault, row);
}

std::optional<Duration> median(std::vector<Duration>& leads) {
  if (leads.empty()) return std::nullopt;
  std::sort(leads.begin(), leads.end());
  const std::size_t middle = leads.size() / 2;
  return leads.size() % 2 == 1 ? leads[middle] : (leads[middle - 1] + leads[middle]) / 2;
}

std::optional<Duration> lead_of(const SignalsByRule& rules, const TruthRow& fault,
                                std::span<const OutreachRow* const> of_customer) {
  std::optional<Duration> lead;
  for (const OutreachRow* row : of_customer) {
    const bool in_time = fault.began <= row->opened_at && row->opened_at < fault.ticket_at;
    if (in_time && about(rules, fault, *row)) {
      lead = std::max(lead.value_or(Duration::zero()), fault.ticket_at - row->opened_at);
    }
  }
  return lead;
}

void count(KindScore& score, const TruthRow& fault, bool caught) {
  score.faults += 1;
  score.caught += caught;
  if (fault.size >= 2) {
    score.faults_size2 += 1;
    score.caught_size2 += caught;
  }
}

void score_faults(std::span<const TruthRow> truth, const OutreachByCustomer& outreach,
                  const SignalsByRule& rules, Evaluation& into) {
  std::array<std::vector<Duration>, kFaultKinds> leads;
  std::vector<Duration> all_leads;
  for (const TruthRow& fault : truth) {
    const auto kind = static_cast<std::size_t>(fault.kind);
    const auto rows = outreach.find(fault.customer_id);
    std::optional<Duration> lead;
    if (rows != outreach.end()) lead = lead_of(rules, fault, rows->second);
    count(into.kinds[kind], fault, lead.has_value());
    count(into.all, fault, lead.has_value());
    if (lead) {
      leads[kind].push_back(*lead);
      all_leads.push_back(*lead);
    }
  }
  for (std::size_t kind = 0; kind < kFaultKinds; ++kind) into.kinds[kind].median_lead = median(leads[kind]);
  into.all.median_lead = median(all_leads);
}

// The faults of this customer during which, or in whose aftermath, the outreach was opened.
std::vector<const TruthRow*> faults_around(const OutreachRow& row, const TruthByCustomer& truth,
                                           Duration grace) {
  std::vector<const TruthRow*> around;
  if (const auto faults = truth.find(row.customer_id); faults != truth.end()) {
    for (const TruthRow* fault : faults->second) {
      if (fault->began <= row.opened_at && row.opened_at <= fault->ended + grace) around.push_back(fault);
    }
  }
  return around;
}

void score_outreach(std::span<const OutreachRow> outreach, const TruthByCustomer& truth,
                    const SignalsByRule& rules, const EvaluationScope& scope, Evaluation& into) {
  std::map<std::string_view, std::uint32_t> false_by_rule;
  std::uint32_t false_when_warm = 0;
  for (const OutreachRow& row : outreach) {
    into.outreach += 1;
    const std::vector<const TruthRow*> around = faults_around(row, truth, scope.grace);
    if (around.empty()) {
      into.false_outreach += 1;
      false_when_warm += row.opened_at >= scope.begin + scope.warm_up;
      false_by_rule[row.rule_id] += 1;
    } else if (std::none_of(around.begin(), around.end(),
                            [&](const TruthRow* fault) { return about(rules, *fault, row); })) {
      into.unrelated_outreach += 1;
    }
  }
  into.false_by_rule.assign(false_by_rule.begin(), false_by_rule.end());
  std::stable_sort(into.false_by_rule.begin(), into.false_by_rule.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });

  const double weeks = scope.days / 7,
               warm_weeks = weeks - static_cast<double>(scope.warm_up.count()) / kWeek;
  const double customers = scope.customers;
  if (customers * weeks > 0)
    into.false_per_100_customers_week = 100 * into.false_outreach / (customers * weeks);
  if (customers * warm_weeks > 0) {
    into.false_per_100_customers_week_warm = 100 * false_when_warm / (customers * warm_weeks);
  }
}

}  // namespace

Evaluation evaluate_outreach(std::span<const TruthRow> truth, std::span<const OutreachRow> outreach,
                             std::span<const RuleSignals> rules, const EvaluationScope& scope) {
  SignalsByRule signals;
  for (const RuleSignals& rule : rules) signals.emplace(rule.rule_id, &rule.signals);
  OutreachByCustomer outreach_of;
  for (const OutreachRow& row : outreach) outreach_of[row.customer_id].push_back(&row);
  TruthByCustomer truth_of;
  for (const TruthRow& fault : truth) truth_of[fault.customer_id].push_back(&fault);

  Evaluation result;
  score_faults(truth, outreach_of, signals, result);
  score_outreach(outreach, truth_of, signals, scope, result);
  return result;
}

}  // namespace proactive::daemon
