#include "features/connections/http.h"

#include <utility>

namespace sluice::connections {

namespace {

using base::Error;
using base::Permission;
using base::Result;
using http::Call;
using http::Lane;
using http::Method;
using http::Response;

struct TypeLimits {
  std::optional<std::int64_t> files_per_table;
  std::optional<std::int64_t> most_rows;
  std::optional<manifest::Counted> counted;  // with most_rows
  std::optional<bool> strict;                // with most_rows
  std::optional<std::int64_t> fewest_rows;
  std::optional<std::string> duration;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("files_per_table", s.files_per_table, base::absent_ok());
    v("most_rows", s.most_rows, base::absent_ok());
    v("counted", s.counted, base::absent_ok());
    v("strict", s.strict, base::absent_ok());
    v("fewest_rows", s.fewest_rows, base::absent_ok());
    v("duration", s.duration, base::absent_ok());
  }
};

TypeLimits to_limits(const manifest::Connector& c) {
  TypeLimits limits;
  if (c.files_per_table > 0) limits.files_per_table = c.files_per_table;
  limits.most_rows = c.limits.most_rows;
  if (c.limits.most_rows) {
    limits.counted = c.limits.counted;
    limits.strict = c.limits.strict;
  }
  limits.fewest_rows = c.limits.fewest_rows;
  limits.duration = c.limits.duration;
  return limits;
}

// A connector as Discover and the forms need it.
struct ConnectionType {
  std::string id, title, subtitle, summary, category, status, icon, help, help_markdown;
  std::vector<std::string> serves;
  bool enabled = true;
  std::optional<std::string> disabled_reason;
  std::optional<std::int64_t> connections;  // for administrators
  manifest::Verify verify = manifest::Verify::optional;
  bool vault = false;
  manifest::Payload payload = manifest::Payload::tables;
  bool columns = false;
  bool sharing_fixed = false;
  std::vector<manifest::Field> fields;
  std::vector<manifest::Field> export_fields;
  std::optional<manifest::Mapping> mapping;  // with payload segments
  bool can_remove = false;
  bool community = false;
  manifest::Consent consent;
  TypeLimits limits;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("id", s.id);
    v("title", s.title);
    v("subtitle", s.subtitle);
    v("summary", s.summary);
    v("category", s.category);
    v("serves", s.serves);
    v("status", s.status);
    v("icon", s.icon);
    v("help", s.help);
    v("help_markdown", s.help_markdown);
    v("enabled", s.enabled);
    v("disabled_reason", s.disabled_reason);
    v("connections", s.connections, base::absent_ok());
    v("verify", s.verify);
    v("vault", s.vault);
    v("payload", s.payload);
    v("columns", s.columns);
    v("sharing_fixed", s.sharing_fixed);
    v("fields", s.fields);
    v("export_fields", s.export_fields);
    v("mapping", s.mapping);
    v("can_remove", s.can_remove);
    v("community", s.community);
    v("consent", s.consent);
    v("limits", s.limits);
  }
};

template <class T>
struct Items {
  std::vector<T> items;
  std::optional<std::string> next_cursor;
  std::optional<std::int64_t> total;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("items", s.items);
    v("next_cursor", s.next_cursor);
    v("total", s.total, base::absent_ok());
  }
};

ConnectionType to_type(const Connections& connections, const manifest::Connector& c, const base::Actor& actor,
                       const std::map<std::string, std::int64_t>& counts) {
  ConnectionType type{
      .id = c.id, .title = c.title, .subtitle = c.subtitle, .summary = c.summary, .category = c.category, .status = c.status};
  type.icon = "/api/v1/connection-types/" + c.id + "/icon";
  type.help = "/help/" + c.id;
  type.help_markdown = c.help_markdown;
  type.serves = {std::string(base::to_name(c.serves))};
  if (const auto disabled = connections.settings().disabled.find(c.id); disabled != connections.settings().disabled.end()) {
    type.enabled = false;
    type.disabled_reason = disabled->second;
  }
  if (actor.may(Permission::connections_manage)) {
    const auto count = counts.find(c.id);
    type.connections = count == counts.end() ? 0 : count->second;
    type.fields = c.connection_fields;
    type.consent = c.consent;
  }
  type.verify = c.verify;
  type.vault = c.vault;
  type.payload = c.payload;
  type.columns = c.columns;
  type.sharing_fixed = c.serves == manifest::Serves::enrichments;
  type.export_fields = c.export_fields;
  if (c.payload == manifest::Payload::segments) type.mapping = c.mapping;
  type.can_remove = c.can_remove;
  type.community = c.community;
  type.limits = to_limits(c);
  return type;
}

Result<const manifest::Connector*> find_type(const Connections& connections, const Call& call) {
  const manifest::Connector* connector = connections.registry().find(call.path_value("connection_type_id"));
  if (connector == nullptr)
    return Error{.code = base::Code::not_found, .reason = "request.not_found", .detail = "There is no such connection type."};
  return connector;
}

Result<Response> list_types(Connections& connections, Call& call) {
  ASSIGN_OR_RETURN(const auto counts, connections.count_by_type());
  Items<ConnectionType> out;
  for (const manifest::Connector& connector : connections.registry().all())
    out.items.push_back(to_type(connections, connector, call.actor, counts));
  return http::ok_json(out);
}

Result<Response> show_type(Connections& connections, Call& call) {
  ASSIGN_OR_RETURN(const manifest::Connector* connector, find_type(connections, call));
  ASSIGN_OR_RETURN(const auto counts, connections.count_by_type());
  return http::ok_json(to_type(connections, *connector, call.actor, counts));
}

Result<Response> show_icon(Connections& connections, Call& call) {
  ASSIGN_OR_RETURN(const manifest::Connector* connector, find_type(connections, call));
  Response response;
  response.content_type = "image/svg+xml";
  response.static_body = connector->icon_svg;
  return std::move(response).with("Cache-Control", "private, max-age=3600");
}

// verify=required: save only when the connection works (C-039).
Result<bool> verify_first(const Call& call) {
  const auto value = call.query_value("verify");
  if (!value || *value == "skip") return false;
  if (*value == "required") return true;
  return http::bad_query("verify must be required or skip.");
}

Result<Response> list(Connections& connections, Call& call) {
  ListQuery query{.serves = std::nullopt,
                  .search = std::string(call.query_value("q").value_or("")),
                  .sort = std::string(call.query_value("sort").value_or("")),
                  .cursor = call.query_value("cursor")};
  ASSIGN_OR_RETURN(query.limit, call.limit());
  if (const auto serves = call.query_value("serves")) {
    query.serves = base::from_name<manifest::Serves>(*serves);
    if (!query.serves) return http::bad_query("serves must be export or enrichment.");
  }
  ASSIGN_OR_RETURN(ConnectionPage page, connections.list(query));
  return http::ok_json(Items<Connection>{std::move(page.items), std::move(page.next_cursor), page.total});
}

Result<Response> show(Connections& connections, Call& call) {
  ASSIGN_OR_RETURN(const auto id, call.path_id<ConnectionId>("connection_id"));
  ASSIGN_OR_RETURN(const Connection c, connections.load(id));
  return http::ok_json(c).etag(c.version);
}

Result<Response> create(Connections& connections, Call& call) {
  ASSIGN_OR_RETURN(const bool first, verify_first(call));
  ASSIGN_OR_RETURN(ConnectionDraft draft, call.body_as<ConnectionDraft>());
  ASSIGN_OR_RETURN(const Connection c, connections.create(call.actor, std::move(draft), first));
  return http::created(base::to_json(c), "/api/v1/connections/" + c.id.str()).etag(c.version);
}

Result<Response> update(Connections& connections, Call& call) {
  ASSIGN_OR_RETURN(const auto id, call.path_id<ConnectionId>("connection_id"));
  ASSIGN_OR_RETURN(const auto version, call.if_match());
  ASSIGN_OR_RETURN(const bool first, verify_first(call));
  ASSIGN_OR_RETURN(ConnectionChange change, call.body_as<ConnectionChange>());
  ASSIGN_OR_RETURN(const Connection c, connections.update(call.actor, id, version, std::move(change), first));
  return http::ok_json(c).etag(c.version);
}

Result<Response> remove(Connections& connections, Call& call) {
  ASSIGN_OR_RETURN(const auto id, call.path_id<ConnectionId>("connection_id"));
  ASSIGN_OR_RETURN(const auto version, call.if_match());
  RETURN_IF_ERROR(connections.remove(call.actor, id, version));
  return http::no_content();
}

Result<Response> show_dependants(Connections& connections, Call& call) {
  ASSIGN_OR_RETURN(const auto id, call.path_id<ConnectionId>("connection_id"));
  ASSIGN_OR_RETURN(const Dependants dependants, connections.dependants(id));
  return http::ok_json(dependants);
}

Result<Response> verify_draft(Connections& connections, Call& call) {
  ASSIGN_OR_RETURN(VerifyDraft draft, call.body_as<VerifyDraft>());
  ASSIGN_OR_RETURN(const Verification verification, connections.verify_draft(call.actor, std::move(draft), call.deadline, call.gone));
  return http::ok_json(verification);
}

Result<Response> verify(Connections& connections, Call& call) {
  ASSIGN_OR_RETURN(const auto id, call.path_id<ConnectionId>("connection_id"));
  ASSIGN_OR_RETURN(const Verification verification, connections.verify(call.actor, id, call.deadline, call.gone));
  return http::ok_json(verification);
}

Result<Response> list_usable(Connections& connections, Call& call) {
  const auto serves = base::from_name<manifest::Serves>(call.query_value("for").value_or("export"));
  if (!serves) return http::bad_query("for must be export or enrichment.");
  ASSIGN_OR_RETURN(auto usable, connections.usable(call.actor, *serves));
  return http::ok_json(Items<UsableConnection>{std::move(usable), {}, {}});
}

using http::schema;
constexpr std::uint64_t kBody = 256 * 1024;
constexpr http::Route<Connections> kRoutes[] = {
    {Method::get,
     "/api/v1/connection-types",
     Permission::view,
     &list_types,
     "List connection types (Discover)",
     {.response = &schema<Items<ConnectionType>>}},
    {Method::get,
     "/api/v1/connection-types/{connection_type_id}",
     Permission::view,
     &show_type,
     "Show a connection type",
     {.response = &schema<ConnectionType>}},
    {Method::get, "/api/v1/connection-types/{connection_type_id}/icon", Permission::view, &show_icon,
     "The icon of a connection type, as SVG"},
    {Method::get,
     "/api/v1/connections",
     Permission::connections_manage,
     &list,
     "List connections",
     {.response = &schema<Items<Connection>>, .query = "serves q sort limit cursor"}},
    {Method::post,
     "/api/v1/connections",
     Permission::connections_manage,
     &create,
     "Create a connection",
     {.lane = Lane::slow,
      .body_limit = kBody,
      .idempotent_create = true,
      .deadline = std::chrono::seconds(40),
      .request = &schema<ConnectionDraft>,
      .response = &schema<Connection>,
      .success = 201,
      .query = "verify"}},
    {Method::post,
     "/api/v1/connections/verify",
     Permission::connections_manage,
     &verify_draft,
     "Verify a connection that is not saved",
     {.lane = Lane::slow,
      .body_limit = kBody,
      .deadline = std::chrono::seconds(40),
      .request = &schema<VerifyDraft>,
      .response = &schema<Verification>}},
    {Method::get,
     "/api/v1/connections/{connection_id}",
     Permission::connections_manage,
     &show,
     "Show a connection",
     {.response = &schema<Connection>}},
    {Method::patch,
     "/api/v1/connections/{connection_id}",
     Permission::connections_manage,
     &update,
     "Change a connection",
     {.lane = Lane::slow,
      .body_limit = kBody,
      .deadline = std::chrono::seconds(40),
      .request = &schema<ConnectionChange>,
      .response = &schema<Connection>,
      .query = "verify"}},
    {Method::del,
     "/api/v1/connections/{connection_id}",
     Permission::connections_manage,
     &remove,
     "Remove a connection that nothing uses",
     {.success = 204}},
    {Method::get,
     "/api/v1/connections/{connection_id}/dependants",
     Permission::connections_manage,
     &show_dependants,
     "What uses a connection",
     {.response = &schema<Dependants>}},
    {Method::post,
     "/api/v1/connections/{connection_id}/verify",
     Permission::connections_manage,
     &verify,
     "Verify a saved connection",
     {.lane = Lane::slow, .deadline = std::chrono::seconds(40), .response = &schema<Verification>}},
    {Method::get,
     "/api/v1/usable-connections",
     Permission::exports_edit,
     &list_usable,
     "Connections you may choose, by name",
     {.response = &schema<Items<UsableConnection>>, .query = "for"}},
};

}  // namespace

void add_routes(http::Router& router, Connections& connections) { router.add(kRoutes, connections); }

}  // namespace sluice::connections
