#include "db/sqlite/table_writer.h"

#include <malloc.h>
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "db/errors.h"
#include "db/files.h"
#include "db/sqlite/connection.h"
#include "db/table_checks.h"

namespace sluice::db::sqlite {

namespace {

std::string create_table(const std::vector<TableColumn>& columns) {
  std::string sql = "CREATE TABLE t (n INTEGER PRIMARY KEY";
  for (std::size_t i = 0; i < columns.size(); ++i) {
    sql += ", c" + std::to_string(i) + (columns[i].type == base::ColumnType::integer ? " INTEGER" : " TEXT");
  }
  return sql + ")";
}

std::string insert_row(const std::vector<TableColumn>& columns) {
  // Without n: SQLite appends faster when it numbers the rows itself.
  std::string names;
  std::string values;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    names += (i == 0 ? "c" : ", c") + std::to_string(i);
    values += i == 0 ? "?" : ", ?";
  }
  return "INSERT INTO t (" + names + ") VALUES (" + values + ")";
}

class FileWriter final : public TableWriter {
 public:
  FileWriter(std::string part, std::string path, std::vector<TableColumn> columns, std::optional<std::size_t> key)
      : part_(std::move(part)), path_(std::move(path)), columns_(std::move(columns)), key_(key) {}
  ~FileWriter() override {
    if (finished_) return;
    insert_.reset();
    handle_.reset();
    ::unlink(part_.c_str());
  }

  base::Result<void> start() {
    sqlite3* raw = nullptr;
    const int opened = sqlite3_open_v2(part_.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    handle_.reset(raw);
    if (opened != SQLITE_OK) return error_of(raw);
    // A file that is not finished is thrown away, so nothing needs to survive a crash before finish() syncs it. The journal in
    // memory holds only pages that were there before, which is next to none; finish() needs it to undo half an index.
    RETURN_IF_ERROR(execute(raw,
                            "PRAGMA page_size=16384; PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF;"
                            "PRAGMA locking_mode=EXCLUSIVE; PRAGMA secure_delete=OFF; PRAGMA cache_size=-16384"));
    RETURN_IF_ERROR(execute(raw, create_table(columns_)));
    RETURN_IF_ERROR(execute(raw, "BEGIN"));
    ASSIGN_OR_RETURN(insert_, prepare(raw, insert_row(columns_)));
    return {};
  }

  base::Result<void> append(std::span<const base::Cell> row) override {
    BASE_ASSERT(row.size() == columns_.size() && !finished_);
    ++rows_;
    sqlite3_stmt* insert = insert_.get();
    for (std::size_t i = 0; i < row.size(); ++i) {
      const int index = static_cast<int>(i) + 1;
      const base::Cell& cell = row[i];
      if (cell.null) {
        sqlite3_bind_null(insert, index);
      } else if (columns_[i].type == base::ColumnType::integer) {
        std::int64_t number = 0;
        if (!parse_integer(cell, number)) return bad_integer(rows_, i);
        sqlite3_bind_int64(insert, index, number);
      } else {
        if (const TextFault fault = find_fault(cell.text()); fault != TextFault::none) return bad_text(fault, rows_, i);
        // A null pointer would make it null instead of empty.
        sqlite3_bind_text(insert, index, cell.size == 0 ? "" : cell.data, static_cast<int>(cell.size), SQLITE_STATIC);
      }
    }
    if (key_) keys_.look_at(row[*key_], rows_);
    const int state = sqlite3_step(insert);
    if (sqlite3_reset(insert) != SQLITE_OK || state != SQLITE_DONE) return error_of(handle_.get());
    return {};
  }

  base::Result<std::int64_t> finish() override {
    BASE_ASSERT(!finished_);
    RETURN_IF_ERROR(keys_.check());
    insert_.reset();
    RETURN_IF_ERROR(execute(handle_.get(), "COMMIT"));
    if (key_) RETURN_IF_ERROR(index_key());
    handle_.reset();
    ::malloc_trim(0);  // the pages of the cache, which glibc would keep
    RETURN_IF_ERROR(sync_file(part_));
    if (::rename(part_.c_str(), path_.c_str()) != 0) return errors::unavailable("renaming a table file: error " + std::to_string(errno));
    finished_ = true;
    RETURN_IF_ERROR(sync_folder_of(path_));
    return rows_;
  }

  std::optional<DuplicateKey> duplicate() const override { return duplicate_; }

 private:
  base::Result<void> index_key() {
    const std::string column = "c" + std::to_string(*key_);
    // Sorting takes as much memory as the cache may have.
    RETURN_IF_ERROR(execute(handle_.get(), "PRAGMA cache_size=-32768"));
    auto indexed = execute(handle_.get(), "CREATE UNIQUE INDEX k ON t (" + column + ")");
    if (indexed.ok() || indexed.error().reason != "db.unique") return indexed;
    // The two rows that a reader of the source meets first.
    ASSIGN_OR_RETURN(const Statement find, prepare(handle_.get(), "SELECT CAST(" + column + " AS TEXT), earlier, n FROM (SELECT " + column +
                                                                      ", n, lag(n) OVER (PARTITION BY " + column +
                                                                      " ORDER BY n) AS earlier FROM t)"
                                                                      " WHERE earlier IS NOT NULL ORDER BY n LIMIT 1"));
    if (sqlite3_step(find.get()) != SQLITE_ROW) return error_of(handle_.get());
    const auto* key = reinterpret_cast<const char*>(sqlite3_column_text(find.get(), 0));
    duplicate_ = DuplicateKey{.key = std::string(key, static_cast<std::size_t>(sqlite3_column_bytes(find.get(), 0))),
                              .first_row = sqlite3_column_int64(find.get(), 1),
                              .second_row = sqlite3_column_int64(find.get(), 2)};
    return duplicate_key(*duplicate_);
  }

  const std::string part_;
  const std::string path_;
  const std::vector<TableColumn> columns_;
  const std::optional<std::size_t> key_;
  KeyChecks keys_;
  Handle handle_;
  Statement insert_;  // after handle_: goes first
  std::int64_t rows_ = 0;
  std::optional<DuplicateKey> duplicate_;
  bool finished_ = false;
};

}  // namespace

base::Result<std::unique_ptr<TableWriter>> create_table_file(const std::string& part, const std::string& path,
                                                             std::vector<TableColumn> columns, std::optional<std::size_t> key) {
  BASE_ASSERT(!columns.empty() && (!key || *key < columns.size()));
  RETURN_IF_ERROR(create_private_file(part));
  auto writer = std::make_unique<FileWriter>(part, path, std::move(columns), key);
  RETURN_IF_ERROR(writer->start());
  return std::unique_ptr<TableWriter>(std::move(writer));
}

}  // namespace sluice::db::sqlite
