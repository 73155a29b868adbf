// The rules in use and how the last load of them went: what a reload changes.
//
// Writer: the main thread. Readers: the HTTP thread. Lock: a mutex held for the copy of a few words.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>

#include "daemon/http/metrics_collector.h"
#include "models/base/time.h"
#include "rules/engine/rule.h"

namespace proactive::daemon {

class Generation {
 public:
  Generation(std::shared_ptr<const rules::RuleSet> rules, bool outreach_enabled, Timestamp loaded_at)
      : rules_(std::move(rules)), outreach_enabled_(outreach_enabled), loaded_at_(loaded_at) {}

  void replaced(std::shared_ptr<const rules::RuleSet> rules, bool outreach_enabled, Timestamp at);
  void refused();

  [[nodiscard]] std::shared_ptr<const rules::RuleSet> rules() const;
  [[nodiscard]] bool outreach_enabled() const;
  void put_metrics(MetricsPage& page) const;

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const rules::RuleSet> rules_;
  bool outreach_enabled_;
  Timestamp loaded_at_;
  bool last_was_good_ = true;
  std::uint64_t replaced_ = 0, refused_ = 0;
};

[[nodiscard]] std::string hash_text(std::uint64_t hash);  // 16 hex digits

}  // namespace proactive::daemon
