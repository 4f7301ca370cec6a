#include "data/normalise.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "data/countries.h"
#include "data/letters.h"
#include "data/normalise_date.h"
#include "data/phone.h"

namespace sluice::data {

namespace {

constexpr std::size_t kLongestEmail = 320;  // 64 before the '@', 255 after it

Normalised good(std::string_view text) { return {text, {}}; }
Normalised bad(std::string_view fault) { return {{}, fault}; }

// What all rules begin with: `work` gets valid UTF-8 without outer blanks, never nothing.
template <Normalised (*work)(std::string_view, const NormaliseOptions&, std::string&)>
Normalised apply(std::string_view value, const NormaliseOptions& options, std::string& scratch) {
  scratch.clear();
  if (!letters::is_ascii(value) && !base::is_valid_utf8(value)) return bad("text.not_utf8");
  const std::string_view text = letters::trim(value);
  if (text.empty()) return {};
  return work(text, options, scratch);
}

Normalised same(std::string_view text, const NormaliseOptions&, std::string&) { return good(text); }

bool is_email(std::string_view text) {
  const auto at = text.find('@');
  if (text.size() > kLongestEmail || at == 0 || at >= text.size() - 1 || text.rfind('@') != at) return false;
  if (text[at + 1] == '.' || text.back() == '.' || text.find("..") != std::string_view::npos) return false;
  for (std::size_t i = 0; i < text.size();)
    if (letters::is_blank(letters::next(text, i))) return false;
  return true;
}

Normalised email(std::string_view text, const NormaliseOptions&, std::string& scratch) {
  if (!is_email(text)) return bad("email.bad");
  letters::append_lower(scratch, text);
  return good(scratch);
}

enum class Suffix : std::uint8_t { kept, dropped };

template <Suffix suffix>
Normalised email_google(std::string_view text, const NormaliseOptions& options, std::string& scratch) {
  const Normalised plain = email(text, options, scratch);
  if (!plain.fault.empty()) return plain;
  auto at = scratch.find('@');
  const std::string_view domain = std::string_view(scratch).substr(at + 1);
  if (domain != "gmail.com" && domain != "googlemail.com") return plain;
  if (suffix == Suffix::dropped) {
    const auto plus = scratch.find('+');
    if (plus < at) {
      scratch.erase(plus, at - plus);
      at = plus;
    }
  }
  const auto end = scratch.begin() + static_cast<std::ptrdiff_t>(at);
  scratch.erase(std::remove(scratch.begin(), end, '.'), end);
  return scratch.front() == '@' ? bad("email.bad") : good(scratch);
}

enum class Plus : std::uint8_t { with, without };

template <Plus plus>
Normalised phone(std::string_view text, const NormaliseOptions& options, std::string& scratch) {
  const std::string_view fault = read_phone(text, options.default_country, scratch);
  if (!fault.empty()) return bad(fault);
  if (plus == Plus::with) scratch.insert(scratch.begin(), '+');
  return good(scratch);
}

Normalised name(std::string_view text, const NormaliseOptions&, std::string& scratch) {
  letters::append_lower(scratch, text);
  return good(scratch);
}

enum class Blanks : std::uint8_t { kept, dropped };

// Lower case; of what is neither letter nor digit only blanks may stay.
void append_letters(std::string& out, std::string_view text, Blanks blanks) {
  std::string lower;
  letters::append_lower(lower, text);
  for (std::size_t at = 0; at < lower.size();) {
    const std::size_t before = at;
    const std::uint32_t character = letters::next(lower, at);
    if (letters::is_letter_or_digit(character) || (blanks == Blanks::kept && character == ' ')) out.append(lower, before, at - before);
  }
}

Normalised name_letters(std::string_view text, const NormaliseOptions&, std::string& scratch) {
  append_letters(scratch, text, Blanks::kept);
  return good(letters::trim(scratch));
}

Normalised name_initial(std::string_view text, const NormaliseOptions& options, std::string& scratch) {
  const std::string_view whole = name_letters(text, options, scratch).text;
  if (whole.empty()) return {};
  std::size_t after = 0;
  letters::next(whole, after);
  return good(whole.substr(0, after));
}

Normalised city(std::string_view text, const NormaliseOptions&, std::string& scratch) {
  append_letters(scratch, text, Blanks::dropped);
  return good(scratch);
}

Normalised state(std::string_view text, const NormaliseOptions& options, std::string& scratch) {
  city(text, options, scratch);
  const std::string_view code = find_us_state(scratch);
  return good(code.empty() ? std::string_view(scratch) : code);
}

Normalised postal_code(std::string_view text, const NormaliseOptions&, std::string& scratch) {
  append_letters(scratch, text, Blanks::dropped);
  const bool digits = std::all_of(scratch.begin(), scratch.end(), [](char c) { return c >= '0' && c <= '9'; });
  // ZIP+4: no other country has codes of nine digits that mean more than their first five.
  if (digits && scratch.size() == 9) scratch.resize(5);
  return good(scratch);
}

Normalised country(std::string_view text, const NormaliseOptions&, std::string&) {
  const std::string_view code = find_country(text);
  return code.empty() ? bad("country.bad") : good(code);
}

Normalised country_upper(std::string_view text, const NormaliseOptions& options, std::string& scratch) {
  const Normalised lower = country(text, options, scratch);
  if (!lower.fault.empty()) return lower;
  for (const char c : lower.text) scratch.push_back(static_cast<char>(c - ('a' - 'A')));
  return good(scratch);
}

Normalised gender(std::string_view text, const NormaliseOptions&, std::string& scratch) {
  if (text.size() > 16) return bad("gender.bad");
  letters::append_lower(scratch, text);
  for (const std::string_view word : {"f", "female", "woman", "w", "girl"})
    if (scratch == word) return good("f");
  for (const std::string_view word : {"m", "male", "man", "boy"})
    if (scratch == word) return good("m");
  return bad("gender.bad");
}

template <DateForm form>
Normalised date(std::string_view text, const NormaliseOptions&, std::string& scratch) {
  return read_date(text, form, scratch) ? good(scratch) : bad("date.bad");
}

Normalised guid(std::string_view text, const NormaliseOptions&, std::string& scratch) {
  if (text.size() >= 2 && text.front() == '{' && text.back() == '}') text = text.substr(1, text.size() - 2);
  constexpr std::array<std::size_t, 4> kHyphens = {8, 13, 18, 23};
  for (const char c : text) {
    const bool hyphen = std::find(kHyphens.begin(), kHyphens.end(), scratch.size()) != kHyphens.end();
    if (hyphen && (c == '-' || text.size() == 32)) {
      scratch.push_back('-');
      if (c == '-') continue;
    }
    const char low = c >= 'A' && c <= 'F' ? static_cast<char>(c | 0x20) : c;
    if (!((low >= '0' && low <= '9') || (low >= 'a' && low <= 'f')) || scratch.size() >= 36) return bad("guid.bad");
    scratch.push_back(low);
  }
  return scratch.size() == 36 ? good(scratch) : bad("guid.bad");
}

struct Named {
  std::string_view name;
  Normaliser::Rule rule;
};

constexpr auto kRules = std::to_array<Named>({
    {"trim", &apply<same>},
    {"email", &apply<email>},
    {"email_google", &apply<email_google<Suffix::kept>>},
    {"email_google_plus", &apply<email_google<Suffix::dropped>>},
    {"phone", &apply<phone<Plus::with>>},
    {"phone_digits", &apply<phone<Plus::without>>},
    {"name", &apply<name>},
    {"name_letters", &apply<name_letters>},
    {"name_initial", &apply<name_initial>},
    {"city", &apply<city>},
    {"state", &apply<state>},
    {"postal_code", &apply<postal_code>},
    {"country", &apply<country>},
    {"country_upper", &apply<country_upper>},
    {"gender", &apply<gender>},
    {"date", &apply<date<DateForm::dashes>>},
    {"date_compact", &apply<date<DateForm::compact>>},
    {"year", &apply<date<DateForm::year>>},
    {"month", &apply<date<DateForm::month>>},
    {"day", &apply<date<DateForm::day>>},
    {"guid", &apply<guid>},
});

}  // namespace

Normaliser::Rule Normaliser::find(std::string_view name) {
  const auto* found = std::find_if(kRules.begin(), kRules.end(), [&](const Named& named) { return named.name == name; });
  return found == kRules.end() ? nullptr : found->rule;
}

bool looks_hashed(std::string_view value) {
  value = base::trim(value);
  return value.size() == 64 && std::all_of(value.begin(), value.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

}  // namespace sluice::data
