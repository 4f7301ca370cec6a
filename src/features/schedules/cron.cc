#include "features/schedules/cron.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"

namespace sluice::schedules {

using base::Result;

namespace {

constexpr std::size_t kMaxLength = 200;
constexpr std::string_view kMonths[] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::string_view kWeekdays[] = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

struct Field {
  std::string_view title;
  int least = 0;
  int most = 0;
  std::span<const std::string_view> names = {};  // the first one is `least`
  bool is_weekday = false;
};
constexpr Field kMinute{"minute", 0, 59};
constexpr Field kHour{"hour", 0, 23};
constexpr Field kMonthDay{"day of the month", 1, 31};
constexpr Field kMonth{"month", 1, 12, kMonths};
constexpr Field kWeekday{"day of the week", 0, 7, kWeekdays, true};

base::Error fault(std::string detail) { return {.code = base::Code::invalid, .reason = "schedule.invalid", .detail = std::move(detail)}; }
base::Error fault(const Field& field, std::string_view item, std::string_view why) {
  std::string detail = "has a " + std::string(field.title) + " that cannot be used";
  if (base::is_valid_utf8(item)) detail += ", \"" + std::string(item) + "\"";
  return fault(detail + ": " + std::string(why));
}

// A number or a name of the field.
std::optional<int> value_of(const Field& field, std::string_view text) {
  for (std::size_t i = 0; i < field.names.size(); ++i) {
    if (base::equals_ignoring_case(text, field.names[i])) return field.least + static_cast<int>(i);
  }
  if (text.empty() || text.size() > 2 || !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return std::nullopt;
  const auto number = base::parse_int(text);
  if (!number || *number < field.least || *number > field.most) return std::nullopt;
  return static_cast<int>(*number);
}

std::string range_text(const Field& field) { return std::to_string(field.least) + " to " + std::to_string(field.most); }

// One item of a list: "*", "5", "1-5", each with or without "/2".
Result<std::uint64_t> bits_of(const Field& field, std::string_view item) {
  const std::size_t slash = item.find('/');
  const std::string_view range = item.substr(0, slash);
  int step = 1;
  if (slash != std::string_view::npos) {
    const std::string_view text = item.substr(slash + 1);
    const auto number = base::parse_int(text);
    if (!number || text.front() < '0' || text.front() > '9' || *number < 1 || *number > field.most)
      return fault(field, item, "a step is a number from 1 to " + std::to_string(field.most));
    step = static_cast<int>(*number);
  }
  int first = field.least;
  int last = field.is_weekday ? 6 : field.most;
  if (range != "*") {
    const std::size_t dash = range.find('-');
    const auto from = value_of(field, range.substr(0, dash));
    const auto to = dash == std::string_view::npos ? from : value_of(field, range.substr(dash + 1));
    if (!from || !to)
      return fault(field, item,
                   "it takes " + range_text(field) + (field.names.empty() ? "" : " and names such as " + std::string(field.names[1])));
    first = *from;
    // "5/10" counts from 5 on.
    if (dash != std::string_view::npos || slash == std::string_view::npos) last = *to;
    if (last < first && field.is_weekday) last += 7;
    if (last < first) return fault(field, item, "a range goes from the smaller to the larger");
  }
  std::uint64_t bits = 0;
  for (int value = first; value <= last; value += step) bits |= 1ULL << (field.is_weekday ? value % 7 : value);
  return bits;
}

Result<std::uint64_t> list_of(const Field& field, std::string_view text) {
  std::uint64_t bits = 0;
  for (const std::string_view item : base::split(text, ',')) {
    ASSIGN_OR_RETURN(const std::uint64_t more, bits_of(field, item));
    bits |= more;
  }
  return bits;
}

bool is_unrestricted(std::string_view text) { return text == "*" || text == "*/1" || text == "?"; }

Result<void> read_month_days(std::string_view text, Cron& cron) {
  cron.any_month_day = is_unrestricted(text);
  if (cron.any_month_day) return {};
  for (const std::string_view item : base::split(text, ',')) {
    if (item == "L" || item == "l") {
      cron.last_day = true;
      continue;
    }
    ASSIGN_OR_RETURN(const std::uint64_t bits, bits_of(kMonthDay, item));
    cron.month_days |= static_cast<std::uint32_t>(bits);
  }
  return {};
}

Result<void> read_weekdays(std::string_view text, Cron& cron) {
  cron.any_weekday = is_unrestricted(text);
  if (cron.any_weekday) return {};
  for (const std::string_view item : base::split(text, ',')) {
    const std::size_t hash = item.find('#');
    ASSIGN_OR_RETURN(const std::uint64_t bits, bits_of(kWeekday, item.substr(0, hash)));
    if (hash == std::string_view::npos) {
      cron.weekdays |= static_cast<std::uint8_t>(bits);
      continue;
    }
    const std::string_view which = item.substr(hash + 1);
    if (which.size() != 1 || which[0] < '1' || which[0] > '5' || !value_of(kWeekday, item.substr(0, hash)))
      return fault(kWeekday, item, "write MON#1 for the first Monday of the month, up to MON#5");
    cron.nth[static_cast<std::size_t>(which[0] - '0')] |= static_cast<std::uint8_t>(bits);
  }
  return {};
}

// Whether a month has such a day in any year. Weekdays always come.
bool ever_runs(const Cron& cron) {
  if (cron.any_month_day || !cron.any_weekday || cron.last_day) return true;
  constexpr std::chrono::year kLeapYear{2024};
  for (unsigned month = 1; month <= 12; ++month) {
    if (cron.days_in(kLeapYear / std::chrono::month(month)) != 0) return true;
  }
  return false;
}

}  // namespace

std::uint32_t Cron::days_in(std::chrono::year_month month) const {
  using namespace std::chrono;
  if ((months >> static_cast<unsigned>(month.month()) & 1U) == 0) return 0;
  const auto last = static_cast<unsigned>((month / std::chrono::last).day());
  const std::uint32_t all = ((1ULL << (last + 1)) - 2) & 0xFFFFFFFFU;
  if (any_month_day && any_weekday) return all;
  std::uint32_t by_date = month_days & all;
  if (last_day) by_date |= 1U << last;
  std::uint32_t by_weekday = 0;
  const unsigned first = weekday(sys_days(month / 1)).c_encoding();
  for (unsigned day = 1; day <= last; ++day) {
    const unsigned bit = 1U << ((first + day - 1) % 7);
    if ((weekdays & bit) != 0 || (nth[(day - 1) / 7 + 1] & bit) != 0) by_weekday |= 1U << day;
  }
  if (any_month_day) return by_weekday;
  if (any_weekday) return by_date;
  return by_date | by_weekday;
}

Result<Cron> parse_cron(std::string_view text) {
  if (text.size() > kMaxLength) return fault("is longer than " + std::to_string(kMaxLength) + " characters");
  std::vector<std::string_view> fields;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t start = text.find_first_not_of(" \t", i);
    if (start == std::string_view::npos) break;
    i = std::min(text.find_first_of(" \t", start), text.size());
    fields.push_back(text.substr(start, i - start));
  }
  if (fields.size() != 5)
    return fault("has " + std::to_string(fields.size()) + " fields; it takes five: minute, hour, day of the month, month, day of the week");
  Cron cron;
  ASSIGN_OR_RETURN(cron.minutes, list_of(kMinute, fields[0]));
  ASSIGN_OR_RETURN(const std::uint64_t hours, list_of(kHour, fields[1]));
  cron.hours = static_cast<std::uint32_t>(hours);
  // "1-5" is "1,2,3,4,5", which names hours; "*" and steps do not.
  cron.repeats = fields[1].find_first_of("*/") != std::string_view::npos;
  RETURN_IF_ERROR(read_month_days(fields[2], cron));
  ASSIGN_OR_RETURN(const std::uint64_t months, list_of(kMonth, fields[3]));
  cron.months = static_cast<std::uint16_t>(months);
  RETURN_IF_ERROR(read_weekdays(fields[4], cron));
  if (!ever_runs(cron)) return fault("never runs: no month that it names has such a day");
  return cron;
}

}  // namespace sluice::schedules
