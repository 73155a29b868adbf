#include "daemon/codec/record_time.h"

#include <charconv>
#include <string>

namespace proactive::daemon {

namespace {

constexpr double kFirstMillisecondNumber = 1e11;  // as in from_epoch_number

tl::unexpected<DecodeCode> refuse(DecodeCode code) { return tl::make_unexpected(code); }

Result<Timestamp, DecodeCode> time_of_number(const Token& token, bool lenient) {
  const char* const end = token.text.data() + token.text.size();
  std::int64_t integer = 0;
  const auto parsed = std::from_chars(token.text.data(), end, integer);
  if (parsed.ec == std::errc{} && parsed.ptr == end) {
    const Result<Timestamp> time = from_epoch_number(integer);
    if (!time) return refuse(DecodeCode::bad_time);
    return *time;
  }
  if (parsed.ec == std::errc::result_out_of_range) return refuse(DecodeCode::bad_time);
  if (!lenient) return refuse(DecodeCode::bad_type);

  const std::optional<double> number = number_of(token);
  if (!number || *number < 0 || *number >= 1e15) return refuse(DecodeCode::bad_time);
  const double micros = *number < kFirstMillisecondNumber ? *number * 1e6 : *number * 1e3;
  const auto whole = static_cast<std::int64_t>(*number);
  const Result<Timestamp> bounds = from_epoch_number(whole);  // the range is checked in one place
  if (!bounds) return refuse(DecodeCode::bad_time);
  return Timestamp(Duration(static_cast<std::int64_t>(micros)));
}

}  // namespace

Result<Timestamp, DecodeCode> time_of(const Token& token, bool lenient) {
  if (token.type == Token::Type::number) return time_of_number(token, lenient);
  if (token.type != Token::Type::string) return refuse(DecodeCode::bad_type);

  const std::string_view text = token.text;
  if (!lenient ||
      (text.size() > 19 && (text.back() == 'Z' || text.find_first_of("+-", 19) != std::string_view::npos))) {
    const Result<Timestamp> time = parse_rfc3339(text);
    if (!time) return refuse(DecodeCode::bad_time);
    return *time;
  }
  if (text.size() >= 19) {
    if (text.size() > 31) return refuse(DecodeCode::bad_time);
    char utc[32];
    text.copy(utc, text.size());
    utc[text.size()] = 'Z';
    const Result<Timestamp> time = parse_rfc3339(std::string_view(utc, text.size() + 1));
    if (!time) return refuse(DecodeCode::bad_time);
    return *time;
  }
  return refuse(DecodeCode::bad_time);
}

}  // namespace proactive::daemon
