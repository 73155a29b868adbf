// Renders a rule's title and advice with the facts of one episode. English; times in the customer's zone.
//
// Values lose control and bidirectional characters and are never rendered again. Limits: kMaxTitle and kMaxBody
// characters. Failure: a value that is missing or not finite, or a text that is too long (reason render_failed); what
// was opened is then closed without a message. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "daemon/outreach/decision.h"
#include "models/base/result.h"
#include "rules/engine/condition.h"
#include "rules/engine/rule.h"

namespace proactive::daemon {

inline constexpr std::size_t kMaxTitle = 120;
inline constexpr std::size_t kMaxBody = 500;

// One measure of the rule, by its index in Rule::measures.
struct MessageMeasure {
  std::optional<double> observed, expected, low, high;
  std::optional<Timestamp> last_seen;   // `missing`
  std::optional<Timestamp> reaches_at;  // `reaches`
  rules::Unit unit = rules::Unit::none;
  bool share = false;
};

struct MessageFacts {
  std::span<const MessageMeasure> measures;
  Timestamp since{};                             // when the episode began
  const rules::ProfileFacts* profile = nullptr;  // nullptr: no profile
  std::string_view customer_id, entity_id;
  std::string_view time_zone;  // IANA; empty or unknown: UTC
};

struct Message {
  std::string title, body;
};

// For `opened` and `updated`.
[[nodiscard]] Result<Message> render_problem(const rules::OutreachSpec& outreach, const MessageFacts& facts);

// For `resolved` and `cancelled`: a shipped text, since a rule writes none. `what`: the rule's summary, may be empty.
// After an erasure there is no message: that case is the caller's.
[[nodiscard]] Message render_closing(std::string_view what, Reason reason, Timestamp since, Timestamp at,
                                     std::string_view time_zone);

// `text` without control characters, line separators and marks that change the reading direction.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace proactive::daemon
