#include "daemon/io/output_letter.h"

#include <utility>

#include <fmt/format.h>

#include "daemon/codec/dead_letter.h"

namespace proactive::daemon {
namespace {

constexpr std::size_t kMaxLetterKeyBytes = 16 * 1024;
constexpr std::string_view kRefused = "refused", kTruncated = "truncated";

constexpr std::string_view kEventId = "ce_id";

// Headers of an input record stand before ours.
const std::string* last_header(const OutputRecord& record, std::string_view name) {
  for (auto header = record.headers.rbegin(); header != record.headers.rend(); ++header) {
    if (header->first == name) return &header->second;
  }
  return nullptr;
}

void drop_header(OutputRecord& letter, std::string_view name) {
  std::erase_if(letter.headers, [name](const auto& header) { return header.first == name; });
}

OutputRecord letter_of(const OutputRecord& record, std::size_t key_bytes, std::size_t value_bytes,
                       std::string_view code, std::string detail) {
  OutputRecord letter;
  letter.channel = Channel::dead_letters;
  letter.key = record.key.substr(0, key_bytes);
  letter.value = record.value.substr(0, value_bytes);
  letter.caused_at = record.caused_at;
  if (record.channel == Channel::dead_letters) {
    letter.tombstone = record.tombstone;
    auto ours = record.headers.rbegin();  // ours stand last, from src_topic on
    while (ours != record.headers.rend() && ours->first != "src_topic") ++ours;
    if (ours != record.headers.rend()) letter.headers.assign(ours.base() - 1, record.headers.end());
  } else {
    letter.headers = {{"stage", std::string(to_string(DeadLetterStage::output))},
                      {"code", std::string(code)},
                      {"detail", std::move(detail)}};
    if (const std::string* id = last_header(record, kEventId)) letter.headers.emplace_back(kEventId, *id);
  }
  return letter;
}

}  // namespace

std::size_t bytes_of(const OutputRecord& record) {
  std::size_t bytes = record.key.size() + record.value.size();
  for (const auto& header : record.headers) bytes += header.first.size() + header.second.size() + 8;
  return bytes;
}

std::string identity_of(const OutputRecord& record) {
  std::string identity = std::to_string(static_cast<int>(record.channel));
  bool known = false;
  for (const std::string_view name : {kEventId, std::string_view("src_topic"),
                                      std::string_view("src_partition"), std::string_view("src_offset")}) {
    const std::string* value = last_header(record, name);
    known = known || value != nullptr;
    identity += "\n" + (value == nullptr ? std::string() : *value);
  }
  return known ? identity : identity + record.key;
}

OutputRecord too_large_letter(const OutputRecord& record) {
  OutputRecord letter = letter_of(record, kMaxLetterKeyBytes, kMaxDeadLetterBytes, "too_large",
                                  fmt::format("an output record of {} bytes", bytes_of(record)));
  drop_header(letter, kTruncated);
  letter.headers.emplace_back(kTruncated, std::to_string(bytes_of(record)));
  return letter;
}

OutputRecord refused_letter(const OutputRecord& record, std::string_view reason) {
  const bool cut = record.key.size() > kMaxRefusedLetterBytes || record.value.size() > kMaxRefusedLetterBytes;
  const std::string why(reason.substr(0, kMaxDeadLetterDetail));
  OutputRecord letter = letter_of(record, kMaxRefusedLetterBytes, kMaxRefusedLetterBytes, kRefused, why);
  if (cut) {
    drop_header(letter, kTruncated);
    letter.headers.emplace_back(kTruncated, std::to_string(bytes_of(record)));
  }
  letter.headers.emplace_back(kRefused, why);
  return letter;
}

bool is_refused_letter(const OutputRecord& record) {
  return record.channel == Channel::dead_letters && !record.headers.empty() &&
         record.headers.back().first == kRefused;
}

}  // namespace proactive::daemon
