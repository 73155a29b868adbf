// Names of the mutants, and those that are made by the linker.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tests/simulation/sim.h"

namespace proactive::simulation {

[[nodiscard]] std::optional<Mutant> mutant_from(std::string_view name);

[[nodiscard]] std::string mutant_names();

// Pipeline::rollback, Pipeline::replay, cross_check, same_version and same_commit are linked to functions of ours (--wrap), which do as this mutant does.
void link_mutant(Mutant mutant);

}  // namespace proactive::simulation
