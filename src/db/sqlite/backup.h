// The copy of the database that is made before migrating: <file>.before-<migration>. The last two are kept.
#pragma once

#include <string>

#include "base/result.h"
#include "db/sqlite/connection.h"

namespace sluice::db::sqlite {

base::Result<void> back_up(Connection& connection, const std::string& path, const std::string& migration);

}  // namespace sluice::db::sqlite
