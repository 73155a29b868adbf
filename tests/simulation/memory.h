// Memory for a program that makes and drops hundreds of pipelines per schedule: nothing is given back to the system.
#pragma once

namespace proactive::simulation {

void keep_memory();

}  // namespace proactive::simulation
