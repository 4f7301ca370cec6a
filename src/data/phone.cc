#include "data/phone.h"

#include <phonenumbers/logger.h>
#include <phonenumbers/phonenumber.pb.h>
#include <phonenumbers/phonenumberutil.h>

#include <array>
#include <optional>
#include <set>

#include "data/letters.h"

namespace sluice::data {

namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

constexpr std::size_t kMostDigits = 15;  // of E.164
constexpr std::size_t kFewestDigits = 7;
const std::string kNoRegion = "ZZ";

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

// The library is lenient where a hash must not be: it spells letters as digits, and finds numbers inside of prose.
std::optional<Dialled> read_digits(std::string_view text) {
  if (text.starts_with("tel:")) text.remove_prefix(4);
  Dialled dialled;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t before = at;
    const std::uint32_t character = letters::next(text, at);
    const int digit = letters::digit_of(character);
    if (digit >= 0) {
      // "+44 (0)20": the zero in brackets is for those who call from within.
      if (digit == 0 && dialled.plus && !dialled.digits.empty() && text.substr(before).starts_with("0)") && text[before - 1] == '(') {
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

const PhoneNumberUtil& library() {
  static const PhoneNumberUtil& kLibrary = [&]() -> const PhoneNumberUtil& {
    const PhoneNumberUtil& made = *PhoneNumberUtil::GetInstance();
    // It would write numbers that it cannot read to the standard output. Its making sets a logger of its own, so this comes after.
    static i18n::phonenumbers::NullLogger quiet;
    i18n::phonenumbers::Logger::set_logger_impl(&quiet);
    return made;
  }();
  return kLibrary;
}

bool is_region(const std::string& code) {
  if (code.size() != 2) return false;
  static const std::set<std::string> kRegions = [] {
    std::set<std::string> regions;
    library().GetSupportedRegions(&regions);
    return regions;
  }();
  return kRegions.contains(code);
}

bool read(const std::string& digits, const std::string& region, std::string& out) {
  PhoneNumber number;
  if (library().Parse(digits, region, &number) != PhoneNumberUtil::NO_PARSING_ERROR) return false;
  if (library().IsPossibleNumberWithReason(number) != PhoneNumberUtil::IS_POSSIBLE) return false;
  library().Format(number, PhoneNumberUtil::E164, &out);
  out.erase(0, 1);
  return out.size() >= kFewestDigits && out.size() <= kMostDigits;
}

// Countries whose numbers are what is written, but for one trunk prefix: there a look at the length does, and the library with its regular
// expressions is spared. The test compares both on random numbers.
struct Plain {
  std::string_view region;
  int code = 0;
  char trunk = '\0';
};
constexpr Plain kPlain[] = {
    {"US", 1, '\0'},   {"CA", 1, '\0'},  {"GB", 44, '0'},  {"DE", 49, '0'},  {"FR", 33, '0'},   {"NL", 31, '0'},
    {"BE", 32, '0'},   {"CH", 41, '0'},  {"AT", 43, '0'},  {"SE", 46, '0'},  {"IE", 353, '0'},  {"AU", 61, '0'},
    {"NZ", 64, '0'},   {"IN", 91, '0'},  {"DK", 45, '\0'}, {"NO", 47, '\0'}, {"ES", 34, '\0'},  {"PT", 351, '\0'},
    {"CZ", 420, '\0'}, {"GR", 30, '\0'}, {"PL", 48, '\0'}, {"SG", 65, '\0'}, {"HK", 852, '\0'},
};

// Bit n: numbers of n digits may exist, as the library has it.
std::uint32_t lengths_of(int code) {
  static const auto kLengths = [] {
    std::array<std::uint32_t, 1000> lengths{};
    for (const Plain& plain : kPlain) {
      std::uint64_t number = 2;
      for (std::size_t length = 1; length <= kMostDigits; ++length, number *= 10) {
        PhoneNumber probe;
        probe.set_country_code(plain.code);
        probe.set_national_number(number);
        if (library().IsPossibleNumberWithReason(probe) == PhoneNumberUtil::IS_POSSIBLE)
          lengths[static_cast<std::size_t>(plain.code)] |= 1U << length;
      }
    }
    return lengths;
  }();
  return kLengths[static_cast<std::size_t>(code)];
}

bool take_plain(const Plain& plain, std::string_view number, std::string& out) {
  if (number.empty() || number.size() > kMostDigits || number.front() == '0' || (plain.code == 1 && number.front() == '1')) return false;
  if (((lengths_of(plain.code) >> number.size()) & 1U) == 0) return false;
  out = std::to_string(plain.code);
  out.append(number);
  return out.size() >= kFewestDigits && out.size() <= kMostDigits;
}

// False: the library has to look.
bool read_plainly(const Dialled& dialled, std::string_view region, std::string& out) {
  const std::string_view digits = dialled.digits;
  for (const Plain& plain : kPlain) {
    if (dialled.plus) {
      const std::string code = std::to_string(plain.code);
      if (digits.starts_with(code)) return take_plain(plain, digits.substr(code.size()), out);
    } else if (plain.region == region) {
      // Abroad, or with the country code but without '+': which it is, the library knows.
      if (digits.starts_with("00") || (plain.trunk == '\0' && digits.starts_with(std::to_string(plain.code)))) return false;
      if (plain.trunk == '\0') return take_plain(plain, digits, out);
      return digits.front() == plain.trunk && take_plain(plain, digits.substr(1), out);
    }
  }
  return false;
}

bool read_international(std::string_view digits, std::string& out) {
  return read("+" + std::string(without_zeros(digits)), kNoRegion, out);
}

}  // namespace

std::string_view read_phone(std::string_view text, std::string_view default_country, std::string& out, PhoneReading reading) {
  constexpr std::string_view kBad = "phone.bad";
  const auto dialled = read_digits(text);
  if (!dialled) return kBad;
  const std::string& digits = dialled->digits;
  std::string region(default_country);
  for (char& c : region) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c);
  if (reading == PhoneReading::fastest && read_plainly(*dialled, region, out)) return "";
  if (dialled->plus) return read_international(digits, out) ? "" : kBad;
  const bool known = is_region(region);
  if (known && read(digits, region, out)) return "";
  if (digits.starts_with("00")) return read_international(digits, out) ? "" : kBad;
  if (!known) return "phone.no_country";
  // "01 650 …" of somebody who dials a zero where none is dialled.
  const std::string bare(without_zeros(digits));
  return bare.size() != digits.size() && read(bare, region, out) ? "" : kBad;
}

}  // namespace sluice::data
