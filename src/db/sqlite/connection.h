// One SQLite connection with its prepared statements. One thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "db/db.h"
#include "db/statement_cache.h"

struct sqlite3;
struct sqlite3_stmt;

namespace sluice::db::sqlite {

struct StatementCloser {
  void operator()(sqlite3_stmt* statement) const;
};
using Statement = std::unique_ptr<sqlite3_stmt, StatementCloser>;

struct HandleCloser {
  void operator()(sqlite3* handle) const;
};
using Handle = std::unique_ptr<sqlite3, HandleCloser>;

// The last failure of the connection as one of the errors of db.h.
base::Error error_of(sqlite3* handle);
base::Result<void> execute(sqlite3* handle, const std::string& script);
base::Result<Statement> prepare(sqlite3* handle, std::string_view sql);

class Connection {
 public:
  enum class Use : std::uint8_t { reading, writing };

  static base::Result<std::unique_ptr<Connection>> open(const std::string& path, Use use);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  base::Result<std::int64_t> run(std::string_view sql, std::span<const Value> parameters, const std::function<void(Row&&)>* on_row);
  // Several statements without parameters.
  base::Result<void> run_script(const std::string& script) { return execute(handle_.get(), script); }
  base::Result<void> run_plain(std::string_view sql);
  bool in_transaction() const;
  // Undoes an open transaction. When even that fails the connection is of no use any more, and the next BEGIN says so.
  void roll_back();

 private:
  static constexpr std::size_t kStatements = 256;

  explicit Connection(Handle handle) : handle_(std::move(handle)), statements_(kStatements) {}
  base::Result<std::int64_t> step_through(sqlite3_stmt* statement, const std::function<void(Row&&)>* on_row);

  Handle handle_;
  StatementCache<Statement> statements_;  // after handle_: statements go first
};

}  // namespace sluice::db::sqlite
