// Ids that two replicas, a replay and a restart all agree on: a keyed hash of the episode, never a random
// number.
//
//   H(a, b, ...) = HMAC-SHA256(key, a 0x1F b 0x1F ...)      no field holds 0x1F, so equal bytes mean equal
//   fields episode      = "v1", source_name, rule_id, customer_id, entity_type, entity_id, episode_start
//   outreach_id  = "out_" hex(H("outreach", episode)[0..8])
//   event id     = UUIDv8(H("event", episode, status, revision)[0..16])
//   decision_id  = "dec_" hex(H("decision", episode, n)[0..8])
//
// Keyed, since customer ids have little entropy: without the key nobody can test a guess.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "config/loader/daemon_config.h"
#include "daemon/outreach/decision.h"
#include "models/base/time.h"

namespace proactive::daemon {

struct EpisodeIdentity {
  std::string_view source_name;
  std::string_view rule_id;
  std::string_view customer_id;
  std::string_view entity_type, entity_id;  // of the customer itself: "customer" and its id
  Timestamp start;                          // event time at which the episode left `pending`
};

// Immutable and shared by all lanes. Failure: a key of no bytes is refused at start by the configuration.
class IdentityKey {
 public:
  using Hash = std::array<unsigned char, 32>;

  explicit IdentityKey(const config::Secret& key);
  ~IdentityKey();
  IdentityKey(const IdentityKey&) = delete;
  IdentityKey& operator=(const IdentityKey&) = delete;

  [[nodiscard]] std::string outreach_id(const EpisodeIdentity& episode) const;
  [[nodiscard]] std::string event_id(const EpisodeIdentity& episode, EventStatus status,
                                     std::uint32_t revision) const;
  [[nodiscard]] std::string decision_id(const EpisodeIdentity& episode, std::uint32_t n) const;

  // H. REQUIRES: no field holds 0x1F.
  [[nodiscard]] Hash hash(std::initializer_list<std::string_view> fields) const;

 private:
  struct Keyed;
  std::unique_ptr<const Keyed> keyed_;
};

// "rule:customer:entity_type:entity_id": what a receiver may fold on; no measured value in it.
[[nodiscard]] std::string dedup_key(const EpisodeIdentity& episode);

// The first `bytes` of a hash in lower-case hex.
[[nodiscard]] std::string hex(const IdentityKey::Hash& hash, std::size_t bytes);

}  // namespace proactive::daemon
