// Where the versions of tables are.
#pragma once

#include <string>

#include "base/result.h"
#include "db/postgres/connection.h"

namespace sluice::db::postgres {

// Versions that were dropped while somebody read them, until nobody does. No version can have this name.
inline constexpr const char* kDropped = "sluice_data.\"~dropped\"";

// `version` must be valid, so it needs no escaping.
inline std::string table_name(const std::string& version) { return "sluice_data.\"" + version + "\""; }

// The first column of the first row as text; empty for null or no row.
base::Result<std::string> ask(PGconn* handle, const std::string& sql);
// Error not_found when there is none, or it was dropped.
base::Result<void> check_version_exists(PGconn* handle, const std::string& version);

}  // namespace sluice::db::postgres
