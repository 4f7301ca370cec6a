// The configuration database: SQLite or PostgreSQL behind one class and one SQL text.
//
// A use case calls read() or write() with a function that gets the transaction; store functions take Read& or Write& and
// hold the SQL. A write is one transaction: it commits when the function returns a value and rolls back when it returns an
// Error. On PostgreSQL it runs at REPEATABLE READ and is run again when the database reports a serialisation failure, so
// the function must have no effect outside the transaction. On SQLite it is BEGIN IMMEDIATE, one writer at a time.
// Success means durable: synchronous=FULL / synchronous_commit=on (SYS-51).
//
// SQL is the common subset: ?1 placeholders, TEXT, BIGINT, BOOLEAN, BYTEA/BLOB, ON CONFLICT, RETURNING, CTEs, partial indexes.
// LIKE minds the case on both; give it ESCAPE '\'. After a failed statement a transaction can only end: what follows fails,
// and it does not commit even when the function ignores the failure (PostgreSQL's rule, kept on SQLite too). A write inside
// a write asserts on SQLite.
// Any thread; calls block. Nothing here throws.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "base/describe.h"
#include "base/id.h"
#include "base/json.h"
#include "base/result.h"
#include "base/time.h"

namespace sluice::db {

struct Blob {
  std::string bytes;
};

using Value = std::variant<std::monostate, std::int64_t, double, bool, std::string, Blob>;

// What a store function passes for a placeholder. Instants travel as BIGINT microseconds, ids and enums as text, JSON as TEXT.
Value to_value(std::string_view text);
inline Value to_value(const std::string& text) { return Value(text); }
inline Value to_value(const char* text) { return to_value(std::string_view(text)); }
inline Value to_value(bool v) { return Value(v); }
inline Value to_value(double v) { return Value(v); }
template <std::integral T>
  requires(!std::same_as<T, bool>)
Value to_value(T v) {
  return Value(static_cast<std::int64_t>(v));
}
inline Value to_value(base::Timestamp t) { return Value(base::to_micros(t)); }
inline Value to_value(Blob v) { return Value(std::move(v)); }
inline Value to_value(std::nullopt_t) { return Value(); }
inline Value to_value(const base::json::Object& v) { return Value(base::json::write(base::json::Value(v))); }
inline Value to_value(const base::json::Value& v) { return Value(base::json::write(v)); }
template <class Tag>
Value to_value(const base::Id<Tag>& id) {
  return Value(id.str());
}
template <base::NamedEnum E>
Value to_value(E e) {
  return Value(std::string(base::to_name(e)));
}
template <class T>
Value to_value(const std::optional<T>& v) {
  return v ? to_value(*v) : Value();
}

// One row of a result. get<T>(i) asserts that the column fits T; std::optional<T> for columns that may be null.
class Row {
 public:
  explicit Row(std::vector<Value> values) : values_(std::move(values)) {}

  std::size_t size() const { return values_.size(); }
  bool is_null(std::size_t i) const { return std::holds_alternative<std::monostate>(values_[i]); }
  const Value& at(std::size_t i) const { return values_[i]; }

  template <class T>
  T get(std::size_t i) const {
    if constexpr (base::detail::IsOptional<T>::value) {
      if (is_null(i)) return std::nullopt;
      return get<typename base::detail::IsOptional<T>::Inner>(i);
    } else if constexpr (std::same_as<T, bool>) {
      if (const auto* number = std::get_if<std::int64_t>(&values_[i])) return *number != 0;  // SQLite has no booleans
      return std::get<bool>(values_[i]);
    } else if constexpr (std::integral<T>) {
      return static_cast<T>(std::get<std::int64_t>(values_[i]));
    } else if constexpr (std::same_as<T, double>) {
      return std::get<double>(values_[i]);
    } else if constexpr (std::same_as<T, std::string>) {
      return std::get<std::string>(values_[i]);
    } else if constexpr (std::same_as<T, Blob>) {
      return std::get<Blob>(values_[i]);
    } else if constexpr (std::same_as<T, base::Timestamp>) {
      return base::from_micros(std::get<std::int64_t>(values_[i]));
    } else if constexpr (base::detail::IsId<T>::value) {
      const auto id = T::parse(std::get<std::string>(values_[i]));
      BASE_ASSERT(id.has_value());
      return *id;
    } else if constexpr (base::NamedEnum<T>) {
      const auto value = base::from_name<T>(std::get<std::string>(values_[i]));
      BASE_ASSERT(value.has_value());
      return *value;
    } else if constexpr (std::same_as<T, base::json::Value>) {
      auto value = base::json::parse(std::get<std::string>(values_[i]), {.bytes = std::size_t{64} << 20, .depth = 64, .values = 5'000'000});
      BASE_ASSERT(value.ok());
      return *std::move(value);
    } else {
      static_assert(std::same_as<T, base::json::Object>, "no conversion to this type");
      auto value = get<base::json::Value>(i);
      BASE_ASSERT(value.as_object() != nullptr);
      return std::move(*value.as_object());
    }
  }

 private:
  std::vector<Value> values_;
};

// One database connection inside a transaction; implemented in sqlite/ and postgres/. This is the only virtual interface
// of the database layer.
class Session {
 public:
  virtual ~Session() = default;
  // Runs one statement; calls `on_row` for each row; gives the number of changed rows.
  virtual base::Result<std::int64_t> run(std::string_view sql, std::span<const Value> parameters,
                                         const std::function<void(Row&&)>* on_row) = 0;
};

class Read {
 public:
  explicit Read(Session& session) : session_(session) {}

  template <class... P>
  base::Result<std::vector<Row>> all(std::string_view sql, const P&... parameters) {
    const std::vector<Value> values{to_value(parameters)...};
    std::vector<Row> rows;
    const std::function<void(Row&&)> keep = [&](Row&& row) { rows.push_back(std::move(row)); };
    RETURN_IF_ERROR(session_.run(sql, values, &keep));
    return rows;
  }
  template <class... P>
  base::Result<std::optional<Row>> maybe_one(std::string_view sql, const P&... parameters) {
    ASSIGN_OR_RETURN(auto rows, all(sql, parameters...));
    if (rows.empty()) return std::optional<Row>();
    return std::optional<Row>(std::move(rows.front()));
  }
  // For statements that always give a row, such as count(*).
  template <class... P>
  base::Result<Row> one(std::string_view sql, const P&... parameters) {
    ASSIGN_OR_RETURN(auto rows, all(sql, parameters...));
    BASE_ASSERT(!rows.empty());
    return std::move(rows.front());
  }
  base::Result<std::vector<Row>> all_with(std::string_view sql, std::span<const Value> values) {
    std::vector<Row> rows;
    const std::function<void(Row&&)> keep = [&](Row&& row) { rows.push_back(std::move(row)); };
    RETURN_IF_ERROR(session_.run(sql, values, &keep));
    return rows;
  }

 protected:
  Session& session_;
};

class Write : public Read {
 public:
  using Read::Read;
  // The number of rows that changed.
  template <class... P>
  base::Result<std::int64_t> execute(std::string_view sql, const P&... parameters) {
    const std::vector<Value> values{to_value(parameters)...};
    return session_.run(sql, values, nullptr);
  }
};

// Errors of the database as store functions see them:
//   conflict  "db.unique"       internal holds the constraint, see violates()
//   in_use    "db.foreign_key"  likewise on PostgreSQL; SQLite does not tell which
//   invalid   "db.check"        likewise (also NOT NULL: "users.email")
//   invalid   "db.bad_text", "db.bad_number"  a parameter has NUL characters, is not UTF-8, is not finite
//   internal  "db.unavailable"  the database cannot be reached, is full or is broken
//   internal  "db.statement"    our mistake: SQL the database does not understand, a statement after a failed one
// True when `error` comes from that constraint or unique index, on either backend.
bool violates(const base::Error& error, std::string_view constraint);

struct Migration {
  std::string name;  // "0001_people.sql"; *.sqlite.sql and *.postgres.sql exist in pairs where the dialects must differ
  std::string sql;
};
// The migrations compiled into the binary, in order.
std::span<const Migration> embedded_migrations();

struct Options {
  std::string location;     // a file path for SQLite, or postgresql://… / postgres://…
  std::size_t readers = 4;  // connections for reading (PostgreSQL: for everything)
};

class Db {
 public:
  // Opens and, on SQLite, creates. Does not migrate.
  static base::Result<std::unique_ptr<Db>> open(const Options& options);
  virtual ~Db() = default;

  // Forward only, in one transaction each, with checksums. Refuses ("db.migration_changed") when an applied migration is not
  // the one compiled in, or ("db.newer") when the database knows migrations this binary does not.
  virtual base::Result<void> migrate(std::span<const Migration> migrations) = 0;
  virtual bool is_postgres() const = 0;
  // Unloads cached prepared statements and closes; later calls answer db.unavailable.
  virtual void close() = 0;

  template <class F>
  auto read(F&& f) -> std::invoke_result_t<F&, Read&> {
    std::optional<std::invoke_result_t<F&, Read&>> out;
    const auto done = with_read([&](Session& session) -> base::Result<void> {
      Read tx(session);
      out.emplace(f(tx));
      if (!out->ok()) return copy_of(out->error());
      return {};
    });
    if (out && (done.ok() || !out->ok())) return std::move(*out);
    return done.error();
  }

  template <class F>
  auto write(F&& f) -> std::invoke_result_t<F&, Write&> {
    std::optional<std::invoke_result_t<F&, Write&>> out;
    const auto done = with_write([&](Session& session) -> base::Result<void> {
      Write tx(session);
      out.emplace(f(tx));
      if (!out->ok()) return copy_of(out->error());
      return {};
    });
    if (out && (done.ok() || !out->ok())) return std::move(*out);
    return done.error();
  }

 protected:
  using Body = std::function<base::Result<void>(Session&)>;
  virtual base::Result<void> with_read(const Body& body) = 0;
  virtual base::Result<void> with_write(const Body& body) = 0;

 private:
  static base::Error copy_of(const base::Error& error) { return error; }
};

}  // namespace sluice::db
