// The tables, columns, indexes and foreign keys of a database as text that is the same on both backends, so that a test can
// compare them with each other and with a file. Defaults, checks and conditions of indexes are left out: their texts differ.
#pragma once

#include <string>

#include "base/result.h"
#include "db/db.h"

namespace sluice::db {

// Without schema_migrations. Columns of the primary key count as not null, which SQLite leaves to whoever inserts.
base::Result<std::string> describe_schema(Db& db);

}  // namespace sluice::db
