#include "features/audit/http.h"

namespace sluice::audit {

namespace {

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
  ASSIGN_OR_RETURN(filter.from, call.time_value("from"));
  ASSIGN_OR_RETURN(filter.to, call.time_value("to"));
  return filter;
}

Result<Response> list(Log& log, Call& call) {
  ASSIGN_OR_RETURN(Filter filter, filter_of(call));
  ASSIGN_OR_RETURN(const bool wants_csv, call.wants_csv());
  if (wants_csv) {
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
