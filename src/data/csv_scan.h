// Inside of CsvReader: finds the fields of one row in a buffer. Nothing here reads, decodes or reports.
//
// Two scanners give the same cells: scan_exact() walks byte by byte and knows every rule; scan_avx2() looks at 64 bytes at
// once and treats quotes by parity, which is right only while every quote opens a field, closes one or is doubled. It proves
// that for each quote, and hands the row that breaks it to scan_exact().
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/cell.h"

namespace sluice::data::scan {

inline constexpr std::size_t kPadding = 64;  // readable bytes behind the end of the buffer

struct Window {
  const char* bytes = nullptr;  // followed by kPadding zeros at `end`
  std::size_t end = 0;
  char delimiter = ',';
  char quote = '"';
  bool last = false;  // nothing comes behind `end`: the last row needs no line end
};

// What was found. Cells are raw: a quoted field still has its quotes, and is the only kind that begins with one.
struct Row {
  base::Cell* cells = nullptr;
  std::size_t capacity = 0;  // further cells are counted and not kept
  std::size_t count = 0;
  std::size_t start = 0;     // offset of the row
  std::size_t field = 0;     // offset of the field in progress, when the row is not complete
  std::size_t end = 0;       // offset of the line end, or where the scan stopped
  bool quotes = false;       // perhaps some cells are quoted
  bool inner_lines = false;  // perhaps there are line ends inside
};

enum class Status : std::uint8_t {
  complete,
  incomplete,   // the window ended first
  stray,        // exact only: text behind a closing quote, at row.end
  unclosed,     // exact only, last window: the quote at row.field is not closed
  out_of_place  // avx2 only: scan_exact() must look at this row
};

// The position of the vector scanner between rows of one window.
struct Progress {
  std::size_t next = 0;           // offset of the next block of 64
  std::size_t block = 0;          // of the one in work
  std::uint64_t ends = 0;         // delimiters and line ends in it that are still to be taken
  std::uint64_t in_quote = 0;     // all ones: the next block begins inside quotes
  std::uint64_t after_end = 1;    // the byte before the next block ended a field or closed a quote
  std::uint64_t after_quote = 0;  // … closed a quote
  std::uint64_t after_cr = 0;     // … was a CR that ended a row
  bool out_of_place = false;      // in the block in work, behind `ends`
  bool quotes = false;            // of the block in work
  bool inner_lines = false;

  void restart(std::size_t offset) {
    *this = Progress();
    next = offset;
  }
};

bool has_avx2();
// Whether readers opened from now on use the vector scanner: has_avx2() until a test says no.
bool uses_vectors();
void use_vectors_in_tests(bool yes);

// Both take row.cells, row.capacity and row.start and fill the rest.
Status scan_exact(const Window& window, Row& row);
Status scan_avx2(const Window& window, Progress& progress, Row& row);

}  // namespace sluice::data::scan
