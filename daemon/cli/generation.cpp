#include "daemon/cli/generation.h"

#include <fmt/format.h>

#include <utility>

namespace proactive::daemon {

void Generation::replaced(std::shared_ptr<const rules::RuleSet> rules, bool outreach_enabled, Timestamp at) {
  const std::lock_guard lock(mutex_);
  rules_ = std::move(rules);
  outreach_enabled_ = outreach_enabled;
  loaded_at_ = at;
  last_was_good_ = true;
  ++replaced_;
}

void Generation::refused() {
  const std::lock_guard lock(mutex_);
  last_was_good_ = false;
  ++refused_;
}

std::shared_ptr<const rules::RuleSet> Generation::rules() const {
  const std::lock_guard lock(mutex_);
  return rules_;
}

bool Generation::outreach_enabled() const {
  const std::lock_guard lock(mutex_);
  return outreach_enabled_;
}

void Generation::put_metrics(MetricsPage& page) const {
  const std::lock_guard lock(mutex_);
  const std::chrono::duration<double> loaded_at = loaded_at_.time_since_epoch();
  page.set("config_last_reload_successful", last_was_good_ ? 1.0 : 0.0);
  page.set("config_last_reload_success_timestamp_seconds", loaded_at.count());
  page.set("config_reloads_total", {"replaced"}, replaced_);
  page.set("config_reloads_total", {"refused"}, refused_);
  page.set("config_info", {hash_text(rules_->hash)}, 1.0);
}

std::string hash_text(std::uint64_t hash) { return fmt::format("{:016x}", hash); }

}  // namespace proactive::daemon
