#include "data/convert.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/assert.h"
#include "data/values.h"

namespace sluice::data {

namespace {

constexpr std::size_t kShownCharacters = 60;

bool set(base::Cell cell, base::Cell& out) {
  out = cell;
  return true;
}

bool canonical_boolean(base::Cell cell, base::Cell& out) {
  using base::Cell;
  const std::string_view text = cell.text();
  if (text == "true" || text == "false") return set(cell, out);
  const auto is = [text](std::string_view word) {
    return text.size() == word.size() && std::equal(text.begin(), text.end(), word.begin(), [](char a, char b) { return (a | 0x20) == b; });
  };
  if (is("true")) return set(Cell::of("true"), out);
  return is("false") && set(Cell::of("false"), out);
}

bool canonical_timestamp(base::Cell cell, Scratch& scratch, base::Cell& out) {
  values::Instant instant;
  if (!values::parse_timestamp(cell.text(), instant)) return false;
  if (instant.canonical) return set(cell, out);
  const std::size_t size = values::write_utc(cell.text(), instant, scratch.text);
  return size != 0 && set(base::Cell::of({scratch.text, size}), out);
}

std::string_view wanted(base::ColumnType type) {
  switch (type) {
    case base::ColumnType::text:
      return "a text";
    case base::ColumnType::integer:
      return "an integer such as -42";
    case base::ColumnType::decimal:
      return "a decimal such as 12.50";
    case base::ColumnType::boolean:
      return "true or false";
    case base::ColumnType::date:
      return "a date such as 2026-01-02";
    case base::ColumnType::timestamp:
      return "a time such as 2026-01-02T03:04:05Z";
  }
  return "";
}

}  // namespace

bool try_canonical(base::ColumnType type, base::Cell cell, Scratch& scratch, base::Cell& out) {
  if (cell.null || type == base::ColumnType::text) return set(cell, out);
  if (cell.size == 0) return set({}, out);
  switch (type) {
    case base::ColumnType::text:
      return true;
    case base::ColumnType::integer:
      return values::is_integer(cell.text()) && set(cell, out);
    case base::ColumnType::decimal:
      return values::is_decimal(cell.text()) && set(cell, out);
    case base::ColumnType::boolean:
      return canonical_boolean(cell, out);
    case base::ColumnType::date:
      return values::is_date(cell.text()) && set(cell, out);
    case base::ColumnType::timestamp:
      return canonical_timestamp(cell, scratch, out);
  }
  return false;
}

base::Result<base::Cell> canonical(base::ColumnType type, std::string_view column, base::Cell cell, Scratch& scratch, std::uint64_t line) {
  base::Cell out;
  if (try_canonical(type, cell, scratch, out)) return out;
  std::string detail = line == 0 ? "Column " : "Line " + std::to_string(line) + ", column ";
  detail += "\"" + std::string(column) + "\": \"" + values::shorten(cell.text(), kShownCharacters) + "\" is not " +
            std::string(wanted(type)) + ". Correct the value, or import the column as text.";
  return base::Error{.code = base::Code::invalid, .reason = "table.bad_value", .detail = std::move(detail)};
}

RowConverter::RowConverter(std::vector<ConvertColumn> columns) : columns_(std::move(columns)) {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].type != base::ColumnType::text) checked_.push_back(i);
  }
  scratch_.resize(checked_.size());
  cells_.resize(columns_.size());
}

base::Result<std::span<const base::Cell>> RowConverter::convert(std::span<const base::Cell> row, std::uint64_t line) {
  BASE_ASSERT(row.size() == columns_.size());
  if (checked_.empty()) return row;
  std::copy(row.begin(), row.end(), cells_.begin());
  for (std::size_t i = 0; i < checked_.size(); ++i) {
    const std::size_t column = checked_[i];
    if (try_canonical(columns_[column].type, row[column], scratch_[i], cells_[column])) continue;
    return canonical(columns_[column].type, columns_[column].name, row[column], scratch_[i], line).error();
  }
  return std::span<const base::Cell>(cells_);
}

}  // namespace sluice::data
