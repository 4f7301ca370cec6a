// When something runs of itself: a rule, and the questions one asks of it. Pure: the present time is a parameter, nothing but
// time zone files is read, and the host's own zone plays no part (C-113).
//
// Times of a rule are local times of its zone, with one meaning for daily, weekly, monthly and cron rules (SCH-10):
//   - a time that clocks jump over runs at the next valid instant, the one at which they jump;
//   - a time that clocks show twice runs once, at the first;
//   - two times that so fall on one instant run once;
//   - a date that the zone skips altogether (Samoa, 30 December 2011) has no run.
// A cron rule whose hours are "*" or have a step has no set times to keep: what clocks jump over is left out.
// An interval counts elapsed time and knows no clocks.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/describe.h"
#include "base/result.h"
#include "base/time.h"
#include "features/schedules/zone.h"

namespace sluice::schedules {

using namespace std::string_view_literals;

enum class Recurrence : std::uint8_t { interval, daily, weekly, monthly, cron };
constexpr auto enum_names(Recurrence) { return std::array{"interval"sv, "daily"sv, "weekly"sv, "monthly"sv, "cron"sv}; }
enum class Unit : std::uint8_t { minutes, hours };
constexpr auto enum_names(Unit) { return std::array{"minutes"sv, "hours"sv}; }
enum class Weekday : std::uint8_t { mon, tue, wed, thu, fri, sat, sun };
constexpr auto enum_names(Weekday) { return std::array{"mon"sv, "tue"sv, "wed"sv, "thu"sv, "fri"sv, "sat"sv, "sun"sv}; }

// Members that the recurrence does not use are empty, and absent on the wire.
struct Rule {
  Recurrence recurrence = Recurrence::daily;
  std::optional<std::int64_t> every;                    // interval
  std::optional<Unit> unit;                             // interval
  std::optional<std::vector<Weekday>> weekdays;         // weekly
  std::optional<std::vector<std::int64_t>> month_days;  // monthly; a day that a month does not have: its last day
  std::optional<std::vector<std::string>> times;        // daily, weekly, monthly: "06:30"
  std::optional<std::string> cron;
  std::string time_zone;
  template <class V, class S>
  static void describe(V& v, S& s) {
    using base::absent_ok;
    v("recurrence", s.recurrence);
    v("every", s.every, absent_ok());
    v("unit", s.unit, absent_ok());
    v("weekdays", s.weekdays, absent_ok());
    v("month_days", s.month_days, absent_ok());
    v("times", s.times, absent_ok());
    v("cron", s.cron, absent_ok());
    v("time_zone", s.time_zone);
  }
};

inline constexpr std::chrono::minutes kShortestInterval{5};
inline constexpr std::chrono::minutes kLongestInterval = std::chrono::days(31);
inline constexpr std::size_t kMaxTimes = 4;
// How late a missed run may still start (SCH-12).
inline constexpr std::chrono::hours kMissedAge{12};

// Everything that is wrong with a rule, as fields under `pointer`, reason "schedule.invalid". The same on any day (C-115).
base::Result<void> check(const Rule& rule, std::string_view pointer = "/rule");

// The functions below take a rule that check() accepts, with its zone. One whose parts cannot be read never occurs.

// The first occurrence strictly after an instant. An interval's occurrences are `anchor` and each multiple of it later; the
// others do not look at `anchor`. Empty when there is none within 40 years, and beyond the year 9900.
std::optional<base::Timestamp> next(const Rule& rule, const Zone& zone, base::Timestamp after, base::Timestamp anchor);
// The next `count` of them, or as many as there are.
std::vector<base::Timestamp> next_n(const Rule& rule, const Zone& zone, base::Timestamp after, base::Timestamp anchor, std::size_t count);

// The local time, "02:30", that an occurrence stands for when clocks jumped over it. Empty for all other occurrences (C-111).
std::optional<std::string> moved_from(const Rule& rule, const Zone& zone, base::Timestamp occurrence);

// One short phrase without the zone: "Every day at 06:30", "Mon, Wed at 06:00 and 18:00", "Every 15 minutes".
std::string summary(const Rule& rule);

// The rule in sentences (BEY-17): what recurs, in which zone; short months; what clock changes do to it, with the date of the
// next change that touches one of its times; missed runs; overlap.
std::vector<std::string> words(const Rule& rule, const Zone& zone, base::Timestamp now, std::chrono::hours missed_age = kMissedAge);

}  // namespace sluice::schedules
