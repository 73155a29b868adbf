#include "daemon/cli/state_file.h"

#include <fmt/format.h>

#include <istream>
#include <ostream>
#include <string>

#include "models/base/bytes.h"

namespace proactive::daemon {
namespace {

constexpr std::string_view kMagic = "proactived-state 1\n";
constexpr std::size_t kHeaderBytes = 12;
constexpr std::uint32_t kMaxPart = 64u << 20;

// Fewer bytes than asked for at the end of the file.
std::string read_bytes(std::istream& in, std::size_t count) {
  std::string bytes(count, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(count));
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  return bytes;
}

}  // namespace

void begin_state_file(std::ostream& out) { out << kMagic; }

void write_state_records(std::ostream& out, PartitionId partition, const ChangeSet& changes) {
  std::string bytes;
  for (const StateChange& change : changes.changes) {
    const std::string_view value = change.tombstone ? std::string_view() : std::string_view(change.value);
    bytes.clear();
    ByteWriter writer(bytes);
    writer.put(partition);
    writer.put(static_cast<std::uint32_t>(change.key.size()));
    writer.put(static_cast<std::uint32_t>(value.size()));
    writer.put_bytes(change.key);
    writer.put_bytes(value);
    out << bytes;
  }
}

Result<void> read_state_file(std::istream& in, const StateRecordSeen& seen) {
  if (read_bytes(in, kMagic.size()) != kMagic)
    return failure("this is not a state file (its first line is another)");
  std::size_t at = kMagic.size();
  for (;;) {
    const std::string header = read_bytes(in, kHeaderBytes);
    if (header.empty() && in.eof()) return {};
    ByteReader reader(header);
    const auto partition = reader.get<PartitionId>();
    const auto key_bytes = reader.get<std::uint32_t>();
    const auto value_bytes = reader.get<std::uint32_t>();
    const bool sound = !reader.failed() && key_bytes <= kMaxPart && value_bytes <= kMaxPart;
    const std::string key = sound ? read_bytes(in, key_bytes) : std::string();
    const std::string value = sound ? read_bytes(in, value_bytes) : std::string();
    if (!sound || key.size() != key_bytes || value.size() != value_bytes) {
      return failure(fmt::format("the record at byte {} is cut off or damaged", at));
    }
    seen(partition, key, value);
    at += kHeaderBytes + key_bytes + value_bytes;
  }
}

}  // namespace proactive::daemon
