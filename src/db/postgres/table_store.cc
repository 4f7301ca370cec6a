#include "db/postgres/table_store.h"

#include "db/errors.h"

namespace sluice::db::postgres {

base::Result<std::unique_ptr<TableStore>> open_table_store(const std::string&) { return errors::unavailable("not built yet"); }

}  // namespace sluice::db::postgres
