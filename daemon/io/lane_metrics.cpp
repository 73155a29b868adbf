#include "daemon/io/lane_metrics.h"

#include "models/base/check.h"

namespace proactive::daemon {

std::string_view to_string(CommitTrigger trigger) {
  switch (trigger) {
    case CommitTrigger::interval:
      return "interval";
    case CommitTrigger::outreach:
      return "outreach";
    case CommitTrigger::records:
      return "records";
    case CommitTrigger::bytes:
      return "bytes";
    case CommitTrigger::undo:
      return "undo";
    case CommitTrigger::start:
      return "start";
    case CommitTrigger::revoke:
      return "revoke";
    case CommitTrigger::reload:
      return "reload";
    case CommitTrigger::stop:
      return "stop";
  }
  PROACTIVE_CHECK(false);
}

std::string_view to_string(AbortCause cause) {
  switch (cause) {
    case AbortCause::write:
      return "write";
    case AbortCause::commit:
      return "commit";
    case AbortCause::unknown:
      return "unknown";
    case AbortCause::lost:
      return "lost";
    case AbortCause::refused:
      return "refused";
  }
  PROACTIVE_CHECK(false);
}

std::string_view to_string(RebuildOutcome outcome) {
  switch (outcome) {
    case RebuildOutcome::committed:
      return "committed";
    case RebuildOutcome::rolled_back:
      return "rolled_back";
    case RebuildOutcome::foreign:
      return "foreign";
  }
  PROACTIVE_CHECK(false);
}

std::string_view to_string(WarmEnd end) {
  switch (end) {
    case WarmEnd::reused:
      return "reused";
    case WarmEnd::overtaken:
      return "overtaken";
    case WarmEnd::unfit:
      return "unfit";
    case WarmEnd::expired:
      return "expired";
    case WarmEnd::memory:
      return "memory";
    case WarmEnd::rules:
      return "rules";
  }
  PROACTIVE_CHECK(false);
}

std::string_view to_string(PartitionState state) {
  switch (state) {
    case PartitionState::restoring:
      return "restoring";
    case PartitionState::replaying:
      return "replaying";
    case PartitionState::bootstrapping:
      return "bootstrapping";
    case PartitionState::running:
      return "running";
    case PartitionState::stopped:
      return "stopped";
    case PartitionState::refused:
      return "refused";
    case PartitionState::incomplete:
      return "incomplete";
  }
  PROACTIVE_CHECK(false);
}

}  // namespace proactive::daemon
