#include "db/postgres/table_store.h"

#include <libpq-fe.h>

#include <string_view>
#include <utility>

#include "db/errors.h"
#include "db/postgres/connection.h"
#include "db/postgres/idle_connections.h"
#include "db/postgres/table_names.h"
#include "db/postgres/table_reader.h"
#include "db/postgres/table_writer.h"
#include "db/table_checks.h"

namespace sluice::db::postgres {

base::Result<std::string> ask(PGconn* handle, const std::string& sql) {
  ASSIGN_OR_RETURN(const Answer answer, execute(handle, sql));
  return PQntuples(answer.get()) == 0 ? std::string() : std::string(PQgetvalue(answer.get(), 0, 0));
}

base::Result<void> check_version_exists(PGconn* handle, const std::string& version) {
  ASSIGN_OR_RETURN(const std::string exists,
                   ask(handle, "SELECT to_regclass('" + table_name(version) + "') IS NOT NULL AND NOT EXISTS (SELECT 1 FROM " +
                                   std::string(kDropped) + " WHERE version = '" + version + "')"));
  if (exists != "t") return no_such_version(version);
  return {};
}

namespace {

class SchemaStore final : public TableStore {
 public:
  explicit SchemaStore(const std::string& url) : connections_(std::make_shared<IdleConnections>(url)) {}

  base::Result<void> prepare() {
    ASSIGN_OR_RETURN(const auto handle, connections_->take());
    // Under a lock, because two servers may start at once; and asking first, because the right to make it may be missing
    // where it is there already.
    RETURN_IF_ERROR(execute(handle.get(),
                            "BEGIN; SELECT pg_advisory_xact_lock(5347813360128452);"
                            "DO $$ BEGIN IF to_regclass('sluice_data.\"~dropped\"') IS NULL THEN"
                            " CREATE SCHEMA IF NOT EXISTS sluice_data;"
                            " CREATE TABLE sluice_data.\"~dropped\" (version TEXT COLLATE \"C\" PRIMARY KEY);"
                            " END IF; END $$; COMMIT"));
    sweep(handle.get());
    return {};
  }

  base::Result<std::unique_ptr<TableWriter>> create(const std::string& version, std::vector<TableColumn> columns,
                                                    std::optional<std::size_t> key) override {
    if (!is_valid_version(version)) return bad_version();
    ASSIGN_OR_RETURN(auto handle, connections_->take());
    ASSIGN_OR_RETURN(const std::string used, ask(handle.get(), "SELECT to_regclass('" + table_name(version) + "') IS NOT NULL"));
    if (used == "t") return version_used(version);
    return create_table(std::move(handle), version, std::move(columns), key);
  }

  base::Result<std::unique_ptr<TableScan>> scan(const ScanSpec& spec, const std::vector<TableColumn>& columns) override {
    if (!is_valid_version(spec.version)) return bad_version();
    ASSIGN_OR_RETURN(auto handle, connections_->take());
    return scan_table(std::move(handle), spec, columns);
  }

  base::Result<std::int64_t> count(const std::string& version, const Filter& filter, const std::vector<TableColumn>& columns) override {
    if (!is_valid_version(version)) return bad_version();
    ASSIGN_OR_RETURN(auto handle, connections_->take());
    return count_table(handle.get(), version, filter, columns);
  }

  base::Result<void> drop(const std::string& version) override {
    if (!is_valid_version(version)) return bad_version();
    ASSIGN_OR_RETURN(const auto handle, connections_->take());
    sweep(handle.get());
    if (try_drop(handle.get(), version)) return {};
    // Somebody reads it. They may go on; a later sweep drops it.
    RETURN_IF_ERROR(execute(handle.get(), "INSERT INTO " + std::string(kDropped) + " VALUES ('" + version + "') ON CONFLICT DO NOTHING"));
    return {};
  }

  base::Result<std::vector<std::string>> list() override {
    ASSIGN_OR_RETURN(const auto handle, connections_->take());
    ASSIGN_OR_RETURN(const Answer answer,
                     execute(handle.get(),
                             "SELECT relname FROM pg_class WHERE relnamespace = 'sluice_data'::regnamespace AND relkind = 'r'"
                             " AND relname <> '~dropped' AND relname NOT IN (SELECT version FROM " +
                                 std::string(kDropped) + ") ORDER BY relname COLLATE \"C\""));
    std::vector<std::string> versions;
    for (int i = 0; i < PQntuples(answer.get()); ++i) versions.emplace_back(PQgetvalue(answer.get(), i, 0));
    return versions;
  }

 private:
  // Not waiting long: who waits for this lock keeps new readers waiting behind.
  static bool try_drop(PGconn* handle, const std::string& version) {
    const bool done = execute(handle, "BEGIN; SET LOCAL lock_timeout = '50ms'; DROP TABLE IF EXISTS " + table_name(version) +
                                          "; DELETE FROM " + std::string(kDropped) + " WHERE version = '" + version + "'; COMMIT")
                          .ok();
    if (!done) static_cast<void>(execute(handle, "ROLLBACK").ok());
    return done;
  }

  static void sweep(PGconn* handle) {
    const auto dropped = execute(handle, "SELECT version FROM " + std::string(kDropped));
    if (!dropped.ok()) return;
    for (int i = 0; i < PQntuples(dropped->get()); ++i) try_drop(handle, PQgetvalue(dropped->get(), i, 0));
  }

  const std::shared_ptr<IdleConnections> connections_;  // scans and writers may outlive the store
};

}  // namespace

base::Result<std::unique_ptr<TableStore>> open_table_store(const std::string& url) {
  auto store = std::make_unique<SchemaStore>(url);
  RETURN_IF_ERROR(store->prepare());
  return std::unique_ptr<TableStore>(std::move(store));
}

}  // namespace sluice::db::postgres
