#include "db/sqlite/table_reader.h"

#include <sqlite3.h>
#include <unistd.h>

#include <charconv>
#include <map>
#include <utility>

#include "base/text.h"
#include "db/decimal.h"
#include "db/filter_sql.h"
#include "db/sqlite/connection.h"
#include "db/table_checks.h"

namespace sluice::db::sqlite {

namespace {

std::optional<Decimal> decimal_of(sqlite3_value* value) {
  if (sqlite3_value_type(value) != SQLITE_TEXT) return std::nullopt;
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  return Decimal::parse({text, static_cast<std::size_t>(sqlite3_value_bytes(value))});
}

// Null for what is not a decimal.
void decimal_key(sqlite3_context* context, int, sqlite3_value** arguments) {
  const auto decimal = decimal_of(arguments[0]);
  if (!decimal) return;
  const std::string key = decimal->key();
  sqlite3_result_text(context, key.data(), static_cast<int>(key.size()), SQLITE_TRANSIENT);
}

void decimal_compare(sqlite3_context* context, int, sqlite3_value** arguments) {
  const auto left = decimal_of(arguments[0]);
  const auto right = decimal_of(arguments[1]);
  if (!left || !right) return;
  const auto order = *left <=> *right;
  sqlite3_result_int(context, order < 0 ? -1 : order > 0 ? 1 : 0);
}

// Neither locks nor a look at the file for changes: a finished version never changes.
std::string immutable_uri(const std::string& folder, const std::string& version) {
  std::string uri = "file:";
  for (const std::string_view part : base::split(folder, '/')) uri += base::percent_encode(part) + "/";
  uri.pop_back();  // the folder ends with a '/' already
  return uri + version + ".db?immutable=1";
}

class Reader {
 public:
  static base::Result<Reader> open(const std::string& folder, const std::string& version) {
    Reader reader(folder);
    RETURN_IF_ERROR(reader.check_exists(version));
    sqlite3* raw = nullptr;
    const int opened = sqlite3_open_v2(immutable_uri(folder, version).c_str(), &raw,
                                       SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    reader.handle_.reset(raw);
    if (opened != SQLITE_OK) return error_of(raw);
    // A small cache and no mapping: a scan reads each page once, and mapped pages would count as our memory.
    RETURN_IF_ERROR(execute(raw, "PRAGMA cache_size=-2048; PRAGMA mmap_size=0; PRAGMA query_only=ON"));
    const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
    sqlite3_create_function_v2(raw, "decimal_key", 1, flags, nullptr, &decimal_key, nullptr, nullptr, nullptr);
    sqlite3_create_function_v2(raw, "decimal_compare", 2, flags, nullptr, &decimal_compare, nullptr, nullptr, nullptr);
    return reader;
  }

  base::Result<std::string> compile(const Filter& filter, const std::vector<TableColumn>& columns) {
    return compile_filter(filter, columns, Dialect::sqlite, [this](const std::string& version) { return attach(version); });
  }

  sqlite3* handle() const { return handle_.get(); }
  Handle take() { return std::move(handle_); }

 private:
  explicit Reader(std::string folder) : folder_(std::move(folder)) {}

  base::Result<void> check_exists(const std::string& version) const {
    if (!is_valid_version(version)) return bad_version();
    if (::access((folder_ + version + ".db").c_str(), F_OK) != 0) return no_such_version(version);
    return {};
  }

  base::Result<ListTable> attach(const std::string& version) {
    if (const auto known = lists_.find(version); known != lists_.end()) return known->second;
    RETURN_IF_ERROR(check_exists(version));
    if (lists_.size() == kMaxLists) {
      return base::Error{.code = base::Code::invalid,
                         .reason = "filter.too_many_lists",
                         .detail = "A condition can use at most " + std::to_string(kMaxLists) + " lists.",
                         .internal = ""};
    }
    const std::string schema = "l" + std::to_string(lists_.size());
    RETURN_IF_ERROR(execute(handle_.get(), "ATTACH " + quote_text(immutable_uri(folder_, version)) + " AS " + schema));
    ASSIGN_OR_RETURN(const Statement type,
                     prepare(handle_.get(), "SELECT type FROM pragma_table_info('t', '" + schema + "') WHERE name = 'c0'"));
    if (sqlite3_step(type.get()) != SQLITE_ROW) return error_of(handle_.get());
    const std::string_view name = reinterpret_cast<const char*>(sqlite3_column_text(type.get(), 0));
    const ListTable list{.name = schema + ".t", .is_integer = name == "INTEGER"};
    lists_.emplace(version, list);
    return list;
  }

  static constexpr std::size_t kMaxLists = 10;  // SQLITE_MAX_ATTACHED

  std::string folder_;
  Handle handle_;
  std::map<std::string, ListTable> lists_;
};

class FileScan final : public TableScan {
 public:
  FileScan(Handle handle, Statement statement, const ScanSpec& spec, const std::vector<TableColumn>& columns)
      : handle_(std::move(handle)), statement_(std::move(statement)), cells_(spec.columns.size()) {
    std::size_t integers = 0;
    for (const std::size_t column : spec.columns) {
      is_integer_.push_back(columns[column].type == base::ColumnType::integer);
      if (is_integer_.back()) ++integers;
    }
    digits_.resize(integers * kDigits);
  }

  base::Result<std::span<const base::Cell>> next() override {
    if (done_) return std::span<const base::Cell>();
    sqlite3_stmt* statement = statement_.get();
    const int state = sqlite3_step(statement);
    if (state != SQLITE_ROW) {
      done_ = true;
      if (state != SQLITE_DONE) return error_of(handle_.get());
      return std::span<const base::Cell>();
    }
    char* digits = digits_.data();
    const int columns = static_cast<int>(cells_.size());
    for (int i = 0; i < columns; ++i) {
      base::Cell& cell = cells_[static_cast<std::size_t>(i)];
      // Asking one value three times costs a third less than asking the column; nobody else uses this connection, which is what
      // these "unprotected" values demand.
      sqlite3_value* const value = sqlite3_column_value(statement, i);
      if (is_integer_[static_cast<std::size_t>(i)]) {
        cell.null = sqlite3_value_type(value) == SQLITE_NULL;
        if (cell.null) {
          cell.data = nullptr;
          cell.size = 0;
          continue;
        }
        const auto end = std::to_chars(digits, digits + kDigits, static_cast<std::int64_t>(sqlite3_value_int64(value))).ptr;
        cell.data = digits;
        cell.size = static_cast<std::uint32_t>(end - digits);
        digits += kDigits;
        continue;
      }
      cell.data = reinterpret_cast<const char*>(sqlite3_value_text(value));
      cell.null = cell.data == nullptr;  // only null: a text has at least its NUL
      cell.size = cell.null ? 0 : static_cast<std::uint32_t>(sqlite3_value_bytes(value));
    }
    return std::span<const base::Cell>(cells_);
  }

 private:
  static constexpr std::size_t kDigits = 20;  // -9223372036854775808

  Handle handle_;
  Statement statement_;  // after handle_: goes first
  std::vector<base::Cell> cells_;
  std::vector<bool> is_integer_;
  std::vector<char> digits_;
  bool done_ = false;
};

}  // namespace

base::Result<std::unique_ptr<TableScan>> scan_table_file(const std::string& folder, const ScanSpec& spec,
                                                         const std::vector<TableColumn>& columns) {
  BASE_ASSERT(!spec.columns.empty());
  ASSIGN_OR_RETURN(Reader reader, Reader::open(folder, spec.version));
  ASSIGN_OR_RETURN(const std::string condition, reader.compile(spec.filter, columns));
  std::string sql = "SELECT ";
  for (const std::size_t column : spec.columns) {
    BASE_ASSERT(column < columns.size());
    sql += "c" + std::to_string(column) + ", ";
  }
  sql.resize(sql.size() - 2);
  sql += " FROM main.t WHERE " + condition;
  if (spec.first_row > 1) sql += " AND n >= " + std::to_string(spec.first_row);
  if (spec.last_row < INT64_MAX) sql += " AND n <= " + std::to_string(spec.last_row);
  sql += " ORDER BY n";
  if (spec.limit >= 0) sql += " LIMIT " + std::to_string(spec.limit);
  ASSIGN_OR_RETURN(Statement statement, prepare(reader.handle(), sql));
  return std::unique_ptr<TableScan>(std::make_unique<FileScan>(reader.take(), std::move(statement), spec, columns));
}

base::Result<std::int64_t> count_table_file(const std::string& folder, const std::string& version, const Filter& filter,
                                            const std::vector<TableColumn>& columns) {
  ASSIGN_OR_RETURN(Reader reader, Reader::open(folder, version));
  ASSIGN_OR_RETURN(const std::string condition, reader.compile(filter, columns));
  // Rows are numbered from 1 without gaps.
  const std::string sql = condition == "TRUE" ? "SELECT coalesce(max(n), 0) FROM main.t" : "SELECT count(*) FROM main.t WHERE " + condition;
  ASSIGN_OR_RETURN(const Statement statement, prepare(reader.handle(), sql));
  if (sqlite3_step(statement.get()) != SQLITE_ROW) return error_of(reader.handle());
  return static_cast<std::int64_t>(sqlite3_column_int64(statement.get(), 0));
}

}  // namespace sluice::db::sqlite
