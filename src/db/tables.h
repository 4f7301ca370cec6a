// The data of tables: large, written once, read often. Each version of a table is stored under its own name and never
// changes after finish(); replacing a table means writing a new version and then pointing the configuration at it, so a
// reader that opened a version keeps it until it is done.
//
// SQLite: one database file per version in `<folder>/`, built without a journal and made durable at the end, so importing is
// as fast as the disk and dropping is unlink(). PostgreSQL: one table per version in schema `sluice_data`, filled by COPY and
// read by binary COPY. Columns are c0, c1, … whatever they are called, plus `n`, the number of the row from 1, which is its
// order. integer is INTEGER/BIGINT, every other type is text (COLLATE "C"), so that values come back as they went in.
//
// Any thread may call TableStore; a TableWriter or TableScan belongs to one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cell.h"
#include "base/result.h"

namespace sluice::db {

struct TableColumn {
  std::string name;
  base::ColumnType type = base::ColumnType::text;
};

// A condition on the columns of a version; compiled to SQL inside, values always escaped.
struct Filter {
  enum class Kind : std::uint8_t { everything, all, any, condition, in_list };
  enum class Operator : std::uint8_t {
    equals,
    not_equals,
    contains,
    not_contains,
    starts_with,
    ends_with,
    in,
    not_in,
    is_empty,
    is_not_empty,
    greater,
    greater_or_equal,
    less,
    less_or_equal,
    between
  };
  Kind kind = Kind::everything;
  std::vector<Filter> parts;        // all, any
  std::size_t column = 0;           // condition: index into the columns; in_list: the key column
  Operator op = Operator::equals;   // condition
  std::vector<std::string> values;  // condition: 0, 1, 2 (between) or many (in)
  std::string list_version;         // in_list: another version whose first column holds the ids
};
// Meaning of the operators: text compares byte by byte, and is case-sensitive; integer and decimal numerically; date and
// timestamp in time. is_empty is null or ''. not_equals, not_contains and not_in are also true of null. A value that does not
// fit the column's type is an Error "filter.bad_value" whose internal is the path of the part ("0/2").

struct DuplicateKey {
  std::string key;
  std::int64_t first_row = 0;  // numbers of the two rows, from 1
  std::int64_t second_row = 0;
};

class TableWriter {
 public:
  virtual ~TableWriter() = default;  // not finished: the version is removed
  // Cells in the order of the columns. An integer cell must be canonical int64 text.
  virtual base::Result<void> append(std::span<const base::Cell> row) = 0;
  // Makes it durable. With a key: also unique and not null, else Error conflict "table.duplicate_key" (see duplicate()) or
  // invalid "table.empty_key" (internal: the row's number).
  virtual base::Result<std::int64_t> finish() = 0;  // number of rows
  virtual std::optional<DuplicateKey> duplicate() const = 0;
};

struct ScanSpec {
  std::string version;
  std::vector<std::size_t> columns;  // which, in which order
  Filter filter;
  std::int64_t limit = -1;     // no limit
  std::int64_t first_row = 1;  // range of n, both ends included: how a table is split into parts
  std::int64_t last_row = INT64_MAX;
};

class TableScan {
 public:
  virtual ~TableScan() = default;
  // The next row in order of n, valid until the next call; an empty span at the end.
  virtual base::Result<std::span<const base::Cell>> next() = 0;
};

class TableStore {
 public:
  // `location`: a folder for SQLite (made when missing), or postgresql://…
  static base::Result<std::unique_ptr<TableStore>> open(const std::string& location);
  virtual ~TableStore() = default;

  // `version`: letters, digits, '_' and '-', at most 60 characters, not used before.
  virtual base::Result<std::unique_ptr<TableWriter>> create(const std::string& version, std::vector<TableColumn> columns,
                                                            std::optional<std::size_t> key) = 0;
  virtual base::Result<std::unique_ptr<TableScan>> scan(const ScanSpec& spec, const std::vector<TableColumn>& columns) = 0;
  virtual base::Result<std::int64_t> count(const std::string& version, const Filter& filter, const std::vector<TableColumn>& columns) = 0;
  // Absent is fine.
  virtual base::Result<void> drop(const std::string& version) = 0;
  // Finished versions and left-overs of interrupted writers alike, so that the caller can drop what nothing points at.
  virtual base::Result<std::vector<std::string>> list() = 0;
};

}  // namespace sluice::db
