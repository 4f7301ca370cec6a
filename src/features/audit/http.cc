#include "features/audit/http.h"

namespace sluice::audit {

namespace {

using base::Error;
using base::Permission;
using base::Result;
using http::Call;
using http::Method;
using http::Response;

struct Events {
  std::vector<std::string> items;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("items", s.items);
  }
};

Error bad_query(std::string detail) { return {.code = base::Code::invalid, .reason = "request.bad_query", .detail = std::move(detail)}; }

Result<std::optional<base::Timestamp>> time_of(const Call& call, std::string_view name) {
  const auto text = call.query_value(name);
  if (!text) return std::optional<base::Timestamp>();
  const auto time = base::parse_rfc3339(*text);
  if (!time) return bad_query(std::string(name) + " must be an RFC 3339 time such as 2026-01-02T03:04:05Z.");
  return time;
}

Result<Filter> filter_of(const Call& call) {
  Filter filter{.search = std::string(call.query_value("q").value_or(""))};
  const auto text = [&](std::string_view name) {
    const auto value = call.query_value(name);
    return value ? std::optional(std::string(*value)) : std::nullopt;
  };
  filter.actor_id = text("actor_id");
  filter.event = text("event");
  filter.object_kind = text("object_kind");
  filter.object_id = text("object_id");
  ASSIGN_OR_RETURN(filter.from, time_of(call, "from"));
  ASSIGN_OR_RETURN(filter.to, time_of(call, "to"));
  return filter;
}

Result<Response> list(Log& log, Call& call) {
  ASSIGN_OR_RETURN(Filter filter, filter_of(call));
  const std::string_view format = call.query_value("format").value_or("json");
  if (format != "json" && format != "csv") return bad_query("format must be json or csv.");
  if (format == "csv") {
    ASSIGN_OR_RETURN(auto produce, log.download(call.actor, std::move(filter)));
    return http::csv_file("audit.csv", std::move(produce));
  }
  ASSIGN_OR_RETURN(const auto limit, call.limit());
  ASSIGN_OR_RETURN(const EntryPage page, log.list(filter, call.query_value("sort").value_or(""), call.query_value("cursor"), limit));
  return http::ok_json(page);
}

Result<Response> events(Log& log, Call&) {
  ASSIGN_OR_RETURN(auto items, log.events());
  return http::ok_json(Events{std::move(items)});
}

using http::schema;
constexpr http::Route<Log> kRoutes[] = {
    {Method::get,
     "/api/v1/audit",
     Permission::audit_view,
     &list,
     "Entries of the audit log, the newest first; format=csv gives all that match",
     {.response = &schema<EntryPage>, .query = "q actor_id event object_kind object_id from to sort cursor limit format"}},
    {Method::get,
     "/api/v1/audit/events",
     Permission::audit_view,
     &events,
     "The events that occur in the audit log",
     {.response = &schema<Events>}},
};

}  // namespace

void add_routes(http::Router& router, Log& log) { router.add(kRoutes, log); }

}  // namespace sluice::audit
