#include "daemon/cli/ops_answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "daemon/cli/generation.h"
#include "daemon/io/log.h"

namespace proactive::daemon {
namespace {

using Json = nlohmann::ordered_json;

// Nothing that a peer or a file said may make dump() throw.
std::string to_text(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json time_or_null(Timestamp time) { return time == kNever ? Json(nullptr) : Json(format_rfc3339(time)); }

Json seconds_or_null(std::optional<Duration> time) {
  return time ? Json(std::chrono::duration<double>(*time).count()) : Json(nullptr);
}

Json offset_or_null(std::int64_t offset) { return offset < 0 ? Json(nullptr) : Json(offset); }

Json describe_partition(const PartitionStatus& partition) {
  constexpr auto kTelemetry = static_cast<std::size_t>(StreamKind::telemetry);
  constexpr auto kProfiles = static_cast<std::size_t>(StreamKind::profiles);
  Json out{{"partition", partition.partition}, {"state", to_string(partition.state)}};
  if (!partition.reason.empty()) out["reason"] = partition.reason;
  if (partition.state == PartitionState::restoring) out["restore_progress"] = partition.restore_progress;
  if (partition.state == PartitionState::replaying) out["replay_progress"] = partition.replay_progress;
  out["version"] = partition.version;
  out["watermark"] = time_or_null(partition.watermark);
  out["telemetry"] = {{"next_offset", offset_or_null(partition.next_offsets[kTelemetry])},
                      {"lag", offset_or_null(partition.lag[kTelemetry])}};
  out["profiles"] = {{"next_offset", offset_or_null(partition.next_offsets[kProfiles])},
                     {"lag", offset_or_null(partition.lag[kProfiles])}};
  out["state_bytes"] = partition.state_bytes;
  return out;
}

}  // namespace

OpsAnswer health_answer(const std::vector<std::size_t>& stalled_lanes) {
  if (stalled_lanes.empty()) return {true, R"({"status":"ok"})"};
  return {false, to_text(Json{{"status", "stalled"}, {"stalled_lanes", stalled_lanes}})};
}

OpsAnswer readiness_answer(const ReadinessFacts& facts) {
  std::vector<std::string> reasons;
  std::size_t not_joined = 0;
  std::map<PartitionState, std::size_t> partitions;
  for (const auto& lane : facts.lanes) {
    if (!lane->joined) ++not_joined;
    for (const PartitionStatus& partition : lane->partitions) ++partitions[partition.state];
  }
  if (facts.stopping) reasons.push_back("stopping");
  if (!facts.waiting_for.empty()) reasons.push_back(facts.waiting_for);
  if (facts.waiting_for.empty() && not_joined > 0) {
    reasons.push_back(
        fmt::format("{} of {} lanes have not joined the group", not_joined, facts.lanes.size()));
  }
  for (const PartitionState state :
       {PartitionState::restoring, PartitionState::replaying, PartitionState::bootstrapping,
        PartitionState::refused, PartitionState::incomplete}) {
    if (partitions[state] > 0)
      reasons.push_back(fmt::format("{} partitions {}", partitions[state], to_string(state)));
  }
  Json out{{"ready", reasons.empty()}, {"reasons", reasons}};
  out["degraded"] = partitions[PartitionState::stopped] > 0;
  return {reasons.empty(), to_text(out)};
}

std::string status_answer(const BuildNames& build, const rules::RuleSet& rules, const LaneStatuses& lanes) {
  Json out;
  out["build"] = {{"version", build.version},
                  {"revision", build.revision},
                  {"compiler", build.compiler},
                  {"librdkafka", build.librdkafka}};
  out["rules"] = {{"hash", hash_text(rules.hash)}, {"count", rules.rules.size()}};
  out["lanes"] = Json::array();
  for (const auto& lane : lanes) {
    Json described{{"lane", lane->lane},
                   {"joined", lane->joined},
                   {"at", time_or_null(lane->at)},
                   {"rules_hash", hash_text(lane->rules_hash)}};
    if (!lane->last_error.empty()) described["last_error"] = lane->last_error;
    const auto restoring =
        std::count_if(lane->partitions.begin(), lane->partitions.end(),
                      [](const auto& partition) { return partition.state == PartitionState::restoring; });
    if (restoring > 0) {
      described["restore"] = {{"partitions", restoring}, {"eta_seconds", seconds_or_null(lane->restore_eta)}};
    }
    described["partitions"] = Json::array();
    for (const PartitionStatus& partition : lane->partitions) {
      described["partitions"].push_back(describe_partition(partition));
    }
    out["lanes"].push_back(std::move(described));
  }
  return to_text(out);
}

void log_status(const LaneStatuses& lanes) {
  for (const auto& status : lanes) {
    log(LogLevel::info, "status", "lane",
        {{"lane", status->lane},
         {"joined", status->joined},
         {"partitions", status->partitions.size()},
         {"rules", hash_text(status->rules_hash)},
         {"last_error", status->last_error}});
    for (const PartitionStatus& partition : status->partitions) {
      log(LogLevel::info, "status", "partition",
          {{"lane", status->lane},
           {"partition", partition.partition},
           {"state", to_string(partition.state)},
           {"offset", partition.next_offsets[0]},
           {"lag", partition.lag[0]},
           {"version", partition.version},
           {"state_bytes", partition.state_bytes},
           {"reason", partition.reason}});
    }
  }
}

}  // namespace proactive::daemon
