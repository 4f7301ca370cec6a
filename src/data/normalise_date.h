// Inside of the normaliser: days of the calendar.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::data {

enum class DateForm : std::uint8_t { dashes, compact, year, month, day };

// Year first: 2026-01-02, 2026/1/2, 2026.01.02, 20260102, each with a time behind it or without (the day is taken as written, no time zone
// moves it). For year, month and day also that number alone. False when it is none, or no such day exists: which of 3/4/2026 is the month
// cannot be known, and a guess would make somebody else of the person.
bool read_date(std::string_view text, DateForm form, std::string& out);

}  // namespace sluice::data
