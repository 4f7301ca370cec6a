#include "features/runs/http.h"

namespace sluice::runs {

namespace {

using base::Permission;
using base::Result;
using http::Call;
using http::Method;
using http::Response;

struct RunItems {
  std::vector<Run> items;
  std::optional<std::string> next_cursor;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("items", s.items);
    v("next_cursor", s.next_cursor);
  }
};

Result<Response> list(Runs& runs, Call& call) {
  ListQuery query;
  query.sort = call.query_value("sort").value_or("");
  query.cursor = call.query_value("cursor");
  ASSIGN_OR_RETURN(query.limit, call.limit());
  if (const auto subject = call.query_value("export_id")) query.subject_id = *subject;
  if (const auto subject = call.query_value("subject_id")) query.subject_id = *subject;
  if (const auto kind = call.query_value("kind")) query.kind = *kind;
  if (const auto state = call.query_value("state")) {
    query.state = base::from_name<State>(*state);
    if (!query.state)
      return base::Error{.code = base::Code::invalid, .reason = "request.bad_query", .detail = "state is not a state of runs."};
  }
  ASSIGN_OR_RETURN(RunPage page, runs.list(call.actor, query));
  return http::ok_json(RunItems{std::move(page.items), std::move(page.next_cursor)});
}

Result<Response> show(Runs& runs, Call& call) {
  ASSIGN_OR_RETURN(const auto id, call.path_id<RunId>("run_id"));
  ASSIGN_OR_RETURN(const Run run, runs.load(call.actor, id));
  return http::ok_json(run).etag(run.version);
}

Result<Response> cancel(Runs& runs, Call& call) {
  ASSIGN_OR_RETURN(const auto id, call.path_id<RunId>("run_id"));
  ASSIGN_OR_RETURN(const Run run, runs.cancel(call.actor, id));
  return http::ok_json(run).etag(run.version);
}

Result<Response> events(Runs&, Call&) {
  Response response;
  response.events = true;
  return response;
}

using http::schema;
constexpr http::Route<Runs> kRoutes[] = {
    {Method::get,
     "/api/v1/runs",
     Permission::view,
     &list,
     "List runs, the newest first",
     {.response = &schema<RunItems>, .query = "export_id subject_id kind state sort limit cursor"}},
    {Method::get, "/api/v1/runs/{run_id}", Permission::view, &show, "Show a run", {.response = &schema<Run>}},
    {Method::post, "/api/v1/runs/{run_id}/cancel", Permission::exports_edit, &cancel, "Cancel a run", {.response = &schema<Run>}},
    {Method::get, "/api/v1/events", Permission::view, &events, "Changes as server-sent events"},
};

}  // namespace

void add_routes(http::Router& router, Runs& runs) { router.add(kRoutes, runs); }

}  // namespace sluice::runs
