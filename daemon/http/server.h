// A small read-only HTTP server over libmicrohttpd: exact paths, GET and HEAD, no bodies.
//
// Owner: the start list. Thread: one epoll thread of its own, on which handlers run; they must not block for
// long. Clock: steady, for its own request times. Bound: HttpLimits. Failure: a taken address is an error at
// start; a handler that throws gives 500. Idle or half-open connections can't starve others: they cost a
// descriptor each and end at the timeout.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/http/http_counts.h"
#include "models/base/result.h"

namespace proactive::daemon {

struct HttpResponse {
  int status = 200;  // one of kHttpStatuses
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

struct HttpRoute {
  std::string path;  // "/healthz"; matched exactly, the query is ignored
  std::function<HttpResponse()> handle;
};

struct HttpLimits {
  unsigned connections = 256;
  unsigned timeout_seconds = 10;
  std::size_t connection_bytes = 32 * 1024;
  std::size_t url_bytes = 2 * 1024;
};

// Counts for these routes, to be made before the server when its own metrics are among what it serves.
[[nodiscard]] std::shared_ptr<HttpCounts> http_counts_of(const std::vector<HttpRoute>& routes);

class HttpServer {
 public:
  // `counts`: of http_counts_of(routes); null makes new ones.
  [[nodiscard]] static Result<std::unique_ptr<HttpServer>> start(
      std::string_view listen_address, std::vector<HttpRoute> routes, const HttpLimits& limits = {},
      std::shared_ptr<HttpCounts> counts = nullptr);
  ~HttpServer();  // stops
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::shared_ptr<const HttpCounts> counts() const;
  void stop();  // idempotent

 private:
  struct Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace proactive::daemon
