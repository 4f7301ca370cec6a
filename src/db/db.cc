#include "db/db.h"

#include "db/postgres/postgres_db.h"
#include "db/sqlite/sqlite_db.h"

namespace sluice::db {

Value to_value(std::string_view text) { return Value(std::string(text)); }

bool violates(const base::Error& error, std::string_view constraint) {
  if (error.reason != "db.unique" && error.reason != "db.foreign_key" && error.reason != "db.check") return false;
  // SQLite names the columns only; when several unique indexes have the same ones, all are listed.
  std::string_view names = error.internal;
  while (!names.empty()) {
    const std::size_t end = std::min(names.find('|'), names.size());
    if (names.substr(0, end) == constraint) return true;
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  return false;
}

base::Result<std::unique_ptr<Db>> Db::open(const Options& options) {
  const bool postgres = options.location.starts_with("postgresql://") || options.location.starts_with("postgres://");
  return postgres ? postgres::open_postgres(options) : sqlite::open_sqlite(options);
}

}  // namespace sluice::db
