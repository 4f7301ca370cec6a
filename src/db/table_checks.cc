#include "db/table_checks.h"

#include <charconv>
#include <cstring>

#include "base/text.h"

namespace sluice::db {

namespace {

using base::Code;
using base::Error;

std::string place(std::int64_t row, std::size_t column) { return "row " + std::to_string(row) + ", column " + std::to_string(column); }

}  // namespace

bool is_valid_version(std::string_view version) {
  if (version.empty() || version.size() > 60) return false;
  for (const char c : version) {
    const bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    if (!fine) return false;
  }
  return true;
}

Error bad_version() {
  return {.code = Code::internal,
          .reason = "table.bad_version",
          .detail = "Something went wrong on our side.",
          .internal = "the name of a version of a table has other characters than letters, digits, '_' and '-', or too many"};
}

Error version_used(const std::string& version) {
  return {
      .code = Code::conflict, .reason = "table.version_used", .detail = "This version of the table exists already.", .internal = version};
}

Error no_such_version(const std::string& version) {
  return {.code = Code::not_found,
          .reason = "table.no_such_version",
          .detail = "The data of this table is not there any more.",
          .internal = version};
}

Error duplicate_key(const DuplicateKey& duplicate) {
  const std::string rows = std::to_string(duplicate.first_row) + " and " + std::to_string(duplicate.second_row);
  return {.code = Code::conflict,
          .reason = "table.duplicate_key",
          .detail = "Rows " + rows + " have the same key. Keys must be unique.",
          .internal = rows};
}

base::Result<void> KeyChecks::check() const {
  if (first_empty_ != 0) {
    return Error{.code = Code::invalid,
                 .reason = "table.empty_key",
                 .detail = "Row " + std::to_string(first_empty_) + " has no key.",
                 .internal = std::to_string(first_empty_)};
  }
  if (first_long_ != 0) {
    return Error{.code = Code::invalid,
                 .reason = "table.key_too_long",
                 .detail = "The key of row " + std::to_string(first_long_) + " has more than " + std::to_string(kMaxKey) + " bytes.",
                 .internal = std::to_string(first_long_)};
  }
  return {};
}

TextFault find_fault(std::string_view text) {
  // Eight bytes at a time: most text is ASCII, and then this is all there is to do.
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  constexpr std::uint64_t kHighs = 0x8080808080808080U;
  std::uint64_t seen = 0;
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= 8; at += 8, left -= 8) {
    std::uint64_t word;
    std::memcpy(&word, at, 8);
    // The high bit of a byte is set where the byte is zero, where it is not ASCII, and sometimes beside a zero byte.
    seen |= (word | (word - kOnes)) & kHighs;
  }
  for (; left > 0; ++at, --left) seen |= static_cast<unsigned char>(*at - 1) & 0x80U;
  if (seen == 0) return TextFault::none;
  if (std::memchr(text.data(), 0, text.size()) != nullptr) return TextFault::nul_character;
  return base::is_valid_utf8(text) ? TextFault::none : TextFault::not_utf8;
}

Error bad_text(TextFault fault, std::int64_t row, std::size_t column) {
  const bool nul = fault == TextFault::nul_character;
  return {.code = Code::invalid,
          .reason = nul ? "table.nul_character" : "table.not_utf8",
          .detail = "Row " + std::to_string(row) + (nul ? " has a NUL character." : " has text that is not UTF-8."),
          .internal = place(row, column)};
}

Error bad_integer(std::int64_t row, std::size_t column) {
  return {.code = Code::invalid,
          .reason = "table.bad_integer",
          .detail = "Row " + std::to_string(row) + " has something else in a column of whole numbers.",
          .internal = place(row, column)};
}

bool parse_integer(const base::Cell& cell, std::int64_t& out) {
  const char* end = cell.data + cell.size;
  const auto [stop, error] = std::from_chars(cell.data, end, out);
  if (error != std::errc() || stop != end) return false;
  // What came in must come back: no leading zeros, no "-0".
  const std::string_view digits = cell.data[0] == '-' ? cell.text().substr(1) : cell.text();
  return digits[0] != '0' || cell.size == 1;
}

}  // namespace sluice::db
