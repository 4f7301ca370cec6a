#include "features/schedules/rule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <map>
#include <random>
#include <utility>

#include "features/schedules/calendar.h"
#include "features/schedules/test_support.h"

namespace sluice::schedules {
namespace {

using base::Timestamp;
using std::chrono::microseconds;

Rule rule_of(std::string_view text) {
  auto rule = base::read_json<Rule>(text);
  EXPECT_TRUE(rule.ok()) << text << (rule.ok() ? "" : rule.error().detail);
  return rule.ok() ? *std::move(rule) : Rule{};
}
Rule daily(const std::string& zone_name, std::vector<std::string> times) {
  return {.recurrence = Recurrence::daily, .times = std::move(times), .time_zone = zone_name};
}
Rule cron(const std::string& zone_name, std::string text) {
  return {.recurrence = Recurrence::cron, .cron = std::move(text), .time_zone = zone_name};
}

// The next occurrences of a rule, joined by spaces.
std::string starts(const Rule& rule, std::string_view after, std::size_t count) {
  EXPECT_TRUE(check(rule).ok()) << check(rule).error().detail;
  std::string text;
  for (const Timestamp one : next_n(rule, zone(rule.time_zone), at(after), at(after), count))
    text += (text.empty() ? "" : " ") + text_of(one);
  return text;
}

std::string faults_of(const Rule& rule) {
  const auto checked = check(rule);
  if (checked.ok()) return "";
  EXPECT_EQ(checked.error().reason, "schedule.invalid");
  EXPECT_TRUE(base::is_valid_utf8(checked.error().detail));
  std::string text;
  for (const base::FieldError& fault : checked.error().fields) text += (text.empty() ? "" : " ") + fault.pointer + ":" + fault.reason;
  return text;
}

// The zone of the machine, for as long as this lives.
class HostZone {
 public:
  explicit HostZone(const char* name) {
    if (const char* before = std::getenv("TZ"); before != nullptr) before_ = before;
    set(name);
  }
  ~HostZone() { set(before_ ? before_->c_str() : nullptr); }
  HostZone(const HostZone&) = delete;
  HostZone& operator=(const HostZone&) = delete;

 private:
  static void set(const char* name) {
    if (name != nullptr)
      ::setenv("TZ", name, 1);
    else
      ::unsetenv("TZ");
    ::tzset();
  }
  std::optional<std::string> before_;
};

TEST(Schedules, C_111_a_time_that_does_not_exist_runs_at_the_next_valid_instant_SCH_10) {
  const Rule new_york = daily("America/New_York", {"02:30"});
  EXPECT_EQ(starts(new_york, "2026-03-07T12:00:00Z", 2), "2026-03-08T07:00:00Z 2026-03-09T06:30:00Z");
  EXPECT_EQ(moved_from(new_york, zone("America/New_York"), at("2026-03-08T07:00:00Z")), "02:30");
  EXPECT_EQ(moved_from(new_york, zone("America/New_York"), at("2026-03-09T06:30:00Z")), std::nullopt);
  EXPECT_EQ(moved_from(daily("America/New_York", {"02:30", "03:00"}), zone("America/New_York"), at("2026-03-08T07:00:00Z")), std::nullopt);
  EXPECT_EQ(starts(daily("Europe/Copenhagen", {"02:30"}), "2026-03-28T12:00:00Z", 2), "2026-03-29T01:00:00Z 2026-03-30T00:30:00Z");
}

TEST(Schedules, C_111_a_time_that_occurs_twice_runs_once_at_the_first_SCH_10) {
  EXPECT_EQ(starts(daily("America/New_York", {"01:30"}), "2026-10-31T12:00:00Z", 2), "2026-11-01T05:30:00Z 2026-11-02T06:30:00Z");
  EXPECT_EQ(starts(daily("America/New_York", {"01:30"}), "2026-11-01T05:30:00Z", 1), "2026-11-02T06:30:00Z");
  EXPECT_EQ(starts(daily("America/New_York", {"01:30"}), "2026-11-01T06:29:59Z", 1), "2026-11-02T06:30:00Z");
  EXPECT_EQ(starts(daily("Europe/Copenhagen", {"02:30"}), "2026-10-24T12:00:00Z", 2), "2026-10-25T00:30:00Z 2026-10-26T01:30:00Z");
}

// The oracle names one instant for each date that the zone has; the rule must give these and no others.
TEST(Schedules, C_112_every_daily_rule_runs_once_a_date_in_40_zones_over_ten_years_SCH_10) {
  std::map<std::string, std::pair<std::string, std::vector<Timestamp>>> wanted;  // zone -> time, instants
  for (const auto& line : oracle("daily")) {
    ASSERT_GE(line.size(), 5U);
    auto& [time, instants] = wanted[line[1]];
    time = line[3];
    instants.emplace_back(std::chrono::seconds(std::stoll(line[4])));
  }
  EXPECT_EQ(wanted.size(), 40U);
  for (const auto& [name, expected] : wanted) {
    const auto& [time, instants] = expected;
    EXPECT_GE(instants.size(), 3651U) << name;
    const auto found = next_n(daily(name, {time}), zone(name), instants.front() - microseconds(1), {}, instants.size());
    ASSERT_EQ(found.size(), instants.size());
    for (std::size_t i = 0; i < found.size(); ++i) ASSERT_EQ(text_of(found[i]), text_of(instants[i])) << name << " daily at " << time;
  }
}

TEST(Schedules, C_112_around_every_change_of_2026_and_2027_in_20_zones_each_time_runs_as_the_oracle_says_SCH_10) {
  std::map<std::string, Zone> zones;
  std::map<std::string, Timestamp> last;  // by zone and time
  std::size_t checked = 0;
  std::size_t moved = 0;
  for (const auto& line : oracle("changes")) {
    ASSERT_GE(line.size(), 5U);
    if (!zones.contains(line[1])) zones.emplace(line[1], zone(line[1]));
    const Zone& in = zones.at(line[1]);
    const Rule rule = daily(line[1], {line[3]});
    const Timestamp wanted{std::chrono::seconds(std::stoll(line[4]))};
    ASSERT_EQ(text_of(next(rule, in, wanted - microseconds(1), {})), text_of(wanted)) << line[1] << " " << line[2] << " " << line[3];
    const bool is_moved = line.size() > 5;
    ASSERT_EQ(moved_from(rule, in, wanted), is_moved ? std::optional(line[3]) : std::nullopt) << line[1] << " " << line[2];
    auto& before = last[line[1] + line[3]];
    // From the day before straight to this one, unless the dates are of another change.
    if (wanted - before < std::chrono::hours(30)) {
      ASSERT_EQ(text_of(next(rule, in, before, {})), text_of(wanted)) << line[1] << " " << line[2] << " " << line[3];
    }
    before = wanted;
    ++checked;
    moved += is_moved ? 1 : 0;
  }
  EXPECT_EQ(zones.size(), 20U);
  EXPECT_GT(checked, 20'000U);
  EXPECT_GT(moved, 100U);
}

TEST(Schedules, C_113_a_UTC_rule_never_bends_with_the_zone_of_the_host) {
  const HostZone sydney("Australia/Sydney");
  EXPECT_EQ(starts(cron("UTC", "0 * * * *"), "2025-10-05T02:00:00Z", 3), "2025-10-05T03:00:00Z 2025-10-05T04:00:00Z 2025-10-05T05:00:00Z");
  EXPECT_EQ(starts(cron("UTC", "0 * * * *"), "2025-10-04T15:30:00Z", 2), "2025-10-04T16:00:00Z 2025-10-04T17:00:00Z");
  EXPECT_EQ(starts(daily("Etc/UTC", {"16:30"}), "2025-10-04T15:30:00Z", 2), "2025-10-04T16:30:00Z 2025-10-05T16:30:00Z");
}

TEST(Schedules, C_114_midnight_and_half_hour_changes_run_once_and_go_on) {
  EXPECT_EQ(starts(daily("America/Santiago", {"00:00"}), "2026-09-05T12:00:00Z", 2), "2026-09-06T04:00:00Z 2026-09-07T03:00:00Z");
  EXPECT_EQ(starts(daily("Australia/Lord_Howe", {"02:15"}), "2026-10-03T00:00:00Z", 3),
            "2026-10-03T15:30:00Z 2026-10-04T15:15:00Z 2026-10-05T15:15:00Z");
  EXPECT_EQ(starts(daily("Australia/Lord_Howe", {"01:45"}), "2026-04-04T00:00:00Z", 2), "2026-04-04T14:45:00Z 2026-04-05T15:15:00Z");
  for (const char* name :
       {"America/Santiago", "Australia/Lord_Howe", "America/Havana", "Asia/Beirut", "America/Nuuk", "Antarctica/Troll"}) {
    const Zone in = zone(name);
    for (const char* time : {"00:00", "00:30", "01:00", "02:00", "02:15", "23:30"}) {
      Timestamp from = at("2026-01-01T00:00:00Z");
      const auto found = next_n(daily(name, {time}), in, from, {}, 800);
      ASSERT_EQ(found.size(), 800U);
      for (const Timestamp one : found) {
        ASSERT_GT(one, from) << name << " " << time;
        ASSERT_LE(one - from, std::chrono::hours(27)) << name << " " << time;
        from = one;
      }
    }
  }
}

TEST(Schedules, C_114_a_time_moved_over_midnight_stays_the_run_of_its_date) {
  // Nuuk goes from 23:00 on Saturday to 00:00 on Sunday.
  EXPECT_EQ(starts(daily("America/Nuuk", {"23:30"}), "2026-03-28T12:00:00Z", 2), "2026-03-29T01:00:00Z 2026-03-30T00:30:00Z");
  EXPECT_EQ(starts(daily("America/Nuuk", {"00:00", "23:30"}), "2026-03-28T12:00:00Z", 2), "2026-03-29T01:00:00Z 2026-03-30T00:30:00Z");
}

TEST(Schedules, C_114_a_date_that_a_zone_skips_has_no_run) {
  EXPECT_EQ(starts(daily("Pacific/Apia", {"12:00"}), "2011-12-29T00:00:00Z", 2), "2011-12-29T22:00:00Z 2011-12-30T22:00:00Z");
  EXPECT_EQ(starts(cron("Pacific/Apia", "0 0 30 12 *"), "2011-01-01T00:00:00Z", 1), "2012-12-29T10:00:00Z");
  EXPECT_EQ(starts(cron("Pacific/Apia", "0 */12 * * *"), "2011-12-29T23:00:00Z", 2), "2011-12-30T10:00:00Z 2011-12-30T22:00:00Z");
}

TEST(Schedules, C_115_all_POSIX_forms_are_accepted_on_any_date) {
  for (const char* name : {"America/New_York", "Europe/London", "UTC"}) {
    for (const char* text :
         {"0 2 * * *", "30 2 * * *", "* * * * *", "0,30 1,2 * * *", "0-59 0-23 1-31 1-12 0-6", "15 2 8 3 0", "0 2 1 1 *", "0 2 * * 0"}) {
      const Rule rule = cron(name, text);
      EXPECT_EQ(faults_of(rule), "") << text;
      const Zone in = zone(name);
      for (Timestamp now = at("2026-03-05T00:00:00Z"); now < at("2026-03-10T00:00:00Z"); now += std::chrono::minutes(37))
        ASSERT_TRUE(next(rule, in, now, {})) << text << " at " << text_of(now);
    }
  }
}

TEST(Schedules, C_116_cron_counts_in_the_zone_of_the_rule) {
  EXPECT_EQ(starts(cron("Europe/Copenhagen", "0 6-18/6 * * MON-FRI"), "2026-11-27T00:00:00Z", 4),
            "2026-11-27T05:00:00Z 2026-11-27T11:00:00Z 2026-11-27T17:00:00Z 2026-11-30T05:00:00Z");
  EXPECT_EQ(starts(cron("Asia/Kathmandu", "0 9 L * ?"), "2028-02-01T00:00:00Z", 2), "2028-02-29T03:15:00Z 2028-03-31T03:15:00Z");
  EXPECT_EQ(starts(cron("UTC", "0 9 ? * MON#1"), "2026-01-01T00:00:00Z", 2), "2026-01-05T09:00:00Z 2026-02-02T09:00:00Z");
}

TEST(Schedules, C_117_a_rule_means_the_same_instants_wherever_it_is_read) {
  const Rule rule = rule_of(R"({"recurrence":"daily","times":["06:30"],"time_zone":"Europe/Copenhagen"})");
  const std::string here = starts(rule, "2026-11-25T12:00:00Z", 5);
  const HostZone auckland("Pacific/Auckland");
  EXPECT_EQ(starts(rule_of(base::to_json(rule)), "2026-11-25T12:00:00Z", 5), here);
  EXPECT_TRUE(here.starts_with("2026-11-26T05:30:00Z 2026-11-27T05:30:00Z"));
}

TEST(Schedules, cron_with_set_hours_moves_and_with_repeating_hours_leaves_out_SCH_10) {
  // Set hours: the three times in the gap fall on 07:00Z, once.
  EXPECT_EQ(starts(cron("America/New_York", "*/20 2 * * *"), "2026-03-08T05:00:00Z", 2), "2026-03-08T07:00:00Z 2026-03-09T06:00:00Z");
  EXPECT_EQ(starts(cron("America/New_York", "0 1-3 * * *"), "2026-03-08T05:00:00Z", 3),
            "2026-03-08T06:00:00Z 2026-03-08T07:00:00Z 2026-03-09T05:00:00Z");
  // Repeating hours: 02:30 is no hour of that day.
  EXPECT_EQ(starts(cron("America/New_York", "30 * * * *"), "2026-03-08T06:00:00Z", 2), "2026-03-08T06:30:00Z 2026-03-08T07:30:00Z");
  EXPECT_EQ(starts(cron("America/New_York", "30 */2 * * *"), "2026-03-08T05:00:00Z", 2), "2026-03-08T05:30:00Z 2026-03-08T08:30:00Z");
  // And each local minute comes once when clocks go back.
  EXPECT_EQ(starts(cron("America/New_York", "30 * * * *"), "2026-11-01T05:00:00Z", 2), "2026-11-01T05:30:00Z 2026-11-01T07:30:00Z");
}

// Minute after minute, by local time alone: what a rule must give, found the slow way.
std::vector<Timestamp> by_minute(const Rule& rule, const Zone& in, Timestamp after, Timestamp end) {
  const Calendar calendar = *Calendar::of(rule);
  std::vector<Timestamp> found;
  for (Instant minute = std::chrono::floor<std::chrono::minutes>(after) + std::chrono::minutes(1); minute <= end;
       minute += std::chrono::minutes(1)) {
    const LocalTime shown = in.local_of(minute);
    const auto change = in.next_change(minute - std::chrono::seconds(1));
    bool runs = !calendar.times_within(shown, shown + std::chrono::minutes(1)).empty() && in.meaning_of(shown).at[0] == minute;
    if (change && change->at == minute && change->is_forward() && calendar.moves())
      runs = runs || !calendar.times_within(change->from(), change->to()).empty();
    if (runs) found.emplace_back(minute);
  }
  return found;
}

TEST(Schedules, the_search_finds_what_going_minute_by_minute_finds_SCH_10) {
  std::mt19937 chance(11);
  const auto pick = [&](std::initializer_list<const char*> list) {
    return std::string(*(list.begin() + static_cast<std::ptrdiff_t>(chance() % list.size())));
  };
  for (const char* name :
       {"America/New_York", "Australia/Lord_Howe", "America/Santiago", "America/Nuuk", "Asia/Beirut", "Europe/Dublin", "UTC"}) {
    const Zone in = zone(name);
    Timestamp from = at("2026-01-01T00:00:00Z");
    for (int change = 0; change < 4; ++change) {
      const auto next_change = in.next_change(std::chrono::floor<std::chrono::seconds>(from));
      const Timestamp middle = next_change ? Timestamp(next_change->at) : from;
      for (int i = 0; i < 6; ++i) {
        const Rule rule =
            cron(name, pick({"0", "*/15", "30", "7,37", "*"}) + " " + pick({"*", "*/2", "0-3", "1,2,3", "22-23", "0,23", "2"}) + " " +
                           pick({"*", "1-10", "L", "29,30,31"}) + " * " + pick({"*", "SUN", "SAT,SUN", "MON-FRI"}));
        const Timestamp start = middle - std::chrono::hours(40);
        const Timestamp end = middle + std::chrono::hours(40);
        Timestamp after = start;
        for (const Timestamp wanted : by_minute(rule, in, start, end)) {
          ASSERT_EQ(text_of(next(rule, in, after, {})), text_of(wanted)) << name << " " << *rule.cron << " after " << text_of(after);
          after = wanted;
        }
        const auto beyond = next(rule, in, after, {});
        ASSERT_TRUE(beyond && *beyond > end) << name << " " << *rule.cron;
      }
      from = middle + std::chrono::hours(1);
    }
  }
}

TEST(Schedules, SCH_17_an_interval_counts_elapsed_time_from_its_anchor) {
  const Rule rule = rule_of(R"({"recurrence":"interval","every":6,"unit":"hours","time_zone":"America/New_York"})");
  const Zone in = zone("America/New_York");
  const Timestamp anchor = at("2026-03-07T22:15:00Z");
  std::string found;
  for (const Timestamp one : next_n(rule, in, anchor, anchor, 4)) found += text_of(one) + " ";
  EXPECT_EQ(found, "2026-03-08T04:15:00Z 2026-03-08T10:15:00Z 2026-03-08T16:15:00Z 2026-03-08T22:15:00Z ");  // clocks change at 07:00Z
  EXPECT_EQ(text_of(next(rule, in, at("2026-01-01T00:00:00Z"), anchor)), "2026-03-07T22:15:00Z");
  EXPECT_EQ(text_of(next(rule, in, at("2026-03-08T04:14:59.999999Z"), anchor)), "2026-03-08T04:15:00Z");
  EXPECT_EQ(text_of(next(rule, in, at("2026-03-08T04:15:00Z"), anchor)), "2026-03-08T10:15:00Z");
  EXPECT_EQ(next(rule, in, Timestamp::max(), anchor), std::nullopt);
  EXPECT_EQ(next(rule, in, anchor, Timestamp::max()), std::nullopt);
}

TEST(Schedules, SCH_17_weekly_rules_run_on_their_days) {
  const Rule rule =
      rule_of(R"({"recurrence":"weekly","weekdays":["sun","wed"],"times":["18:00","06:00"],"time_zone":"Europe/Copenhagen"})");
  EXPECT_EQ(starts(rule, "2026-11-25T12:00:00Z", 4), "2026-11-25T17:00:00Z 2026-11-29T05:00:00Z 2026-11-29T17:00:00Z 2026-12-02T05:00:00Z");
}

TEST(Schedules, SCH_17_monthly_rules_run_on_the_last_day_of_short_months) {
  const Rule one = rule_of(R"({"recurrence":"monthly","month_days":[31],"times":["02:00"],"time_zone":"UTC"})");
  EXPECT_EQ(starts(one, "2028-01-30T00:00:00Z", 4), "2028-01-31T02:00:00Z 2028-02-29T02:00:00Z 2028-03-31T02:00:00Z 2028-04-30T02:00:00Z");
  const Rule two = rule_of(R"({"recurrence":"monthly","month_days":[30,31],"times":["02:00"],"time_zone":"UTC"})");
  EXPECT_EQ(starts(two, "2026-01-31T12:00:00Z", 3), "2026-02-28T02:00:00Z 2026-03-30T02:00:00Z 2026-03-31T02:00:00Z");
}

TEST(Schedules, rare_dates_are_found_at_once_and_impossible_ones_end_the_search) {
  EXPECT_EQ(starts(cron("UTC", "0 0 29 2 *"), "2096-03-01T00:00:00Z", 1), "2104-02-29T00:00:00Z");
  EXPECT_EQ(starts(cron("UTC", "0 0 * 2 MON#5"), "2072-03-01T00:00:00Z", 1), "2112-02-29T00:00:00Z");
  // An hour that clocks jump over every year, asked for by a step: it never runs.
  EXPECT_EQ(starts(cron("America/New_York", "30 2-2/1 * 3 SUN#2"), "2026-01-01T00:00:00Z", 1), "");
  const Rule rule = cron("America/New_York", "30 2-2/1 * 3 SUN#2");
  const Zone in = zone("America/New_York");
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(next(rule, in, at("2026-01-01T00:00:00Z"), {}), std::nullopt);
}

TEST(Schedules, instants_far_away_have_no_next_one) {
  for (const Timestamp far : {Timestamp::min(), Timestamp::max(), at("9999-12-31T23:59:59Z")}) {
    for (const char* name : {"UTC", "America/New_York"}) {
      EXPECT_EQ(next(daily(name, {"00:00"}), zone(name), far, {}), std::nullopt);
      EXPECT_EQ(moved_from(daily(name, {"00:00"}), zone(name), far), std::nullopt);
    }
  }
}

TEST(Schedules, SCH_17_members_that_a_recurrence_does_not_use_are_absent) {
  for (const char* text : {R"({"recurrence":"interval","every":15,"unit":"minutes","time_zone":"UTC"})",
                           R"({"recurrence":"weekly","weekdays":["mon","sun"],"times":["06:30","18:00"],"time_zone":"Europe/Copenhagen"})",
                           R"({"recurrence":"monthly","month_days":[1,15,31],"times":["06:30"],"time_zone":"Europe/Copenhagen"})",
                           R"({"recurrence":"cron","cron":"0 6-18/2 * * MON-FRI","time_zone":"Europe/Copenhagen"})"}) {
    EXPECT_EQ(base::to_json(rule_of(text)), text);
    EXPECT_EQ(faults_of(rule_of(text)), "") << text;
  }
}

TEST(Schedules, SCH_17_every_fault_of_a_rule_is_reported_at_its_place) {
  const auto faults = [](std::string_view text) { return faults_of(rule_of(text)); };
  EXPECT_EQ(faults(R"({"recurrence":"daily","time_zone":""})"), "/rule/times:required /rule/time_zone:required");
  EXPECT_EQ(faults(R"({"recurrence":"daily","times":[],"time_zone":"UTC"})"), "/rule/times:required");
  EXPECT_EQ(faults(R"({"recurrence":"daily","times":["06:30","6:30","24:00","06:60","06:30"],"time_zone":"UTC"})"), "/rule/times:too_long");
  EXPECT_EQ(faults(R"({"recurrence":"daily","times":["06:30","6:30","24:00","06:30"],"time_zone":"Mars/Base"})"),
            "/rule/times/1:invalid /rule/times/2:invalid /rule/times/3:twice /rule/time_zone:unknown_zone");
  EXPECT_EQ(faults(R"({"recurrence":"weekly","weekdays":["mon","mon"],"times":["06:30"],"time_zone":"UTC"})"), "/rule/weekdays/1:twice");
  EXPECT_EQ(faults(R"({"recurrence":"weekly","times":["06:30"],"time_zone":"UTC"})"), "/rule/weekdays:required");
  EXPECT_EQ(faults(R"({"recurrence":"monthly","month_days":[0,32,5,5],"times":["06:30"],"time_zone":"UTC"})"),
            "/rule/month_days/0:invalid /rule/month_days/1:invalid /rule/month_days/3:twice");
  EXPECT_EQ(faults(R"({"recurrence":"interval","time_zone":"UTC"})"), "/rule/every:required /rule/unit:required");
  EXPECT_EQ(faults(R"({"recurrence":"cron","time_zone":"UTC"})"), "/rule/cron:required");
  EXPECT_EQ(faults(R"({"recurrence":"cron","cron":"0 0 30 2 *","time_zone":"UTC"})"), "/rule/cron:invalid");
  EXPECT_EQ(faults(R"({"recurrence":"daily","times":["06:30"],"cron":"* * * * *","every":5,"time_zone":"UTC"})"),
            "/rule/every:unused /rule/cron:unused");
  const auto detail = check(rule_of(R"({"recurrence":"daily","times":["x"],"time_zone":"UTC"})"), "/schedule/rule").error().detail;
  EXPECT_EQ(detail, "schedule/rule/times/0 must be a time such as 06:30.");
}

TEST(Schedules, SCH_17_intervals_last_from_5_minutes_to_31_days) {
  for (const auto& [every, unit, is_good] :
       std::initializer_list<std::tuple<std::int64_t, Unit, bool>>{{5, Unit::minutes, true},
                                                                   {44'640, Unit::minutes, true},
                                                                   {1, Unit::hours, true},
                                                                   {744, Unit::hours, true},
                                                                   {4, Unit::minutes, false},
                                                                   {44'641, Unit::minutes, false},
                                                                   {745, Unit::hours, false},
                                                                   {0, Unit::hours, false},
                                                                   {-5, Unit::hours, false},
                                                                   {INT64_MAX, Unit::hours, false},
                                                                   {INT64_MIN, Unit::minutes, false}}) {
    const Rule rule{.recurrence = Recurrence::interval, .every = every, .unit = unit, .time_zone = "UTC"};
    EXPECT_EQ(faults_of(rule), is_good ? "" : "/rule/every:out_of_range") << every;
    EXPECT_EQ(next(rule, Zone::utc(), at("2026-01-01T00:00:00Z"), {}).has_value(), is_good);
  }
}

TEST(Schedules, hostile_rules_are_refused_briefly_and_never_run) {
  Rule rule = daily("../../../etc/passwd", std::vector<std::string>(10'000, "\xff\xfe:00"));
  rule.month_days = std::vector<std::int64_t>(10'000, INT64_MIN);
  EXPECT_EQ(faults_of(rule), "/rule/times:too_long /rule/month_days:unused /rule/time_zone:unknown_zone");
  EXPECT_EQ(next(rule, Zone::utc(), at("2026-01-01T00:00:00Z"), {}), std::nullopt);
  rule.recurrence = Recurrence::monthly;
  rule.times = {"00:00"};
  EXPECT_EQ(next(rule, Zone::utc(), at("2026-01-01T00:00:00Z"), {}), std::nullopt);
  EXPECT_EQ(faults_of(daily("UTC", {"\xff\xfe:00", std::string("00:0\0", 5), "00:00 ", "٠٦:30"})),
            "/rule/times/0:invalid /rule/times/1:invalid /rule/times/2:invalid /rule/times/3:invalid");
  EXPECT_EQ(faults_of(cron("\xff", "\xff\xff\xff")), "/rule/cron:invalid /rule/time_zone:unknown_zone");
  EXPECT_EQ(next(cron("UTC", std::string(1 << 20, '*')), Zone::utc(), {}, {}), std::nullopt);
  EXPECT_FALSE(base::read_json<Rule>(R"({"recurrence":"weekly","weekdays":["someday"],"time_zone":"UTC"})").ok());
  EXPECT_FALSE(base::read_json<Rule>(R"({"recurrence":"daily","time_zone":"UTC","extra":1})").ok());
}

}  // namespace
}  // namespace sluice::schedules
