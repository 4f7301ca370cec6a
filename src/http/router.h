// Routes are rows of a table, typed by the service they belong to; each names its permission. What happens to a request, in
// this order: request id, limits, deadline, session or API key, CSRF, permission of the row, idempotency, handler, problem
// mapping, access log.
//
//   constexpr Route<Connections> kRoutes[] = {
//     {Method::get, "/api/v1/connections", Permission::connections_manage, &list, "List connections"},
//   };
//   void add_routes(Router& router, Connections& connections) { router.add(kRoutes, connections); }
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/authz.h"
#include "base/json.h"
#include "base/result.h"
#include "http/call.h"

namespace sluice::http {

// Where a handler runs. quick: the database only. slow: what a person waits for (verify, sign-in, import of small files);
// long work must never block sign-in, so it is a run instead.
enum class Lane : std::uint8_t { quick, slow };

struct RouteOptions {
  Lane lane = Lane::quick;
  std::uint64_t body_limit = 1 << 20;  // bytes; larger is 413
  bool spool = false;                  // write the body to a file
  bool idempotent_create = false;      // honours Idempotency-Key
  bool any_api_key = false;            // an API key of a lower role may too: programs that only watch need no more rights
  std::chrono::seconds deadline{30};
  using Schema = base::json::Value (*)();  // for OpenAPI; null when there is no body
  Schema request = nullptr;
  Schema response = nullptr;
  int success = 200;
  std::string_view query = {};  // documented query parameters: "q sort limit cursor"
};

// For tables: .request = schema<ConnectionDraft>
template <class T>
base::json::Value schema() {
  return base::schema_of<T>();
}

template <class Service>
struct Route {
  Method method;
  std::string_view pattern;  // "/api/v1/connections/{connection_id}"
  base::Permission permission;
  base::Result<Response> (*handler)(Service&, Call&);
  std::string_view summary;
  RouteOptions options = {};
};

struct RouteInfo {
  Method method;
  std::string_view pattern;
  base::Permission permission;
  std::string_view summary;
  RouteOptions options;
};

// A request that was answered, for those who count and record. Valid only during the call it is given to.
struct Served {
  const Call& call;
  const RouteInfo* route = nullptr;  // nullptr: no row was found
  const Response& response;
  std::string_view reason;  // of the problem; empty when there is none
  std::chrono::microseconds took{};
};

// What the router needs from features, given by the wiring.
struct Gate {
  // Sets call.actor, signed_in and session_token_hash from the cookie or the bearer key; leaves them alone when there is
  // none. An Error ends the request (an expired session, a brake on guessing); only an unauthenticated one is passed over
  // on routes for anyone, so that a browser with an old cookie can still sign in.
  std::function<base::Result<void>(Call&)> identify;
  // The CSRF token that belongs to the session, to be equal to X-Sluice-CSRF on changes by cookie.
  std::function<std::string(const Call&)> csrf_token;
  // A signed-in actor without the permission (ROL-18).
  std::function<void(const Call&, base::Permission)> denied;
  // Idempotency-Key: the stored answer of an earlier equal request, or an Error (another body, still running), or none. Then
  // `keep` is called with the answer.
  std::function<base::Result<std::optional<Response>>(const Call&, std::string_view key)> earlier_answer;
  std::function<void(const Call&, std::string_view key, const Response&)> keep_answer;
  // Called when the handler failed after earlier_answer said "none", so that a repeat may try again.
  std::function<void(const Call&, std::string_view key)> forget_answer;
  // Every answer, when its line is in the access log; must not block.
  std::function<void(const Served&)> served;
};

class Router {
 public:
  explicit Router(Gate gate);

  // `service` must outlive the router.
  template <class Service, std::size_t N>
  void add(const Route<Service> (&routes)[N], Service& service) {
    for (const Route<Service>& route : routes) {
      auto handler = route.handler;
      add_row({route.method, route.pattern, route.permission, route.summary, route.options},
              [handler, &service](Call& call) { return handler(service, call); });
    }
  }
  using Handler = std::function<base::Result<Response>(Call&)>;
  void add_row(RouteInfo info, Handler handler);
  // Answers GETs that no row matches, outside /api (the web app). Permission anyone; nobody is identified.
  void set_fallback(Handler handler);

  // The row for a request: its options tell limits and lane before the body is read. nullptr: none; `allowed` then has the
  // methods the path knows ("GET, POST"), empty when the path is unknown. `path` is percent-encoded, as it came: a segment
  // may hold an encoded slash. A literal segment wins over a parameter.
  struct Match;
  struct Row;
  const Row* find(Method method, std::string_view path, std::vector<Header>& path_values, std::string& allowed) const;
  const RouteInfo& info(const Row& row) const;
  // The methods a path knows, as Allow lists them; empty when it is unknown. GET brings HEAD.
  std::string allowed(std::string_view path) const;
  // Session, CSRF and permission alone, for routes that spool: nobody writes to our disk who may not. The answer when it is
  // no; otherwise sets call.admitted, and run() does not ask again.
  std::optional<Response> admit(const Row& row, Call& call) const;
  // Everything from the session to the access log; never fails. No row is 404.
  Response run(const Row* row, Call& call) const;
  // The answer for an Error before any row ran: the problem, and its line in the access log.
  Response refuse(const base::Error& error, const Call& call) const;

  std::vector<RouteInfo> routes() const;  // in the order of registration
  ~Router();

 private:
  void note(const Call& call, const RouteInfo* route, const Response& response, std::string_view reason) const;
  struct State;
  std::unique_ptr<State> state_;
};

// The answer for an Error: application/problem+json (RFC 9457).
Response problem(const base::Error& error, std::string_view request_id);
int status_of(const base::Error& error);

// OpenAPI 3.1 of all rows.
std::string openapi(const Router& router, std::string_view version);

}  // namespace sluice::http
