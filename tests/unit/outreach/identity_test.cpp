#include "daemon/outreach/identity.h"

#include <doctest/doctest.h>

namespace proactive::daemon {
namespace {

const config::Secret kKey("test-vector-key");

EpisodeIdentity vector_episode() {
  return {"prod-eu",     "payments-api-errors", "c_8f41c2",
          "integration", "stripe-eu",           *parse_rfc3339("2026-11-23T09:12:00Z")};
}

std::uint64_t first_u64(const IdentityKey::Hash& hash) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value = value << 8 | hash[i];
  return value;
}

}  // namespace

// The published vector: receivers and other implementations test against it, so it never changes.
TEST_CASE("ids equal those of the published test vector") {
  const IdentityKey key(kKey);
  const EpisodeIdentity episode = vector_episode();

  CHECK(key.outreach_id(episode) == "out_2bdb3956ec2cf2ba");
  CHECK(key.event_id(episode, EventStatus::opened, 1) == "8d914082-eb04-8259-b7bb-be7862fbae58");
  CHECK(key.event_id(episode, EventStatus::resolved, 3) == "8f90dcf1-2304-8a23-b601-8814c2955a22");
  CHECK(key.decision_id(episode, 1) == "dec_d8614f8d86e0adc2");
  CHECK(dedup_key(episode) == "payments-api-errors:c_8f41c2:integration:stripe-eu");
}

TEST_CASE("incident, experiment and jitter numbers of the test vector follow from the same hash") {
  const IdentityKey key(kKey);

  CHECK("inc_" +
            hex(key.hash({"incident", "v1", "prod-eu", "payments", "region", "eu-1", "2026-11-23T09:00:00Z"}),
                8) ==
        "inc_362578137f6f7726");
  CHECK(first_u64(key.hash({"experiment", "exp-2026q4", "c_8f41c2"})) == 0xf4323260a1334c03);
  CHECK(static_cast<double>(first_u64(key.hash({"jitter", "out_2bdb3956ec2cf2ba"}))) / 0x1p64 ==
        doctest::Approx(0.9152165777369714).epsilon(1e-15));
}

TEST_CASE("a moved field boundary makes another id") {
  const IdentityKey key(kKey);
  EpisodeIdentity one = vector_episode();
  EpisodeIdentity other = vector_episode();
  one.entity_type = "integration";
  one.entity_id = "stripe-eu";
  other.entity_type = "integrationstripe";
  other.entity_id = "-eu";

  CHECK(key.outreach_id(one) != key.outreach_id(other));
}

TEST_CASE("another key, or another millisecond of the start, makes another id") {
  const IdentityKey key(kKey);
  const EpisodeIdentity episode = vector_episode();
  EpisodeIdentity later = episode;
  later.start += std::chrono::milliseconds(1);

  CHECK(IdentityKey(config::Secret("another")).outreach_id(episode) != key.outreach_id(episode));
  CHECK(key.outreach_id(later) != key.outreach_id(episode));
}

TEST_CASE("the key is reusable: hashing in between changes nothing") {
  const IdentityKey key(kKey);
  const std::string before = key.outreach_id(vector_episode());

  (void)key.hash({"experiment", "x", "y"});

  CHECK(key.outreach_id(vector_episode()) == before);
}

}  // namespace proactive::daemon
