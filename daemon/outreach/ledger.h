// What was said about one (rule, customer, entity): kept beside its Episode and written to state as these
// bytes.
//
// Live and shadow are two sides, so that trying a rule in shadow does not change what live customers are
// told. All zero is "never told". Only decide_outreach() writes it. Times are event time.
#pragma once

#include <cstdint>
#include <type_traits>

namespace proactive::daemon {

// Written to state; numbers are never reused. open: the customer was told and waits for the end. resolved:
// told that it is over; may be reopened within the cooldown. ended: closed otherwise; only the cooldown still
// counts.
enum class LedgerStatus : std::uint8_t { none = 0, open = 1, resolved = 2, ended = 3 };

struct OutreachLedger {
  std::int64_t start_us = 0;   // start of the episode that identifies the open or last outreach
  std::int64_t opened_us = 0;  // when its `opened` was released: the cooldown runs from here
  std::int64_t told_us = 0;    // when its last `opened` or `updated` was
  double told_deviation = 0;   // |observed - expected| as told then
  std::int64_t shadow_start_us =
      0;  // the same for what would have been sent; seconds and float suffice there
  std::uint32_t shadow_opened_s = 0;
  std::uint32_t shadow_told_s = 0;
  float shadow_deviation = 0;
  std::uint32_t decisions = 0;  // of the present episode: the n of decision ids
  std::uint32_t revision = 0;   // of the last event of the open or last outreach
  std::uint16_t reopened = 0;   // how often that outreach was
  LedgerStatus status = LedgerStatus::none;
  LedgerStatus shadow_status = LedgerStatus::none;
};
static_assert(sizeof(OutreachLedger) == 64);
static_assert(std::is_trivially_copyable_v<OutreachLedger>);

}  // namespace proactive::daemon
