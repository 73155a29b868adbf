#include "daemon/http/server.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include "daemon/http/get.h"
#include "daemon/http/listen_socket.h"
#include "daemon/http/routes.h"

namespace proactive::daemon {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 20s;  // far beyond what any answer needs; only a hang reaches it

// A client's end of a connection that says exactly what the test tells it to.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{20, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
      throw std::runtime_error("connect failed");
    }
  }
  RawClient(RawClient&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  RawClient(const RawClient&) = delete;
  ~RawClient() { close(); }

  void close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }
  void send(const std::string& text) const {
    (void)!::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL);
  }

  // The answer to a request that asks for the connection's end.
  [[nodiscard]] std::string ask(const std::string& request) const {
    send(request);
    std::string text;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::recv(descriptor_, buffer, sizeof buffer, 0)) > 0;) {
      text.append(buffer, static_cast<std::size_t>(got));
    }
    return text;
  }

 private:
  int descriptor_;
};

struct ServerFixture {
  bool healthy = true;
  bool ready = false;
  std::unique_ptr<HttpServer> server;

  explicit ServerFixture(const HttpLimits& limits = {}) {
    OpsSource source;
    source.health = [this] {
      return OpsAnswer{healthy, healthy ? R"({"status":"ok"})" : R"({"status":"stalled"})"};
    };
    source.readiness = [this] { return OpsAnswer{ready, R"({"reasons":["joined"]})"}; };
    source.status = [] { return std::string(R"({"version":"0.1.0"})"); };
    source.metrics = []() -> std::string { throw std::runtime_error("scrape failed"); };
    Result<std::unique_ptr<HttpServer>> started =
        HttpServer::start("127.0.0.1:0", ops_routes(source), limits);
    if (!started) throw std::runtime_error(started.error().message);
    server = std::move(*started);
  }

  [[nodiscard]] HttpReply get(std::string_view path) const {
    const std::string address = "127.0.0.1:" + std::to_string(server->port());
    const Result<HttpReply> reply = http_get(address, path, kPatience);
    if (!reply) throw std::runtime_error(reply.error().message);
    return *reply;
  }
  [[nodiscard]] std::string first_line(const std::string& request) const {
    const std::string answer = RawClient(server->port()).ask(request);
    return answer.substr(0, answer.find('\r'));
  }
};

TEST_CASE("each route answers on its exact path and no other") {
  ServerFixture at;

  CHECK(at.get("/healthz").status == 200);
  CHECK(at.get("/healthz").body == "{\"status\":\"ok\"}\n");
  CHECK(at.get("/healthz?verbose=1").status == 200);
  CHECK(at.get("/api/v1/status").body == "{\"version\":\"0.1.0\"}\n");
  for (const char* path : {"/", "/healthz/", "/HEALTHZ", "/healthz%2f", "/api/v1", "//healthz"}) {
    CAPTURE(path);
    CHECK(at.get(path).status == 404);
  }
}

TEST_CASE("health and readiness speak by status as well as by JSON") {
  ServerFixture at;

  CHECK(at.get("/readyz").status == 503);
  CHECK(at.get("/readyz").body == "{\"reasons\":[\"joined\"]}\n");
  at.ready = true;
  at.healthy = false;
  CHECK(at.get("/readyz").status == 200);
  CHECK(at.get("/healthz").status == 503);
}

TEST_CASE("what is not a plain read from this host is refused with its own status") {
  ServerFixture at;
  const std::string close = "Host: localhost\r\nConnection: close\r\n";
  const struct {
    std::string request, line;
  } rows[] = {
      // methods
      {"POST /healthz HTTP/1.1\r\n" + close + "Content-Length: 0\r\n\r\n", "HTTP/1.1 405 Method Not Allowed"},
      {"DELETE /healthz HTTP/1.1\r\n" + close + "\r\n", "HTTP/1.1 405 Method Not Allowed"},
      // a body, announced by length or by chunks
      {"GET /healthz HTTP/1.1\r\n" + close + "Content-Length: 3\r\n\r\nabc",
       "HTTP/1.1 413 Content Too Large"},
      {"GET /healthz HTTP/1.1\r\n" + close + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       "HTTP/1.1 413 Content Too Large"},
      // a URL of 2 KiB passes, one byte more does not
      {"GET /healthz?" + std::string(2048 - 9, 'x') + " HTTP/1.1\r\n" + close + "\r\n", "HTTP/1.1 200 OK"},
      {"GET /healthz?" + std::string(2049 - 9, 'x') + " HTTP/1.1\r\n" + close + "\r\n",
       "HTTP/1.1 414 URI Too Long"},
      // a page in a browser, by its origin or by a name that points here
      {"GET /healthz HTTP/1.1\r\n" + close + "Origin: http://example.org\r\n\r\n", "HTTP/1.1 403 Forbidden"},
      {"GET /healthz HTTP/1.1\r\nHost: example.org:9480\r\nConnection: close\r\n\r\n",
       "HTTP/1.1 403 Forbidden"},
      {"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:9480\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 OK"},
      {"GET /healthz HTTP/1.1\r\nHost: [::1]:9480\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 OK"},
      // not HTTP at all: the connection just ends
      {"hello\r\n\r\n", ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.request);
    CHECK(at.first_line(row.request) == row.line);
  }
}

TEST_CASE("HEAD gives the headers of GET and no body") {
  ServerFixture at;
  const std::string answer =
      RawClient(at.server->port())
          .ask("HEAD /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

  CHECK(answer.find("HTTP/1.1 200 OK\r\n") == 0);
  CHECK(answer.find("Content-Length: 16\r\n") != std::string::npos);
  CHECK(answer.substr(answer.find("\r\n\r\n")) == "\r\n\r\n");
}

TEST_CASE("a handler that throws costs its request a 500 and the server nothing") {
  ServerFixture at;

  CHECK(at.get("/metrics").status == 500);
  CHECK(at.get("/healthz").status == 200);
}

TEST_CASE("a hundred stuck connections don't keep /healthz from answering") {
  ServerFixture at;
  std::vector<RawClient> stuck;
  for (int i = 0; i < 100; ++i) {
    stuck.emplace_back(at.server->port());
    if (i % 2 == 0) stuck.back().send("GET /healthz HTTP/1.1\r\nHost: local");  // the other half says nothing
  }

  CHECK(at.get("/healthz").status == 200);
}

TEST_CASE("a connection beyond the limit is served once another one ends") {
  HttpLimits limits;
  limits.connections = 4;
  ServerFixture at(limits);
  std::vector<RawClient> stuck;
  for (int i = 0; i < 4; ++i) {
    stuck.emplace_back(at.server->port());
    stuck.back().send("GET /healthz HTTP/1.1\r\n");
  }
  const RawClient waiting(at.server->port());

  for (RawClient& client : stuck) client.close();

  CHECK(waiting.ask("GET /healthz HTTP/1.0\r\n\r\n").find(" 200 OK") != std::string::npos);
}

TEST_CASE("a connection that says nothing is ended at the timeout") {
  HttpLimits limits;
  limits.timeout_seconds = 1;
  ServerFixture at(limits);
  const RawClient silent(at.server->port());

  CHECK(silent.ask("GET /heal").empty());  // returns when the server closes
}

TEST_CASE("requests are counted by endpoint and status, and invented paths under one name") {
  ServerFixture at;
  (void)at.get("/healthz");
  (void)at.get("/readyz");
  (void)at.get("/nowhere");
  (void)at.get("/elsewhere");
  at.server->stop();

  const HttpCounts& counts = *at.server->counts();
  const auto count = [&](std::size_t endpoint, int status) {
    for (std::size_t i = 0; i < kHttpStatuses.size(); ++i) {
      if (kHttpStatuses[i] == status) return counts.counts[endpoint].by_status[i].load();
    }
    return std::uint64_t{99};
  };
  REQUIRE(counts.endpoints ==
          std::vector<std::string>{"/metrics", "/healthz", "/readyz", "/api/v1/status", "other"});
  CHECK(count(1, 200) == 1);
  CHECK(count(2, 503) == 1);
  CHECK(count(4, 404) == 2);
  CHECK(count(0, 200) == 0);
}

TEST_CASE("an address that is taken is an error at start, with the address in it") {
  ServerFixture at;
  const std::string address = "127.0.0.1:" + std::to_string(at.server->port());

  const auto second = HttpServer::start(address, {});

  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().message == "can't listen on '" + address + "': Address already in use");
}

TEST_CASE("a listen address is host and port, with brackets around IPv6") {
  const struct {
    std::string text, host, port;  // an empty host: refused
  } rows[] = {
      {"127.0.0.1:9480", "127.0.0.1", "9480"},
      {"[::1]:0", "::1", "0"},
      {"[::]:65535", "::", "65535"},
      {"localhost:80", "localhost", "80"},
      {"127.0.0.1", "", ""},        // no port
      {":9480", "", ""},            // no host
      {"127.0.0.1:", "", ""},       // an empty port
      {"127.0.0.1:65536", "", ""},  // beyond 16 bits
      {"127.0.0.1:80x", "", ""},    // not a number
      {"::1:80", "", ""},           // which colon?
      {"", "", ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const Result<ListenAddress> parsed = parse_listen_address(row.text);
    CHECK(parsed.has_value() == !row.host.empty());
    if (parsed) {
      CHECK(parsed->host == row.host);
      CHECK(parsed->port == row.port);
    }
  }
}

TEST_CASE("a GET where nobody listens fails with the address") {
  std::string address;
  {
    const Result<ListenSocket> socket = ListenSocket::open("127.0.0.1:0");
    REQUIRE(socket.has_value());
    address = "127.0.0.1:" + std::to_string(socket->port());
  }

  const Result<HttpReply> reply = http_get(address, "/healthz", kPatience);

  REQUIRE_FALSE(reply.has_value());
  CHECK(reply.error().message == "no answer from " + address + ": Connection refused");
}

}  // namespace
}  // namespace proactive::daemon
