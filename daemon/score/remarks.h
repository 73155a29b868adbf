// Remarks are what `score` tells people about a file while it goes on: file:line and a sentence. Only the first ten are
// shown; the rest is counted.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

namespace proactive::daemon {

class Remarks {
 public:
  // `name`: the file as the person named it.
  Remarks(std::ostream& out, std::string name) : out_(&out), name_(std::move(name)) {}

  void say(std::uint64_t line, std::string_view sentence) {
    if (said_++ < kShown) place(line) << sentence << '\n';
  }
  // About the file as a whole, or the reason why it is not read any further.
  void fatal(std::uint64_t line, std::string_view sentence) { place(line) << sentence << '\n'; }
  void close() {
    if (said_ > kShown) place(0) << said_ - kShown << " more remarks like these\n";
  }

 private:
  static constexpr std::uint64_t kShown = 10;

  std::ostream& place(std::uint64_t line) {
    *out_ << name_ << ':';
    if (line > 0) *out_ << line << ':';
    return *out_ << ' ';
  }

  std::ostream* out_;
  std::string name_;
  std::uint64_t said_ = 0;
};

}  // namespace proactive::daemon
