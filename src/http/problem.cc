#include <array>

#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "http/router.h"

namespace sluice::http {

namespace {

using base::Code;
using base::json::Object;
using base::json::Value;

struct Row {
  Code code;
  int status;
  std::string_view title;
};

// In the order of the enumerators.
constexpr std::array kRows = {
    Row{Code::invalid, 422, "Not acceptable as it is"},
    Row{Code::unauthenticated, 401, "Not signed in"},
    Row{Code::forbidden, 403, "Not allowed"},
    Row{Code::not_found, 404, "Not found"},
    Row{Code::conflict, 409, "In conflict with the present state"},
    Row{Code::stale, 412, "Changed meanwhile"},
    Row{Code::in_use, 409, "In use"},
    Row{Code::too_large, 413, "Too large"},
    Row{Code::rate_limited, 429, "Too many requests"},
    Row{Code::unsupported, 501, "Not supported"},
    Row{Code::upstream_rejected, 502, "Refused by the other service"},
    Row{Code::upstream_unavailable, 502, "Other service not available"},
    Row{Code::timeout, 504, "Took too long"},
    Row{Code::cancelled, 503, "Cancelled"},
    Row{Code::internal, 500, "Internal error"},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<std::size_t>(kRows[i].code) != i) return false;
  }
  return true;
}
static_assert(in_order());

// Faults of HTTP itself that have a status of their own.
constexpr std::pair<std::string_view, int> kByReason[] = {
    {"json.invalid", 400},
    {"request.invalid", 422},
    {"request.if_match_required", 428},
    {"request.not_json", 415},
    {"request.method_not_allowed", 405},
    {"request.head_timeout", 408},
    {"request.body_timeout", 408},
    {"request.head_too_large", 431},
    {"request.target_too_long", 414},
    {"request.bad_expectation", 417},
    {"request.bad_version", 505},
    {"server.busy", 503},
    {"server.no_room", 507},
};

// RFC 9457 section 3.2 allows further members; they must not replace ours.
void join(Object& problem, std::string_view extra) {
  if (extra.empty()) return;
  auto parsed = base::json::parse(extra);
  const Object* members = parsed.ok() ? parsed->as_object() : nullptr;
  if (members == nullptr) {
    base::log::error("problem.extra_broken", {{"reason", problem.get("reason").text()}});
    return;
  }
  for (const auto& [name, value] : *members) {
    if (problem.find(name) == nullptr) problem.set(name, value);
  }
}

Value list_of(const std::vector<base::FieldError>& fields) {
  base::json::Array errors;
  errors.reserve(fields.size());
  for (const base::FieldError& field : fields) {
    errors.emplace_back(Object{{"pointer", field.pointer}, {"reason", field.reason}, {"detail", field.detail}});
  }
  return errors;
}

void add_headers(Response& response, const Object& problem) {
  if (response.status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (response.status != 429 && response.status != 503) return;
  const std::int64_t* wait = problem.get("retry_after").as_int();
  if (wait != nullptr || response.status == 503) response.headers.emplace_back("Retry-After", std::to_string(wait != nullptr ? *wait : 1));
}

}  // namespace

int status_of(const base::Error& error) {
  for (const auto& [reason, status] : kByReason) {
    if (error.reason == reason) return status;
  }
  if (error.code == Code::invalid && error.reason.starts_with("request.")) return 400;
  return kRows[static_cast<std::size_t>(error.code)].status;
}

Response problem(const base::Error& error, std::string_view request_id) {
  Response response;
  response.status = status_of(error);
  response.content_type = "application/problem+json";
  response.headers.emplace_back("Cache-Control", "no-store");

  std::string detail = error.detail;
  if (error.code == Code::internal) {
    base::log::error("request.failed",
                     {{"request_id", request_id}, {"reason", error.reason}, {"detail", error.detail}, {"internal", error.internal}});
    detail =
        "Something went wrong on our side. Whoever runs this server finds the cause under the request id " + std::string(request_id) + ".";
  }
  Object members{{"type", "/problems/" + base::percent_encode(error.reason)},
                 {"title", kRows[static_cast<std::size_t>(error.code)].title},
                 {"status", response.status},
                 {"detail", std::move(detail)},
                 {"instance", request_id},
                 {"code", base::name_of(error.code)},
                 {"reason", error.reason},
                 {"errors", list_of(error.fields)}};
  join(members, error.extra);
  add_headers(response, members);
  response.body = base::json::write(Value(std::move(members)));
  return response;
}

}  // namespace sluice::http
