#include "db/tables.h"

#include "db/postgres/table_store.h"
#include "db/sqlite/table_store.h"

namespace sluice::db {

base::Result<std::unique_ptr<TableStore>> TableStore::open(const std::string& location) {
  const bool postgres = location.starts_with("postgresql://") || location.starts_with("postgres://");
  return postgres ? postgres::open_table_store(location) : sqlite::open_table_store(location);
}

}  // namespace sluice::db
