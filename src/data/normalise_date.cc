#include "data/normalise_date.h"

#include <chrono>
#include <optional>

namespace sluice::data {

namespace {

struct Numbers {
  std::string_view rest;

  // 0 when there is no number of so many digits.
  unsigned take(std::size_t fewest, std::size_t most) {
    std::size_t count = 0;
    unsigned number = 0;
    while (count < rest.size() && count < most && rest[count] >= '0' && rest[count] <= '9') {
      number = number * 10 + static_cast<unsigned>(rest[count] - '0');
      ++count;
    }
    if (count < fewest) return 0;
    rest.remove_prefix(count);
    return number;
  }
  bool take(char wanted) {
    if (rest.empty() || rest.front() != wanted) return false;
    rest.remove_prefix(1);
    return true;
  }
};

bool is_only_digits(std::string_view text, std::size_t fewest, std::size_t most) {
  return text.size() >= fewest && text.size() <= most && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::optional<std::chrono::year_month_day> read_day(std::string_view text) {
  Numbers numbers{text};
  const unsigned year = numbers.take(4, 4);
  const char separator = numbers.rest.empty() ? '\0' : numbers.rest.front();
  const bool separated = separator == '-' || separator == '/' || separator == '.';
  if (separated) numbers.take(separator);
  const unsigned month = separated ? numbers.take(1, 2) : numbers.take(2, 2);
  if (separated && !numbers.take(separator)) return std::nullopt;
  const unsigned day = separated ? numbers.take(1, 2) : numbers.take(2, 2);
  if (!numbers.rest.empty() && numbers.rest.front() != 'T' && numbers.rest.front() != ' ') return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(year)), std::chrono::month(month), std::chrono::day(day));
  if (year == 0 || !date.ok()) return std::nullopt;
  return date;
}

void append_number(std::string& out, unsigned number, std::size_t width) {
  const std::string digits = std::to_string(number);
  out.append(width - digits.size(), '0');
  out.append(digits);
}

// The number of the year, month or day by itself.
bool read_alone(std::string_view text, DateForm form, std::string& out) {
  const unsigned number = Numbers{text}.take(1, 4);
  if (form == DateForm::year) {
    if (!is_only_digits(text, 4, 4) || number == 0) return false;
    out = text;
    return true;
  }
  const unsigned most = form == DateForm::month ? 12 : 31;
  if (!is_only_digits(text, 1, 2) || number == 0 || number > most) return false;
  append_number(out, number, 2);
  return true;
}

}  // namespace

bool read_date(std::string_view text, DateForm form, std::string& out) {
  if (form != DateForm::dashes && form != DateForm::compact && is_only_digits(text, 1, 4)) return read_alone(text, form, out);
  const auto date = read_day(text);
  if (!date) return false;
  const auto year = static_cast<unsigned>(static_cast<int>(date->year()));
  const auto month = static_cast<unsigned>(date->month());
  const auto day = static_cast<unsigned>(date->day());
  const bool whole = form == DateForm::dashes || form == DateForm::compact;
  if (whole || form == DateForm::year) append_number(out, year, 4);
  if (form == DateForm::dashes) out.push_back('-');
  if (whole || form == DateForm::month) append_number(out, month, 2);
  if (form == DateForm::dashes) out.push_back('-');
  if (whole || form == DateForm::day) append_number(out, day, 2);
  return true;
}

}  // namespace sluice::data
