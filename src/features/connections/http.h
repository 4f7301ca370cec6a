// Routes of connection types (Discover) and connections.
#pragma once

#include "features/connections/connections.h"
#include "http/router.h"

namespace sluice::connections {

void add_routes(http::Router& router, Connections& connections);

}  // namespace sluice::connections
