// CsvReader: rows of a CSV file, one at a time, from a Source of any size. Memory stays flat: one block and the longest row.
//
// Reads RFC 4180 and what is found in the wild around it: LF, CRLF and lone CR as line ends (also mixed in one file), the
// last line with or without one, a byte order mark, blank lines (skipped; in a file of one column a blank line is a row
// whose value is null). A quote inside an unquoted field (6'2", 37°36'37.8"N) is an ordinary character. An unquoted empty
// field is null, a quoted one ("") is the empty text. Spaces belong to the value.
//
// Cells are UTF-8 without NUL, whatever the file's encoding was. Which instructions the processor has changes the speed
// only.
//
// Errors are Code::invalid; `detail` names line and column (from 1; columns count characters) and says what to do. Reasons:
//   csv.unclosed_quote      a quote is opened and the file ends
//   csv.stray_quote         text follows the quote that closes a field
//   csv.wrong_field_count   a row has more or fewer fields than the first one; calling next() again goes on behind that row
//   csv.bad_encoding        bytes that are not text in options.encoding; says which encoding it may be
//   csv.nul_character       a NUL character
//   csv.field_too_large     a field above options.max_field_bytes
//   csv.row_too_large       a row above options.max_row_bytes
//   csv.too_many_columns    the first row has more than options.max_columns fields
//   csv.duplicate_column    two columns have the same name (letters' case aside)
//   csv.empty               not a single row
// All but csv.wrong_field_count are final: next() repeats them. Errors of the Source are passed on as they are.
// One thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cell.h"
#include "base/result.h"
#include "data/source.h"

namespace sluice::data {

enum class Encoding : std::uint8_t { utf8, utf16le, utf16be, windows1252, iso8859_1 };
constexpr auto enum_names(Encoding) {
  using namespace std::string_view_literals;
  return std::array{"utf-8"sv, "utf-16le"sv, "utf-16be"sv, "windows-1252"sv, "iso-8859-1"sv};
}

struct CsvOptions {
  Encoding encoding = Encoding::utf8;
  char delimiter = ',';    // ASCII, not the quote, not a line end
  bool has_header = true;  // the first row names the columns
  char quote = '"';
  std::size_t max_field_bytes = std::size_t{16} << 20;
  std::size_t max_row_bytes = std::size_t{64} << 20;
  std::size_t max_columns = 2'000;
  std::size_t block_bytes = std::size_t{1} << 20;  // how much is read at once
};

class CsvReader {
 public:
  // Reads the first row.
  static base::Result<CsvReader> open(std::unique_ptr<Source> source, CsvOptions options = {});
  static base::Result<CsvReader> open_file(const std::string& path, CsvOptions options = {});
  CsvReader(CsvReader&&) noexcept;
  CsvReader& operator=(CsvReader&&) noexcept;
  ~CsvReader();

  // Names from the header, where an empty one becomes "column_3"; without a header "column_1", "column_2", …
  const std::vector<std::string>& columns() const;

  // The next row, as many cells as there are columns, valid until the next call; an empty span at the end.
  base::Result<std::span<const base::Cell>> next();

  // Of the row last returned or refused: the line on which it starts, from 1; and its number among the data rows, from 1.
  std::uint64_t line() const;
  std::uint64_t row_number() const;
  // The row last returned or refused ended with the input, not with a line end.
  bool at_end() const;
  // Bytes taken from the source so far, for progress; runs ahead by at most a block.
  std::uint64_t bytes_read() const;

 private:
  class Impl;
  explicit CsvReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::data
