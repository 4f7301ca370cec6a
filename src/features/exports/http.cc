#include "features/exports/http.h"

namespace sluice::exports {

namespace {

using base::Permission;
using base::Result;
using http::Call;
using http::Method;
using http::Response;

struct ExportItems {
  std::vector<Export> items;
  std::optional<std::string> next_cursor;
  std::int64_t total = 0;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("items", s.items);
    v("next_cursor", s.next_cursor);
    v("total", s.total);
  }
};

Result<Response> list(Exports& exports, Call& call) {
  ListQuery query{.search = std::string(call.query_value("q").value_or("")),
                  .sort = std::string(call.query_value("sort").value_or("")),
                  .connection_id = {},
                  .state = {},
                  .cursor = call.query_value("cursor")};
  ASSIGN_OR_RETURN(query.limit, call.limit());
  if (const auto id = call.query_value("connection_id")) query.connection_id = *id;
  if (const auto state = call.query_value("state")) {
    query.state = base::from_name<ExportState>(*state);
    if (!query.state) return http::bad_query("state must be active or inactive.");
  }
  ASSIGN_OR_RETURN(ExportPage page, exports.list(call.actor, query));
  return http::ok_json(ExportItems{std::move(page.items), std::move(page.next_cursor), page.total});
}

Result<Response> show(Exports& exports, Call& call) {
  ASSIGN_OR_RETURN(const auto id, call.path_id<ExportId>("export_id"));
  ASSIGN_OR_RETURN(const Export e, exports.load(call.actor, id));
  return http::ok_json(e).etag(e.version);
}

Result<Response> create(Exports& exports, Call& call) {
  ASSIGN_OR_RETURN(const ExportDraft draft, call.body_as<ExportDraft>());
  ASSIGN_OR_RETURN(const Export e, exports.create(call.actor, draft));
  return http::created(base::to_json(e), "/api/v1/exports/" + e.id.str()).etag(e.version);
}

Result<Response> update(Exports& exports, Call& call) {
  ASSIGN_OR_RETURN(const auto id, call.path_id<ExportId>("export_id"));
  ASSIGN_OR_RETURN(const auto version, call.if_match());
  ASSIGN_OR_RETURN(const ExportChange change, call.body_as<ExportChange>());
  ASSIGN_OR_RETURN(const Export e, exports.update(call.actor, id, version, change));
  return http::ok_json(e).etag(e.version);
}

Result<Response> remove(Exports& exports, Call& call) {
  ASSIGN_OR_RETURN(const auto id, call.path_id<ExportId>("export_id"));
  ASSIGN_OR_RETURN(const auto version, call.if_match());
  RETURN_IF_ERROR(exports.remove(call.actor, id, version));
  return http::no_content();
}

Result<Response> disconnect(Exports& exports, Call& call) {
  ASSIGN_OR_RETURN(const auto id, call.path_id<ExportId>("export_id"));
  std::optional<std::int64_t> version;
  if (call.header("if-match")) {
    ASSIGN_OR_RETURN(version, call.if_match());
  }
  ASSIGN_OR_RETURN(const Export e, exports.disconnect(call.actor, id, version));
  return http::ok_json(e).etag(e.version);
}

Result<Response> run(Exports& exports, Call& call) {
  ASSIGN_OR_RETURN(const auto id, call.path_id<ExportId>("export_id"));
  ASSIGN_OR_RETURN(const auto enqueued, exports.run(call.actor, id));
  const std::string body = base::to_json(runs::Runs::shown_to(call.actor, enqueued.run));
  return enqueued.created ? http::accepted(body) : http::ok(body);
}

Result<Response> batch(Exports& exports, Call& call) {
  ASSIGN_OR_RETURN(const auto request, call.body_as<BatchRequest>());
  ASSIGN_OR_RETURN(const BatchResult result, exports.batch(call.actor, request));
  return http::ok_json(result);
}

Result<Response> run_all(Exports& exports, Call& call) {
  ASSIGN_OR_RETURN(const BatchResult result, exports.run_all(call.actor));
  return http::accepted(base::to_json(result));
}

Result<Response> approve(Exports& exports, Call& call) {
  ASSIGN_OR_RETURN(const auto id, call.path_id<ExportId>("export_id"));
  ASSIGN_OR_RETURN(const runs::Run run, exports.approve(call.actor, id));
  return http::ok_json(run);
}

Result<Response> dry_run(Exports& exports, Call& call) {
  ASSIGN_OR_RETURN(const auto id, call.path_id<ExportId>("export_id"));
  ASSIGN_OR_RETURN(const DryRun result, exports.dry_run(call.actor, id));
  return http::ok_json(result);
}

Result<Response> rejected(Exports& exports, Call& call) {
  ASSIGN_OR_RETURN(const auto id, call.path_id<runs::RunId>("run_id"));
  ASSIGN_OR_RETURN(auto produce, exports.rejected(call.actor, id));
  return http::csv_file("rejected-" + id.str() + ".csv", std::move(produce));
}

Result<Response> resend(Exports& exports, Call& call) {
  ASSIGN_OR_RETURN(const auto id, call.path_id<runs::RunId>("run_id"));
  ASSIGN_OR_RETURN(const auto enqueued, exports.resend(call.actor, id, call.spool_path));
  return http::accepted(base::to_json(runs::Runs::shown_to(call.actor, enqueued.run)));
}

Result<Response> requests(Exports& exports, Call& call) {
  ASSIGN_OR_RETURN(const auto id, call.path_id<runs::RunId>("run_id"));
  ASSIGN_OR_RETURN(const auto records, exports.requests(call.actor, id));
  std::string body = R"({"items":[)";
  for (std::size_t i = 0; i < records.size(); ++i) body += (i == 0 ? "" : ",") + records[i];
  return http::ok(body + R"(],"next_cursor":null})");
}

using http::schema;
constexpr std::uint64_t kResendBytes = std::uint64_t{1} << 30;
constexpr http::Route<Exports> kRoutes[] = {
    {Method::get,
     "/api/v1/exports",
     Permission::view,
     &list,
     "List exports",
     {.response = &schema<ExportItems>, .query = "q sort connection_id state limit cursor"}},
    {Method::post,
     "/api/v1/exports",
     Permission::exports_edit,
     &create,
     "Create an export",
     {.idempotent_create = true, .request = &schema<ExportDraft>, .response = &schema<Export>, .success = 201}},
    {Method::get, "/api/v1/exports/{export_id}", Permission::view, &show, "Show an export", {.response = &schema<Export>}},
    {Method::patch,
     "/api/v1/exports/{export_id}",
     Permission::exports_edit,
     &update,
     "Change an export, or attach another connection",
     {.request = &schema<ExportChange>, .response = &schema<Export>}},
    {Method::del, "/api/v1/exports/{export_id}", Permission::exports_edit, &remove, "Remove an export", {.success = 204}},
    {Method::post,
     "/api/v1/exports/{export_id}/run",
     Permission::exports_edit,
     &run,
     "Run an export now",
     {.response = &schema<runs::Run>, .success = 202}},
    {Method::post,
     "/api/v1/exports/{export_id}/disconnect",
     Permission::connections_manage,
     &disconnect,
     "Take the connection off an export; it becomes inactive and keeps all else",
     {.response = &schema<Export>}},
    {Method::post,
     "/api/v1/exports/{export_id}/approve",
     Permission::connections_manage,
     &approve,
     "Let a run go on that waits for an approval",
     {.response = &schema<runs::Run>}},
    {Method::post,
     "/api/v1/exports/{export_id}/dry-run",
     Permission::exports_edit,
     &dry_run,
     "What a run would deliver, without delivering it",
     {.response = &schema<DryRun>}},
    {Method::post,
     "/api/v1/exports/batch",
     Permission::exports_edit,
     &batch,
     "Run, schedule, disconnect or remove several exports",
     {.request = &schema<BatchRequest>, .response = &schema<BatchResult>}},
    {Method::post,
     "/api/v1/exports/run-all",
     Permission::exports_edit,
     &run_all,
     "Run every active export whose schedule is not off",
     {.response = &schema<BatchResult>, .success = 202}},
    {Method::get,
     "/api/v1/runs/{run_id}/rejected",
     Permission::exports_edit,
     &rejected,
     "Rows of a run that were not delivered, as CSV",
     {.lane = http::Lane::slow}},
    {Method::post,
     "/api/v1/runs/{run_id}/resend",
     Permission::exports_edit,
     &resend,
     "Send the rows of a corrected file alone; the body is the CSV",
     {.lane = http::Lane::slow,
      .body_limit = kResendBytes,
      .spool = true,
      .deadline = std::chrono::seconds(300),
      .response = &schema<runs::Run>,
      .success = 202}},
    {Method::get,
     "/api/v1/runs/{run_id}/requests",
     Permission::connections_manage,
     &requests,
     "The calls of a run to the service",
     {.response = &schema<http::Items<drivers::RequestRecord>>}},
};

}  // namespace

void add_routes(http::Router& router, Exports& exports) { router.add(kRoutes, exports); }

}  // namespace sluice::exports
