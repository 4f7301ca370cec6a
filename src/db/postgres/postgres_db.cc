#include "db/postgres/postgres_db.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <random>
#include <thread>
#include <utility>

#include "base/time.h"
#include "db/errors.h"
#include "db/migrations.h"
#include "db/pool.h"
#include "db/postgres/connection.h"

namespace sluice::db::postgres {

namespace {

constexpr int kTries = 10;
constexpr const char* kBeginReading = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
constexpr const char* kBeginWriting = "BEGIN ISOLATION LEVEL REPEATABLE READ";
// So that two servers that start at the same time migrate one after the other. The number is ours alone.
constexpr const char* kLockMigrations = "SELECT pg_advisory_lock(5347813360128451)";
constexpr const char* kUnlockMigrations = "SELECT pg_advisory_unlock(5347813360128451)";

class PostgresSession final : public Session {
 public:
  explicit PostgresSession(Connection& connection) : connection_(connection) {}

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

  // After BEGIN.
  base::Result<void> run(const std::function<base::Result<void>(Session&)>& body) {
    PostgresSession session(connection_);
    RETURN_IF_ERROR(body(session));
    if (session.failed()) return errors::statement("the failure of a statement was ignored");
    return connection_.commit();
  }

 private:
  Connection& connection_;
};

// Full jitter, so that those who collided do not meet again.
void back_off(int attempt) {
  thread_local std::minstd_rand random{static_cast<unsigned>(std::hash<std::thread::id>{}(std::this_thread::get_id()))};
  const int most = std::min(2 << attempt, 200);
  std::this_thread::sleep_for(std::chrono::milliseconds(std::uniform_int_distribution<int>(0, most)(random)));
}

class PostgresDb final : public Db {
 public:
  explicit PostgresDb(const Options& options) : url_(options.location), pool_(options.readers) {}
  ~PostgresDb() override { PostgresDb::close(); }

  bool is_postgres() const override { return true; }
  void close() override { pool_.close(); }

  base::Result<void> check_connection() {
    ASSIGN_OR_RETURN(auto lease, pool_.take());
    RETURN_IF_ERROR(begin(lease, kBeginReading));
    return lease.connection->commit();
  }

  base::Result<void> migrate(std::span<const Migration> migrations) override {
    ASSIGN_OR_RETURN(auto lease, pool_.take());
    RETURN_IF_ERROR(begin(lease, kBeginReading));
    RETURN_IF_ERROR(lease.connection->commit());
    Connection& connection = *lease.connection;
    // Waiting for another server's migrations may take long.
    RETURN_IF_ERROR(connection.run_script("SET lock_timeout = 0"));
    RETURN_IF_ERROR(connection.run_script(kLockMigrations));
    auto result = migrate_locked(connection, migrations);
    static_cast<void>(connection.run_script(std::string(kUnlockMigrations) + "; SET lock_timeout = '30s'").ok());
    if (connection.broken()) lease.connection.reset();
    return result;
  }

 protected:
  base::Result<void> with_read(const Body& body) override { return with_transaction(kBeginReading, body); }
  base::Result<void> with_write(const Body& body) override { return with_transaction(kBeginWriting, body); }

 private:
  using Lease = Pool<Connection>::Lease;

  // Connects when needed, and once more when the connection was dropped while nobody used it.
  base::Result<void> begin(Lease& lease, const char* statement) {
    if (lease.connection) {
      if (lease.connection->run_script(statement).ok()) return {};
      lease.connection.reset();
    }
    ASSIGN_OR_RETURN(lease.connection, Connection::open(url_));
    return lease.connection->run_script(statement);
  }

  base::Result<void> with_transaction(const char* statement, const Body& body) {
    for (int attempt = 1;; ++attempt) {
      {
        ASSIGN_OR_RETURN(auto lease, pool_.take());
        RETURN_IF_ERROR(begin(lease, statement));
        lease.connection->take_retryable();
        auto result = Transaction(*lease.connection).run(body);
        const bool again = lease.connection->take_retryable();
        if (lease.connection->broken()) lease.connection.reset();
        if (!again || result.ok() || attempt == kTries) return result;
      }
      back_off(attempt);
    }
  }

  base::Result<void> migrate_locked(Connection& connection, std::span<const Migration> migrations) {
    std::vector<AppliedMigration> applied;
    RETURN_IF_ERROR(connection.run_script(kBeginWriting));
    RETURN_IF_ERROR(Transaction(connection).run([&](Session& session) -> base::Result<void> {
      Write tx(session);
      RETURN_IF_ERROR(tx.execute(kCreateSchemaMigrations));
      ASSIGN_OR_RETURN(const auto rows, tx.all(kListSchemaMigrations));
      for (const Row& row : rows) applied.push_back({row.get<std::string>(0), row.get<std::string>(1)});
      return {};
    }));
    ASSIGN_OR_RETURN(const auto plan, plan_migrations(migrations, applied, true));
    for (const Migration* migration : plan) {
      auto done = apply(connection, *migration);
      if (!done.ok()) return std::move(done).error().at("applying migration " + migration->name);
    }
    return {};
  }

  static base::Result<void> apply(Connection& connection, const Migration& migration) {
    RETURN_IF_ERROR(connection.run_script("BEGIN"));
    return Transaction(connection).run([&](Session& session) -> base::Result<void> {
      RETURN_IF_ERROR(connection.run_script(migration.sql));
      if (!connection.in_transaction()) return errors::statement("it ends the transaction");
      Write tx(session);
      RETURN_IF_ERROR(tx.execute(kInsertSchemaMigration, migration.name, checksum_of(migration.sql), base::system_now()));
      return {};
    });
  }

  const std::string url_;
  Pool<Connection> pool_;
};

}  // namespace

base::Result<std::unique_ptr<Db>> open_postgres(const Options& options) {
  auto db = std::make_unique<PostgresDb>(options);
  RETURN_IF_ERROR(db->check_connection());
  return std::unique_ptr<Db>(std::move(db));
}

}  // namespace sluice::db::postgres
