#include "daemon/http/routes.h"

#include <memory>
#include <utility>

namespace proactive::daemon {
namespace {

constexpr const char* kJson = "application/json";

HttpResponse as_response(OpsAnswer answer) {
  return {answer.good ? 200 : 503, kJson, std::move(answer.json) + "\n"};
}

}  // namespace

std::vector<HttpRoute> ops_routes(OpsSource source) {
  const auto shared = std::make_shared<const OpsSource>(std::move(source));
  std::vector<HttpRoute> routes;
  routes.push_back({"/metrics", [shared] {
                      return HttpResponse{200, "text/plain; version=0.0.4; charset=utf-8", shared->metrics()};
                    }});
  routes.push_back({"/healthz", [shared] { return as_response(shared->health()); }});
  routes.push_back({"/readyz", [shared] { return as_response(shared->readiness()); }});
  routes.push_back({"/api/v1/status", [shared] {
                      return HttpResponse{200, kJson, shared->status() + "\n"};
                    }});
  return routes;
}

}  // namespace proactive::daemon
