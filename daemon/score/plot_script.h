// The fixed parts of the page of `score --html`.
#pragma once

#include <string_view>

namespace proactive::daemon {

extern const std::string_view kPlotStyle;   // CSS
extern const std::string_view kPlotBody;    // the elements that the script fills
extern const std::string_view kPlotAxes;    // JavaScript: numbers, dates and ticks
extern const std::string_view kPlotScript;  // JavaScript: drawing and what the mouse does

}  // namespace proactive::daemon
