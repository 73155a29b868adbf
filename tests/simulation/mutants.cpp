#include "tests/simulation/mutants.h"

#include <array>
#include <utility>

#include "daemon/io/cross_check.h"
#include "daemon/pipeline/pipeline.h"

namespace {

using proactive::daemon::CommitVersion;
using proactive::daemon::CrossCheck;
using proactive::daemon::CrossCheckFacts;
using proactive::daemon::CrossCheckRules;
using proactive::simulation::Mutant;

Mutant current = Mutant::none;

}  // namespace

// The names that `ld --wrap=_ZN9proactive6daemon8Pipeline8rollbackEv` gives to the function and to what is called instead.
void real_rollback(proactive::daemon::Pipeline* self) __asm__(
    "__real__ZN9proactive6daemon8Pipeline8rollbackEv");
void wrapped_rollback(proactive::daemon::Pipeline* self) __asm__(
    "__wrap__ZN9proactive6daemon8Pipeline8rollbackEv");

void wrapped_rollback(proactive::daemon::Pipeline* self) {
  if (current != Mutant::no_undo) real_rollback(self);
}

// Likewise of Pipeline::replay.
void real_replay(proactive::daemon::Pipeline* self, const proactive::daemon::InputRecord& record) __asm__(
    "__real__ZN9proactive6daemon8Pipeline6replayERKNS0_11InputRecordE");
void wrapped_replay(proactive::daemon::Pipeline* self, const proactive::daemon::InputRecord& record) __asm__(
    "__wrap__ZN9proactive6daemon8Pipeline6replayERKNS0_11InputRecordE");

void wrapped_replay(proactive::daemon::Pipeline* self, const proactive::daemon::InputRecord& record) {
  if (current != Mutant::no_replay) real_replay(self, record);
}

// And of daemon::cross_check.
CrossCheck real_cross_check(const CrossCheckFacts& facts, const CrossCheckRules& rules) __asm__(
    "__real__ZN9proactive6daemon11cross_checkERKNS0_15CrossCheckFactsERKNS0_15CrossCheckRulesE");
CrossCheck wrapped_cross_check(const CrossCheckFacts& facts, const CrossCheckRules& rules) __asm__(
    "__wrap__ZN9proactive6daemon11cross_checkERKNS0_15CrossCheckFactsERKNS0_15CrossCheckRulesE");

CrossCheck wrapped_cross_check(const CrossCheckFacts& facts, const CrossCheckRules& rules) {
  CrossCheckRules changed = rules;
  if (current == Mutant::skip_unasked) changed.skip_lost_input = true;
  CrossCheck check = real_cross_check(facts, changed);
  if (current == Mutant::expired_to_zero && facts.committed.v == 0 && facts.meta.v > 0) {
    for (std::size_t stream = 0; stream < proactive::daemon::kStreamKinds; ++stream)
      check.version.offsets[stream] = facts.bounds[stream].low;
  }
  return check;
}

// And of daemon::same_version, as the lanes call it.
using Streams = std::array<proactive::daemon::StreamStart, proactive::daemon::kStreamKinds>;
bool real_same_version(const CommitVersion& a, const CommitVersion& b, const Streams& streams) __asm__(
    "__real__ZN9proactive6daemon12same_versionERKNS0_13CommitVersionES3_RKSt5arrayINS0_11StreamStartELm2EE");
bool wrapped_same_version(const CommitVersion& a, const CommitVersion& b, const Streams& streams) __asm__(
    "__wrap__ZN9proactive6daemon12same_versionERKNS0_13CommitVersionES3_RKSt5arrayINS0_11StreamStartELm2EE");

bool wrapped_same_version(const CommitVersion& a, const CommitVersion& b, const Streams& streams) {
  CommitVersion other = b;
  if (current == Mutant::no_counter) other.v = a.v;
  return real_same_version(a, other, streams);
}

// And of daemon::same_commit.
bool real_same_commit(const CommitVersion& held, const CommitVersion& committed) __asm__(
    "__real__ZN9proactive6daemon11same_commitERKNS0_13CommitVersionES3_");
bool wrapped_same_commit(const CommitVersion& held, const CommitVersion& committed) __asm__(
    "__wrap__ZN9proactive6daemon11same_commitERKNS0_13CommitVersionES3_");

bool wrapped_same_commit(const CommitVersion& held, const CommitVersion& committed) {
  if (current == Mutant::warm_unchecked) return true;
  if (current == Mutant::warm_by_offsets) return held.offsets == committed.offsets;
  return real_same_commit(held, committed);
}

namespace proactive::simulation {

namespace {

constexpr std::pair<std::string_view, Mutant> kMutants[]{{"no_offsets", Mutant::no_offsets},
                                                         {"restore_to_stable", Mutant::restore_to_stable},
                                                         {"no_undo", Mutant::no_undo},
                                                         {"no_replay", Mutant::no_replay},
                                                         {"unstable_offsets", Mutant::unstable_offsets},
                                                         {"no_epoch", Mutant::no_epoch},
                                                         {"fresh_generation", Mutant::fresh_generation},
                                                         {"late_offsets", Mutant::late_offsets},
                                                         {"silent_timeout", Mutant::silent_timeout},
                                                         {"unknown_is_aborted", Mutant::unknown_is_aborted},
                                                         {"expired_to_zero", Mutant::expired_to_zero},
                                                         {"skip_unasked", Mutant::skip_unasked},
                                                         {"no_counter", Mutant::no_counter},
                                                         {"incomplete_runs", Mutant::incomplete_runs},
                                                         {"warm_unchecked", Mutant::warm_unchecked},
                                                         {"warm_by_offsets", Mutant::warm_by_offsets},
                                                         {"refusal_unseen", Mutant::refusal_unseen}};

}  // namespace

std::optional<Mutant> mutant_from(std::string_view name) {
  for (const auto& mutant : kMutants) {
    if (mutant.first == name) return mutant.second;
  }
  return std::nullopt;
}

std::string mutant_names() {
  std::string all;
  for (const auto& mutant : kMutants) all += std::string(all.empty() ? "" : ", ") + std::string(mutant.first);
  return all;
}

void link_mutant(Mutant mutant) { current = mutant; }

}  // namespace proactive::simulation
