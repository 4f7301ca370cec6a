// A cron expression of five fields: minute, hour, day of the month, month, day of the week. POSIX (crontab), and what people
// write besides: steps (*/15, 8-18/2, 5/10), names (MON, JAN), L (the last day of the month), MON#1 (the first Monday of the
// month), ? for * in the two day fields, and Sunday as 0 or 7. As in POSIX, when both day fields are restricted a day that
// meets either of them counts. A range of weekdays may go over the week's end (FRI-MON).
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace sluice::schedules {

struct Cron {
  std::uint64_t minutes = 0;          // bits 0 to 59
  std::uint32_t hours = 0;            // bits 0 to 23
  std::uint32_t month_days = 0;       // bits 1 to 31
  std::uint16_t months = 0;           // bits 1 to 12
  std::uint8_t weekdays = 0;          // bits 0 (Sunday) to 6
  std::array<std::uint8_t, 6> nth{};  // nth[n]: the weekdays whose n-th in a month counts, n from 1
  bool last_day = false;              // of the month
  bool any_month_day = false;         // unrestricted
  bool any_weekday = false;
  bool repeats = false;  // the hours are "*" or have a step: it runs through the day, not at set times

  // The days of a month that count: bits 1 to 31.
  std::uint32_t days_in(std::chrono::year_month month) const;
};

// "schedule.invalid"; the detail completes the sentence "The cron expression …". Refused too: dates that never come
// (30 February).
base::Result<Cron> parse_cron(std::string_view text);

}  // namespace sluice::schedules
