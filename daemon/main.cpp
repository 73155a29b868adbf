#include "daemon/cli/command_line.h"

int main(int argc, char** argv) { return to_int(proactive::daemon::run_command_line(argc, argv)); }
