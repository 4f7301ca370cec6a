// Routes of runs.
#pragma once

#include "features/runs/runs.h"
#include "http/router.h"

namespace sluice::runs {

void add_routes(http::Router& router, Runs& runs);

}  // namespace sluice::runs
