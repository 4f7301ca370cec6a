// GET /status: every task of the system with its latest run, in the groups of the refresh (SYS-01).
#pragma once

#include "http/router.h"
#include "server/system.h"

namespace sluice::server {

void add_status_routes(http::Router& router, System& system);

}  // namespace sluice::server
