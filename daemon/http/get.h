// One GET over a fresh TCP connection: what `proactived healthcheck` does.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "models/base/result.h"

namespace proactive::daemon {

struct HttpReply {
  int status = 0;
  std::string head;  // status line and headers
  std::string body;
};

// `address`: host:port; an unspecified host (0.0.0.0, [::]) is asked on loopback. Fails when nothing answers
// within `wait` or the answer is not HTTP or longer than 16 MiB.
[[nodiscard]] Result<HttpReply> http_get(std::string_view address, std::string_view path,
                                         std::chrono::milliseconds wait);

}  // namespace proactive::daemon
