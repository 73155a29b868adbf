#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <ctime>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>

#include "daemon/http/metrics_collector.h"

namespace proactive::daemon {
namespace {

struct ProcessStat {
  double cpu_seconds = 0, start_after_boot_seconds = 0, virtual_bytes = 0, resident_bytes = 0;
};

// proc(5), /proc/PID/stat. The command name is in brackets and may hold blanks and brackets: fields count
// from the last ')'.
std::optional<ProcessStat> read_stat() {
  std::ifstream file("/proc/self/stat");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::size_t bracket = text.rfind(')');
  if (bracket == std::string::npos) return std::nullopt;
  std::istringstream fields(text.substr(bracket + 1));
  std::array<std::string, 22> field;  // [0] is field 3, the state
  for (std::string& value : field) fields >> value;
  if (!fields) return std::nullopt;

  const auto number = [&](std::size_t man_page_index) { return std::stod(field[man_page_index - 3]); };
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  ProcessStat stat;
  stat.cpu_seconds = (number(14) + number(15)) / ticks;
  stat.start_after_boot_seconds = number(22) / ticks;
  stat.virtual_bytes = number(23);
  stat.resident_bytes = number(24) * static_cast<double>(::sysconf(_SC_PAGESIZE));
  return stat;
}

double seconds_of(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

std::optional<double> count_descriptors() {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc/self/fd"), ::closedir);
  if (!folder) return std::nullopt;
  double count = -1;  // the folder's own
  while (const dirent* entry = ::readdir(folder.get())) {
    if (entry->d_name[0] != '.') ++count;
  }
  return count;
}

}  // namespace

MetricsSource process_metrics() {
  return [](MetricsPage& page) {
    if (const std::optional<ProcessStat> stat = read_stat()) {
      page.set("process_cpu_seconds_total", stat->cpu_seconds);
      page.set("process_virtual_memory_bytes", stat->virtual_bytes);
      page.set("process_resident_memory_bytes", stat->resident_bytes);
      // Not from btime of /proc/stat: ProcSubset=pid hides it.
      page.set("process_start_time_seconds",
               seconds_of(CLOCK_REALTIME) - seconds_of(CLOCK_BOOTTIME) + stat->start_after_boot_seconds);
    }
    if (const std::optional<double> open = count_descriptors()) page.set("process_open_fds", *open);
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
      page.set("process_max_fds", static_cast<double>(limit.rlim_cur));
    }
  };
}

}  // namespace proactive::daemon
