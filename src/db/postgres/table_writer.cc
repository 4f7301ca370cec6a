#include "db/postgres/table_writer.h"

#include <libpq-fe.h>

#include <cstring>
#include <utility>

#include "base/text.h"
#include "db/errors.h"
#include "db/postgres/table_names.h"
#include "db/postgres/values.h"
#include "db/table_checks.h"

namespace sluice::db::postgres {

namespace {

constexpr std::size_t kBlock = 256 * 1024;
// Signature, no flags, no extension.
constexpr std::string_view kHeader("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);

class CopyWriter final : public TableWriter {
 public:
  CopyWriter(IdleConnections::Lease handle, std::string table, std::vector<TableColumn> columns, std::optional<std::size_t> key)
      : handle_(std::move(handle)), table_(std::move(table)), columns_(std::move(columns)), key_(key) {
    block_.reserve(kBlock + kBlock / 4);
  }

  base::Result<void> start() {
    std::string create = "BEGIN; CREATE TABLE " + table_ + " (n bigint NOT NULL";
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      create += ", c" + std::to_string(i) + (columns_[i].type == base::ColumnType::integer ? " bigint" : " text COLLATE \"C\"");
    }
    RETURN_IF_ERROR(execute(handle_.get(), create + ")"));
    // FREEZE, so that nothing has to visit the rows once more after the commit.
    const Answer copy(PQexec(handle_.get(), ("COPY " + table_ + " FROM STDIN (FORMAT binary, FREEZE)").c_str()));
    if (PQresultStatus(copy.get()) != PGRES_COPY_IN) return error_of(handle_.get(), copy.get());
    block_.append(kHeader);
    return {};
  }

  base::Result<void> append(std::span<const base::Cell> row) override {
    BASE_ASSERT(row.size() == columns_.size());
    ++rows_;
    put(static_cast<std::uint16_t>(row.size() + 1));
    put(std::uint32_t{8});
    put(static_cast<std::uint64_t>(rows_));
    for (std::size_t i = 0; i < row.size(); ++i) {
      const base::Cell& cell = row[i];
      if (cell.null) {
        put(UINT32_MAX);
      } else if (columns_[i].type == base::ColumnType::integer) {
        std::int64_t number = 0;
        if (!parse_integer(cell, number)) return bad_integer(rows_, i);
        put(std::uint32_t{8});
        put(static_cast<std::uint64_t>(number));
      } else {
        if (const TextFault fault = find_fault(cell.text()); fault != TextFault::none) return bad_text(fault, rows_, i);
        put(cell.size);
        block_.append(cell.text());
      }
    }
    if (key_) keys_.look_at(row[*key_], rows_);
    return block_.size() < kBlock ? base::Result<void>() : flush();
  }

  base::Result<std::int64_t> finish() override {
    RETURN_IF_ERROR(keys_.check());
    put(std::uint16_t{0xffff});
    RETURN_IF_ERROR(flush());
    if (PQputCopyEnd(handle_.get(), nullptr) != 1) return error_of(handle_.get(), nullptr);
    RETURN_IF_ERROR(end_of_copy());
    RETURN_IF_ERROR(execute(handle_.get(),
                            "SET LOCAL maintenance_work_mem = '128MB'; SET LOCAL lock_timeout = 0;"
                            "ALTER TABLE " +
                                table_ + " ADD PRIMARY KEY (n)"));
    if (key_) RETURN_IF_ERROR(index_key());
    // Without statistics the planner would sort what the primary key has in order.
    RETURN_IF_ERROR(execute(handle_.get(), "ANALYZE " + table_));
    RETURN_IF_ERROR(execute(handle_.get(), "COMMIT"));
    return rows_;
  }

  std::optional<DuplicateKey> duplicate() const override { return duplicate_; }

 private:
  template <class T>
  void put(T number) {
    const T swapped = read_big_endian<T>(reinterpret_cast<const char*>(&number));
    block_.append(reinterpret_cast<const char*>(&swapped), sizeof swapped);
  }

  base::Result<void> flush() {
    const int sent = PQputCopyData(handle_.get(), block_.data(), static_cast<int>(block_.size()));
    block_.clear();
    if (sent == 1) return {};
    // The server may have said why.
    RETURN_IF_ERROR(end_of_copy());
    return error_of(handle_.get(), nullptr);
  }

  base::Result<void> end_of_copy() {
    base::Result<void> result;
    while (const Answer answer{PQgetResult(handle_.get())}) {
      const ExecStatusType status = PQresultStatus(answer.get());
      if (status == PGRES_COPY_IN) break;
      if (status != PGRES_COMMAND_OK && result.ok()) result = error_of(handle_.get(), answer.get());
    }
    return result;
  }

  base::Result<void> index_key() {
    const std::string column = "c" + std::to_string(*key_);
    RETURN_IF_ERROR(execute(handle_.get(), "SAVEPOINT before_index"));
    auto indexed = execute(handle_.get(), "CREATE UNIQUE INDEX ON " + table_ + " (" + column + ")");
    if (indexed.ok()) return {};
    if (indexed.error().reason != "db.unique") return indexed.error();
    RETURN_IF_ERROR(execute(handle_.get(), "ROLLBACK TO before_index"));
    // The two rows that a reader of the source meets first.
    ASSIGN_OR_RETURN(
        const Answer found,
        execute(handle_.get(), "SELECT " + column + ", earlier, n FROM (SELECT " + column + ", n, lag(n) OVER (PARTITION BY " + column +
                                   " ORDER BY n) AS earlier FROM " + table_ + ") rows WHERE earlier IS NOT NULL ORDER BY n LIMIT 1"));
    if (PQntuples(found.get()) != 1) return errors::statement("the two rows with the same key cannot be found");
    duplicate_ = DuplicateKey{.key = PQgetvalue(found.get(), 0, 0),
                              .first_row = base::parse_int(PQgetvalue(found.get(), 0, 1)).value_or(0),
                              .second_row = base::parse_int(PQgetvalue(found.get(), 0, 2)).value_or(0)};
    return duplicate_key(*duplicate_);
  }

  IdleConnections::Lease handle_;
  const std::string table_;
  const std::vector<TableColumn> columns_;
  const std::optional<std::size_t> key_;
  KeyChecks keys_;
  std::string block_;
  std::int64_t rows_ = 0;
  std::optional<DuplicateKey> duplicate_;
};

}  // namespace

base::Result<std::unique_ptr<TableWriter>> create_table(IdleConnections::Lease handle, const std::string& version,
                                                        std::vector<TableColumn> columns, std::optional<std::size_t> key) {
  BASE_ASSERT(!columns.empty() && (!key || *key < columns.size()));
  auto writer = std::make_unique<CopyWriter>(std::move(handle), table_name(version), std::move(columns), key);
  RETURN_IF_ERROR(writer->start());
  return std::unique_ptr<TableWriter>(std::move(writer));
}

}  // namespace sluice::db::postgres
