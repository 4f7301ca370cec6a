#include "db/postgres/connection.h"

#include <libpq-fe.h>

#include <charconv>
#include <utility>

#include "base/text.h"
#include "db/errors.h"
#include "db/postgres/values.h"
#include "db/statement.h"

namespace sluice::db::postgres {

namespace {

std::string field(const PGresult* answer, int code) {
  const char* text = answer == nullptr ? nullptr : PQresultErrorField(answer, code);
  return text == nullptr ? "" : text;
}

bool succeeded(const PGresult* answer) {
  const ExecStatusType status = PQresultStatus(answer);
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

// Another process migrated while this connection kept a plan; see failure().
bool plan_is_stale(const PGresult* answer) {
  return field(answer, PG_DIAG_SQLSTATE) == "0A000" && field(answer, PG_DIAG_SOURCE_FUNCTION) == "RevalidateCachedQuery";
}

}  // namespace

void AnswerCloser::operator()(PGresult* answer) const { PQclear(answer); }
void HandleCloser::operator()(PGconn* handle) const { PQfinish(handle); }

base::Error error_of(PGconn* handle, const PGresult* answer) {
  const std::string state = field(answer, PG_DIAG_SQLSTATE);
  if (state.empty()) return errors::unavailable("postgres: " + std::string(base::trim(PQerrorMessage(handle))));
  const std::string constraint = field(answer, PG_DIAG_CONSTRAINT_NAME);
  if (state == "23505" || state == "23P01") return errors::unique(constraint);
  if (state == "23503") return errors::foreign_key(constraint);
  if (state == "23502") return errors::check(field(answer, PG_DIAG_TABLE_NAME) + "." + field(answer, PG_DIAG_COLUMN_NAME));
  if (state == "23514") return errors::check(constraint);
  const std::string message = field(answer, PG_DIAG_MESSAGE_PRIMARY);
  if (state == "P0001") return errors::check(message);  // RAISE EXCEPTION 'name'
  // The messages of class 22 quote the value.
  if (state.starts_with("22")) return errors::statement("postgres " + state);
  const std::string cause = "postgres " + state + ": " + message;
  const bool ours = state.starts_with("42") || state.starts_with("0A") || state.starts_with("25");
  return ours ? errors::statement(cause) : errors::unavailable(cause);
}

base::Result<Handle> connect(const std::string& url) {
  // What stands before dbname is a default that the address may override.
  const char* const names[] = {"connect_timeout", "fallback_application_name", "dbname", "client_encoding", nullptr};
  const char* const values[] = {"10", "sluice", url.c_str(), "UTF8", nullptr};
  Handle handle(PQconnectdbParams(names, values, 1));
  if (!handle) return errors::unavailable("out of memory");
  if (PQstatus(handle.get()) != CONNECTION_OK) return error_of(handle.get(), nullptr);
  PQsetNoticeProcessor(handle.get(), [](void*, const char*) {}, nullptr);
  RETURN_IF_ERROR(execute(handle.get(),
                          "SET client_min_messages = warning; SET timezone = 'UTC'; SET synchronous_commit = on;"
                          "SET standard_conforming_strings = on; SET lock_timeout = '30s'"));
  return handle;
}

base::Result<Answer> execute(PGconn* handle, const std::string& script) {
  Answer answer(PQexec(handle, script.c_str()));
  if (!succeeded(answer.get())) return error_of(handle, answer.get());
  return answer;
}

base::Result<std::unique_ptr<Connection>> Connection::open(const std::string& url) {
  ASSIGN_OR_RETURN(Handle handle, connect(url));
  return std::unique_ptr<Connection>(new Connection(std::move(handle)));
}

base::Error Connection::failure(const PGresult* answer) {
  const std::string state = field(answer, PG_DIAG_SQLSTATE);
  retryable_ = state == "40001" || state == "40P01";
  if (plan_is_stale(answer)) {
    while (auto name = statements_.take_any()) forgotten_.push_back(*std::move(name));
    retryable_ = true;
  }
  return error_of(handle_.get(), answer);
}

base::Result<std::string> Connection::prepared(const std::string& key, std::string_view sql, std::span<const Value> parameters) {
  if (auto name = statements_.take(key)) return *std::move(name);
  const DollarSql dollars = to_dollar_placeholders(sql, parameters);
  if (dollars.parameters != parameters.size()) return errors::statement("the statement has another number of parameters than were given");
  std::vector<Oid> types;
  for (const Value& value : parameters) types.push_back(static_cast<Oid>(type_of(value)));
  std::string name = "s" + std::to_string(next_name_++);
  const Answer answer(PQprepare(handle_.get(), name.c_str(), dollars.text.c_str(), static_cast<int>(types.size()), types.data()));
  if (!succeeded(answer.get())) return failure(answer.get());
  return name;
}

base::Result<std::int64_t> Connection::run(std::string_view sql, std::span<const Value> parameters,
                                           const std::function<void(Row&&)>* on_row) {
  RETURN_IF_ERROR(check_parameters(parameters));
  for (; !forgotten_.empty(); forgotten_.pop_back()) RETURN_IF_ERROR(run_script("DEALLOCATE " + forgotten_.back()));
  // The types belong to the key: the same text with another type, or with null, is another plan.
  std::string key;
  key.reserve(parameters.size() + 1 + sql.size());
  for (const Value& value : parameters) key += static_cast<char>('0' + value.index());
  key.append(":").append(sql);
  ASSIGN_OR_RETURN(std::string name, prepared(key, sql, parameters));
  const Parameters arrays(parameters);
  const Answer answer(PQexecPrepared(handle_.get(), name.c_str(), static_cast<int>(parameters.size()), arrays.values.data(),
                                     arrays.lengths.data(), arrays.formats.data(), 1));
  if (auto gone = statements_.put(key, std::move(name))) forgotten_.push_back(*std::move(gone));
  if (!succeeded(answer.get())) return failure(answer.get());

  const int columns = PQnfields(answer.get());
  for (int row = 0; on_row != nullptr && row < PQntuples(answer.get()); ++row) {
    std::vector<Value> values;
    values.reserve(static_cast<std::size_t>(columns));
    for (int i = 0; i < columns; ++i) {
      if (PQgetisnull(answer.get(), row, i) != 0) {
        values.emplace_back();
        continue;
      }
      const std::string_view bytes(PQgetvalue(answer.get(), row, i), static_cast<std::size_t>(PQgetlength(answer.get(), row, i)));
      auto value = decode(static_cast<TypeId>(PQftype(answer.get(), i)), bytes);
      if (!value) return errors::statement("a result has a type outside the common subset: " + std::to_string(PQftype(answer.get(), i)));
      values.push_back(*std::move(value));
    }
    (*on_row)(Row(std::move(values)));
  }
  if (std::string_view(PQcmdStatus(answer.get())).starts_with("SELECT")) return std::int64_t{0};
  return base::parse_int(PQcmdTuples(answer.get())).value_or(0);
}

base::Result<void> Connection::run_script(const std::string& script) {
  const Answer answer(PQexec(handle_.get(), script.c_str()));
  if (!succeeded(answer.get())) return failure(answer.get());
  return {};
}

base::Result<void> Connection::commit() {
  const Answer answer(PQexec(handle_.get(), "COMMIT"));
  if (!succeeded(answer.get())) return failure(answer.get());
  if (std::string_view(PQcmdStatus(answer.get())) == "ROLLBACK") return errors::statement("the failure of a statement was ignored");
  return {};
}

void Connection::roll_back() {
  if (PQtransactionStatus(handle_.get()) != PQTRANS_IDLE) const Answer ignored(PQexec(handle_.get(), "ROLLBACK"));
}

bool Connection::broken() const {
  return PQstatus(handle_.get()) != CONNECTION_OK || PQtransactionStatus(handle_.get()) == PQTRANS_UNKNOWN;
}
bool Connection::in_transaction() const { return PQtransactionStatus(handle_.get()) == PQTRANS_INTRANS; }

}  // namespace sluice::db::postgres
