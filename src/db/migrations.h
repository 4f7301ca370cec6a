// What both backends share about migrations: which of them apply, and whether what was applied is what we know.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "db/db.h"

namespace sluice::db {

struct AppliedMigration {
  std::string name;
  std::string checksum;
};

inline constexpr const char* kCreateSchemaMigrations =
    "CREATE TABLE IF NOT EXISTS schema_migrations (name TEXT NOT NULL PRIMARY KEY, checksum TEXT NOT NULL, "
    "applied_at BIGINT NOT NULL)";
inline constexpr const char* kListSchemaMigrations = "SELECT name, checksum FROM schema_migrations ORDER BY name";
inline constexpr const char* kInsertSchemaMigration = "INSERT INTO schema_migrations (name, checksum, applied_at) VALUES (?1, ?2, ?3)";

// FNV-1a with 128 bits: it finds edited files, it does not resist an attacker who can write to the database anyway.
std::string checksum_of(std::string_view sql);

// Those still to run, in order. Leaves out *.sqlite.sql on PostgreSQL and the other way round.
base::Result<std::vector<const Migration*>> plan_migrations(std::span<const Migration> known, std::span<const AppliedMigration> applied,
                                                            bool postgres);

}  // namespace sluice::db
