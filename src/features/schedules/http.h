// Routes of schedules.
#pragma once

#include "features/schedules/schedules.h"
#include "http/router.h"

namespace sluice::schedules {

void add_routes(http::Router& router, Schedules& schedules);

}  // namespace sluice::schedules
