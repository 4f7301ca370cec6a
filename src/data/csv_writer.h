// CsvWriter: encodes rows as CSV into a Block or a string. UTF-8, header row first if asked for, lines end with CRLF (RFC
// 4180).
//
// Null is nothing between the delimiters, the empty text is "" (so that both come back as what they were). A field is quoted
// when it holds the delimiter, a quote, CR or LF, or begins or ends with a space or tab; other fields never are. Values are
// written as they are: nothing is put before '=' or '+', which would corrupt phone numbers and formulas alike (C-064).
// Blank lines: a null in a table of one column is a blank line.
//
// A writer only holds settings: any number of threads may use one.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/cell.h"
#include "data/block.h"

namespace sluice::data {

// Whether a spreadsheet would take the text for a formula (C-063). Who writes a file for people puts a ' before it.
inline bool is_formula(std::string_view text) {
  return !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
}

class CsvWriter {
 public:
  // `delimiter`: ASCII, not a quote, not a line end.
  explicit CsvWriter(char delimiter = ',') : delimiter_(delimiter) {}

  char delimiter() const { return delimiter_; }

  // The names of the columns as a row; `byte_order_mark` puts EF BB BF in front, for Excel.
  void append_header(Block& out, std::span<const std::string> names, bool byte_order_mark = false) const;
  void append_header(std::string& out, std::span<const std::string> names, bool byte_order_mark = false) const;

  // One row with its line end. Any size of row: the block grows when it must; look at Block::full() after each row.
  void append(Block& out, std::span<const base::Cell> row) const;
  void append(std::string& out, std::span<const base::Cell> row) const;

 private:
  char delimiter_;
};

}  // namespace sluice::data
