// The words of a decision: what is done and why. One Reason is at once log field, metric label, event field
// and test expectation. Names are stable: they are written to outreach.decisions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace proactive::daemon {

// What happened to the episode. `reopened` is decided, never offered: an opened that continues a resolved
// outreach.
enum class Trigger : std::uint8_t { opened, updated, reopened, resolved, cancelled };

// What an outreach event tells.
enum class EventStatus : std::uint8_t { opened, updated, resolved, cancelled };

// send: an outreach event is written. shadow: it would be, were the rule live. suppress: a gate said no.
enum class Action : std::uint8_t { send, shadow, suppress };
inline constexpr std::size_t kActions = 3;

enum class Reason : std::uint8_t {
  // sent
  released,
  recovered,
  no_data,
  rule_removed,
  erased,
  // not sent
  shadow,
  paused,
  no_outreach,
  cooldown,
  not_news,
  nothing_open,
  render_failed,
};
inline constexpr std::size_t kReasons = 12;

[[nodiscard]] std::string_view to_string(Trigger trigger);
[[nodiscard]] std::string_view to_string(EventStatus status);
[[nodiscard]] std::string_view to_string(Action action);
[[nodiscard]] std::string_view to_string(Reason reason);
[[nodiscard]] std::string_view sentence(Reason reason);  // for people

}  // namespace proactive::daemon
