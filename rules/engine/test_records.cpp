// The telemetry of a test: expanding value lists, choosing dims that satisfy `where`, ordering by arrival.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "rules/engine/test_file.h"

namespace proactive::rules {
namespace {

constexpr std::size_t kMaxValues = 1'000'000;

bool take_number(std::string_view& text, double& value) {
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc{} || !std::isfinite(value)) return false;  // "nan" is a number to from_chars
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

// "v", "v*n", "v+d*n", "v-d*n", "_*n".
bool expand_one(std::string_view text, std::vector<std::optional<double>>& values) {
  double value = 0, slope = 0;
  const bool nothing = text.starts_with('_');
  if (nothing) {
    text.remove_prefix(1);
  } else if (!take_number(text, value)) {
    return false;
  }
  if (!nothing && (text.starts_with('+') || text.starts_with('-'))) {
    const double sign = text.front() == '-' ? -1 : 1;
    text.remove_prefix(1);
    if (text.starts_with('-') || !take_number(text, slope)) return false;
    slope *= sign;
  }
  std::size_t count = 1;
  if (text.starts_with('*')) {
    text.remove_prefix(1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc{} || count > kMaxValues) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  }
  if (!text.empty() || values.size() + count > kMaxValues) return false;
  for (std::size_t i = 0; i < count; ++i) {
    values.push_back(nothing ? std::nullopt : std::optional(value + slope * static_cast<double>(i)));
  }
  return true;
}

SignalKind kind_on_the_wire(CatalogueKind kind) {
  switch (kind) {
    case CatalogueKind::count:
      return SignalKind::count;
    case CatalogueKind::gauge:
      return SignalKind::gauge;
    case CatalogueKind::counter:
      return SignalKind::cumulative;
    case CatalogueKind::event:
      return SignalKind::event;
  }
  return SignalKind::event;
}

// A value of the dim for which the predicate holds; nullopt where none is easily found (or none is needed).
std::optional<TestValue> satisfying(const Predicate& predicate) {
  switch (predicate.op) {
    case PredicateOp::is:
    case PredicateOp::in:
    case PredicateOp::at_least:
    case PredicateOp::at_most:
    case PredicateOp::prefix:
      return predicate.values.front();
    case PredicateOp::is_not:
    case PredicateOp::not_in:
      return TestValue(std::string("other"));
    case PredicateOp::present:
      return std::get<bool>(predicate.values.front()) ? std::optional(TestValue(std::string("some")))
                                                      : std::nullopt;
    case PredicateOp::matches:
      break;
  }
  return std::nullopt;
}

std::vector<std::pair<std::string, TestValue>> dims_of(const Signal& signal) {
  std::vector<std::pair<std::string, TestValue>> dims;
  for (const Predicate& predicate : signal.where) {
    const bool taken =
        std::any_of(dims.begin(), dims.end(), [&](const auto& dim) { return dim.first == predicate.field; });
    if (taken) continue;
    if (auto value = satisfying(predicate)) dims.emplace_back(predicate.field, std::move(*value));
  }
  return dims;
}

Duration arrival(const TestCase& test, Duration at) {
  Duration arrives = at;
  for (const GivenLag& lag : test.lags) {
    if (at >= lag.from && at < lag.to) arrives = std::max(arrives, at + lag.lag);
  }
  return arrives;
}

}  // namespace

bool expand_values(std::string_view text, std::vector<std::optional<double>>& values) {
  bool any = false;
  while (true) {
    while (text.starts_with(' ') || text.starts_with('\n')) text.remove_prefix(1);
    if (text.empty()) return any;
    const std::size_t end = std::min(text.find_first_of(" \n"), text.size());
    if (!expand_one(text.substr(0, end), values)) return false;
    any = true;
    text.remove_prefix(end);
  }
}

std::vector<TestRecord> records_of(const TestCase& test, const SignalCatalogue& catalogue) {
  std::vector<TestRecord> records;
  for (const GivenProfile& profile : test.profiles) {
    TestRecord record;
    record.is_profile = true;
    record.customer = profile.customer;
    record.fields = profile.fields;
    records.push_back(std::move(record));
  }
  const auto first = static_cast<std::ptrdiff_t>(records.size());
  for (const GivenSignal& given : test.signals) {
    const CatalogueSignal* entry = catalogue.find_signal(given.signal);
    if (entry == nullptr) continue;
    const auto dims = dims_of(entry->signal);
    for (const std::string& customer : given.customers) {
      for (std::size_t i = 0; i < given.values.size(); ++i) {
        if (!given.values[i]) continue;
        TestRecord record;
        record.at = given.from + static_cast<std::int64_t>(i) * given.every;
        record.arrives = arrival(test, record.at);
        record.customer = customer;
        record.signal = entry->type;
        record.entity_type = given.entity_type;
        record.entity_id = given.entity_id;
        record.kind = kind_on_the_wire(entry->signal.kind);
        record.value = *given.values[i];
        record.fields = dims;
        if (!entry->signal.field.empty()) record.fields.emplace_back(entry->signal.field, record.value);
        records.push_back(std::move(record));
      }
    }
  }
  // A late pipeline keeps its order: nothing overtakes what is held up. Ties stay in the order of the file.
  std::stable_sort(records.begin() + first, records.end(),
                   [](const TestRecord& a, const TestRecord& b) { return a.at < b.at; });
  Duration front{};
  for (auto record = records.begin() + first; record != records.end(); ++record) {
    front = std::max(front, record->arrives);
    record->arrives = front;
  }
  return records;
}

}  // namespace proactive::rules
