#include "server/system.h"

namespace sluice::server {

namespace {

using base::Permission;
using base::Result;
using http::Call;
using http::Method;
using http::Response;

struct About {
  std::string display_name;
  std::string environment_id;
  std::string version;
  std::string store;
  std::optional<std::vector<manifest::FolderFault>> connector_faults;  // for administrators
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("display_name", s.display_name);
    v("environment_id", s.environment_id);
    v("version", s.version);
    v("store", s.store);
    v("connector_faults", s.connector_faults, base::absent_ok());
  }
};

struct Home {
  std::int64_t tables = 0;
  std::int64_t segments = 0;
  std::optional<std::int64_t> customer_rows;
  std::optional<std::int64_t> connections;  // for administrators
  std::int64_t usable_connections = 0;
  std::int64_t exports = 0;
  std::vector<runs::Run> last_runs;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("tables", s.tables);
    v("segments", s.segments);
    v("customer_rows", s.customer_rows);
    v("connections", s.connections, base::absent_ok());
    v("usable_connections", s.usable_connections);
    v("exports", s.exports);
    v("last_runs", s.last_runs);
  }
};

Result<Response> healthy(System&, Call&) { return http::ok(R"({"status":"ok"})"); }

Result<Response> ready(System& system, Call&) {
  RETURN_IF_ERROR(system.db.read([](db::Read& tx) { return tx.one("SELECT count(*) FROM environment"); }));
  return http::ok(R"({"status":"ready"})");
}

Result<Response> about(System& system, Call& call) {
  About about{system.environment.display_name, system.environment.id, system.version, system.store, {}};
  const auto faults = system.connections.registry().faults();
  if (call.actor.may(Permission::connections_manage)) about.connector_faults.emplace(faults.begin(), faults.end());
  return http::ok_json(about);
}

Result<Response> home(System& system, Call& call) {
  Home home;
  ASSIGN_OR_RETURN(const auto tables, system.tables.list(call.actor));
  home.tables = static_cast<std::int64_t>(tables.size());
  for (const tables::Table& table : tables) {
    if (table.is_customer_table && table.state == tables::TableState::ready) home.customer_rows = table.rows;
  }
  ASSIGN_OR_RETURN(const auto segments, system.tables.list_segments(call.actor));
  home.segments = static_cast<std::int64_t>(segments.size());
  if (call.actor.may(Permission::exports_edit)) {
    ASSIGN_OR_RETURN(const auto usable, system.connections.usable(call.actor, manifest::Serves::exports));
    home.usable_connections = static_cast<std::int64_t>(usable.size());
  }
  if (call.actor.may(Permission::connections_manage)) {
    ASSIGN_OR_RETURN(const auto counts, system.connections.count_by_type());
    std::int64_t all = 0;
    for (const auto& [type, count] : counts) all += count;
    home.connections = all;
  }
  ASSIGN_OR_RETURN(const auto exports,
                   system.exports.list(call.actor, {.search = {}, .sort = {}, .connection_id = {}, .state = {}, .cursor = {}, .limit = 1}));
  home.exports = exports.total;
  ASSIGN_OR_RETURN(auto runs,
                   system.runs.list(call.actor, {.subject_id = {}, .kind = {}, .state = {}, .sort = {}, .cursor = {}, .limit = 5}));
  home.last_runs = std::move(runs.items);
  return http::ok_json(home);
}

Result<Response> openapi(System& system, Call&) { return http::ok(http::openapi(*system.router, system.version)); }

using http::schema;
constexpr http::Route<System> kRoutes[] = {
    {Method::get, "/healthz", Permission::anyone, &healthy, "The process is alive"},
    {Method::get, "/readyz", Permission::anyone, &ready, "The database answers"},
    {Method::get, "/api/v1/openapi.json", Permission::anyone, &openapi, "This document"},
    {Method::get, "/api/v1/about", Permission::view, &about, "About this installation", {.response = &schema<About>}},
    {Method::get, "/api/v1/home", Permission::view, &home, "What the home page shows", {.response = &schema<Home>}},
};

}  // namespace

void add_routes(http::Router& router, System& system) { router.add(kRoutes, system); }

}  // namespace sluice::server
