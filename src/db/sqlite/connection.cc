#include "db/sqlite/connection.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <utility>

#include "db/errors.h"
#include "db/sqlite/constraints.h"
#include "db/statement.h"

namespace sluice::db::sqlite {

namespace {

void bind(sqlite3_stmt* statement, int index, const Value& value) {
  struct Binder {
    sqlite3_stmt* statement;
    int index;
    void operator()(std::monostate) const { sqlite3_bind_null(statement, index); }
    void operator()(std::int64_t v) const { sqlite3_bind_int64(statement, index, v); }
    void operator()(double v) const { sqlite3_bind_double(statement, index, v); }
    void operator()(bool v) const { sqlite3_bind_int(statement, index, v ? 1 : 0); }
    void operator()(const std::string& v) const { sqlite3_bind_text64(statement, index, v.data(), v.size(), SQLITE_STATIC, SQLITE_UTF8); }
    void operator()(const Blob& v) const { sqlite3_bind_blob64(statement, index, v.bytes.data(), v.bytes.size(), SQLITE_STATIC); }
  };
  std::visit(Binder{statement, index}, value);
}

Value read_column(sqlite3_stmt* statement, int index) {
  switch (sqlite3_column_type(statement, index)) {
    case SQLITE_INTEGER:
      return Value(static_cast<std::int64_t>(sqlite3_column_int64(statement, index)));
    case SQLITE_FLOAT:
      return Value(sqlite3_column_double(statement, index));
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, index));
      return Value(std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement, index))));
    }
    case SQLITE_BLOB: {
      const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, index));
      const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, index));
      return Value(Blob{size == 0 ? std::string() : std::string(bytes, size)});
    }
    default:
      return Value();
  }
}

base::Error constraint_error(sqlite3* handle, int code) {
  const std::string message = sqlite3_errmsg(handle);
  const std::string name = message.substr(std::min(message.find(": "), message.size() - 2) + 2);
  switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return errors::unique(find_unique_constraint(handle, name));
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return errors::foreign_key("");  // SQLite does not know which
    case SQLITE_CONSTRAINT_TRIGGER:
      return errors::check(message);  // RAISE(ABORT, 'name')
    default:
      return errors::check(name);
  }
}

// Readable by nobody else, which the files SQLite puts beside it take over.
base::Result<void> make_private_file(const std::string& path) {
  // Only ever created, never opened again: close() would drop the locks that this process holds on the file through other
  // connections, and then another process that closes the database would delete the log under our feet.
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0 && errno == EEXIST) return {};
  if (file < 0) return errors::unavailable("opening the database file: error " + std::to_string(errno));
  ::close(file);
  return {};
}

}  // namespace

void StatementCloser::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
void HandleCloser::operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }

base::Error error_of(sqlite3* handle) {
  const int code = sqlite3_extended_errcode(handle);
  const std::string cause = "sqlite " + std::to_string(code) + ": " + sqlite3_errmsg(handle);
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
      return constraint_error(handle, code);
    case SQLITE_ERROR:
    case SQLITE_MISUSE:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE:
    case SQLITE_TOOBIG:
      return errors::statement(cause);
    default:
      return errors::unavailable(cause);
  }
}

base::Result<void> execute(sqlite3* handle, const std::string& script) {
  if (sqlite3_exec(handle, script.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return error_of(handle);
  return {};
}

base::Result<Statement> prepare(sqlite3* handle, std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v3(handle, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &raw, nullptr) != SQLITE_OK) {
    return error_of(handle);
  }
  if (raw == nullptr) return errors::statement("an empty statement");
  return Statement(raw);
}

base::Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, Use use) {
  RETURN_IF_ERROR(make_private_file(path));
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  Handle handle(raw);
  if (opened != SQLITE_OK) return error_of(raw);
  sqlite3_busy_timeout(raw, 10'000);  // first of all: even switching to WAL may meet another process
  // As on PostgreSQL: "x" is a name, never text.
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  RETURN_IF_ERROR(execute(raw,
                          "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;"
                          "PRAGMA case_sensitive_like=ON; PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=67108864;"
                          "PRAGMA cache_size=-8192"));
  if (use == Use::reading) RETURN_IF_ERROR(execute(raw, "PRAGMA query_only=ON"));
  return std::unique_ptr<Connection>(new Connection(std::move(handle)));
}

base::Result<std::int64_t> Connection::run(std::string_view sql, std::span<const Value> parameters,
                                           const std::function<void(Row&&)>* on_row) {
  RETURN_IF_ERROR(check_parameters(parameters));
  Statement statement;
  if (auto cached = statements_.take(sql)) {
    statement = *std::move(cached);
  } else {
    ASSIGN_OR_RETURN(statement, prepare(handle_.get(), sql));
  }
  if (sqlite3_bind_parameter_count(statement.get()) != static_cast<int>(parameters.size())) {
    return errors::statement("the statement has another number of parameters than were given");
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) bind(statement.get(), static_cast<int>(i) + 1, parameters[i]);
  auto result = step_through(statement.get(), on_row);
  sqlite3_reset(statement.get());
  sqlite3_clear_bindings(statement.get());
  statements_.put(sql, std::move(statement));
  return result;
}

base::Result<std::int64_t> Connection::step_through(sqlite3_stmt* statement, const std::function<void(Row&&)>* on_row) {
  const std::int64_t before = sqlite3_total_changes64(handle_.get());
  const int columns = sqlite3_column_count(statement);
  int state = sqlite3_step(statement);
  for (; state == SQLITE_ROW; state = sqlite3_step(statement)) {
    if (on_row == nullptr) continue;
    std::vector<Value> values;
    values.reserve(static_cast<std::size_t>(columns));
    for (int i = 0; i < columns; ++i) values.push_back(read_column(statement, i));
    (*on_row)(Row(std::move(values)));
  }
  if (state != SQLITE_DONE) return error_of(handle_.get());
  // changes() keeps the number of the last statement that changed something, which may not be this one.
  return sqlite3_total_changes64(handle_.get()) == before ? 0 : sqlite3_changes64(handle_.get());
}

base::Result<void> Connection::run_plain(std::string_view sql) {
  RETURN_IF_ERROR(run(sql, {}, nullptr));
  return {};
}

bool Connection::in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }

void Connection::roll_back() {
  // A full disk or an I/O error has rolled back already.
  if (in_transaction()) static_cast<void>(run_plain("ROLLBACK").ok());
}

}  // namespace sluice::db::sqlite
