// Any bytes as a CSV file: the reader gives the same whatever the size of its blocks; what it gives can be written and read
// back; detection ends. Build with -DSLUICE_FUZZ=ON, run: csv_fuzz -max_len=2000
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/convert.h"
#include "data/csv_reader.h"
#include "data/csv_writer.h"
#include "data/detect.h"
#include "data/model_json.h"

namespace {

using namespace sluice;
using Row = std::vector<std::optional<std::string>>;

struct Read {
  std::vector<Row> rows;
  std::vector<std::uint64_t> lines;
  std::string errors;  // reasons and details
  bool operator==(const Read&) const = default;
};

void demand(bool condition) {
  if (!condition) std::abort();
}

Read read(std::string_view text, data::CsvOptions options, std::size_t block_bytes, std::size_t at_once) {
  options.block_bytes = block_bytes;
  Read out;
  auto reader = data::CsvReader::open(std::make_unique<data::MemorySource>(text, at_once), options);
  if (!reader.ok()) {
    out.errors = reader.error().reason + reader.error().detail;
    return out;
  }
  while (true) {
    const auto cells = reader->next();
    if (cells.ok() && cells->empty()) return out;
    out.lines.push_back(reader->line());
    if (cells.ok()) {
      demand(cells->size() == reader->columns().size());
      Row& row = out.rows.emplace_back();
      for (const base::Cell& cell : *cells) row.push_back(cell.null ? std::nullopt : std::optional(std::string(cell.text())));
      continue;
    }
    out.errors += cells.error().reason + cells.error().detail;
    if (cells.error().reason != "csv.wrong_field_count") return out;
  }
}

void write_and_read_back(const Read& wanted, char delimiter) {
  if (wanted.rows.empty()) return;
  std::string text;
  const data::CsvWriter writer(delimiter);
  for (const Row& row : wanted.rows) {
    std::vector<base::Cell> cells;
    for (const auto& cell : row) cells.push_back(cell ? base::Cell::of(*cell) : base::Cell());
    writer.append(text, cells);
  }
  // In front of the rows, because a first row beginning with a byte order mark would lose it.
  const std::string header = "x\r\n";
  const bool one = wanted.rows[0].size() == 1;
  const Read again = read((one ? header : std::string()) + text, {.delimiter = delimiter, .has_header = one}, 4'096, SIZE_MAX);
  if (!one && text.starts_with("\xEF\xBB\xBF")) return;
  demand(again.rows == wanted.rows);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 1) return 0;
  constexpr char kDelimiters[] = {',', ';', '\t', '|'};
  const data::CsvOptions options{.encoding = static_cast<data::Encoding>((bytes[0] >> 3) % 5),
                                 .delimiter = kDelimiters[bytes[0] & 3],
                                 .has_header = (bytes[0] & 4) != 0,
                                 .max_field_bytes = 300,
                                 .max_row_bytes = 500};
  const std::string_view text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  const Read whole = read(text, options, std::size_t{1} << 16, SIZE_MAX);
  demand(read(text, options, 128, 1) == whole);
  demand(read(text, options, 200, 77) == whole);
  write_and_read_back(whole, options.delimiter);

  const data::OpenSource open = [text]() -> base::Result<std::unique_ptr<data::Source>> {
    return std::unique_ptr<data::Source>(std::make_unique<data::MemorySource>(text));
  };
  const auto detected = data::detect(open);
  (void)data::detect(open, {}, {.whole_bytes = 100, .sample_bytes = 50});
  if (detected.ok()) {
    // Every value of the sample fits the type that was found.
    std::vector<data::ConvertColumn> columns;
    for (const auto& column : detected->columns) columns.push_back({column.name, column.type});
    data::RowConverter converter(columns);
    auto reader = data::CsvReader::open(std::make_unique<data::MemorySource>(text), detected->options());
    demand(reader.ok());
    for (auto row = reader->next(); row.ok() && !row->empty(); row = reader->next()) demand(converter.convert(*row).ok());
  }
  (void)data::parse_model_json(text);
  return 0;
}
