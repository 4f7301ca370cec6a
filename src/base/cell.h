// Rows on the data path are never objects: a row is a span of cells, and a cell points into somebody else's buffer.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::base {

// Text of one value. Integers, dates and the rest are their canonical text too. Null is not the empty text.
struct Cell {
  const char* data = nullptr;
  std::uint32_t size = 0;
  bool null = true;

  std::string_view text() const { return {data, size}; }
  static Cell of(std::string_view text) { return {text.data(), static_cast<std::uint32_t>(text.size()), false}; }
};

// What a column may hold, and its canonical text:
//   text       any UTF-8
//   integer    -9223372036854775808 … 9223372036854775807, no leading zeros, no plus sign
//   decimal    digits with an optional fraction, any length, as it was written ("1.10" stays "1.10")
//   boolean    "true" or "false"
//   date       2026-01-02
//   timestamp  2026-01-02T03:04:05.123456Z, UTC, the fraction as precise as the source
enum class ColumnType : std::uint8_t { text, integer, decimal, boolean, date, timestamp };
constexpr auto enum_names(ColumnType) {
  using namespace std::string_view_literals;
  return std::array{"text"sv, "integer"sv, "decimal"sv, "boolean"sv, "date"sv, "timestamp"sv};
}

}  // namespace sluice::base
