#include "daemon/codec/flat_telemetry.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <bit>

#include "daemon/codec/telemetry_keys.h"

namespace proactive::daemon {

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Steps return false to decline.
class FlatScan {
 public:
  FlatScan(std::string_view payload, std::size_t offset, const SignalTable& signals,
           const DecodeLimits& limits, TelemetryFields& into)
      : begin_(payload.data()),
        at_(begin_),
        end_(begin_ + payload.size()),
        offset_(offset),
        signals_(signals),
        limits_(limits),
        into_(into) {}

  FlatReading run() {
    const auto on_field = [this](std::string_view key) { return field(key); };
    if (!object(on_field)) return FlatReading::declined;
    space();
    if (at_ != end_) return FlatReading::declined;
    if (beyond_ascii_ != 0 && !simdjson::validate_utf8(begin_, static_cast<std::size_t>(end_ - begin_)))
      return FlatReading::declined;
    if (unused_) return FlatReading::unused;
    if (entity_seen_ && !into_.entity.seen() && !into_.entity_type.given() && !into_.entity_id.given())
      into_.entity.type = Token::Type::container;
    return FlatReading::complete;
  }

 private:
  template <class OnField>
  [[nodiscard]] bool object(OnField& on_field) {
    space();
    if (!eat('{')) return false;
    space();
    if (eat('}')) return true;
    for (;;) {
      std::string_view key;
      if (!string(key)) return false;
      space();
      if (!eat(':')) return false;
      space();
      if (!on_field(key)) return false;
      space();
      if (eat('}')) return true;
      if (!eat(',')) return false;
      space();
    }
  }

  // The token that takes the value of `key`; `ignored_`: nobody. One place reads all scalars, so that the compiler keeps
  // the position in a register.
  [[nodiscard]] Token& token_of(TelemetryKey key) {
    switch (key) {
      case TelemetryKey::signal:
        return into_.signal;
      case TelemetryKey::event_time:
        return into_.event_time;
      case TelemetryKey::customer_id:
        return into_.customer;
      case TelemetryKey::value:
        return into_.value;
      case TelemetryKey::event_id:
        return into_.event_id;
      case TelemetryKey::unit:
        return into_.unit;
      case TelemetryKey::kind:
        return into_.kind;
      case TelemetryKey::entity:
        return into_.entity;
      case TelemetryKey::dims:
      case TelemetryKey::specversion:
      case TelemetryKey::unknown:
        break;
    }
    return ignored_;
  }

  [[nodiscard]] bool field(std::string_view name) {
    const TelemetryKey key = telemetry_key(name);
    if (key == TelemetryKey::specversion) return false;
    if (key == TelemetryKey::dims) return dims();
    if (key == TelemetryKey::entity) {
      if (entity_seen_) return false;
      entity_seen_ = true;
      if (at_ != end_ && *at_ == '{') return entity();
    }
    Token& token = token_of(key);
    const bool first = !token.seen();
    if (!scalar(first ? token : ignored_)) return false;
    // The rest is read even if no rule uses the signal: JsonReader would refuse a record that is no text at all.
    if (key == TelemetryKey::signal && first) unused_ = !into_.find_signal(signals_, limits_);
    return true;
  }

  [[nodiscard]] bool entity() {
    const auto on_field = [this](std::string_view name) {
      Token& token = name == "type" ? into_.entity_type : name == "id" ? into_.entity_id : ignored_;
      return scalar(token.seen() ? ignored_ : token);
    };
    return object(on_field);
  }

  [[nodiscard]] bool dims() {
    if (dims_seen_ || at_ == end_ || *at_ != '{') return false;
    dims_seen_ = true;
    const auto on_field = [this](std::string_view name) {
      Token token;
      if (!scalar(token)) return false;
      into_.add_dim(name, token, limits_);
      return true;
    };
    return object(on_field);
  }

  [[nodiscard, gnu::always_inline]] bool scalar(Token& into) {
    if (at_ == end_) return false;
    into.byte = static_cast<std::int32_t>(offset_ + static_cast<std::size_t>(at_ - begin_));
    const char* const from = at_;
    switch (*at_) {
      case '"':
        into.type = Token::Type::string;
        return string(into.text);
      case 't':
        into.type = Token::Type::boolean;
        if (!literal("true")) return false;
        break;
      case 'f':
        into.type = Token::Type::boolean;
        if (!literal("false")) return false;
        break;
      case 'n':
        into.type = Token::Type::null;
        if (!literal("null")) return false;
        break;
      default:
        into.type = Token::Type::number;
        if (!number()) return false;
    }
    into.text = {from, static_cast<std::size_t>(at_ - from)};
    return true;
  }

  // What may stand behind a literal or a number, object() checks.
  [[nodiscard]] bool literal(std::string_view text) {
    if (static_cast<std::size_t>(end_ - at_) < text.size() || std::string_view(at_, text.size()) != text)
      return false;
    at_ += text.size();
    return true;
  }

  // RFC 8259 `number`.
  [[nodiscard, gnu::always_inline]] bool number() {
    eat('-');
    if (!eat('0') && !digits()) return false;
    if (eat('.') && !digits()) return false;
    if (eat('e') || eat('E')) {
      if (!eat('+')) eat('-');
      if (!digits()) return false;
    }
    return true;
  }

  bool digits() {
    const char* const from = at_;
    while (at_ != end_ && is_digit(*at_)) ++at_;
    return at_ != from;
  }

  [[nodiscard, gnu::always_inline]] bool string(std::string_view& text) {
    if (!eat('"')) return false;
    const char* const from = at_;
    if (!to_quote()) return false;
    text = {from, static_cast<std::size_t>(at_ - from)};
    ++at_;
    return true;
  }

  // Moves to the closing quote; a backslash or a control character declines.
  [[nodiscard, gnu::always_inline]] bool to_quote() {
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i backslash = _mm_set1_epi8('\\');
    const __m128i last_control = _mm_set1_epi8(0x1f);
    while (end_ - at_ >= 16) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at_));
      const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes);
      const __m128i stop =
          _mm_or_si128(control, _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)));
      const auto stops = static_cast<std::uint32_t>(_mm_movemask_epi8(stop));
      const auto high = static_cast<std::uint32_t>(_mm_movemask_epi8(bytes));
      beyond_ascii_ |= high & (stops - 1) & ~stops;  // those before the first stop; without one, all
      if (stops == 0) {
        at_ += 16;
        continue;
      }
      at_ += std::countr_zero(stops);
      return *at_ == '"';
    }
#endif
    for (; at_ != end_; ++at_) {
      const auto byte = static_cast<unsigned char>(*at_);
      if (byte == '"') return true;
      if (byte == '\\' || byte < 0x20) return false;
      beyond_ascii_ |= byte & 0x80U;
    }
    return false;
  }

  bool eat(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  void space() {
    if (at_ == end_ || static_cast<unsigned char>(*at_) > ' ') return;  // nearly always
    while (at_ != end_ && is_space(*at_)) ++at_;
  }

  const char* begin_;
  const char* at_;
  const char* end_;
  std::size_t offset_;
  const SignalTable& signals_;
  const DecodeLimits& limits_;
  TelemetryFields& into_;
  Token ignored_;
  bool unused_ = false;
  std::uint32_t beyond_ascii_ = 0;  // not 0: some byte is
  bool entity_seen_ = false;
  bool dims_seen_ = false;
};

}  // namespace

FlatReading read_flat(std::string_view payload, std::size_t offset, const SignalTable& signals,
                      const DecodeLimits& limits, TelemetryFields& into) {
  return FlatScan(payload, offset, signals, limits, into).run();
}

}  // namespace proactive::daemon
