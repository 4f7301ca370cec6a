#include <gtest/gtest.h>

#include "features/schedules/rule.h"
#include "features/schedules/test_support.h"

namespace sluice::schedules {
namespace {

constexpr auto kMissed =
    "If Sluice was not running at that time, it runs once when it is back, unless more than 12 hours have passed; then the run is recorded "
    "as missed.";
constexpr auto kOverlap = "If the previous run is still going, one run waits and starts after it; more are not piled up.";

Rule rule_of(const std::string& members, const std::string& zone_name) {
  auto rule = base::read_json<Rule>("{" + members + R"(,"time_zone":")" + zone_name + "\"}");
  EXPECT_TRUE(rule.ok() && check(*rule).ok()) << members;
  return rule.ok() ? *std::move(rule) : Rule{};
}
std::string summary_of(const std::string& members) { return summary(rule_of(members, "UTC")); }

// All sentences but the last two, which are always the same.
std::string words_of(const std::string& members, const std::string& zone_name, std::string_view now = "2026-01-15T00:00:00Z") {
  auto sentences = words(rule_of(members, zone_name), zone(zone_name), at(now));
  EXPECT_GE(sentences.size(), 4U);
  EXPECT_EQ(sentences.back(), kOverlap);
  sentences.pop_back();
  EXPECT_EQ(sentences.back(), kMissed);
  sentences.pop_back();
  std::string text;
  for (const std::string& sentence : sentences) text += (text.empty() ? "" : "\n") + sentence;
  return text;
}

TEST(ScheduleWords, BEY_17_a_rule_has_one_short_phrase) {
  EXPECT_EQ(summary_of(R"("recurrence":"daily","times":["06:30"])"), "Every day at 06:30");
  EXPECT_EQ(summary_of(R"("recurrence":"daily","times":["18:00","06:30","12:00"])"), "Every day at 06:30, 12:00 and 18:00");
  EXPECT_EQ(summary_of(R"("recurrence":"weekly","weekdays":["wed","mon"],"times":["06:00","18:00"])"), "Mon, Wed at 06:00 and 18:00");
  EXPECT_EQ(summary_of(R"("recurrence":"weekly","weekdays":["mon","tue","wed","thu","fri","sat","sun"],"times":["06:00"])"),
            "Every day at 06:00");
  EXPECT_EQ(summary_of(R"("recurrence":"monthly","month_days":[31,10],"times":["02:00"])"), "On day 10 and 31 of every month at 02:00");
  EXPECT_EQ(summary_of(R"("recurrence":"interval","every":15,"unit":"minutes")"), "Every 15 minutes");
  EXPECT_EQ(summary_of(R"("recurrence":"interval","every":1,"unit":"hours")"), "Every hour");
  EXPECT_EQ(summary_of(R"("recurrence":"interval","every":36,"unit":"hours")"), "Every 36 hours");
  EXPECT_EQ(summary_of(R"("recurrence":"cron","cron":"0 6-18/2 * * MON-FRI")"), "Cron 0 6-18/2 * * MON-FRI");
}

TEST(ScheduleWords, BEY_17_a_rule_away_from_clock_changes_says_so) {
  EXPECT_EQ(words_of(R"("recurrence":"daily","times":["06:30","18:00"])", "Europe/Copenhagen"),
            "Every day at 06:30 and 18:00, Copenhagen time (Europe/Copenhagen).\nClock changes do not affect it: it keeps its local time "
            "all year.");
  EXPECT_EQ(words_of(R"("recurrence":"weekly","weekdays":["mon"],"times":["02:30"])", "Europe/Copenhagen"),
            "Mon at 02:30, Copenhagen time (Europe/Copenhagen).\nClock changes do not affect it: it keeps its local time all year.");
  EXPECT_EQ(words_of(R"("recurrence":"daily","times":["02:30"])", "UTC"),
            "Every day at 02:30, UTC.\nClock changes do not affect it: none are known for UTC.");
  EXPECT_EQ(words_of(R"("recurrence":"daily","times":["02:30"])", "America/Argentina/Buenos_Aires"),
            "Every day at 02:30, Buenos Aires time (America/Argentina/Buenos_Aires).\n"
            "Clock changes do not affect it: none are known for America/Argentina/Buenos_Aires.");
  EXPECT_EQ(words_of(R"("recurrence":"interval","every":15,"unit":"minutes")", "Europe/Copenhagen"),
            "Every 15 minutes, shown in Copenhagen time (Europe/Copenhagen).\nClock changes do not affect it: it counts elapsed time.");
}

TEST(ScheduleWords, BEY_17_what_the_next_clock_changes_do_to_this_rule_is_said_with_their_dates) {
  EXPECT_EQ(words_of(R"("recurrence":"daily","times":["02:30"])", "Europe/Copenhagen"),
            "Every day at 02:30, Copenhagen time (Europe/Copenhagen).\n"
            "When clocks go forward on 29 March 2026, 02:30 does not exist: it runs at 03:00 instead.\n"
            "When clocks go back on 25 October 2026, 02:30 occurs twice: it runs once, the first time.");
  EXPECT_EQ(words_of(R"("recurrence":"daily","times":["02:30"])", "Europe/Copenhagen", "2026-03-29T01:00:00Z"),
            "Every day at 02:30, Copenhagen time (Europe/Copenhagen).\n"
            "When clocks go forward on 28 March 2027, 02:30 does not exist: it runs at 03:00 instead.\n"
            "When clocks go back on 25 October 2026, 02:30 occurs twice: it runs once, the first time.");
  EXPECT_EQ(words_of(R"("recurrence":"weekly","weekdays":["sun"],"times":["02:00","02:45"])", "America/New_York"),
            "Sun at 02:00 and 02:45, New York time (America/New_York).\n"
            "When clocks go forward on 8 March 2026, 02:00 and 02:45 do not exist: it runs once instead, at 03:00.");
  EXPECT_EQ(words_of(R"("recurrence":"daily","times":["01:30"])", "America/New_York"),
            "Every day at 01:30, New York time (America/New_York).\n"
            "When clocks go back on 1 November 2026, 01:30 occurs twice: it runs once, the first time.");
  EXPECT_EQ(words_of(R"("recurrence":"daily","times":["23:30"])", "America/Nuuk"),
            "Every day at 23:30, Nuuk time (America/Nuuk).\n"
            "When clocks go forward on 28 March 2026, 23:30 does not exist: it runs at 00:00 on 29 March 2026 instead.\n"
            "When clocks go back on 24 October 2026, 23:30 occurs twice: it runs once, the first time.");
}

TEST(ScheduleWords, BEY_17_cron_with_repeating_hours_says_what_is_left_out) {
  EXPECT_EQ(words_of(R"("recurrence":"cron","cron":"*/10 * * * *")", "Europe/Copenhagen"),
            "Cron */10 * * * *, Copenhagen time (Europe/Copenhagen).\n"
            "When clocks go forward on 29 March 2026, the times from 02:00 to 02:50 do not exist and are left out.\n"
            "When clocks go back on 25 October 2026, the times from 02:00 to 02:50 occur twice: it runs once at each, the first time.");
  EXPECT_EQ(words_of(R"("recurrence":"cron","cron":"30 */2 * * *")", "Europe/Copenhagen"),
            "Cron 30 */2 * * *, Copenhagen time (Europe/Copenhagen).\n"
            "When clocks go forward on 29 March 2026, 02:30 does not exist and is left out.\n"
            "When clocks go back on 25 October 2026, 02:30 occurs twice: it runs once, the first time.");
}

TEST(ScheduleWords, BEY_17_monthly_rules_say_what_short_months_do_and_find_the_change_that_hits_them) {
  EXPECT_EQ(words_of(R"("recurrence":"monthly","month_days":[10,31],"times":["02:30"])", "Europe/Copenhagen"),
            "On day 10 and 31 of every month at 02:30, Copenhagen time (Europe/Copenhagen).\n"
            "In a month without day 31 it runs on the last day instead.\n"
            "When clocks go forward on 31 March 2030, 02:30 does not exist: it runs at 03:00 instead.\n"
            "When clocks go back on 31 October 2027, 02:30 occurs twice: it runs once, the first time.");
  EXPECT_EQ(
      words_of(R"("recurrence":"monthly","month_days":[30,31,29],"times":["12:00"])", "UTC"),
      "On day 29, 30 and 31 of every month at 12:00, UTC.\nIn a month without day 29, 30 or 31 it runs on the last day instead, once.\n"
      "Clock changes do not affect it: none are known for UTC.");
}

TEST(ScheduleWords, BEY_17_a_date_that_the_zone_skips_is_named) {
  EXPECT_EQ(words_of(R"("recurrence":"cron","cron":"0 12 * * *")", "Pacific/Apia", "2011-12-01T00:00:00Z"),
            "Cron 0 12 * * *, Apia time (Pacific/Apia).\nThis zone skips 30 December 2011: it does not run that day.");
}

TEST(ScheduleWords, BEY_17_the_age_at_which_a_missed_run_is_given_up_is_the_one_that_is_set) {
  const Rule rule = rule_of(R"("recurrence":"daily","times":["06:30"])", "UTC");
  const auto sentences = words(rule, Zone::utc(), {}, std::chrono::hours(1));
  EXPECT_NE(sentences[sentences.size() - 2].find("unless more than 1 hour has passed"), std::string::npos);
}

}  // namespace
}  // namespace sluice::schedules
