#include "features/schedules/cron.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "base/text.h"

namespace sluice::schedules {
namespace {

using std::chrono::year;

std::string fault_of(std::string_view text) {
  const auto cron = parse_cron(text);
  if (cron.ok()) return "";
  EXPECT_EQ(cron.error().reason, "schedule.invalid");
  return cron.error().detail;
}

// "1 15 31": the days of a month on which it runs.
std::string days(std::string_view text, int y, unsigned m) {
  const auto cron = parse_cron(text);
  if (!cron.ok()) return cron.error().detail;
  const std::uint32_t bits = cron->days_in(year(y) / std::chrono::month(m));
  std::string out;
  for (unsigned day = 0; day < 32; ++day) {
    if ((bits >> day & 1U) != 0) out += (out.empty() ? "" : " ") + std::to_string(day);
  }
  return out;
}

std::string hours(std::string_view text) {
  const auto cron = parse_cron(text);
  if (!cron.ok()) return cron.error().detail;
  std::string out;
  for (unsigned hour = 0; hour < 32; ++hour) {
    if ((cron->hours >> hour & 1U) != 0) out += (out.empty() ? "" : " ") + std::to_string(hour);
  }
  return out;
}

TEST(Cron, C_116_ranges_steps_and_lists_are_taken) {
  EXPECT_EQ(hours("0 6-18/4 * * *"), "6 10 14 18");
  EXPECT_EQ(hours("0 1-5 * * *"), hours("0 1,2,3,4,5 * * *"));
  EXPECT_EQ(hours("0 */8 * * *"), "0 8 16");
  EXPECT_EQ(hours("0 5/10 * * *"), "5 15");
  EXPECT_EQ(hours("0 1,3-4,20-23/3 * * *"), "1 3 4 20 23");
  EXPECT_EQ(days("0 0 1,15,31 * *", 2026, 1), "1 15 31");
  EXPECT_EQ(days("0 0 1,15,31 * *", 2026, 2), "1 15");
  EXPECT_EQ(days("0 0 * JAN-MAR/2 *", 2026, 2), "");
  EXPECT_EQ(days("  0\t0   10 3,mar,12   * ", 2026, 3), "10");
}

TEST(Cron, C_116_names_L_and_the_nth_weekday_are_taken) {
  EXPECT_EQ(days("0 0 * * MON", 2026, 6), "1 8 15 22 29");
  EXPECT_EQ(days("0 0 * * mon#1", 2026, 6), "1");
  EXPECT_EQ(days("0 0 * * MON#1,FRI#5", 2026, 5), "4 29");
  EXPECT_EQ(days("0 0 * * MON#5", 2026, 5), "");
  EXPECT_EQ(days("0 0 * * FRI-MON", 2026, 2), "1 2 6 7 8 9 13 14 15 16 20 21 22 23 27 28");
  EXPECT_EQ(days("0 0 * * 5-7", 2026, 2), days("0 0 * * FRI-SUN", 2026, 2));
  EXPECT_EQ(days("0 0 * * 0", 2026, 2), "1 8 15 22");
  EXPECT_EQ(days("0 0 * * 7", 2026, 2), "1 8 15 22");
  EXPECT_EQ(days("0 0 L * ?", 2026, 2), "28");
  EXPECT_EQ(days("0 0 L * ?", 2028, 2), "29");
  EXPECT_EQ(days("0 0 15,L * *", 2026, 4), "15 30");
  EXPECT_EQ(days("0 0 ? * SUN", 2026, 2), "1 8 15 22");
}

TEST(Cron, both_day_fields_restricted_mean_either_as_in_POSIX) {
  EXPECT_EQ(days("0 0 13 * FRI", 2026, 3), "6 13 20 27");
  EXPECT_EQ(days("0 0 1 * FRI", 2026, 3), "1 6 13 20 27");
  EXPECT_EQ(days("0 0 30 2 MON", 2026, 2), "2 9 16 23");
}

TEST(Cron, dates_that_never_come_are_refused) {
  for (const char* text : {"0 0 30 2 *", "0 0 31 2,4,6,9,11 *", "0 0 30-31 FEB ?"})
    EXPECT_TRUE(fault_of(text).starts_with("never runs")) << text << ": " << fault_of(text);
  for (const char* text : {"0 0 29 2 *", "0 0 31 2,3 *", "0 0 30,L 2 *", "0 0 30 2 MON", "0 0 * 2 MON#5"})
    EXPECT_EQ(fault_of(text), "") << text;
}

TEST(Cron, what_cannot_be_used_is_named) {
  EXPECT_EQ(fault_of("0 0 * *"), "has 4 fields; it takes five: minute, hour, day of the month, month, day of the week");
  EXPECT_EQ(fault_of("60 0 * * *"), "has a minute that cannot be used, \"60\": it takes 0 to 59");
  EXPECT_EQ(fault_of("0 0 * FOO *"), "has a month that cannot be used, \"FOO\": it takes 1 to 12 and names such as FEB");
  for (const char* text : {"",
                           " ",
                           "* * * * * *",
                           "@daily",
                           "0 24 * * *",
                           "0 0 0 * *",
                           "0 0 32 * *",
                           "0 0 * 0 *",
                           "0 0 * 13 *",
                           "0 0 * * 8",
                           "-1 0 * * *",
                           "1- 0 * * *",
                           "1-2-3 0 * * *",
                           "5-1 0 * * *",
                           "*/0 0 * * *",
                           "*/ 0 * * *",
                           "*/-1 0 * * *",
                           "*/+1 0 * * *",
                           "*/60 0 * * *",
                           "1/2/3 0 * * *",
                           ", 0 * * *",
                           "1, 0 * * *",
                           "? 0 * * *",
                           "0 0 * ? *",
                           "L 0 * * *",
                           "0 0 * * L",
                           "0 0 * * MON#0",
                           "0 0 * * MON#6",
                           "0 0 * * MON#",
                           "0 0 * * #1",
                           "0 0 * * *#1",
                           "0 0 * * MON-FRI#1",
                           "0 0 MON * *",
                           "0x1 0 * * *",
                           "1.5 0 * * *",
                           "0 0 * * *\n",
                           "99999999999999999999 0 * * *",
                           "١ 0 * * *",
                           "\xff 0 * * *"}) {
    EXPECT_NE(fault_of(text), "") << text;
    EXPECT_TRUE(base::is_valid_utf8(fault_of(text)));
  }
  EXPECT_NE(fault_of("0," + std::string(1 << 20, '0') + " 0 * * *"), "");
}

TEST(Cron, any_text_is_read_or_refused) {
  std::mt19937 chance(3);
  const std::string_view letters = "0123456789*/-,?#LMONJAN \xff";
  int taken = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text = "0 0 * * *";
    for (unsigned c = 1 + chance() % 4; c > 0; --c) {
      const std::size_t place = chance() % (text.size() + 1);
      if (chance() % 2 == 0 && place < text.size())
        text[place] = letters[chance() % letters.size()];
      else
        text.insert(place, 1, letters[chance() % letters.size()]);
    }
    const auto cron = parse_cron(text);
    if (!cron.ok()) continue;
    ++taken;
    ASSERT_NE(cron->minutes, 0U) << text;
    ASSERT_EQ(cron->minutes >> 60, 0U) << text;
    ASSERT_NE(cron->hours, 0U) << text;
    ASSERT_EQ(cron->hours >> 24, 0U) << text;
    ASSERT_NE(cron->months, 0U) << text;
    bool runs = false;
    for (int y = 2000; y < 2041 && !runs; ++y) {
      for (unsigned m = 1; m <= 12; ++m) runs = runs || cron->days_in(year(y) / std::chrono::month(m)) != 0;
    }
    ASSERT_TRUE(runs) << text;
  }
  EXPECT_GT(taken, 1000);
}

}  // namespace
}  // namespace sluice::schedules
