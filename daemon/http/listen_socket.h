// A listening TCP socket from "host:port": 127.0.0.1:9480, [::1]:9480, [::]:9480, localhost:0.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "models/base/result.h"

namespace proactive::daemon {

struct ListenAddress {
  std::string host;
  std::string port;  // decimal, 0..65535
};

[[nodiscard]] Result<ListenAddress> parse_listen_address(std::string_view text);

// Owner of one bound, listening, non-blocking descriptor; closes it unless released.
class ListenSocket {
 public:
  // Binds at once, so that a taken port is known before anything else starts.
  [[nodiscard]] static Result<ListenSocket> open(std::string_view address);

  ListenSocket(ListenSocket&& other) noexcept;
  ListenSocket& operator=(ListenSocket&& other) noexcept;
  ~ListenSocket();

  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }  // the real one when 0 was asked for
  [[nodiscard]] bool loopback() const { return loopback_; }
  int release();  // the caller closes it

 private:
  ListenSocket(int descriptor, std::uint16_t port, bool loopback)
      : descriptor_(descriptor), port_(port), loopback_(loopback) {}

  int descriptor_ = -1;
  std::uint16_t port_ = 0;
  bool loopback_ = false;
};

}  // namespace proactive::daemon
