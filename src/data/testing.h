// For the tests of this folder: rows as values.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <memory>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/csv_reader.h"

namespace sluice::data::testing {

using Row = std::vector<std::optional<std::string>>;
using Rows = std::vector<Row>;

inline Row to_row(std::span<const base::Cell> cells) {
  Row row;
  for (const base::Cell& cell : cells) row.push_back(cell.null ? std::nullopt : std::optional(std::string(cell.text())));
  return row;
}

// What a reader gave until it ended or failed.
struct Read {
  std::vector<std::string> columns;
  Rows rows;
  std::vector<std::uint64_t> lines;
  std::string reason;  // empty: no error
  std::string detail;

  bool operator==(const Read&) const = default;
};

inline void PrintTo(const Read& read, std::ostream* out) {
  *out << read.rows.size() << " rows, " << read.reason << " " << read.detail;
  for (std::size_t i = 0; i < read.rows.size() && i < 5; ++i) {
    *out << "\n  line " << read.lines[i] << ":";
    for (const auto& cell : read.rows[i]) *out << " [" << cell.value_or("<null>") << "]";
  }
}

inline Read read_from(std::unique_ptr<Source> source, const CsvOptions& options) {
  Read read;
  auto reader = CsvReader::open(std::move(source), options);
  const auto failed = [&read](const base::Error& error) {
    EXPECT_EQ(error.code, base::Code::invalid);
    read.reason = error.reason;
    read.detail = error.detail;
  };
  if (!reader.ok()) {
    failed(reader.error());
    return read;
  }
  read.columns = reader->columns();
  while (true) {
    const auto cells = reader->next();
    if (!cells.ok()) {
      failed(cells.error());
      return read;
    }
    if (cells->empty()) return read;
    read.rows.push_back(to_row(*cells));
    read.lines.push_back(reader->line());
  }
}

inline Read read_text(std::string_view text, const CsvOptions& options = {}, std::size_t most_at_once = SIZE_MAX) {
  return read_from(std::make_unique<MemorySource>(text, most_at_once), options);
}

// Reads with source chunks of 1 byte, 4 KiB and 1 MiB, and with small and large blocks; all must agree.
inline Read read_every_way(std::string_view text, CsvOptions options = {}) {
  const Read read = read_text(text, options);
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{4'096}, std::size_t{1} << 20}) {
    for (const std::size_t block : {std::size_t{128}, std::size_t{4'096}, std::size_t{1} << 20}) {
      options.block_bytes = block;
      const Read again = read_text(text, options, chunk);
      EXPECT_EQ(again, read) << "chunks of " << chunk << ", blocks of " << block;
    }
  }
  return read;
}

inline std::string file_text(const std::string& path) {
  const std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// The folder of public sample files beside the repository; empty when it is not there.
inline std::string shared_data() {
  const std::string folder = SLUICE_SHARED_DATA;
  return std::ifstream(folder + "/README.md").good() ? folder : std::string();
}

// Cells full of what CSV stumbles over.
class RowMaker {
 public:
  explicit RowMaker(std::uint32_t seed) : random_(seed) {}
  std::size_t below(std::size_t limit) { return random_() % limit; }
  std::optional<std::string> cell() {
    static const std::vector<std::string> kPieces = {
        "\r", "\n", "\r\n", "\"",  "\"\"", ",", ";", "\t", "|", " ", "a", "bc", "0", "ä", "€", "𝄞", "long text without anything in it",
        "'",  "\\", "=1+1", "NULL"};
    if (below(6) == 0) return std::nullopt;
    std::string text;
    for (std::size_t i = below(7); i > 0; --i) text += kPieces[below(kPieces.size())];
    return text;
  }
  Row row(std::size_t columns) {
    Row made;
    for (std::size_t i = 0; i < columns; ++i) made.push_back(cell());
    return made;
  }

 private:
  std::mt19937 random_;
};

}  // namespace sluice::data::testing
