#include "daemon/codec/dead_letter.h"

#include <string>

namespace proactive::daemon {

namespace {

// At most `max` bytes, not ending inside a UTF-8 character.
std::string_view cut(std::string_view text, std::size_t max) {
  if (text.size() <= max) return text;
  while (max > 0 && (static_cast<unsigned char>(text[max]) & 0xC0) == 0x80) --max;
  return text.substr(0, max);
}

}  // namespace

std::string_view to_string(DeadLetterStage stage) {
  switch (stage) {
    case DeadLetterStage::decode:
      return "decode";
    case DeadLetterStage::validate:
      return "validate";
    case DeadLetterStage::model:
      return "model";
    case DeadLetterStage::output:
      return "output";
  }
  return "";
}

OutputRecord make_dead_letter(const InputRecord& record, std::string_view topic,
                              const DeadLetterCause& cause) {
  OutputRecord letter;
  letter.channel = Channel::dead_letters;
  letter.key = record.key;
  letter.value = record.value.substr(0, kMaxDeadLetterBytes);
  letter.tombstone = record.tombstone;
  letter.caused_at = record.appended_at;
  letter.headers.reserve(record.headers.size() + 10);
  for (const HeaderView& header : record.headers) {
    letter.headers.push_back({std::string(header.name), std::string(header.value)});
  }
  const auto add = [&](std::string_view name, std::string_view value) {
    letter.headers.push_back({std::string(name), std::string(value)});
  };
  const std::int64_t appended_ms =
      record.appended_at == kNever  // as Kafka writes it
          ? -1
          : std::chrono::floor<std::chrono::milliseconds>(record.appended_at).time_since_epoch().count();
  add("src_topic", topic);
  add("src_partition", std::to_string(record.partition));
  add("src_offset", std::to_string(record.offset));
  add("src_ts", std::to_string(appended_ms));
  add("stage", to_string(cause.stage));
  add("code", cause.code);
  add("detail", cut(cause.detail, kMaxDeadLetterDetail));
  add("ruleset", cause.ruleset);
  add("app_version", cause.app_version);
  if (record.value.size() > kMaxDeadLetterBytes) add("truncated", std::to_string(record.value.size()));
  return letter;
}

}  // namespace proactive::daemon
