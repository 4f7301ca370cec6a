#include "db/postgres/postgres_db.h"

#include "db/errors.h"

namespace sluice::db::postgres {

base::Result<std::unique_ptr<Db>> open_postgres(const Options&) { return errors::unavailable("not built yet"); }

}  // namespace sluice::db::postgres
