// Routes of uploads, tables and segments.
#pragma once

#include "features/tables/tables.h"
#include "http/router.h"

namespace sluice::tables {

void add_routes(http::Router& router, Tables& tables);

}  // namespace sluice::tables
