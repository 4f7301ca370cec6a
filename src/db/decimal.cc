#include "db/decimal.h"

namespace sluice::db {

namespace {

constexpr std::size_t kMaxLength = 1000;  // also in filter_sql.cc, for PostgreSQL

std::size_t count_digits(std::string_view text, std::size_t from) {
  std::size_t end = from;
  while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
  return end - from;
}

std::strong_ordering ordering_of(int comparison) {
  return comparison < 0 ? std::strong_ordering::less : comparison > 0 ? std::strong_ordering::greater : std::strong_ordering::equal;
}

}  // namespace

std::optional<Decimal> Decimal::parse(std::string_view text) {
  if (text.empty() || text.size() > kMaxLength) return std::nullopt;
  Decimal out;
  std::size_t at = 0;
  if (text[0] == '-' || text[0] == '+') {
    out.negative = text[0] == '-';
    at = 1;
  }
  out.whole = text.substr(at, count_digits(text, at));
  at += out.whole.size();
  if (at < text.size() && text[at] == '.') {
    out.fraction = text.substr(at + 1, count_digits(text, at + 1));
    at += 1 + out.fraction.size();
  }
  if (at != text.size() || (out.whole.empty() && out.fraction.empty())) return std::nullopt;
  while (out.whole.starts_with('0')) out.whole.remove_prefix(1);
  while (out.fraction.ends_with('0')) out.fraction.remove_suffix(1);
  if (out.whole.empty() && out.fraction.empty()) out.negative = false;
  return out;
}

std::string Decimal::key() const {
  std::string out = negative ? "-" : "";
  out += whole.empty() ? "0" : whole;
  if (!fraction.empty()) out.append(".").append(fraction);
  return out;
}

std::strong_ordering Decimal::operator<=>(const Decimal& other) const {
  if (negative != other.negative) return negative ? std::strong_ordering::less : std::strong_ordering::greater;
  std::strong_ordering order = whole.size() <=> other.whole.size();
  if (order == 0) order = ordering_of(whole.compare(other.whole));
  if (order == 0) order = ordering_of(fraction.compare(other.fraction));
  return negative ? 0 <=> order : order;
}

}  // namespace sluice::db
