// The outreach event: what a receiver acts on (docs/contracts.md). Pure; equal facts give equal bytes.
#pragma once

#include "daemon/codec/outreach_record.h"
#include "daemon/codec/record.h"

namespace proactive::daemon {

inline constexpr Duration kSendBy = std::chrono::hours(2);  // after `now`: the message is stale
inline constexpr Duration kExpiresIn =
    std::chrono::hours(12);  // after `now`: receivers drop opened and updated

// REQUIRES: decision.sends(). Failure: the event is larger than kMaxEventBytes.
[[nodiscard]] Result<OutputRecord> encode_outreach(const Deployment& deployment, const OutreachFacts& facts,
                                                   const Decision& decision, const IdentityKey& key);

}  // namespace proactive::daemon
