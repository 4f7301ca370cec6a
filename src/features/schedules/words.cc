// Rules in words: summary() and words().
#include <algorithm>
#include <array>
#include <utility>

#include "features/schedules/calendar.h"
#include "features/schedules/rule.h"

namespace sluice::schedules {

namespace {

constexpr std::array kWeekdayNames = {"Mon"sv, "Tue"sv, "Wed"sv, "Thu"sv, "Fri"sv, "Sat"sv, "Sun"sv};
constexpr std::array kMonthNames = {"January"sv, "February"sv, "March"sv,     "April"sv,   "May"sv,      "June"sv,
                                    "July"sv,    "August"sv,   "September"sv, "October"sv, "November"sv, "December"sv};
// How far ahead a clock change that touches the rule is looked for: a monthly rule may meet one rarely.
constexpr std::chrono::years kLookAhead{8};
constexpr std::size_t kMaxListed = 4;

// "a", "a and b", "a, b and c"
std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i != 0) text += i + 1 == parts.size() ? " and " : ", ";
    text += parts[i];
  }
  return text;
}

std::string at_times(const Rule& rule) {
  std::vector<std::string> times = rule.times.value_or(std::vector<std::string>{});
  std::sort(times.begin(), times.end());
  return " at " + joined(times);
}

std::string interval_text(const Rule& rule) {
  if (!rule.every || !rule.unit) return "Every interval";
  const bool hours = *rule.unit == Unit::hours;
  if (*rule.every == 1) return hours ? "Every hour" : "Every minute";
  return "Every " + std::to_string(*rule.every) + (hours ? " hours" : " minutes");
}

std::string weekdays_text(const Rule& rule) {
  std::vector<Weekday> days = rule.weekdays.value_or(std::vector<Weekday>{});
  std::sort(days.begin(), days.end());
  if (days.size() == kWeekdayNames.size()) return "Every day";
  std::string text;
  for (const Weekday day : days) text += (text.empty() ? "" : ", ") + std::string(kWeekdayNames[static_cast<std::size_t>(day)]);
  return text;
}

std::vector<std::int64_t> sorted_month_days(const Rule& rule) {
  std::vector<std::int64_t> days = rule.month_days.value_or(std::vector<std::int64_t>{});
  std::sort(days.begin(), days.end());
  return days;
}

std::string month_days_text(const Rule& rule) {
  std::vector<std::string> days;
  for (const std::int64_t day : sorted_month_days(rule)) days.push_back(std::to_string(day));
  return "On day " + joined(days) + " of every month";
}

std::string date_text(LocalTime time) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(time));
  return std::to_string(static_cast<unsigned>(date.day())) + " " + std::string(kMonthNames[static_cast<unsigned>(date.month()) - 1]) + " " +
         std::to_string(static_cast<int>(date.year()));
}

// "Copenhagen time (Europe/Copenhagen)"; a zone that is named after no place is only named.
std::string zone_text(const std::string& name) {
  const std::size_t slash = name.rfind('/');
  if (slash == std::string::npos || name.starts_with("Etc/")) return name;
  std::string place = name.substr(slash + 1);
  std::replace(place.begin(), place.end(), '_', ' ');
  return place + " time (" + name + ")";
}

std::string times_text(const std::vector<LocalTime>& times) {
  std::vector<std::string> texts;
  for (const LocalTime time : times) texts.push_back(time_text(time));
  if (texts.size() > kMaxListed) return "the times from " + texts.front() + " to " + texts.back();
  return joined(texts);
}

// What one change does to the times of a rule that it touches; empty when it touches none.
std::string effect_of(const Change& change, const Calendar& calendar) {
  const std::vector<LocalTime> times = calendar.times_within(change.from(), change.to());
  if (times.empty()) return "";
  const bool several = times.size() > 1;
  const LocalTime first = times.front();
  if (change.is_forward() && skips_date(change, first)) {
    return "This zone skips " + date_text(first) + ": it does not run that day.";
  }
  const std::string when =
      "When clocks go " + std::string(change.is_forward() ? "forward" : "back") + " on " + date_text(first) + ", " + times_text(times);
  if (!change.is_forward()) {
    return when + (several ? " occur twice: it runs once at each, the first time." : " occurs twice: it runs once, the first time.");
  }
  const std::string missing = when + (several ? " do not exist" : " does not exist");
  if (!calendar.moves()) return missing + (several ? " and are left out." : " and is left out.");
  const LocalTime to = change.to();
  std::string instead = time_text(to);
  if (std::chrono::floor<std::chrono::days>(to) != std::chrono::floor<std::chrono::days>(first)) instead += " on " + date_text(to);
  return missing + (several ? ": it runs once instead, at " : ": it runs at ") + instead + (several ? "." : " instead.");
}

// The next change of either direction that touches one of the rule's times.
std::vector<std::string> clock_change_words(const Rule& rule, const Zone& zone, base::Timestamp now) {
  constexpr std::string_view kNot = "Clock changes do not affect it: ";
  const auto calendar = Calendar::of(rule);
  if (!calendar) return {std::string(kNot) + "it counts elapsed time."};
  const Instant begin = std::chrono::floor<std::chrono::seconds>(now);
  if (!zone.next_change(begin)) return {std::string(kNot) + "none are known for " + zone.name() + "."};
  std::string forward;
  std::string back;
  Instant from = begin;
  while (forward.empty() || back.empty()) {
    const auto change = zone.next_change(from);
    if (!change || change->at > begin + kLookAhead) break;
    std::string& effect = change->is_forward() ? forward : back;
    if (effect.empty()) effect = effect_of(*change, *calendar);
    from = change->at;
  }
  std::vector<std::string> words;
  if (!forward.empty()) words.push_back(std::move(forward));
  if (!back.empty()) words.push_back(std::move(back));
  if (words.empty()) words.push_back(std::string(kNot) + "it keeps its local time all year.");
  return words;
}

std::string short_months_text(const Rule& rule) {
  if (rule.recurrence != Recurrence::monthly) return "";
  std::vector<std::string> days;
  for (const std::int64_t day : sorted_month_days(rule)) {
    if (day > 28) days.push_back(std::to_string(day));
  }
  if (days.empty()) return "";
  std::string text = days.front();
  for (std::size_t i = 1; i < days.size(); ++i) text += (i + 1 == days.size() ? " or " : ", ") + days[i];
  return "In a month without day " + text + " it runs on the last day instead" + (days.size() > 1 ? ", once." : ".");
}

}  // namespace

std::string summary(const Rule& rule) {
  switch (rule.recurrence) {
    case Recurrence::interval:
      return interval_text(rule);
    case Recurrence::daily:
      return "Every day" + at_times(rule);
    case Recurrence::weekly:
      return weekdays_text(rule) + at_times(rule);
    case Recurrence::monthly:
      return month_days_text(rule) + at_times(rule);
    case Recurrence::cron:
      return "Cron " + rule.cron.value_or("");
  }
  return "";
}

std::vector<std::string> words(const Rule& rule, const Zone& zone, base::Timestamp now, std::chrono::hours missed_age) {
  std::vector<std::string> words;
  const bool is_interval = rule.recurrence == Recurrence::interval;
  words.push_back(summary(rule) + (is_interval ? ", shown in " : ", ") + zone_text(zone.name()) + ".");
  if (std::string months = short_months_text(rule); !months.empty()) words.push_back(std::move(months));
  for (std::string& sentence : clock_change_words(rule, zone, now)) words.push_back(std::move(sentence));
  words.push_back("If Sluice was not running at that time, it runs once when it is back, unless more than " +
                  std::to_string(missed_age.count()) + (missed_age.count() == 1 ? " hour has" : " hours have") +
                  " passed; then the run is recorded as missed.");
  words.emplace_back("If the previous run is still going, one run waits and starts after it; more are not piled up.");
  return words;
}

}  // namespace sluice::schedules
