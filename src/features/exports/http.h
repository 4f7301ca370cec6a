// Routes of exports.
#pragma once

#include "features/exports/exports.h"
#include "http/router.h"

namespace sluice::exports {

void add_routes(http::Router& router, Exports& exports);

}  // namespace sluice::exports
