// The life of a request from the session to the access log, in the order router.h gives. Each step is a function that
// returns nothing to go on, or the Error that ends the request.
#include <algorithm>
#include <exception>

#include "base/log.h"
#include "http/router.h"
#include "http/rows.h"

namespace sluice::http {

namespace {

using base::Code;
using base::Error;
using base::Result;

bool is_change(Method method) { return method != Method::get; }

// Takes the same time wherever the values differ.
bool equal_in_constant_time(std::string_view a, std::string_view b) {
  if (a.size() != b.size() || a.empty()) return false;
  unsigned char difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference = static_cast<unsigned char>(difference | (a[i] ^ b[i]));
  return difference == 0;
}

Result<void> identify(const Gate& gate, const Router::Row& row, Call& call) {
  call.actor.request_id = call.request_id;
  call.actor.address = call.address;
  if (!gate.identify || row.is_fallback) return {};
  auto identified = gate.identify(call);
  call.actor.request_id = call.request_id;
  call.actor.address = call.address;
  if (identified.ok()) return {};
  // An old cookie must not keep anybody from signing in.
  if (row.info.permission == base::Permission::anyone && identified.error().code == Code::unauthenticated) return {};
  return std::move(identified).error();
}

// A browser adds the cookie to requests that other sites make; the header only our pages can set.
Result<void> check_csrf(const Gate& gate, const Call& call) {
  if (!is_change(call.method) || call.session_token_hash.empty()) return {};
  const std::string wanted = gate.csrf_token ? gate.csrf_token(call) : std::string();
  if (equal_in_constant_time(call.header("x-sluice-csrf").value_or(""), wanted)) return {};
  return Error{.code = Code::forbidden,
               .reason = "request.csrf",
               .detail = "Send X-Sluice-CSRF with the token of this session; GET /api/v1/session gives it."};
}

Result<void> check_permission(const Gate& gate, const RouteInfo& info, const Call& call) {
  const base::Permission permission = info.permission;
  if (permission == base::Permission::anyone) return {};
  if (!call.signed_in) return Error{.code = Code::unauthenticated, .reason = "session.required", .detail = "Sign in first."};
  if (call.actor.may(permission) || (info.options.any_api_key && call.session_token_hash.empty())) return {};
  if (gate.denied) gate.denied(call, permission);
  const std::string role(base::to_name(base::required_role(permission)));
  return Error{.code = Code::forbidden,
               .reason = "request.forbidden",
               .detail = "This needs the role " + role + ".",
               .extra = R"({"required_role":")" + role + "\"}"};
}

Result<void> admit_steps(const Gate& gate, const Router::Row& row, Call& call) {
  if (call.admitted) return {};
  RETURN_IF_ERROR(identify(gate, row, call));
  RETURN_IF_ERROR(check_csrf(gate, call));
  RETURN_IF_ERROR(check_permission(gate, row.info, call));
  call.admitted = true;
  return {};
}

Result<void> check_still_wanted(const Call& call) {
  if (call.gone.stop_requested()) return Error{.code = Code::cancelled, .reason = "request.abandoned", .detail = "The client left."};
  if (!call.deadline.passed()) return {};
  return Error{.code = Code::timeout, .reason = "request.timeout", .detail = "The server was too busy to answer in time. Try again."};
}

// Empty: the route or the request has none.
Result<std::string> idempotency_key(const Router::Row& row, const Call& call) {
  const auto key = call.header("idempotency-key");
  if (!row.info.options.idempotent_create || !key) return std::string();
  const bool visible = std::all_of(key->begin(), key->end(), [](char c) { return c > ' ' && c < 0x7F; });
  if (visible && key->size() >= 8 && key->size() <= 200) return std::string(*key);
  return Error{.code = Code::invalid,
               .reason = "request.bad_idempotency_key",
               .detail = "Idempotency-Key must be 8 to 200 visible ASCII characters."};
}

// Tells the gate that a repeat may try again, unless the handler made it to an answer; also when it threw.
class Attempt {
 public:
  Attempt(const Gate& gate, const Call& call, const std::string& key) : gate_(gate), call_(call), key_(key) {}
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;
  ~Attempt() {
    if (done_ || !gate_.forget_answer) return;
    try {
      gate_.forget_answer(call_, key_);
    } catch (const std::exception& e) {
      base::log::error("idempotency.forget_threw", {{"request_id", call_.request_id}, {"what", e.what()}});
    }
  }
  void keep(const Response& response) {
    done_ = true;
    if (gate_.keep_answer) gate_.keep_answer(call_, key_, response);
  }

 private:
  const Gate& gate_;
  const Call& call_;
  const std::string& key_;
  bool done_ = false;
};

Result<Response> answer(const Gate& gate, const Router::Row& row, Call& call) {
  RETURN_IF_ERROR(check_still_wanted(call));
  RETURN_IF_ERROR(admit_steps(gate, row, call));
  ASSIGN_OR_RETURN(const std::string key, idempotency_key(row, call));
  if (key.empty()) return row.handler(call);
  if (gate.earlier_answer) {
    ASSIGN_OR_RETURN(auto earlier, gate.earlier_answer(call, key));
    if (earlier) return std::move(*earlier).with("Idempotency-Replayed", "true");
  }
  Attempt attempt(gate, call, key);
  auto response = row.handler(call);
  if (response.ok() && response->status < 400) attempt.keep(*response);
  return response;
}

Error thrown(const char* what) { return Error{.code = Code::internal, .reason = "request.threw", .internal = what}; }

// Whatever is not ours to cache stays out of caches: answers hold governed data.
void forbid_caching(const Router::Row& row, Response& response) {
  if (row.is_fallback) return;
  const bool decided = std::any_of(response.headers.begin(), response.headers.end(),
                                   [](const Header& header) { return base::equals_ignoring_case(header.first, "cache-control"); });
  if (!decided) response.headers.emplace_back("Cache-Control", "no-store");
}

}  // namespace

void Router::note(const Call& call, const RouteInfo* route, const Response& response, std::string_view reason) const {
  using namespace std::chrono;
  const auto took =
      call.started == steady_clock::time_point() ? microseconds(0) : duration_cast<microseconds>(steady_clock::now() - call.started);
  const std::string actor = call.actor.id.is_nil() ? std::string("-") : call.actor.id.str();
  const std::size_t bytes = response.body.empty() ? response.static_body.size() : response.body.size();
  base::log::info("request.served", {{"request_id", call.request_id},
                                     {"method", name_of(call.method)},
                                     {"path", route == nullptr ? "-" : route->pattern},
                                     {"status", response.status},
                                     {"ms", static_cast<double>(took.count()) / 1000.0},
                                     {"bytes", bytes},
                                     {"actor", actor},
                                     {"reason", reason.empty() ? std::string_view("-") : reason}});
  if (state_->gate.served) state_->gate.served({.call = call, .route = route, .response = response, .reason = reason, .took = took});
}

Response Router::refuse(const Error& error, const Call& call) const {
  Response response = problem(error, call.request_id);
  note(call, nullptr, response, error.reason);
  return response;
}

std::optional<Response> Router::admit(const Row& row, Call& call) const {
  Result<void> admitted;
  try {
    admitted = admit_steps(state_->gate, row, call);
  } catch (const std::exception& e) {
    admitted = thrown(e.what());
  }
  if (admitted.ok()) return std::nullopt;
  Response response = problem(admitted.error(), call.request_id);
  note(call, &row.info, response, admitted.error().reason);
  return response;
}

Response Router::run(const Row* row, Call& call) const {
  if (row == nullptr)
    return refuse(Error{.code = Code::not_found, .reason = "request.unknown_path", .detail = "There is nothing at this path."}, call);
  Result<Response> result = Error{};
  try {
    result = answer(state_->gate, *row, call);
  } catch (const std::exception& e) {
    result = thrown(e.what());
  } catch (...) {
    result = thrown("not a std::exception");
  }
  if (result.ok()) {
    Response response = *std::move(result);
    forbid_caching(*row, response);
    note(call, &row->info, response, {});
    return response;
  }
  Response response = problem(result.error(), call.request_id);
  note(call, &row->info, response, result.error().reason);
  return response;
}

}  // namespace sluice::http
