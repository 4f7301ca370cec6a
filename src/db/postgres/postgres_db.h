// Db on PostgreSQL; see db.h.
#pragma once

#include <memory>

#include "base/result.h"
#include "db/db.h"

namespace sluice::db::postgres {

base::Result<std::unique_ptr<Db>> open_postgres(const Options& options);

}  // namespace sluice::db::postgres
