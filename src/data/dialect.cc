#include "data/dialect.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "base/text.h"
#include "data/transcode.h"
#include "data/utf8.h"
#include "data/values.h"

namespace sluice::data::dialect {

namespace {

constexpr std::size_t kRows = 1'000;
using Row = std::vector<std::optional<std::string>>;

std::optional<CsvReader> reader_of(std::string_view text, char delimiter) {
  auto reader = CsvReader::open(std::make_unique<MemorySource>(text), {.delimiter = delimiter, .has_header = false});
  if (!reader.ok()) return std::nullopt;
  return *std::move(reader);
}

// How a delimiter cuts the text.
struct Split {
  char delimiter = ',';
  std::size_t columns = 0;
  std::size_t rows = 0;
  std::size_t even = 0;           // rows with as many fields as the first one
  std::size_t comma_numbers = 0;  // fields such as 1,5
  bool broken = false;            // a quote is where it cannot be

  bool good() const { return !broken && columns > 1 && even * 10 >= rows * 9; }
};

Split split_by(std::string_view text, char delimiter, bool whole) {
  Split split{.delimiter = delimiter};
  auto reader = reader_of(text, delimiter);
  if (!reader) {
    split.broken = true;
    return split;
  }
  split.columns = reader->columns().size();
  while (split.rows < kRows) {
    const auto row = reader->next();
    if (!row.ok()) {
      if (row.error().reason == "csv.wrong_field_count") {
        ++split.rows;
        continue;
      }
      // What the end of the sample has cut off is not a fault.
      split.broken = whole || row.error().reason != "csv.unclosed_quote";
      break;
    }
    if (row->empty()) break;
    ++split.rows;
    ++split.even;
    for (const base::Cell& cell : *row) {
      if (cell.size != 0 && values::look_of(cell.text()) == values::Look::comma_number) ++split.comma_numbers;
    }
  }
  // Likewise the last row may be short.
  if (!whole && split.rows > 1 && split.even < split.rows) --split.rows;
  return split;
}

std::vector<Row> first_rows(std::string_view text, char delimiter) {
  std::vector<Row> rows;
  auto reader = reader_of(text, delimiter);
  while (reader && rows.size() < kRows) {
    const auto cells = reader->next();
    if (!cells.ok() || cells->empty()) break;
    Row& row = rows.emplace_back();
    for (const base::Cell& cell : *cells) row.push_back(cell.null ? std::nullopt : std::optional(std::string(cell.text())));
  }
  return rows;
}

bool is_typed(values::Look look) {
  switch (look) {
    case values::Look::text:
    case values::Look::boolean:
      return false;  // a column may be called "true"
    default:
      return true;
  }
}

// What the rows below say about the first cell of a column.
struct Vote {
  bool differs = false;  // the values are typed and the cell is not
  bool recurs = false;   // the cell is one of the values
};

Vote vote(const std::vector<Row>& rows, std::size_t column) {
  Vote result;
  const std::string& name = *rows[0][column];
  std::size_t typed = 0;
  std::size_t all = 0;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const auto& value = rows[i][column];
    if (!value || value->empty()) continue;
    ++all;
    typed += is_typed(values::look_of(*value)) || *value == "true" || *value == "false" ? 1U : 0U;
    result.recurs |= *value == name;
  }
  result.differs = all != 0 && typed == all;
  return result;
}

}  // namespace

void Utf8Count::add(std::string_view bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const auto byte = static_cast<unsigned char>(bytes[at]);
    if (byte < 0x80) {
      ++at;
      continue;
    }
    // A character looked at by itself: no more than its four bytes.
    const std::string_view piece = bytes.substr(at, 4);
    std::size_t length = 1;
    while (length < piece.size() && (static_cast<unsigned char>(piece[length]) & 0xC0) == 0x80) ++length;
    const Utf8Check check = check_utf8_exact(piece.data(), length);
    if (check.fault == Utf8Fault::none) {
      ++characters;
      at += length;
      continue;
    }
    if (check.fault == Utf8Fault::cut_off && at + length == bytes.size()) return;
    ++bad;
    undefined_in_1252 |= windows1252(byte) == 0;
    at += std::max<std::size_t>(check.good, 1);
  }
}

Encoding find_encoding(std::string_view head, bool whole) {
  if (head.starts_with("\xEF\xBB\xBF")) return Encoding::utf8;
  if (head.starts_with("\xFF\xFE")) return Encoding::utf16le;
  if (head.starts_with("\xFE\xFF")) return Encoding::utf16be;
  // Text in UTF-16 has delimiters and line ends, whose one half is zero, always the same one.
  std::array<std::size_t, 2> zeros{};
  const std::size_t looked_at = std::min<std::size_t>(head.size(), 4'096);
  for (std::size_t i = 0; i < looked_at; ++i) zeros[i % 2] += head[i] == '\0' ? 1U : 0U;
  const std::size_t many = looked_at / 20;
  if (zeros[1] > many && zeros[0] * 10 < zeros[1]) return Encoding::utf16le;
  if (zeros[0] > many && zeros[1] * 10 < zeros[0]) return Encoding::utf16be;
  const Utf8Check check = check_utf8(head.data(), head.size());
  if (check.fault == Utf8Fault::none || check.fault == Utf8Fault::nul || (check.fault == Utf8Fault::cut_off && !whole))
    return Encoding::utf8;
  Utf8Count count;
  count.add(head);
  return count.mostly_utf8() ? Encoding::utf8 : count.other();
}

std::string decode(std::string_view head, Encoding encoding) {
  if (encoding == Encoding::utf8) {
    if (head.starts_with("\xEF\xBB\xBF")) head.remove_prefix(3);
    return std::string(head.substr(0, check_utf8(head.data(), head.size()).good));
  }
  TranscodingSource source(std::make_unique<MemorySource>(head), encoding);
  std::string text;
  std::vector<char> buffer(std::min<std::size_t>(std::size_t{64} << 10, head.size() + 16));
  while (true) {
    const auto got = source.read(buffer);
    if (!got.ok() || *got == 0) return text;
    text.append(buffer.data(), *got);
  }
}

char find_delimiter(std::string_view text, bool whole) {
  constexpr std::array<char, 4> kCandidates = {',', ';', '\t', '|'};
  std::optional<Split> best;
  Split fallback;
  for (const char candidate : kCandidates) {
    const Split split = split_by(text, candidate, whole);
    if (split.columns > 1 && split.even > fallback.even) fallback = split;
    if (!split.good()) continue;
    // In 1,5;2,5 both cut evenly, and the comma wrongly.
    const bool decimal_comma = best && best->delimiter == ',' && split.comma_numbers != 0;
    if (!best || split.columns > best->columns || decimal_comma) best = split;
  }
  return best ? best->delimiter : fallback.delimiter;
}

LineEnd find_line_end(std::string_view text) {
  std::size_t lf = 0;
  std::size_t crlf = 0;
  std::size_t cr = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (quoted) continue;
    if (text[i] == '\n') ++lf;
    if (text[i] != '\r') continue;
    if (i + 1 < text.size() && text[i + 1] == '\n') {
      ++crlf;
      ++i;
    } else if (i + 1 < text.size()) {
      ++cr;
    }
  }
  const int kinds = (lf != 0 ? 1 : 0) + (crlf != 0 ? 1 : 0) + (cr != 0 ? 1 : 0);
  if (kinds > 1) return LineEnd::mixed;
  if (crlf != 0) return LineEnd::crlf;
  return cr != 0 ? LineEnd::cr : LineEnd::lf;
}

bool find_header(std::string_view text, char delimiter, bool whole) {
  std::vector<Row> rows = first_rows(text, delimiter);
  if (!whole && rows.size() > 1) rows.pop_back();
  if (rows.empty()) return true;
  // Files put one behind the other repeat their header; such rows say nothing.
  rows.erase(std::remove(rows.begin() + 1, rows.end(), Row(rows[0])), rows.end());
  std::size_t differing = 0;
  std::size_t recurring = 0;
  std::size_t repeated = 0;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < rows[0].size(); ++i) {
    const auto& name = rows[0][i];
    if (!name || name->empty()) {
      // The first name is missing where row labels were written; more missing ones are values.
      if (i != 0) return false;
      continue;
    }
    if (is_typed(values::look_of(*name)) || name->size() > 200 || name->find('@') != std::string::npos) return false;
    if (!seen.insert(base::fold_case(*name)).second) ++repeated;
    const Vote says = vote(rows, i);
    differing += says.differs ? 1U : 0U;
    recurring += says.recurs ? 1U : 0U;
  }
  if (recurring != 0) return false;
  // Two equal names: a row of values, unless the types below say that it is a header (which the reader then refuses).
  return repeated == 0 || differing != 0;
}

}  // namespace sluice::data::dialect
