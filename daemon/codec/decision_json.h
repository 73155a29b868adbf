// The decision record: one per candidate, sent or not, with every gate and its reason. Pure; equal facts give equal
// bytes.
#pragma once

#include "daemon/codec/outreach_record.h"
#include "daemon/codec/record.h"

namespace proactive::daemon {

// Failure: the record is larger than kMaxEventBytes.
[[nodiscard]] Result<OutputRecord> encode_decision(const Deployment& deployment, const OutreachFacts& facts,
                                                   const Decision& decision, const IdentityKey& key);

}  // namespace proactive::daemon
