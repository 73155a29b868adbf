#include "daemon/codec/commit_version.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>

namespace proactive::daemon {
namespace {

constexpr std::string_view kPrefix = "p1 ";
constexpr std::size_t kMaxMetadata = 256;

std::string time_text(Timestamp time) {
  if (time == kNever) return "-";
  return std::to_string(std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count());
}

template <class Number>
bool read_number(std::string_view text, Number& into, int base = 10) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, into, base);
  return error == std::errc() && stop == end && !text.empty();
}

bool read_time(std::string_view text, Timestamp& into) {
  if (text == "-") {
    into = kNever;
    return true;
  }
  std::int64_t ms = 0;
  constexpr std::int64_t kFarthest = 9'223'372'036'854'775;  // microseconds must still fit
  if (!read_number(text, ms) || ms < -kFarthest || ms > kFarthest) return false;
  into = Timestamp(std::chrono::milliseconds(ms));
  return true;
}

tl::unexpected<Error> not_ours(std::string_view text, std::string_view why) {
  return failure(fmt::format("offset metadata is not from this program ({}): '{}'", why, text.substr(0, 64)));
}

}  // namespace

// Milliseconds: what is finer is lost when a version is read back, so versions are compared by same_commit().
std::string format_metadata(const CommitVersion& version) {
  return fmt::format("{}v={} r={} wm={} tick={} rs={:016x}", kPrefix, version.v, version.replay_from,
                     time_text(version.watermark), time_text(version.tick), version.rules_hash);
}

Result<CommitVersion> parse_metadata(std::string_view text) {
  if (text.size() > kMaxMetadata) return not_ours(text, "too long");
  if (text.substr(0, kPrefix.size()) != kPrefix) return not_ours(text, "no 'p1' in front");

  CommitVersion version;
  std::string_view rest = text.substr(kPrefix.size());
  // The order is fixed; what a later program adds behind is ignored.
  for (const std::string_view name : {"v=", "r=", "wm=", "tick=", "rs="}) {
    if (rest.substr(0, name.size()) != name) return not_ours(text, fmt::format("'{}' expected", name));
    const std::size_t end = std::min(rest.find(' '), rest.size());
    const std::string_view value = rest.substr(name.size(), end - name.size());
    rest = rest.substr(std::min(end + 1, rest.size()));
    bool good = false;
    if (name == "v=") good = read_number(value, version.v) && version.v > 0;
    if (name == "r=") good = read_number(value, version.replay_from);
    if (name == "wm=") good = read_time(value, version.watermark);
    if (name == "tick=") good = read_time(value, version.tick);
    if (name == "rs=") good = value.size() == 16 && read_number(value, version.rules_hash, 16);
    if (!good) return not_ours(text, fmt::format("bad value of '{}'", name));
  }
  return version;
}

bool same_commit(const CommitVersion& held, const CommitVersion& committed) {
  return held.offsets == committed.offsets && format_metadata(held) == format_metadata(committed);
}

}  // namespace proactive::daemon
