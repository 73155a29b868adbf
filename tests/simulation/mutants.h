// Names of the mutants, and the one that is made by the linker.
#pragma once

#include <optional>
#include <string_view>

#include "tests/simulation/sim.h"

namespace proactive::simulation {

[[nodiscard]] std::optional<Mutant> mutant_from(std::string_view name);

// Pipeline::rollback is linked to a function of ours (--wrap) that does nothing while this is on.
void disable_rollback(bool on);

}  // namespace proactive::simulation
