#include "config/loader/substitute.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "config/loader/utf8.h"

namespace proactive::config {
namespace {

constexpr std::size_t kMaxFileValue = 64 * 1024;
constexpr std::string_view kNameChars = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";

bool is_variable_name(std::string_view name) {
  return !name.empty() && name.find_first_not_of(kNameChars) == std::string_view::npos &&
         (name.front() < '0' || name.front() > '9');
}

std::optional<std::string> fill_from_file(const std::string& path, const Place& place,
                                          const Environment& environment, Findings& findings) {
  if (path.empty() || path.front() != '/') {
    findings.add("E313", place, "'${file:" + path + "}' needs an absolute path",
                 "write ${file:/path/to/file}");
    return std::nullopt;
  }
  Result<FileBytes, FileError> file = environment.read_file(path, kMaxFileValue);
  if (!file) {
    findings.add("E310", place, "the file '" + path + "' can't be read: " + file.error().message);
    return std::nullopt;
  }
  if (find_invalid_utf8(file->bytes)) {
    findings.add("E310", place, "the file '" + path + "' is not UTF-8 text");
    return std::nullopt;
  }
  if (!file->bytes.empty() && file->bytes.back() == '\n') file->bytes.pop_back();
  return std::move(file->bytes);
}

// The value of what stands between "${" and "}".
std::optional<std::string> fill_in(std::string_view inside, const Place& place,
                                   const Environment& environment, Findings& findings) {
  constexpr std::string_view kFile = "file:";
  if (inside.substr(0, kFile.size()) == kFile) {
    return fill_from_file(std::string(inside.substr(kFile.size())), place, environment, findings);
  }
  const std::size_t dash = inside.find(":-");
  const std::string name(inside.substr(0, dash));
  if (!is_variable_name(name)) {
    findings.add("E313", place, "'${" + std::string(inside) + "}' is not a variable",
                 "write ${NAME}, ${NAME:-default} or ${file:/path}; $$ is a dollar");
    return std::nullopt;
  }
  const auto variable = environment.variables.find(name);
  const bool is_set = variable != environment.variables.end();
  // As in a shell, ':-' also replaces an empty value.
  if (is_set && (dash == std::string_view::npos || !variable->second.empty())) return variable->second;
  if (dash != std::string_view::npos) return std::string(inside.substr(dash + 2));
  findings.add("E313", place, "the variable " + name + " is not set",
               "set it, or write ${" + name + ":-default}");
  return std::nullopt;
}

void fill_scalar(TreeNode& node, const Environment& environment, Findings& findings) {
  if (node.text.find('$') == std::string::npos) return;
  const auto refuse = [&node] {
    node.kind = NodeKind::null;
    node.text.clear();
  };
  std::string out;
  bool is_filled = false;
  for (std::size_t at = 0; at < node.text.size();) {
    if (node.text.compare(at, 2, "$$") == 0) {
      out += '$';
      at += 2;
    } else if (node.text.compare(at, 2, "${") == 0) {
      const std::size_t end = node.text.find('}', at);
      if (end == std::string::npos) {
        findings.add("E313", node.place, "a '${' is not closed", "close it with '}'; $$ is a dollar");
        return refuse();
      }
      const auto value = fill_in(std::string_view(node.text).substr(at + 2, end - at - 2), node.place,
                                 environment, findings);
      if (!value) return refuse();
      out += *value;
      is_filled = true;
      at = end + 1;
    } else {
      out += node.text[at++];
    }
  }
  node.text = std::move(out);
  if (is_filled) node.quoted = false;
}

}  // namespace

Result<FileBytes, FileError> read_regular_file(const std::string& path, std::size_t max_bytes) {
  const auto fail = [](bool is_missing, std::string message) {
    return tl::make_unexpected(FileError{is_missing, false, std::move(message)});
  };
  // O_NONBLOCK: opening a pipe without a writer must not hang the start.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return fail(errno == ENOENT || errno == ENOTDIR, std::strerror(errno));
  struct Closer {
    int fd;
    ~Closer() { ::close(fd); }
  } const closer{fd};

  struct stat status {};
  if (::fstat(fd, &status) != 0) return fail(false, std::strerror(errno));
  if (!S_ISREG(status.st_mode)) return fail(false, "it is not a regular file");

  FileBytes file;
  file.is_world_readable = (status.st_mode & S_IROTH) != 0;
  char buffer[16 * 1024];
  for (;;) {
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(false, std::strerror(errno));
    if (got == 0) return file;
    file.bytes.append(buffer, static_cast<std::size_t>(got));
    if (file.bytes.size() > max_bytes) {
      return tl::make_unexpected(
          FileError{false, true, "it is larger than " + std::to_string(max_bytes) + " bytes"});
    }
  }
}

Environment process_environment() {
  Environment environment;
  for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    environment.variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

void substitute(TreeNode& node, const Environment& environment, Findings& findings) {
  if (node.kind == NodeKind::scalar) fill_scalar(node, environment, findings);
  for (TreeNode& item : node.items) substitute(item, environment, findings);
  for (TreeNode::Member& member : node.members) substitute(member.value, environment, findings);
}

std::string beside(const std::string& config_file, const std::string& path) {
  const std::size_t slash = config_file.rfind('/');
  if (path.empty() || path.front() == '/' || slash == std::string::npos) return path;
  return config_file.substr(0, slash + 1) + path;
}

}  // namespace proactive::config
