#include "db/postgres/table_reader.h"

#include <libpq-fe.h>

#include <charconv>
#include <utility>

#include "base/text.h"
#include "db/errors.h"
#include "db/filter_sql.h"
#include "db/postgres/table_names.h"
#include "db/postgres/values.h"
#include "db/table_checks.h"

namespace sluice::db::postgres {

namespace {

constexpr const char* kBegin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

base::Result<ListTable> find_list(PGconn* handle, const std::string& version) {
  if (!is_valid_version(version)) return bad_version();
  RETURN_IF_ERROR(check_version_exists(handle, version));
  ASSIGN_OR_RETURN(const std::string type, ask(handle, "SELECT atttypid FROM pg_attribute WHERE attrelid = '" + table_name(version) +
                                                           "'::regclass AND attname = 'c0'"));
  return ListTable{.name = table_name(version), .is_integer = type == std::to_string(static_cast<int>(TypeId::int8))};
}

base::Result<std::string> compile(PGconn* handle, const Filter& filter, const std::vector<TableColumn>& columns) {
  return compile_filter(filter, columns, Dialect::postgres, [handle](const std::string& version) { return find_list(handle, version); });
}

struct MessageCloser {
  void operator()(char* message) const { PQfreemem(message); }
};

class CopyScan final : public TableScan {
 public:
  CopyScan(IdleConnections::Lease handle, const ScanSpec& spec, const std::vector<TableColumn>& columns)
      : handle_(std::move(handle)), cells_(spec.columns.size()) {
    std::size_t integers = 0;
    for (const std::size_t column : spec.columns) {
      is_integer_.push_back(columns[column].type == base::ColumnType::integer);
      if (is_integer_.back()) ++integers;
    }
    digits_.resize(integers * kDigits);
  }

  base::Result<std::span<const base::Cell>> next() override {
    while (!done_) {
      char* raw = nullptr;
      const int size = PQgetCopyData(handle_.get(), &raw, 0);
      message_.reset(raw);
      if (size < 0) {
        done_ = true;
        RETURN_IF_ERROR(end_of_copy(size));
        break;
      }
      std::string_view bytes(raw, static_cast<std::size_t>(size));
      if (!header_read_) {
        header_read_ = true;
        if (bytes.size() < 19) break;
        bytes.remove_prefix(std::min<std::size_t>(bytes.size(), 19 + read_big_endian<std::uint32_t>(bytes.data() + 15)));
        if (bytes.empty()) continue;
      }
      if (bytes.size() == 2) continue;  // the end mark
      if (read_row(bytes)) return std::span<const base::Cell>(cells_);
      done_ = true;
      return errors::unavailable("postgres: a row is not what was asked for");
    }
    return std::span<const base::Cell>();
  }

 private:
  static constexpr std::size_t kDigits = 20;  // -9223372036854775808

  bool read_row(std::string_view bytes) {
    const char* at = bytes.data();
    const char* const end = at + bytes.size();
    if (end - at < 2 || read_big_endian<std::uint16_t>(at) != cells_.size()) return false;
    at += 2;
    char* digits = digits_.data();
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      if (end - at < 4) return false;
      const auto size = read_big_endian<std::int32_t>(at);
      at += 4;
      base::Cell& cell = cells_[i];
      cell.null = size < 0;
      if (cell.null) {
        cell.data = nullptr;
        cell.size = 0;
        continue;
      }
      if (end - at < size) return false;
      if (is_integer_[i]) {
        if (size != 8) return false;
        const char* stop = std::to_chars(digits, digits + kDigits, read_big_endian<std::int64_t>(at)).ptr;
        cell.data = digits;
        cell.size = static_cast<std::uint32_t>(stop - digits);
        digits += kDigits;
      } else {
        cell.data = at;
        cell.size = static_cast<std::uint32_t>(size);
      }
      at += size;
    }
    return at == end;
  }

  base::Result<void> end_of_copy(int status) {
    if (status == -2) return error_of(handle_.get(), nullptr);
    while (const Answer answer{PQgetResult(handle_.get())}) {
      if (PQresultStatus(answer.get()) != PGRES_COMMAND_OK) return error_of(handle_.get(), answer.get());
    }
    RETURN_IF_ERROR(execute(handle_.get(), "COMMIT"));
    return {};
  }

  IdleConnections::Lease handle_;
  std::unique_ptr<char, MessageCloser> message_;  // what the cells point into
  std::vector<base::Cell> cells_;
  std::vector<bool> is_integer_;
  std::vector<char> digits_;
  bool header_read_ = false;
  bool done_ = false;
};

}  // namespace

base::Result<std::unique_ptr<TableScan>> scan_table(IdleConnections::Lease handle, const ScanSpec& spec,
                                                    const std::vector<TableColumn>& columns) {
  BASE_ASSERT(!spec.columns.empty());
  RETURN_IF_ERROR(execute(handle.get(), kBegin));
  RETURN_IF_ERROR(check_version_exists(handle.get(), spec.version));
  ASSIGN_OR_RETURN(const std::string condition, compile(handle.get(), spec.filter, columns));
  std::string sql = "COPY (SELECT ";
  for (const std::size_t column : spec.columns) {
    BASE_ASSERT(column < columns.size());
    sql += "c" + std::to_string(column) + ", ";
  }
  sql.resize(sql.size() - 2);
  sql += " FROM " + table_name(spec.version) + " WHERE " + condition;
  if (spec.first_row > 1) sql += " AND n >= " + std::to_string(spec.first_row);
  if (spec.last_row < INT64_MAX) sql += " AND n <= " + std::to_string(spec.last_row);
  sql += " ORDER BY n";
  if (spec.limit >= 0) sql += " LIMIT " + std::to_string(spec.limit);
  sql += ") TO STDOUT (FORMAT binary)";
  const Answer copy(PQexec(handle.get(), sql.c_str()));
  if (PQresultStatus(copy.get()) != PGRES_COPY_OUT) return error_of(handle.get(), copy.get());
  return std::unique_ptr<TableScan>(std::make_unique<CopyScan>(std::move(handle), spec, columns));
}

base::Result<std::int64_t> count_table(PGconn* handle, const std::string& version, const Filter& filter,
                                       const std::vector<TableColumn>& columns) {
  RETURN_IF_ERROR(check_version_exists(handle, version));
  ASSIGN_OR_RETURN(const std::string condition, compile(handle, filter, columns));
  // Rows are numbered from 1 without gaps.
  const std::string what = condition == "TRUE" ? "coalesce(max(n), 0)" : "count(*)";
  ASSIGN_OR_RETURN(const std::string count, ask(handle, "SELECT " + what + " FROM " + table_name(version) + " WHERE " + condition));
  return base::parse_int(count).value_or(0);
}

}  // namespace sluice::db::postgres
