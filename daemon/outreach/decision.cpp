#include "daemon/outreach/decision.h"

namespace proactive::daemon {

std::string_view to_string(Trigger trigger) {
  switch (trigger) {
    case Trigger::opened:
      return "opened";
    case Trigger::updated:
      return "updated";
    case Trigger::reopened:
      return "reopened";
    case Trigger::resolved:
      return "resolved";
    case Trigger::cancelled:
      return "cancelled";
  }
  return "";
}

std::string_view to_string(EventStatus status) {
  switch (status) {
    case EventStatus::opened:
      return "opened";
    case EventStatus::updated:
      return "updated";
    case EventStatus::resolved:
      return "resolved";
    case EventStatus::cancelled:
      return "cancelled";
  }
  return "";
}

std::string_view to_string(Action action) {
  switch (action) {
    case Action::send:
      return "send";
    case Action::shadow:
      return "shadow";
    case Action::suppress:
      return "suppress";
  }
  return "";
}

std::string_view to_string(Reason reason) {
  switch (reason) {
    case Reason::released:
      return "released";
    case Reason::recovered:
      return "recovered";
    case Reason::no_data:
      return "no_data";
    case Reason::rule_removed:
      return "rule_removed";
    case Reason::erased:
      return "erased";
    case Reason::shadow:
      return "shadow";
    case Reason::paused:
      return "paused";
    case Reason::no_outreach:
      return "no_outreach";
    case Reason::cooldown:
      return "cooldown";
    case Reason::not_news:
      return "not_news";
    case Reason::nothing_open:
      return "nothing_open";
    case Reason::render_failed:
      return "render_failed";
  }
  return "";
}

std::string_view sentence(Reason reason) {
  switch (reason) {
    case Reason::released:
      return "All gates passed.";
    case Reason::recovered:
      return "The problem is over: its condition was clear, with data present.";
    case Reason::no_data:
      return "The data stopped, so nobody can say whether the problem is over.";
    case Reason::rule_removed:
      return "The rule that noticed the problem was removed.";
    case Reason::erased:
      return "The customer's profile was erased.";
    case Reason::shadow:
      return "The rule is in shadow: its decisions are recorded and nobody is contacted.";
    case Reason::paused:
      return "Outreach is switched off.";
    case Reason::no_outreach:
      return "The rule has no outreach block: it only records decisions.";
    case Reason::cooldown:
      return "The customer was told of this problem within the rule's cooldown.";
    case Reason::not_news:
      return "The customer knows: too soon after the last message, or not twice as bad.";
    case Reason::nothing_open:
      return "The customer was not told of this problem, so there is nothing to add or close.";
    case Reason::render_failed:
      return "The message could not be written: a value was missing or the text too long.";
  }
  return "";
}

}  // namespace proactive::daemon
