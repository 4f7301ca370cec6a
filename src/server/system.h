// Routes that look across features: health, about, home, the OpenAPI document.
#pragma once

#include <string>

#include "db/db.h"
#include "features/auth/http.h"
#include "features/connections/connections.h"
#include "features/exports/exports.h"
#include "features/runs/runs.h"
#include "features/tables/tables.h"
#include "http/router.h"

namespace sluice::server {

struct System {
  db::Db& db;
  tables::Tables& tables;
  connections::Connections& connections;
  exports::Exports& exports;
  runs::Runs& runs;
  auth::Environment environment;
  std::string version;
  std::string store;
  const http::Router* router;
};

void add_routes(http::Router& router, System& system);

}  // namespace sluice::server
