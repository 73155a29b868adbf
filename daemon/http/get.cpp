#include "daemon/http/get.h"

#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>

#include "daemon/http/listen_socket.h"

namespace proactive::daemon {
namespace {

constexpr std::size_t kMaxReply = 16u << 20;

using Clock = std::chrono::steady_clock;

// One connection with a deadline over all its steps.
class Connection {
 public:
  explicit Connection(Clock::time_point deadline) : deadline_(deadline) {}
  ~Connection() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool connect(const addrinfo& to) {
    descriptor_ = ::socket(to.ai_family, to.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, to.ai_protocol);
    if (descriptor_ < 0) return false;
    if (::connect(descriptor_, to.ai_addr, to.ai_addrlen) == 0) return true;
    if (errno != EINPROGRESS || !wait_for(POLLOUT)) return false;
    int error = 0;
    socklen_t length = sizeof error;
    ::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &length);
    errno = error;
    return error == 0;
  }

  bool send_all(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent > 0) {
        bytes.remove_prefix(static_cast<std::size_t>(sent));
      } else if (errno != EAGAIN || !wait_for(POLLOUT)) {
        return false;
      }
    }
    return true;
  }

  bool receive_to_end(std::string& into) {
    char buffer[8192];
    for (;;) {
      const ssize_t got = ::recv(descriptor_, buffer, sizeof buffer, 0);
      if (got == 0) return true;
      if (got > 0) {
        into.append(buffer, static_cast<std::size_t>(got));
        if (into.size() > kMaxReply) return false;
      } else if (errno != EAGAIN || !wait_for(POLLIN)) {
        return false;
      }
    }
  }

 private:
  bool wait_for(short events) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - Clock::now()).count();
    pollfd wanted{descriptor_, events, 0};
    if (left > 0 && ::poll(&wanted, 1, static_cast<int>(left)) > 0) return true;
    errno = ETIMEDOUT;
    return false;
  }

  Clock::time_point deadline_;
  int descriptor_ = -1;
};

std::string reachable_host(const std::string& host) {
  if (host == "0.0.0.0") return "127.0.0.1";
  if (host == "::") return "::1";
  return host;
}

}  // namespace

Result<HttpReply> http_get(std::string_view address, std::string_view path, std::chrono::milliseconds wait) {
  const Result<ListenAddress> parsed = parse_listen_address(address);
  if (!parsed) return tl::make_unexpected(parsed.error());
  const std::string host = reachable_host(parsed->host);

  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int code = ::getaddrinfo(host.c_str(), parsed->port.c_str(), &hints, &found); code != 0) {
    return failure(fmt::format("can't resolve '{}': {}", address, ::gai_strerror(code)));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> guard(found, ::freeaddrinfo);

  Connection connection(Clock::now() + wait);
  const bool v6 = host.find(':') != std::string::npos;
  const std::string request = fmt::format("GET {} HTTP/1.1\r\nHost: {}{}{}:{}\r\nConnection: close\r\n\r\n",
                                          path, v6 ? "[" : "", host, v6 ? "]" : "", parsed->port);
  std::string text;
  if (!connection.connect(*found) || !connection.send_all(request) || !connection.receive_to_end(text)) {
    return failure(fmt::format("no answer from {}: {}", address, std::strerror(errno)));
  }

  HttpReply reply;
  const std::size_t end_of_head = text.find("\r\n\r\n");
  const bool is_http = text.size() > 12 && text.compare(0, 7, "HTTP/1.") == 0;
  if (!is_http || end_of_head == std::string::npos ||
      std::from_chars(text.data() + 9, text.data() + 12, reply.status).ec != std::errc()) {
    return failure(fmt::format("{} does not speak HTTP", address));
  }
  reply.head = text.substr(0, end_of_head);
  reply.body = text.substr(end_of_head + 4);
  return reply;
}

}  // namespace proactive::daemon
