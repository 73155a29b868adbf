#include "daemon/cli/line_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <iostream>

namespace proactive::daemon {

Result<LineFile> LineFile::open(const std::string& name) {
  LineFile file;
  if (name == "-") {
    file.in_ = &std::cin;
    return file;
  }
  file.file_ = std::make_unique<std::ifstream>(name, std::ios::binary);
  file.in_ = file.file_.get();
  // A directory opens well and fails at the first read.
  if (!*file.file_ || (file.file_->peek() == std::ifstream::traits_type::eof() && !file.file_->eof())) {
    return failure(fmt::format("can't read '{}': {}", name, std::strerror(errno)));
  }
  file.file_->clear();
  return file;
}

bool LineFile::next(std::string_view& line) {
  while (std::getline(*in_, line_)) {
    ++number_;
    if (!line_.empty() && line_.back() == '\r') line_.pop_back();
    if (line_.empty()) continue;
    line = line_;
    return true;
  }
  return false;
}

}  // namespace proactive::daemon
