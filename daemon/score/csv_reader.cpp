#include "daemon/score/csv_reader.h"

#include <algorithm>
#include <cstring>

namespace proactive::daemon {
namespace {

constexpr std::size_t kChunk = std::size_t{64} << 10;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

bool CsvReader::fill() {
  if (at_end_) return false;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() < end_ + kChunk) buffer_.resize(end_ + kChunk);
  in_->read(buffer_.data() + end_, static_cast<std::streamsize>(kChunk));
  const auto got = static_cast<std::size_t>(in_->gcount());
  end_ += got;
  at_end_ = !*in_;
  return got > 0;
}

CsvReader::Next CsvReader::next_line() {
  std::size_t searched = 0;
  for (;;) {
    const char* const from = buffer_.data() + begin_;
    const std::size_t held = end_ - begin_;
    const void* const found = held > searched ? std::memchr(from + searched, '\n', held - searched) : nullptr;
    if (found != nullptr) {
      const auto length = static_cast<std::size_t>(static_cast<const char*>(found) - from);
      if (length > kLongestLine) return Next::too_long;
      line_ = {from, length};
      begin_ += length + 1;
      return Next::row;
    }
    if (held > kLongestLine) return Next::too_long;
    searched = held;
    if (fill()) continue;
    if (in_->bad()) return Next::unreadable;
    if (end_ == begin_) return Next::end;
    line_ = {buffer_.data() + begin_, end_ - begin_};
    begin_ = end_;
    return Next::row;
  }
}

CsvReader::Next CsvReader::next() {
  for (;;) {
    line_ = {};
    const Next got = next_line();
    if (got == Next::end || got == Next::unreadable) return got;
    ++number_;
    if (got == Next::too_long) return got;
    if (number_ == 1 && line_.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
      line_.remove_prefix(kByteOrderMark.size());
    }
    if (!line_.empty() && line_.back() == '\r') line_.remove_suffix(1);
    if (line_.find_first_not_of(" \t\r") != std::string_view::npos) return Next::row;
  }
}

bool CsvReader::split() {
  fields_.clear();
  if (std::memchr(line_.data(), '"', line_.size()) != nullptr) return split_quoted();
  const char* at = line_.data();
  const char* const end = at + line_.size();
  for (;;) {
    const auto* comma = static_cast<const char*>(std::memchr(at, ',', static_cast<std::size_t>(end - at)));
    if (comma == nullptr) break;
    fields_.emplace_back(at, static_cast<std::size_t>(comma - at));
    at = comma + 1;
  }
  fields_.emplace_back(at, static_cast<std::size_t>(end - at));
  return true;
}

// The field behind an opening quote, into unquoted_. Returns where the text goes on, or npos if the quote is not closed.
std::size_t CsvReader::unquote(std::size_t at) {
  const std::size_t begin = unquoted_.size();
  for (;;) {
    const std::size_t quote = line_.find('"', at);
    if (quote == std::string_view::npos) return quote;
    unquoted_.append(line_, at, quote - at);
    at = quote + 1;
    if (at >= line_.size() || line_[at] != '"') break;
    unquoted_ += '"';
    ++at;
  }
  fields_.push_back(std::string_view(unquoted_).substr(begin));
  return std::min(line_.find_first_not_of(' ', at), line_.size());
}

bool CsvReader::split_quoted() {
  unquoted_.clear();
  unquoted_.reserve(line_.size());  // views into it must not move
  for (std::size_t at = 0;; ++at) {
    // Blanks before an opening quote are no part of the field.
    const std::size_t word = std::min(line_.find_first_not_of(' ', at), line_.size());
    if (word < line_.size() && line_[word] == '"') {
      at = unquote(word + 1);
    } else {
      const std::size_t comma = std::min(line_.find(',', at), line_.size());
      fields_.push_back(line_.substr(at, comma - at));
      at = comma;
    }
    if (at == line_.size()) return true;
    if (at == std::string_view::npos || line_[at] != ',') {
      fields_.assign(1, line_);
      return false;
    }
  }
}

}  // namespace proactive::daemon
