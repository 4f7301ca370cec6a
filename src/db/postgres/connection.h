// One PostgreSQL connection with its prepared statements. One thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "db/db.h"
#include "db/statement_cache.h"

typedef struct pg_conn PGconn;      // NOLINT(modernize-use-using): as in libpq-fe.h
typedef struct pg_result PGresult;  // NOLINT(modernize-use-using)

namespace sluice::db::postgres {

struct AnswerCloser {
  void operator()(PGresult* answer) const;
};
using Answer = std::unique_ptr<PGresult, AnswerCloser>;

struct HandleCloser {
  void operator()(PGconn* handle) const;
};
using Handle = std::unique_ptr<PGconn, HandleCloser>;

// Opens a session with our settings.
base::Result<Handle> connect(const std::string& url);
// The failure of `answer`, or of the connection when there is none, as one of the errors of db.h.
base::Error error_of(PGconn* handle, const PGresult* answer);
base::Result<Answer> execute(PGconn* handle, const std::string& script);

class Connection {
 public:
  static base::Result<std::unique_ptr<Connection>> open(const std::string& url);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  base::Result<std::int64_t> run(std::string_view sql, std::span<const Value> parameters, const std::function<void(Row&&)>* on_row);
  // Several statements without parameters.
  base::Result<void> run_script(const std::string& script);
  // An Error also when the server made a ROLLBACK of it.
  base::Result<void> commit();
  void roll_back();

  bool broken() const;
  bool in_transaction() const;
  // Whether the last failure goes away when the transaction is run again; forgets it.
  bool take_retryable() { return std::exchange(retryable_, false); }

 private:
  static constexpr std::size_t kStatements = 256;

  explicit Connection(Handle handle) : handle_(std::move(handle)), statements_(kStatements) {}
  base::Result<std::string> prepared(const std::string& key, std::string_view sql, std::span<const Value> parameters);
  base::Error failure(const PGresult* answer);

  Handle handle_;
  StatementCache<std::string> statements_;  // text and types of the parameters to the name on the server
  std::vector<std::string> forgotten_;      // names to be deallocated
  std::uint64_t next_name_ = 0;
  bool retryable_ = false;
};

}  // namespace sluice::db::postgres
