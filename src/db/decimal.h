// Decimal numbers of any length as text, compared by value: "1.10" equals "1.1" and "+01.1". Up to 1,000 characters; anything
// else is not a decimal.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::db {

// A decimal in parts that point into the text it was made of.
struct Decimal {
  bool negative = false;
  std::string_view whole;     // without leading zeros
  std::string_view fraction;  // without trailing zeros

  static std::optional<Decimal> parse(std::string_view text);
  // The same text for all ways to write the same number.
  std::string key() const;
  std::strong_ordering operator<=>(const Decimal& other) const;
  bool operator==(const Decimal& other) const { return (*this <=> other) == 0; }
};

}  // namespace sluice::db
