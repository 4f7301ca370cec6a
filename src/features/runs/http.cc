#include "features/runs/http.h"

namespace sluice::runs {

namespace {

using base::Permission;
using base::Result;
using http::Call;
using http::Method;
using http::Response;

// An empty time is none.
Result<std::optional<base::Timestamp>> time_of(const Call& call, std::string_view name) {
  return call.query_value(name) == "" ? Result<std::optional<base::Timestamp>>(std::nullopt) : call.time_value(name);
}

Result<ListQuery> query_of(const Call& call) {
  ListQuery query;
  query.sort = call.query_value("sort").value_or("");
  query.cursor = call.query_value("cursor");
  ASSIGN_OR_RETURN(query.limit, call.limit());
  if (const auto subject = call.query_value("export_id")) query.subject_id = *subject;
  if (const auto subject = call.query_value("subject_id")) query.subject_id = *subject;
  if (const auto kind = call.query_value("kind")) query.kind = *kind;
  if (const auto state = call.query_value("state")) {
    query.state = base::from_name<State>(*state);
    if (!query.state) return http::bad_query("state is not a state of runs.");
  }
  if (const auto job = call.query_value("job_id")) query.job_id = *job;
  if (const auto trigger = call.query_value("trigger")) {
    query.trigger = base::from_name<Trigger>(*trigger);
    if (!query.trigger) return http::bad_query("trigger must be manual, schedule, system_refresh or resend.");
  }
  ASSIGN_OR_RETURN(query.from, time_of(call, "from"));
  ASSIGN_OR_RETURN(query.to, time_of(call, "to"));
  return query;
}

Result<Response> list(Runs& runs, Call& call) {
  ASSIGN_OR_RETURN(ListQuery query, query_of(call));
  ASSIGN_OR_RETURN(const bool wants_csv, call.wants_csv());
  if (wants_csv) {
    ASSIGN_OR_RETURN(auto produce, runs.download(call.actor, std::move(query)));
    return http::csv_file("runs.csv", std::move(produce));
  }
  ASSIGN_OR_RETURN(RunPage page, runs.list(call.actor, query));
  return http::ok_json(http::Items<Run>{std::move(page.items), std::move(page.next_cursor)});
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

Result<Response> refresh(Runs& runs, Call& call) {
  ASSIGN_OR_RETURN(const auto started, runs.request_job(call.actor, "refresh"));
  const std::string body = base::to_json(started.job);
  return started.created ? http::accepted(body) : http::ok(body);
}

Result<Response> list_jobs(Runs& runs, Call& call) {
  ASSIGN_OR_RETURN(const auto limit, call.limit());
  ASSIGN_OR_RETURN(JobPage page,
                   runs.list_jobs(call.actor, std::string(call.query_value("sort").value_or("")), call.query_value("cursor"), limit));
  return http::ok_json(http::Items<Job>{std::move(page.items), std::move(page.next_cursor)});
}

Result<Response> show_job(Runs& runs, Call& call) {
  ASSIGN_OR_RETURN(const auto id, call.path_id<JobId>("job_id"));
  ASSIGN_OR_RETURN(const Job job, runs.load_job(call.actor, id));
  return http::ok_json(job).etag(job.version);
}

Result<Response> cancel_job(Runs& runs, Call& call) {
  ASSIGN_OR_RETURN(const auto id, call.path_id<JobId>("job_id"));
  ASSIGN_OR_RETURN(const Job job, runs.cancel_job(call.actor, id));
  return http::ok_json(job).etag(job.version);
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
     "List runs, the newest first; format=csv gives all that match",
     {.response = &schema<http::Items<Run>>, .query = "export_id subject_id kind state job_id trigger from to sort limit cursor format"}},
    {Method::get, "/api/v1/runs/{run_id}", Permission::view, &show, "Show a run", {.response = &schema<Run>}},
    {Method::post, "/api/v1/runs/{run_id}/cancel", Permission::exports_edit, &cancel, "Cancel a run", {.response = &schema<Run>}},
    {Method::post,
     "/api/v1/refresh",
     Permission::system_manage,
     &refresh,
     "Start a complete refresh, or show the one that goes on",
     {.response = &schema<Job>, .success = 202}},
    {Method::get,
     "/api/v1/jobs",
     Permission::view,
     &list_jobs,
     "List refreshes, the newest first",
     {.response = &schema<http::Items<Job>>, .query = "sort limit cursor"}},
    {Method::get, "/api/v1/jobs/{job_id}", Permission::view, &show_job, "Show a refresh with its tasks", {.response = &schema<Job>}},
    {Method::post, "/api/v1/jobs/{job_id}/cancel", Permission::system_manage, &cancel_job, "Cancel a refresh", {.response = &schema<Job>}},
    {Method::get, "/api/v1/events", Permission::view, &events, "Changes as server-sent events"},
};

}  // namespace

void add_routes(http::Router& router, Runs& runs) { router.add(kRoutes, runs); }

}  // namespace sluice::runs
