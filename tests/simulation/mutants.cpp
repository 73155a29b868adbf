#include "tests/simulation/mutants.h"

#include "daemon/pipeline/pipeline.h"

namespace {

bool no_rollback = false;

}  // namespace

// The names that `ld --wrap=_ZN9proactive6daemon8Pipeline8rollbackEv` gives to the function and to what is called instead.
void real_rollback(proactive::daemon::Pipeline* self) __asm__(
    "__real__ZN9proactive6daemon8Pipeline8rollbackEv");
void wrapped_rollback(proactive::daemon::Pipeline* self) __asm__(
    "__wrap__ZN9proactive6daemon8Pipeline8rollbackEv");

void wrapped_rollback(proactive::daemon::Pipeline* self) {
  if (!no_rollback) real_rollback(self);
}

namespace proactive::simulation {

std::optional<Mutant> mutant_from(std::string_view name) {
  if (name == "no_offsets") return Mutant::no_offsets;
  if (name == "restore_to_stable") return Mutant::restore_to_stable;
  if (name == "no_undo") return Mutant::no_undo;
  if (name == "unstable_offsets") return Mutant::unstable_offsets;
  if (name == "no_epoch") return Mutant::no_epoch;
  if (name == "fresh_generation") return Mutant::fresh_generation;
  return std::nullopt;
}

void disable_rollback(bool on) { no_rollback = on; }

}  // namespace proactive::simulation
