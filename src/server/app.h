// The whole of Sluice put together: members in the order of construction, which is the order of dependence; torn down in
// reverse. open() gives everything but sockets and workers, which is what the command line needs; serve() adds those.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "db/db.h"
#include "db/tables.h"
#include "features/audit/log.h"
#include "features/auth/http.h"
#include "features/auth/people.h"
#include "features/auth/sessions.h"
#include "features/connections/connections.h"
#include "features/connections/reverify.h"
#include "features/diagnostics/diagnostics.h"
#include "features/exports/exports.h"
#include "features/notices/notices.h"
#include "features/runs/runs.h"
#include "features/schedules/schedules.h"
#include "features/tables/tables.h"
#include "features/vault/vault.h"
#include "http/events.h"
#include "http/router.h"
#include "http/server.h"
#include "manifest/connector.h"
#include "net/guard.h"
#include "net/trust.h"
#include "server/config.h"
#include "server/idempotency.h"
#include "server/metrics.h"
#include "server/system.h"

namespace sluice::server {

inline constexpr std::string_view kVersion = "0.1.0";

class App {
 public:
  // Makes the data folder, opens and migrates the database, makes the master key when everything is new.
  static base::Result<std::unique_ptr<App>> open(const Config& config);
  ~App();

  // Starts workers and the listener. `address` is where it listens then. Reason "serve.already" when another process serves
  // this data folder.
  base::Result<void> serve();
  // Stops accepting, stops claiming runs, lets requests and runs end, closes the database.
  void stop();
  std::string url() const;

  auth::People& people() { return *people_; }
  connections::Connections& connections() { return *connections_; }
  tables::Tables& tables() { return *tables_; }
  exports::Exports& exports() { return *exports_; }
  schedules::Schedules& schedules() { return *schedules_; }
  runs::Runs& runs() { return *runs_; }
  http::Router& router() { return *router_; }
  const Config& config() const { return config_; }

 private:
  App() = default;
  base::Result<void> open_parts();
  base::Result<void> open_environment();
  base::Result<void> open_registry();
  void add_routes();
  http::Gate gate();
  void connect_notices();
  void publish(const runs::Run& run);
  void publish(const runs::Job& job);

  Config config_;
  int lock_fd_ = -1;
  base::Clock clock_ = &base::system_now;
  std::unique_ptr<db::Db> db_;
  std::unique_ptr<db::TableStore> table_store_;
  auth::Environment environment_;
  std::unique_ptr<audit::Log> audit_log_;
  std::unique_ptr<vault::Vault> vault_;
  manifest::Registry registry_;
  net::Guard guard_;
  net::Trust trust_;
  std::unique_ptr<runs::Runs> runs_;
  std::unique_ptr<schedules::Schedules> schedules_;
  std::unique_ptr<tables::Tables> tables_;
  std::unique_ptr<connections::Connections> connections_;
  std::unique_ptr<connections::Reverification> reverification_;
  std::unique_ptr<exports::Exports> exports_;
  std::unique_ptr<auth::Sessions> sessions_;
  std::unique_ptr<auth::People> people_;
  std::unique_ptr<auth::Service> auth_;
  std::unique_ptr<Idempotency> idempotency_;
  std::unique_ptr<System> system_;
  http::EventHub hub_;
  std::unique_ptr<notices::Notices> notices_;
  std::unique_ptr<Metrics> metrics_;
  std::unique_ptr<diagnostics::Diagnostics> diagnostics_;
  std::unique_ptr<http::Router> router_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace sluice::server
