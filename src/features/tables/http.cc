#include "features/tables/http.h"

#include <algorithm>

#include "base/text.h"
#include "features/tables/rules.h"

namespace sluice::tables {

namespace {

using base::Permission;
using base::Result;
using http::Call;
using http::Items;
using http::Lane;
using http::Method;
using http::Response;

struct ImportAnswer {
  Table table;
  runs::Run run;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("table", s.table);
    v("run", s.run);
  }
};

struct DetectBody {
  std::optional<data::Encoding> encoding;
  std::optional<std::string> delimiter;
  std::optional<bool> has_header;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("encoding", s.encoding, base::absent_ok());
    v("delimiter", s.delimiter, base::absent_ok(base::length(1, 3)));
    v("has_header", s.has_header, base::absent_ok());
  }
};

struct PreviewBody {
  base::json::Value rule;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("rule", s.rule);
  }
};

// Sample sizes: ?limit=, 1 to 200, 100 by default.
Result<std::int64_t> sample_limit(const Call& call) {
  if (!call.query_value("limit")) return 100;
  return call.limit();
}

Result<Response> upload(Tables& tables, Call& call) {
  std::string filename(call.query_value("filename").value_or("upload.csv"));
  // Only a label: the last part of what the browser said, never a path of ours.
  filename = filename.substr(filename.find_last_of("/\\") == std::string::npos ? 0 : filename.find_last_of("/\\") + 1);
  if (filename.empty() || filename.size() > 255 || !base::is_valid_utf8(filename))
    return http::bad_query("filename must be a name of at most 255 bytes.");
  ASSIGN_OR_RETURN(const Upload added,
                   tables.add_upload(call.actor, filename, call.spool_path, static_cast<std::int64_t>(call.spool_bytes)));
  return http::created(base::to_json(added), "/api/v1/uploads/" + added.id.str());
}

Result<Response> detect(Tables& tables, Call& call) {
  ASSIGN_OR_RETURN(const auto id, call.path_id<UploadId>("upload_id"));
  ASSIGN_OR_RETURN(const DetectBody body, call.body_as<DetectBody>());
  data::DetectOverrides overrides{.encoding = body.encoding, .delimiter = {}, .has_header = body.has_header};
  if (body.delimiter) overrides.delimiter = *body.delimiter == "tab" ? '\t' : body.delimiter->front();
  ASSIGN_OR_RETURN(const data::Detected detected, tables.detect(id, overrides));
  return http::ok_json(detected);
}

Result<Response> describe_model(Tables&, Call& call) {
  ASSIGN_OR_RETURN(const Model model, rules::describe_model(call.body));
  return http::ok_json(model);
}

Result<Response> list(Tables& tables, Call& call) {
  ASSIGN_OR_RETURN(auto items, tables.list(call.actor));
  return http::ok_json(Items<Table>{std::move(items), {}});
}
Result<Response> create(Tables& tables, Call& call) {
  ASSIGN_OR_RETURN(const TableDraft draft, call.body_as<TableDraft>());
  ASSIGN_OR_RETURN(auto importing, tables.import(call.actor, draft));
  return http::accepted(base::to_json(ImportAnswer{std::move(importing.table), std::move(importing.run)}));
}
Result<Response> show(Tables& tables, Call& call) {
  ASSIGN_OR_RETURN(const Table table, tables.load(call.actor, std::string(call.path_value("table_name"))));
  return http::ok_json(table).etag(table.version);
}
Result<Response> rows(Tables& tables, Call& call) {
  ASSIGN_OR_RETURN(const auto limit, sample_limit(call));
  ASSIGN_OR_RETURN(const Rows sample, tables.sample(std::string(call.path_value("table_name")), limit));
  return http::ok_json(sample);
}
Result<Response> remove(Tables& tables, Call& call) {
  ASSIGN_OR_RETURN(const auto version, call.if_match());
  RETURN_IF_ERROR(tables.remove(call.actor, std::string(call.path_value("table_name")), version));
  return http::no_content();
}
Result<Response> list_exportable(Tables& tables, Call&) {
  ASSIGN_OR_RETURN(auto items, tables.exportable());
  return http::ok_json(Items<ExportableTable>{std::move(items), {}});
}

Result<Response> list_segments(Tables& tables, Call& call) {
  ASSIGN_OR_RETURN(auto items, tables.list_segments(call.actor));
  return http::ok_json(Items<Segment>{std::move(items), {}});
}
Result<Response> create_segment(Tables& tables, Call& call) {
  ASSIGN_OR_RETURN(const SegmentDraft draft, call.body_as<SegmentDraft>());
  ASSIGN_OR_RETURN(const Segment segment, tables.create_segment(call.actor, draft));
  return http::created(base::to_json(segment), "/api/v1/segments/" + segment.id.str()).etag(segment.version);
}
Result<Response> show_segment(Tables& tables, Call& call) {
  ASSIGN_OR_RETURN(const auto id, call.path_id<SegmentId>("segment_id"));
  ASSIGN_OR_RETURN(const Segment segment, tables.load_segment(call.actor, id));
  return http::ok_json(segment).etag(segment.version);
}
Result<Response> update_segment(Tables& tables, Call& call) {
  ASSIGN_OR_RETURN(const auto id, call.path_id<SegmentId>("segment_id"));
  ASSIGN_OR_RETURN(const auto version, call.if_match());
  ASSIGN_OR_RETURN(const SegmentChange change, call.body_as<SegmentChange>());
  ASSIGN_OR_RETURN(const Segment segment, tables.update_segment(call.actor, id, version, change));
  return http::ok_json(segment).etag(segment.version);
}
Result<Response> remove_segment(Tables& tables, Call& call) {
  ASSIGN_OR_RETURN(const auto id, call.path_id<SegmentId>("segment_id"));
  ASSIGN_OR_RETURN(const auto version, call.if_match());
  RETURN_IF_ERROR(tables.remove_segment(call.actor, id, version));
  return http::no_content();
}
Result<Response> refresh_segment(Tables& tables, Call& call) {
  ASSIGN_OR_RETURN(const auto id, call.path_id<SegmentId>("segment_id"));
  ASSIGN_OR_RETURN(const Segment segment, tables.refresh_segment(call.actor, id));
  return http::ok_json(segment).etag(segment.version);
}
Result<Response> segment_rows(Tables& tables, Call& call) {
  ASSIGN_OR_RETURN(const auto id, call.path_id<SegmentId>("segment_id"));
  ASSIGN_OR_RETURN(const auto limit, sample_limit(call));
  ASSIGN_OR_RETURN(const Rows sample, tables.sample_segment(id, limit));
  return http::ok_json(sample);
}
Result<Response> download_segment(Tables& tables, Call& call) {
  ASSIGN_OR_RETURN(const auto id, call.path_id<SegmentId>("segment_id"));
  const std::string_view style = call.query_value("style").value_or("spreadsheet");
  if (style != "spreadsheet" && style != "plain") return http::bad_query("style must be spreadsheet or plain.");
  ASSIGN_OR_RETURN(Tables::Download download, tables.download_segment(call.actor, id, style == "spreadsheet"));
  // Names of segments are letters, digits and '_', so they need no quoting.
  return http::csv_file(download.name + ".csv", std::move(download.next));
}
Result<Response> preview(Tables& tables, Call& call) {
  ASSIGN_OR_RETURN(const PreviewBody body, call.body_as<PreviewBody>());
  ASSIGN_OR_RETURN(const Preview answer, tables.preview(body.rule));
  return http::ok_json(answer);
}

Result<Response> set_source(Tables& tables, Call& call) {
  ASSIGN_OR_RETURN(const auto version, call.if_match());
  ASSIGN_OR_RETURN(const auto change, call.body_as<TableSourceChange>());
  ASSIGN_OR_RETURN(const Table table, tables.set_source(call.actor, std::string(call.path_value("table_name")), version, change));
  return http::ok_json(table).etag(table.version);
}

Result<Response> refresh_table(Tables& tables, Call& call) {
  ASSIGN_OR_RETURN(const runs::Run run, tables.refresh(call.actor, std::string(call.path_value("table_name"))));
  return http::accepted(base::to_json(run));
}

using http::schema;
constexpr std::uint64_t kUploadBytes = std::uint64_t{100} << 30;
constexpr http::Route<Tables> kRoutes[] = {
    {Method::post,
     "/api/v1/uploads",
     Permission::tables_edit,
     &upload,
     "Upload a CSV file and detect what is in it",
     {.lane = Lane::slow,
      .body_limit = kUploadBytes,
      .spool = true,
      .deadline = std::chrono::seconds(300),
      .response = &schema<Upload>,
      .success = 201,
      .query = "filename"}},
    {Method::post,
     "/api/v1/uploads/{upload_id}/detect",
     Permission::tables_edit,
     &detect,
     "Detect again with corrections",
     {.lane = Lane::slow, .deadline = std::chrono::seconds(120), .request = &schema<DetectBody>, .response = &schema<data::Detected>}},
    {Method::post,
     "/api/v1/uploads/model-json",
     Permission::tables_edit,
     &describe_model,
     "What can be imported of a model.json, given as the body",
     {.body_limit = 4 << 20, .request = &schema<base::json::Value>, .response = &schema<Model>}},
    {Method::get, "/api/v1/tables", Permission::view, &list, "List tables", {.response = &schema<Items<Table>>}},
    {Method::post,
     "/api/v1/tables",
     Permission::tables_edit,
     &create,
     "Import a table; the rows are there when the run has succeeded",
     {.lane = Lane::slow,
      .idempotent_create = true,
      .deadline = std::chrono::seconds(120),
      .request = &schema<TableDraft>,
      .response = &schema<ImportAnswer>,
      .success = 202}},
    {Method::get, "/api/v1/tables/{table_name}", Permission::view, &show, "Show a table", {.response = &schema<Table>}},
    {Method::get,
     "/api/v1/tables/{table_name}/rows",
     Permission::view,
     &rows,
     "A sample of the rows",
     {.lane = Lane::slow, .response = &schema<Rows>, .query = "limit"}},
    {Method::del,
     "/api/v1/tables/{table_name}",
     Permission::tables_edit,
     &remove,
     "Remove a table that nothing uses",
     {.lane = Lane::slow, .success = 204}},
    {Method::put,
     "/api/v1/tables/{table_name}/source",
     Permission::system_manage,
     &set_source,
     "Name the file from which the refresh reads a table again",
     {.request = &schema<TableSourceChange>, .response = &schema<Table>}},
    {Method::post,
     "/api/v1/tables/{table_name}/refresh",
     Permission::tables_edit,
     &refresh_table,
     "Read a table again from its source now",
     {.response = &schema<runs::Run>, .success = 202}},
    {Method::get,
     "/api/v1/exportable-tables",
     Permission::view,
     &list_exportable,
     "Tables and segments that an export may contain",
     {.response = &schema<Items<ExportableTable>>}},
    {Method::get, "/api/v1/segments", Permission::view, &list_segments, "List segments", {.response = &schema<Items<Segment>>}},
    {Method::post,
     "/api/v1/segments",
     Permission::segments_edit,
     &create_segment,
     "Create a segment",
     {.lane = Lane::slow,
      .idempotent_create = true,
      .deadline = std::chrono::seconds(120),
      .request = &schema<SegmentDraft>,
      .response = &schema<Segment>,
      .success = 201}},
    {Method::post,
     "/api/v1/segments/preview",
     Permission::segments_edit,
     &preview,
     "Count and sample a rule without saving it",
     {.lane = Lane::slow, .deadline = std::chrono::seconds(60), .request = &schema<PreviewBody>, .response = &schema<Preview>}},
    {Method::get, "/api/v1/segments/{segment_id}", Permission::view, &show_segment, "Show a segment", {.response = &schema<Segment>}},
    {Method::patch,
     "/api/v1/segments/{segment_id}",
     Permission::segments_edit,
     &update_segment,
     "Change a segment",
     {.lane = Lane::slow, .deadline = std::chrono::seconds(60), .request = &schema<SegmentChange>, .response = &schema<Segment>}},
    {Method::del,
     "/api/v1/segments/{segment_id}",
     Permission::segments_edit,
     &remove_segment,
     "Remove a segment that nothing uses",
     {.lane = Lane::slow, .success = 204}},
    {Method::post,
     "/api/v1/segments/{segment_id}/refresh",
     Permission::segments_edit,
     &refresh_segment,
     "Count the members again",
     {.lane = Lane::slow, .deadline = std::chrono::seconds(60), .response = &schema<Segment>}},
    {Method::get,
     "/api/v1/segments/{segment_id}/members",
     Permission::segments_edit,
     &download_segment,
     "All members as CSV",
     {.lane = Lane::slow, .query = "style"}},
    {Method::get,
     "/api/v1/segments/{segment_id}/rows",
     Permission::view,
     &segment_rows,
     "A sample of the members",
     {.lane = Lane::slow, .response = &schema<Rows>, .query = "limit"}},
};

}  // namespace

void add_routes(http::Router& router, Tables& tables) { router.add(kRoutes, tables); }

}  // namespace sluice::tables
