#include "data/phone.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "data/letters.h"

namespace sluice::data {

namespace {

struct Region {
  std::string_view code;         // ISO 3166-1; "001": of no country
  int calling_code = 0;          // several countries may share one
  std::string_view trunk;        // dialled before national numbers, not part of them
  std::string_view abroad;       // dialled before country codes
  std::uint32_t lengths = 0;     // bit n: numbers of n digits exist
  bool zeros = false;            // numbers may begin with 0
  bool trunk_in_number = false;  // numbers may begin with what is also the trunk prefix
  bool main = false;             // the one to judge numbers of this calling code by
};

constexpr Region kRegions[] = {
#include "data/phone_regions.inc"
};

constexpr std::size_t kMostDigits = 15;  // of E.164
constexpr std::size_t kFewestDigits = 7;
constexpr int kMexico = 52;

bool has_length(const Region& region, std::size_t length) { return length < 32 && ((region.lengths >> length) & 1U) != 0; }

const Region* find_region(std::string_view code) {
  const auto same = [&](const Region& region) {
    return region.code.size() == code.size() &&
           std::equal(code.begin(), code.end(), region.code.begin(), [](char a, char b) { return (a & ~0x20) == b; });
  };
  if (code.size() != 2) return nullptr;
  const auto* found = std::find_if(std::begin(kRegions), std::end(kRegions), same);
  return found == std::end(kRegions) ? nullptr : found;
}

// By calling code: codes are at most three digits, and none begins another.
const Region* find_calling_code(int code) {
  static const auto kByCode = [] {
    std::array<const Region*, 1000> table{};
    for (const Region& region : kRegions)
      if (region.main) table[static_cast<std::size_t>(region.calling_code)] = &region;
    return table;
  }();
  return kByCode[static_cast<std::size_t>(code)];
}

struct Dialled {
  bool plus = false;
  std::string digits;
};

bool starts_extension(std::uint32_t character) {
  return character == 'x' || character == 'X' || character == '#' || character == ';' || character == ',' || character == 'e' ||
         character == 'E';
}

bool separates(std::uint32_t character) {
  switch (character) {
    case '-':
    case '.':
    case '/':
    case '(':
    case ')':
    case '[':
    case ']':
      return true;
    default:
      // Hyphens and dashes, full-width signs, and what cannot be seen.
      return (character >= 0x2010 && character <= 0x2015) || character == 0x2212 || character == 0xff08 || character == 0xff09 ||
             character == 0xff0d || character == 0xff0e || letters::is_blank(character);
  }
}

// An extension is no part of the number: "x12", "ext. 12", ";ext=12". Anything else that is no digit makes it none.
bool is_extension(std::string_view rest) {
  std::string word;
  std::size_t digits = 0;
  for (const char c : rest) {
    if (c >= '0' && c <= '9') {
      ++digits;
    } else if (digits > 0) {
      return false;
    } else if (c != ' ' && c != '.' && c != '=' && c != ';' && c != ',' && c != '#' && c != ':') {
      word.push_back(static_cast<char>(c | 0x20));
    }
  }
  return digits > 0 && digits <= 9 && (word.empty() || word == "x" || word == "ext" || word == "extn" || word == "extension");
}

std::optional<Dialled> read_digits(std::string_view text) {
  if (text.starts_with("tel:")) text.remove_prefix(4);
  Dialled dialled;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t before = at;
    const std::uint32_t character = letters::next(text, at);
    const int digit = letters::digit_of(character);
    if (digit >= 0) {
      // "+44 (0)20": the zero in brackets is for those who call from within.
      if (digit == 0 && dialled.plus && !dialled.digits.empty() && text.substr(before).starts_with("0)") && before > 0 &&
          text[before - 1] == '(') {
        ++at;
        continue;
      }
      dialled.digits.push_back(static_cast<char>('0' + digit));
      if (dialled.digits.size() > 2 * kMostDigits) return std::nullopt;
    } else if ((character == '+' || character == 0xff0b) && dialled.digits.empty() && !dialled.plus) {
      dialled.plus = true;
    } else if (starts_extension(character) && !dialled.digits.empty()) {
      if (!is_extension(text.substr(before))) return std::nullopt;
      break;
    } else if (!separates(character)) {
      return std::nullopt;
    }
  }
  if (dialled.digits.empty()) return std::nullopt;
  return dialled;
}

std::string_view without_zeros(std::string_view digits) {
  const auto first = digits.find_first_not_of('0');
  return first == std::string_view::npos ? std::string_view{} : digits.substr(first);
}

bool can_be(const Region& region, std::string_view number) {
  return has_length(region, number.size()) && (region.zeros || number.front() != '0');
}

// The national number without what is only dialled, or empty.
std::string_view national(const Region& region, std::string_view digits) {
  const bool trunk = !region.trunk.empty() && digits.starts_with(region.trunk) && digits.size() > region.trunk.size();
  const std::string_view bare = trunk ? digits.substr(region.trunk.size()) : digits;
  // Numbers that begin with 0 where 0 is also dialled are few and of no person: toll-free ones of Japan and India.
  const bool ambiguous = region.trunk_in_number && region.trunk.front() != '0' && can_be(region, digits);
  if (trunk && can_be(region, bare) && !ambiguous) return bare;
  if (region.calling_code == kMexico && digits.size() == 11 && digits.front() == '1') return digits.substr(1);
  return can_be(region, digits) ? digits : std::string_view{};
}

bool write(int calling_code, std::string_view number, std::string& out) {
  if (number.empty()) return false;
  out = std::to_string(calling_code);
  out.append(number);
  return out.size() >= kFewestDigits && out.size() <= kMostDigits;
}

bool read_international(std::string_view digits, std::string& out) {
  digits = without_zeros(digits);
  int code = 0;
  for (std::size_t i = 0; i < 3 && i < digits.size(); ++i) {
    code = code * 10 + (digits[i] - '0');
    if (const Region* region = find_calling_code(code)) {
      const std::string_view rest = digits.substr(i + 1);
      return !rest.empty() && write(code, national(*region, rest), out);
    }
  }
  return false;
}

bool read_national(const Region& region, std::string_view digits, std::string& out) {
  if (write(region.calling_code, national(region, digits), out)) return true;
  // Without '+', yet with the country code in front.
  const std::string code = std::to_string(region.calling_code);
  const std::string_view bare = without_zeros(digits);
  if (bare.starts_with(code) && bare.size() > code.size() && write(region.calling_code, national(region, bare.substr(code.size())), out))
    return true;
  return !bare.empty() && bare.size() != digits.size() && write(region.calling_code, national(region, bare), out);
}

}  // namespace

std::string_view read_phone(std::string_view text, std::string_view default_country, std::string& out) {
  constexpr std::string_view kBad = "phone.bad";
  const auto dialled = read_digits(text);
  if (!dialled) return kBad;
  const std::string_view digits = dialled->digits;
  if (dialled->plus) return read_international(digits, out) ? "" : kBad;
  const Region* region = find_region(default_country);
  if (region != nullptr && digits.starts_with(region->abroad) && read_international(digits.substr(region->abroad.size()), out)) return "";
  if (digits.starts_with("00")) return read_international(digits, out) ? "" : kBad;
  if (region == nullptr) return "phone.no_country";
  return read_national(*region, digits, out) ? "" : kBad;
}

}  // namespace sluice::data
