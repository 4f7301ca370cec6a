// TableStore on PostgreSQL: one table per version in the schema sluice_data; see tables.h.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "db/tables.h"

namespace sluice::db::postgres {

base::Result<std::unique_ptr<TableStore>> open_table_store(const std::string& url);

}  // namespace sluice::db::postgres
