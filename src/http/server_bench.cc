// A server with the routes that figures are taken from; load it with wrk. Usage: http_bench PORT [IO_THREADS QUICK_THREADS]
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/log.h"
#include "http/server.h"

namespace {

using sluice::base::Permission;
using sluice::base::Result;
using sluice::http::Call;
using sluice::http::Lane;
using sluice::http::Method;
using sluice::http::Response;

struct Service {
  std::string json;
  std::string asset;
};

Result<Response> get_item(Service& service, Call& call) {
  std::string body = service.json;
  body += std::string(call.path_value("item_id"));
  return sluice::http::ok(std::move(body));
}

Result<Response> get_hello(Service&, Call&) { return sluice::http::ok(R"({"message":"hello"})"); }

Result<Response> take(Service&, Call& call) { return sluice::http::ok(std::to_string(call.spool_bytes)); }

Result<Response> get_events(Service&, Call&) { return Response{.events = true}; }

Result<Response> get_asset(Service& service, Call&) { return Response{.content_type = "text/javascript", .static_body = service.asset}; }

constexpr sluice::http::Route<Service> kRoutes[] = {
    {Method::get, "/api/v1/items/{item_id}", Permission::view, &get_item, "An answer of 2 KB"},
    {Method::get, "/hello", Permission::anyone, &get_hello, "A short answer"},
    {Method::get, "/app.js", Permission::anyone, &get_asset, "64 KiB from memory"},
    {Method::get, "/events", Permission::view, &get_events, "Events"},
    {Method::put, "/spool", Permission::view, &take, "A large body", {.lane = Lane::slow, .body_limit = 1ULL << 40, .spool = true}},
};

}  // namespace

int main(int count, char** arguments) {
  using namespace sluice;
  http::ServerOptions options;
  options.port = static_cast<std::uint16_t>(count > 1 ? std::atoi(arguments[1]) : 0);
  if (count > 3) {
    options.io_threads = static_cast<std::size_t>(std::atoi(arguments[2]));
    options.quick_threads = static_cast<std::size_t>(std::atoi(arguments[3]));
  }
  options.spool_folder = std::filesystem::temp_directory_path() / "sluice-http-bench";
  std::filesystem::create_directories(options.spool_folder);
  Service service{.json = R"({"filler":")" + std::string(2000, 'x') + R"("})", .asset = std::string(65536, 'a')};
  const auto user = base::UserId::make();
  http::Gate gate;
  gate.identify = [&user](Call& call) -> Result<void> {
    call.signed_in = true;
    call.actor.id = user;
    call.actor.role = base::Role::administrator;
    return {};
  };
  http::Router router(std::move(gate));
  router.add(kRoutes, service);
  http::EventHub hub;
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  auto server = http::Server::start(options, router, hub);
  if (!server.ok()) {
    std::fprintf(stderr, "%s\n", server.error().detail.c_str());
    return 1;
  }
  std::printf("listening on %d\n", (*server)->port());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
  (*server)->stop(std::chrono::seconds(2));
  return 0;
}
