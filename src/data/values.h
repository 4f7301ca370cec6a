// What texts are of which type; shared by detection and conversion. All strict, all without allocation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::data::values {

bool is_integer(std::string_view text);  // canonical int64
bool is_decimal(std::string_view text);  // -?(0|[1-9][0-9]*)(\.[0-9]+)?, any length
bool is_date(std::string_view text);     // 2026-01-02, existing, year 0001 to 9999

struct Instant {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  int offset_minutes = 0;           // east of UTC
  std::size_t fraction = 0;         // where its digits begin
  std::size_t fraction_digits = 0;  // at most 9 are counted
  bool has_zone = false;
  bool canonical = false;  // written as cell.h wants it
};
bool parse_timestamp(std::string_view text, Instant& instant);

// The canonical text; `out` has room for 40. 0 when the instant is outside of the years 0001 to 9999 in UTC.
std::size_t write_utc(std::string_view text, const Instant& instant, char* out);

// For people: at most so many characters of it, then "…".
std::string shorten(std::string_view text, std::size_t characters);

// What a value is written like; the first that fits.
enum class Look : std::uint8_t {
  integer,
  decimal,
  boolean,
  date,
  zoned_time,
  local_time,
  leading_zero,
  plus_sign,
  exponent,
  comma_number,
  other_date,
  text
};
inline constexpr std::size_t kLooks = 12;
Look look_of(std::string_view text);

}  // namespace sluice::data::values
