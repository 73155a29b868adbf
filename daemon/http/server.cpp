#include "daemon/http/server.h"

#include <fmt/format.h>
#include <microhttpd.h>

#include <chrono>
#include <cstring>
#include <exception>

#include "daemon/http/listen_socket.h"
#include "daemon/io/log.h"

namespace proactive::daemon {

struct HttpServer::Impl {
  std::vector<HttpRoute> routes;
  HttpLimits limits;
  std::shared_ptr<HttpCounts> counts;
  std::uint16_t port = 0;
  bool loopback = false;
  MHD_Daemon* daemon = nullptr;

  [[nodiscard]] std::size_t endpoint_of(std::string_view path) const {
    std::size_t index = 0;
    while (index < routes.size() && routes[index].path != path) ++index;
    return index;  // routes.size(): "other"
  }
};

namespace {

// Made when the request line is read, gone when the request is complete.
struct Request {
  std::size_t url_bytes;
  std::chrono::steady_clock::time_point began;
};

struct ConnectionHeaders {
  MHD_Connection* connection;

  [[nodiscard]] const char* get(const char* name) const {
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
  }
  [[nodiscard]] bool announce_body() const {
    const char* length = get(MHD_HTTP_HEADER_CONTENT_LENGTH);
    return (length != nullptr && std::strcmp(length, "0") != 0) ||
           get(MHD_HTTP_HEADER_TRANSFER_ENCODING) != nullptr;
  }
};

// On a loopback listener a foreign name means that a browser was led here by DNS.
bool is_local_host(const char* host_header) {
  if (host_header == nullptr) return true;  // HTTP/1.0
  std::string_view host(host_header);
  if (!host.empty() && host.front() == '[') {
    return host.substr(0, host.find(']') + 1) == "[::1]";
  }
  host = host.substr(0, host.find(':'));
  return host == "localhost" || host.substr(0, 4) == "127.";
}

HttpResponse plain(int status, std::string text) {
  return {status, "text/plain; charset=utf-8", std::move(text) + "\n"};
}

HttpResponse run_handler(const HttpRoute& route) {
  try {
    return route.handle();
  } catch (const std::exception& problem) {
    log(LogLevel::error, "http", "a handler failed; the request got 500",
        {{"endpoint", route.path}, {"error", problem.what()}});
    return plain(500, "internal error");
  }
}

void* on_request_line(void*, const char* uri, MHD_Connection*) {
  return new Request{std::strlen(uri), std::chrono::steady_clock::now()};  // freed by on_completed
}

void on_completed(void*, MHD_Connection*, void** request, MHD_RequestTerminationCode) {
  delete static_cast<Request*>(*request);
  *request = nullptr;
}

// The answer of one request; refusals in the order in which they are cheapest to explain.
HttpResponse answer(const std::vector<HttpRoute>& routes, std::size_t endpoint, std::string_view method,
                    const ConnectionHeaders& headers, std::size_t url_bytes, const HttpLimits& limits,
                    bool loopback) {
  if (url_bytes > limits.url_bytes)
    return plain(414, fmt::format("the URL exceeds {} bytes", limits.url_bytes));
  if (method != "GET" && method != "HEAD") return plain(405, "only GET and HEAD are served here");
  if (headers.announce_body()) return plain(413, "requests with a body are not served here");
  if (headers.get(MHD_HTTP_HEADER_ORIGIN) != nullptr)
    return plain(403, "requests from web pages are refused");
  if (loopback && !is_local_host(headers.get(MHD_HTTP_HEADER_HOST))) {
    return plain(403, "this listener answers to 127.0.0.1, [::1] and localhost only");
  }
  if (endpoint == routes.size()) {
    std::string text = "not found; served here:";
    for (const HttpRoute& route : routes) text += " " + route.path;
    return plain(404, std::move(text));
  }
  return run_handler(routes[endpoint]);
}

MHD_Result queue(MHD_Connection* connection, const HttpResponse& response) {
  MHD_Response* out = MHD_create_response_from_buffer(
      response.body.size(), const_cast<char*>(response.body.data()), MHD_RESPMEM_MUST_COPY);
  if (out == nullptr) return MHD_NO;
  MHD_add_response_header(out, MHD_HTTP_HEADER_CONTENT_TYPE, response.content_type.c_str());
  MHD_add_response_header(out, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
  MHD_add_response_header(out, "X-Content-Type-Options", "nosniff");
  if (response.status == 405) MHD_add_response_header(out, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
  const MHD_Result queued = MHD_queue_response(connection, static_cast<unsigned>(response.status), out);
  MHD_destroy_response(out);
  return queued;
}

}  // namespace

std::shared_ptr<HttpCounts> http_counts_of(const std::vector<HttpRoute>& routes) {
  std::vector<std::string> paths;
  for (const HttpRoute& route : routes) paths.push_back(route.path);
  return std::make_shared<HttpCounts>(std::move(paths));
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() { stop(); }

Result<std::unique_ptr<HttpServer>> HttpServer::start(std::string_view listen_address,
                                                      std::vector<HttpRoute> routes, const HttpLimits& limits,
                                                      std::shared_ptr<HttpCounts> counts) {
  Result<ListenSocket> socket = ListenSocket::open(listen_address);
  if (!socket) return tl::make_unexpected(socket.error());

  auto impl = std::make_unique<Impl>();
  impl->counts = counts != nullptr ? std::move(counts) : http_counts_of(routes);
  impl->routes = std::move(routes);
  impl->limits = limits;
  impl->port = socket->port();
  impl->loopback = socket->loopback();

  const auto on_request = [](void* self, MHD_Connection* connection, const char* url, const char* method,
                             const char*, const char*, std::size_t*, void** request) -> MHD_Result {
    const Impl& server = *static_cast<const Impl*>(self);
    const auto* known = static_cast<const Request*>(*request);
    const std::size_t endpoint = server.endpoint_of(url);
    const HttpResponse response = answer(server.routes, endpoint, method, {connection}, known->url_bytes,
                                         server.limits, server.loopback);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - known->began;
    server.counts->counts[endpoint].add(response.status, took.count());
    return queue(connection, response);
  };
  impl->daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, impl->port, nullptr, nullptr, on_request,
                                  impl.get(),                                                   //
                                  MHD_OPTION_LISTEN_SOCKET, socket->descriptor(),               //
                                  MHD_OPTION_CONNECTION_LIMIT, limits.connections,              //
                                  MHD_OPTION_CONNECTION_TIMEOUT, limits.timeout_seconds,        //
                                  MHD_OPTION_CONNECTION_MEMORY_LIMIT, limits.connection_bytes,  //
                                  MHD_OPTION_URI_LOG_CALLBACK, on_request_line, nullptr,        //
                                  MHD_OPTION_NOTIFY_COMPLETED, on_completed, nullptr,           //
                                  MHD_OPTION_END);
  if (impl->daemon == nullptr) {
    return failure(fmt::format("can't start the HTTP server on '{}'", listen_address));
  }
  socket->release();  // libmicrohttpd closes it
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

std::uint16_t HttpServer::port() const { return impl_->port; }

std::shared_ptr<const HttpCounts> HttpServer::counts() const { return impl_->counts; }

void HttpServer::stop() {
  if (impl_->daemon == nullptr) return;
  MHD_stop_daemon(impl_->daemon);
  impl_->daemon = nullptr;
}

}  // namespace proactive::daemon
