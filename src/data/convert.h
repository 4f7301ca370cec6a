// convert: checks a value of a file against the declared type of its column and gives its canonical text (base/cell.h).
//
// Null stays null. For every type but text an empty text becomes null (files that quote everything write "" for nothing).
//   integer    canonical int64 only
//   decimal    plain digits with an optional fraction, kept as written
//   boolean    true or false in any case of letters, made lower
//   date       2026-01-02, must exist
//   timestamp  ISO 8601 with Z, an offset or no zone (then it is UTC), 'T' or a space between, seconds optional, up to 9
//   digits
//              of fraction kept (more are cut); made UTC with Z
// A value that does not fit is an Error invalid "table.bad_value" that names column, line and value and advises to import
// the column as text. Nothing is allocated unless there is an error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cell.h"
#include "base/result.h"

namespace sluice::data {

// Where the canonical text is written when it differs from the source; the cell points into it.
struct Scratch {
  char text[40] = {};
};

// Empty when `cell` does not fit. The cell returned points into `cell` or into `scratch`.
bool try_canonical(base::ColumnType type, base::Cell cell, Scratch& scratch, base::Cell& out);

// The same with the Error. `line`: for the message; 0 leaves it out.
base::Result<base::Cell> canonical(base::ColumnType type, std::string_view column, base::Cell cell, Scratch& scratch,
                                   std::uint64_t line = 0);

struct ConvertColumn {
  std::string name;
  base::ColumnType type = base::ColumnType::text;
};

// Whole rows. One thread at a time.
class RowConverter {
 public:
  explicit RowConverter(std::vector<ConvertColumn> columns);

  // `row` must have a cell per column. The result points into `row` and this object, and is valid until either changes.
  base::Result<std::span<const base::Cell>> convert(std::span<const base::Cell> row, std::uint64_t line = 0);

 private:
  std::vector<ConvertColumn> columns_;
  std::vector<std::size_t> checked_;  // columns that are not text
  std::vector<Scratch> scratch_;
  std::vector<base::Cell> cells_;
};

}  // namespace sluice::data
