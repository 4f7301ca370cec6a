// Routes of the audit log.
#pragma once

#include "features/audit/log.h"
#include "http/router.h"

namespace sluice::audit {

void add_routes(http::Router& router, Log& log);

}  // namespace sluice::audit
