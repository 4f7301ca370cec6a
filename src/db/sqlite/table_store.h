// TableStore on SQLite: one file per version, "<version>.db", and "<version>.part" while it is written; see tables.h.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "db/tables.h"

namespace sluice::db::sqlite {

base::Result<std::unique_ptr<TableStore>> open_table_store(const std::string& folder);

}  // namespace sluice::db::sqlite
