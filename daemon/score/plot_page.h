// Writes a scored file as one HTML page that needs nothing else: no network, no other file.
//
// The page draws the value with the band that was expected, the score with its threshold, and the alarms, on canvases that
// can be zoomed; a table lists the alarms. Text of the file reaches the page as JSON strings and is shown as text only; a
// content security policy forbids all else.
#pragma once

#include <ostream>
#include <string>

#include "daemon/score/plot_data.h"

namespace proactive::daemon {

struct PlotPage {
  std::string title;      // the name of the file
  std::string time_zone;  // of the axis
  bool multivariate = false;
  double theta = 0;  // from which score on a row is an anomaly
};

void write_plot_page(std::ostream& out, const PlotPage& page, const PlotData& data);

}  // namespace proactive::daemon
