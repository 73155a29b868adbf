// One record's JSON, opened by simdjson on demand and read strictly: what this reader has passed is valid
// JSON, also where nobody asked for the value.
//
// Owner: one Decoder. Thread: its lane's. Clock: none. Allocation: only when a record is longer than all
// before. Bound: nesting of kMaxJsonDepth. Failure: a DecodeError with the byte, never an exception.
// Duplicate keys are the caller's to settle (everywhere in codec: the first one wins).
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

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
  std::string_view
      text;  // string: unescaped; number, boolean: as written; lives as long as the record is open
  std::int64_t byte = -1;  // where it starts in the record's value; -1: not from there (a header, a constant)

  [[nodiscard]] bool given() const { return type != Type::absent && type != Type::null; }
};

[[nodiscard]] inline Token text_token(std::string_view text) { return {Token::Type::string, text, -1}; }

class JsonReader {
 public:
  JsonReader() = default;
  JsonReader(const JsonReader&) = delete;  // the open document points into the parser
  JsonReader& operator=(const JsonReader&) = delete;

  // Copies `bytes` into the padded buffer and indexes them. `offset`: how many bytes of the record's value
  // came before.
  [[nodiscard]] Result<JsonObject, DecodeError> open(std::string_view bytes, std::int64_t offset);

  // The same record from its first byte. REQUIRES: open() succeeded.
  [[nodiscard]] Result<JsonObject, DecodeError> reopen();

  // Calls on_field(key, value) -> Result<bool, DecodeError> per field until false (stop), an error, or the
  // end. A value that on_field leaves alone must be passed to scalar() or skip() by it: nothing is skipped
  // unread.
  template <class OnField>
  [[nodiscard]] Result<bool, DecodeError> each_field(JsonObject& object, OnField&& on_field);

  // The scalar `value`, checked; containers are read over and come back as Type::container.
  [[nodiscard]] Result<Token, DecodeError> scalar(JsonValue& value, int depth);

  // Reads over a value of any type, checking it.
  [[nodiscard]] Result<void, DecodeError> skip(JsonValue& value, int depth);

  // After the root object: only white space may follow.
  [[nodiscard]] Result<void, DecodeError> finish();

  [[nodiscard]] tl::unexpected<DecodeError> fail(DecodeCode code, std::string_view field,
                                                 std::int64_t byte) const {
    return tl::make_unexpected(DecodeError{code, field, byte});
  }
  [[nodiscard]] tl::unexpected<DecodeError> syntax_error();  // bad_json where the reader stands

 private:
  [[nodiscard]] Result<JsonObject, DecodeError> root();
  [[nodiscard]] Result<std::string_view, DecodeError> key_text(const char* raw);
  [[nodiscard]] std::optional<std::string_view> unescape(const char* raw);
  [[nodiscard]] std::int64_t byte_of(const char* at) const { return offset_ + (at - buffer_.data()); }

  simdjson::ondemand::parser parser_;
  simdjson::ondemand::document document_;
  std::vector<char> buffer_;               // the record and simdjson's padding
  std::vector<std::uint8_t> unescaped_;    // texts that had escapes
  std::uint8_t* unescaped_end_ = nullptr;  // where the next one goes
  std::size_t size_ = 0;
  std::int64_t offset_ = 0;
};

// A JSON number as a double. not finite: nullopt. REQUIRES: token.type == number.
[[nodiscard]] std::optional<double> number_of(const Token& token);

// The first byte that is not UTF-8. REQUIRES: there is one.
[[nodiscard]] std::size_t first_invalid_utf8(std::string_view text);

template <class OnField>
Result<bool, DecodeError> JsonReader::each_field(JsonObject& object, OnField&& on_field) {
  for (auto field : object) {
    simdjson::ondemand::field known;
    if (std::move(field).get(known) != simdjson::SUCCESS) return syntax_error();
    Result<std::string_view, DecodeError> key = key_text(known.key().raw());
    if (!key) return tl::make_unexpected(key.error());
    JsonValue value = known.value();
    Result<bool, DecodeError> more = on_field(*key, value);
    if (!more || !*more) return more;
  }
  return true;
}

}  // namespace proactive::daemon
