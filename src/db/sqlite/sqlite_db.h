// Db on SQLite; see db.h.
#pragma once

#include <memory>

#include "base/result.h"
#include "db/db.h"

namespace sluice::db::sqlite {

base::Result<std::unique_ptr<Db>> open_sqlite(const Options& options);

}  // namespace sluice::db::sqlite
