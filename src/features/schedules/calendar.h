// The local dates and times that a rule names, and the instants they mean in a zone. Every recurrence but the interval comes
// down to this: days of a month, and times of a day. Private to the folder.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "features/schedules/cron.h"
#include "features/schedules/rule.h"
#include "features/schedules/zone.h"

namespace sluice::schedules {

class Calendar {
 public:
  // Empty for an interval, and for a rule whose parts cannot be read.
  static std::optional<Calendar> of(const Rule& rule);

  // The first instant strictly after another.
  std::optional<base::Timestamp> next(const Zone& zone, base::Timestamp after) const;
  // The local times named from one up to but without another, in order.
  std::vector<LocalTime> times_within(LocalTime from, LocalTime to) const;
  // Whether times that clocks jump over move to the next valid instant; else they are left out.
  bool moves() const { return !cron_ || !cron_->repeats; }

 private:
  std::uint32_t days_in(std::chrono::year_month month) const;  // bits 1 to 31
  std::optional<base::Timestamp> next_on(std::chrono::local_days date, const Zone& zone, base::Timestamp after) const;

  std::uint8_t weekdays_ = 0;         // bits 0 (Sunday) to 6
  std::vector<unsigned> month_days_;  // clamped to the length of the month
  std::optional<Cron> cron_;
  std::vector<std::chrono::minutes> times_;  // of a day, ascending
};

// "06:30" as time of the day.
std::optional<std::chrono::minutes> parse_time(std::string_view text);
std::string time_text(LocalTime time);  // "06:30"
// The length of an interval, when it is within the limits.
std::optional<std::chrono::minutes> interval_of(const Rule& rule);
// Whether a change of clocks skips the whole date of a local time.
bool skips_date(const Change& change, LocalTime time);

}  // namespace sluice::schedules
