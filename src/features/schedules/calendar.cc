#include "features/schedules/calendar.h"

#include <algorithm>
#include <cstdio>

namespace sluice::schedules {

using base::Timestamp;
using std::chrono::local_days;
using std::chrono::minutes;
using std::chrono::year_month;

namespace {

// Within 40 years every date comes that ever comes: 29 February as a Monday may take that long around the year 2100.
constexpr int kSearchedMonths = 40 * 12 + 2;
constexpr std::chrono::year kFirstYear{1};
constexpr std::chrono::year kLastYear{9900};

}  // namespace

std::optional<minutes> parse_time(std::string_view text) {
  const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9' ? text[i] - '0' : 100; };
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const int hour = digit(0) * 10 + digit(1);
  const int minute = digit(3) * 10 + digit(4);
  if (hour > 23 || minute > 59) return std::nullopt;
  return minutes(hour * 60 + minute);
}

std::string time_text(LocalTime time) {
  const auto of_day = static_cast<int>(std::chrono::floor<minutes>(time - std::chrono::floor<std::chrono::days>(time)).count());
  char text[16];
  std::snprintf(text, sizeof text, "%02d:%02d", of_day / 60, of_day % 60);
  return text;
}

std::optional<minutes> interval_of(const Rule& rule) {
  if (!rule.every || !rule.unit) return std::nullopt;
  const std::int64_t unit = *rule.unit == Unit::hours ? 60 : 1;
  if (*rule.every < 1 || *rule.every > kLongestInterval.count() / unit) return std::nullopt;
  const minutes length(*rule.every * unit);
  return length < kShortestInterval ? std::nullopt : std::optional(length);
}

bool skips_date(const Change& change, LocalTime time) {
  const LocalTime begin = std::chrono::floor<std::chrono::days>(time);
  return change.is_forward() && change.from() <= begin && begin + std::chrono::days(1) <= change.to();
}

std::optional<Calendar> Calendar::of(const Rule& rule) {
  Calendar calendar;
  if (rule.recurrence == Recurrence::interval) return std::nullopt;
  if (rule.recurrence == Recurrence::cron) {
    if (!rule.cron) return std::nullopt;
    auto cron = parse_cron(*rule.cron);
    if (!cron.ok()) return std::nullopt;
    for (int minute = 0; minute < 24 * 60; ++minute) {
      if ((cron->hours >> (minute / 60) & 1U) != 0 && (cron->minutes >> (minute % 60) & 1U) != 0) calendar.times_.emplace_back(minute);
    }
    calendar.cron_ = *cron;
    return calendar;
  }
  if (!rule.times) return std::nullopt;
  for (const std::string& text : *rule.times) {
    const auto time = parse_time(text);
    if (!time) return std::nullopt;
    calendar.times_.push_back(*time);
  }
  std::sort(calendar.times_.begin(), calendar.times_.end());
  if (rule.recurrence == Recurrence::daily) calendar.weekdays_ = 0x7F;
  if (rule.recurrence == Recurrence::weekly && rule.weekdays) {
    for (const Weekday day : *rule.weekdays) calendar.weekdays_ |= static_cast<std::uint8_t>(1U << ((static_cast<unsigned>(day) + 1) % 7));
  }
  if (rule.recurrence == Recurrence::monthly && rule.month_days) {
    for (const std::int64_t day : *rule.month_days) {
      if (day < 1 || day > 31) return std::nullopt;
      calendar.month_days_.push_back(static_cast<unsigned>(day));
    }
  }
  return calendar;
}

std::uint32_t Calendar::days_in(year_month month) const {
  if (cron_) return cron_->days_in(month);
  const auto last = static_cast<unsigned>((month / std::chrono::last).day());
  std::uint32_t days = 0;
  for (const unsigned day : month_days_) days |= 1U << std::min(day, last);
  const unsigned first = std::chrono::weekday(local_days(month / 1)).c_encoding();
  for (unsigned day = 1; day <= last; ++day) {
    if ((weekdays_ >> ((first + day - 1) % 7) & 1U) != 0) days |= 1U << day;
  }
  return days;
}

// Later local times never mean earlier instants, counting for a time that is shown twice the first, and for one that is
// jumped over the jump; so the search may halve.
std::optional<Timestamp> Calendar::next_on(local_days date, const Zone& zone, Timestamp after) const {
  const auto is_past = [&](minutes time) {
    const Meaning meaning = zone.meaning_of(date + time);
    return (meaning.count != 0 ? meaning.at[0] : meaning.jumped->at) <= after;
  };
  for (auto time = std::partition_point(times_.begin(), times_.end(), is_past); time != times_.end(); ++time) {
    const Meaning meaning = zone.meaning_of(date + *time);
    if (meaning.count != 0) return meaning.at[0];
    if (moves() && !skips_date(*meaning.jumped, date + *time)) return meaning.jumped->at;
  }
  return std::nullopt;
}

std::optional<Timestamp> Calendar::next(const Zone& zone, Timestamp after) const {
  const auto today = std::chrono::floor<std::chrono::days>(after);
  if (today < std::chrono::sys_days(kFirstYear / 1 / 2) || today > std::chrono::sys_days(kLastYear / 1 / 1)) return std::nullopt;
  // Times of earlier dates have had their instant, moved ones too: clocks show no later date before they jump.
  const local_days first = std::chrono::floor<std::chrono::days>(zone.local_of(std::chrono::floor<std::chrono::seconds>(after)));
  const std::chrono::year_month_day date(first);
  year_month month = date.year() / date.month();
  for (int i = 0; i < kSearchedMonths; ++i, month += std::chrono::months(1)) {
    const std::uint32_t days = days_in(month);
    for (unsigned day = 1; day <= 31 && days >> day != 0; ++day) {
      if ((days >> day & 1U) == 0) continue;
      const local_days named(month / std::chrono::day(day));
      if (named < first) continue;
      if (const auto at = next_on(named, zone, after)) return at;
    }
  }
  return std::nullopt;
}

std::vector<LocalTime> Calendar::times_within(LocalTime from, LocalTime to) const {
  std::vector<LocalTime> found;
  for (local_days day = std::chrono::floor<std::chrono::days>(from); day < to; day += std::chrono::days(1)) {
    const std::chrono::year_month_day date(day);
    if ((days_in(date.year() / date.month()) >> static_cast<unsigned>(date.day()) & 1U) == 0) continue;
    for (const minutes time : times_) {
      if (day + time >= from && day + time < to) found.emplace_back(day + time);
    }
  }
  return found;
}

}  // namespace sluice::schedules
