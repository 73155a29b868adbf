// An outreach event for a person at a terminal: who, what, and the evidence, on two or three lines.
#pragma once

#include <string>
#include <string_view>

namespace proactive::daemon {

// `event`: the JSON that outreach.events carries. Empty for updates that tell nothing new about who is affected.
[[nodiscard]] std::string outreach_line(std::string_view event);

}  // namespace proactive::daemon
