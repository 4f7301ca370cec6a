#include "db/sqlite/sqlite_db.h"

#include <utility>

#include "base/time.h"
#include "db/errors.h"
#include "db/migrations.h"
#include "db/pool.h"
#include "db/sqlite/backup.h"
#include "db/sqlite/connection.h"
#include "db/sqlite/write_queue.h"

namespace sluice::db::sqlite {

namespace {

// After a failed statement nothing more runs and nothing commits: PostgreSQL works so, and a store function must not find out
// only there.
class SqliteSession final : public Session {
 public:
  explicit SqliteSession(Connection& connection) : connection_(connection) {}

  base::Result<std::int64_t> run(std::string_view sql, std::span<const Value> parameters,
                                 const std::function<void(Row&&)>* on_row) override {
    if (failed_) return errors::statement("a statement after a failed one");
    auto result = connection_.run(sql, parameters, on_row);
    failed_ = !result.ok();
    return result;
  }
  bool failed() const { return failed_; }

 private:
  Connection& connection_;
  bool failed_ = false;
};

// Ends the transaction on every path, also when the body throws.
class Transaction {
 public:
  explicit Transaction(Connection& connection) : connection_(connection) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction() { connection_.roll_back(); }

  base::Result<void> run(std::string_view begin, const std::function<base::Result<void>(Session&)>& body) {
    RETURN_IF_ERROR(connection_.run_plain(begin));
    SqliteSession session(connection_);
    RETURN_IF_ERROR(body(session));
    if (session.failed()) return errors::statement("the failure of a statement was ignored");
    return connection_.run_plain("COMMIT");
  }

 private:
  Connection& connection_;
};

class SqliteDb final : public Db {
 public:
  SqliteDb(const Options& options, std::unique_ptr<Connection> writer)
      : path_(options.location), readers_(options.readers), writer_(std::move(writer)) {}
  ~SqliteDb() override { SqliteDb::close(); }

  bool is_postgres() const override { return false; }

  void close() override {
    readers_.close();
    const std::lock_guard lock(queue_);
    writer_.reset();
  }

  base::Result<void> migrate(std::span<const Migration> migrations) override {
    const std::lock_guard lock(queue_);
    if (!writer_) return errors::closed();
    // Rebuilding a table would otherwise delete what refers to it; the check before COMMIT makes up for it.
    RETURN_IF_ERROR(writer_->run_script("PRAGMA foreign_keys=OFF"));
    auto result = migrate_without_foreign_keys(migrations);
    RETURN_IF_ERROR(writer_->run_script("PRAGMA foreign_keys=ON"));
    return result;
  }

 protected:
  base::Result<void> with_read(const Body& body) override {
    ASSIGN_OR_RETURN(auto lease, readers_.take());
    if (!lease.connection) {
      ASSIGN_OR_RETURN(lease.connection, Connection::open(path_, Connection::Use::reading));
    }
    return Transaction(*lease.connection).run("BEGIN", body);
  }

  base::Result<void> with_write(const Body& body) override {
    const std::lock_guard lock(queue_);
    if (!writer_) return errors::closed();
    return Transaction(*writer_).run("BEGIN IMMEDIATE", body);
  }

 private:
  base::Result<void> migrate_without_foreign_keys(std::span<const Migration> migrations) {
    std::vector<AppliedMigration> applied;
    RETURN_IF_ERROR(Transaction(*writer_).run("BEGIN IMMEDIATE", [&](Session& session) -> base::Result<void> {
      Write tx(session);
      RETURN_IF_ERROR(tx.execute(kCreateSchemaMigrations));
      ASSIGN_OR_RETURN(const auto rows, tx.all(kListSchemaMigrations));
      for (const Row& row : rows) applied.push_back({row.get<std::string>(0), row.get<std::string>(1)});
      return {};
    }));
    ASSIGN_OR_RETURN(const auto plan, plan_migrations(migrations, applied, false));
    if (plan.empty()) return {};
    if (!applied.empty()) RETURN_IF_ERROR(back_up(*writer_, path_, plan.front()->name));
    for (const Migration* migration : plan) {
      auto done = apply(*migration);
      if (!done.ok()) return std::move(done).error().at("applying migration " + migration->name);
    }
    return {};
  }

  base::Result<void> apply(const Migration& migration) {
    return Transaction(*writer_).run("BEGIN IMMEDIATE", [&](Session& session) -> base::Result<void> {
      Write tx(session);
      // Another process may have been quicker.
      ASSIGN_OR_RETURN(const auto done, tx.maybe_one("SELECT 1 FROM schema_migrations WHERE name = ?1", migration.name));
      if (done) return {};
      RETURN_IF_ERROR(writer_->run_script(migration.sql));
      if (!writer_->in_transaction()) return errors::statement("it ends the transaction");
      ASSIGN_OR_RETURN(const auto broken, tx.all("SELECT \"table\", parent FROM pragma_foreign_key_check LIMIT 1"));
      if (!broken.empty()) return errors::foreign_key(broken[0].get<std::string>(0) + " to " + broken[0].get<std::string>(1));
      RETURN_IF_ERROR(tx.execute(kInsertSchemaMigration, migration.name, checksum_of(migration.sql), base::system_now()));
      return {};
    });
  }

  const std::string path_;
  Pool<Connection> readers_;
  WriteQueue queue_;  // guards writer_
  std::unique_ptr<Connection> writer_;
};

}  // namespace

base::Result<std::unique_ptr<Db>> open_sqlite(const Options& options) {
  ASSIGN_OR_RETURN(auto writer, Connection::open(options.location, Connection::Use::writing));
  return std::unique_ptr<Db>(std::make_unique<SqliteDb>(options, std::move(writer)));
}

}  // namespace sluice::db::sqlite
