// Wiring of what starts of itself: what the system refresh consists of, and how schedules start runs.
#pragma once

#include "features/exports/exports.h"
#include "features/runs/runs.h"
#include "features/schedules/schedules.h"
#include "features/tables/tables.h"

namespace sluice::server {

void register_refresh(runs::Runs& runs, schedules::Schedules& schedules, tables::Tables& tables, exports::Exports& exports);

}  // namespace sluice::server
