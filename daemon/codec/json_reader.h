// One record's JSON, opened by simdjson on demand and read strictly: what this reader has passed is valid JSON, also
// where nobody asked for the value.
//
// Owner: one Decoder. Thread: its lane's. Clock: none. Allocation: only when a record is longer than all before.
// Bound: nesting of kMaxJsonDepth. Failure: a step says so and error() tells it with the byte; never an exception. (A
// Result per value, copied twice, cost as much as reading the value.)
// Duplicate keys are the caller's to settle (everywhere in codec: the first one wins).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "daemon/codec/decode.h"

namespace proactive::daemon {

inline constexpr int kMaxJsonDepth = 64;

using JsonObject = simdjson::ondemand::object;
using JsonArray = simdjson::ondemand::array;
using JsonValue = simdjson::ondemand::value;

// A scalar, or the mark of a container that stood where a scalar was looked for.
struct Token {
  enum class Type : std::uint8_t { absent, null, boolean, number, string, container };
  Type type = Type::absent;
  std::int32_t byte = -1;  // where it starts in the record's value; -1: not from there (a header, a constant)
  std::string_view
      text;  // string: unescaped; number, boolean: as written; lives as long as the record is open

  [[nodiscard]] bool given() const { return type != Type::absent && type != Type::null; }
  [[nodiscard]] bool seen() const { return type != Type::absent; }
};

[[nodiscard]] inline Token text_token(std::string_view text) { return {Token::Type::string, -1, text}; }

// What a step of reading ended with. failed: see JsonReader::error().
enum class Step : std::uint8_t { next, stop, failed };

class JsonReader {
 public:
  JsonReader() = default;
  JsonReader(const JsonReader&) = delete;  // the open document points into the parser
  JsonReader& operator=(const JsonReader&) = delete;

  // Copies `bytes` into the padded buffer, indexes them and gives the root object. `offset`: how many bytes of the
  // record's value came before.
  [[nodiscard]] bool open(std::string_view bytes, std::size_t offset, JsonObject& root);

  // The same record from its first byte. REQUIRES: open() succeeded.
  [[nodiscard]] bool reopen(JsonObject& root);

  // Calls on_field(key, value) -> Step per field while it says `next`. on_field passes every value to scalar(), skip()
  // or each_field(): nothing is left unread.
  template <class OnField>
  [[nodiscard]] Step each_field(JsonObject& object, OnField&& on_field);

  // The scalar `value`, checked; a container is read over and comes back as Type::container.
  [[nodiscard]] Step scalar(JsonValue& value, int depth, Token& into);

  // Reads over a value of any type, checking it.
  [[nodiscard]] Step skip(JsonValue& value, int depth);

  // After the root object: only white space may follow.
  [[nodiscard]] bool finish();

  [[nodiscard]] const DecodeError& error() const { return error_; }
  Step fail(DecodeCode code, std::string_view field, std::int64_t byte) {
    error_ = {code, field, byte};
    return Step::failed;
  }
  Step syntax_error();                  // bad_json where the reader stands
  void blame(std::string_view field) {  // names the field of the last error
    error_.field = field;
  }

 private:
  [[nodiscard]] bool root_object(JsonObject& root);
  [[nodiscard]] bool escaped_key(const char* raw, std::string_view& key);
  [[nodiscard]] std::optional<std::string_view> unescape(const char* raw);
  [[nodiscard]] std::int32_t byte_of(const char* at) const {
    return static_cast<std::int32_t>(offset_ + (at - buffer_.data()));
  }

  simdjson::ondemand::parser parser_;
  simdjson::ondemand::document document_;
  std::vector<char> buffer_;               // the record and simdjson's padding
  std::vector<std::uint8_t> unescaped_;    // texts that had escapes
  std::uint8_t* unescaped_end_ = nullptr;  // where the next one goes
  std::size_t size_ = 0;
  std::int64_t offset_ = 0;
  DecodeError error_;
};

// The first character of a value: '{' '[' '"' or that of a scalar; 0 where there is none.
[[nodiscard]] inline char first_of(JsonValue& value) {
  const std::string_view raw = value.raw_json_token();
  return raw.empty() ? '\0' : raw.front();
}

// A JSON number as a double. Not finite: nullopt. REQUIRES: token.type == number.
[[nodiscard]] std::optional<double> number_of(const Token& token);

// The first byte that is not UTF-8. REQUIRES: there is one.
[[nodiscard]] std::size_t first_invalid_utf8(std::string_view text);

template <class OnField>
Step JsonReader::each_field(JsonObject& object, OnField&& on_field) {
  for (auto field : object) {
    simdjson::ondemand::field known;
    if (std::move(field).get(known) != simdjson::SUCCESS) return syntax_error();
    const char* const raw = known.key().raw();
    const char* end = raw;
    while (*end != '"' && *end != '\\') ++end;  // closed: checked when the record was indexed
    std::string_view key(raw, static_cast<std::size_t>(end - raw));
    if (*end == '\\' && !escaped_key(raw, key)) return Step::failed;
    const Step step = on_field(key, known.value());
    if (step != Step::next) return step;
  }
  return Step::next;
}

}  // namespace proactive::daemon
