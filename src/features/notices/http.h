// Routes of notices and of where they are sent.
#pragma once

#include "features/notices/notices.h"
#include "http/router.h"

namespace sluice::notices {

void add_routes(http::Router& router, Notices& notices);

}  // namespace sluice::notices
