// A second opinion for fuzzing: whether another parser takes bytes for JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace proactive::test {

// False: not JSON. Numbers beyond a double count as JSON, since their grammar is sound.
inline bool is_json(std::string_view bytes) {
  using nlohmann::json;
  struct Judge : json::json_sax_t {
    bool fault = false;
    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool string(string_t&) override { return true; }
    bool binary(binary_t&) override { return true; }
    bool start_object(std::size_t) override { return true; }
    bool key(string_t&) override { return true; }
    bool end_object() override { return true; }
    bool start_array(std::size_t) override { return true; }
    bool end_array() override { return true; }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override {
      constexpr int kNumberOverflow = 406;
      fault = error.id != kNumberOverflow;
      return false;
    }
  };
  Judge judge;
  (void)json::sax_parse(bytes.begin(), bytes.end(), &judge);
  return !judge.fault;
}

}  // namespace proactive::test
