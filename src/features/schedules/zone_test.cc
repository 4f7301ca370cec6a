#include "features/schedules/zone.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "features/schedules/test_support.h"

namespace sluice::schedules {
namespace {

using std::chrono::seconds;

std::string file_of(const std::string& name) {
  std::ifstream file(std::filesystem::path(kZoneFolder) / name, std::ios::binary);
  std::stringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

std::string reason_of(const base::Result<Zone>& result) { return result.ok() ? "" : result.error().reason; }

// A file of version 2: counts of leap seconds, times and types (up to 9), the block of times, and the last line.
std::string file_with(std::string_view counts, std::string_view times, std::string_view leaps, std::string_view footer) {
  const std::string empty = "TZif2" + std::string(15 + 24, '\0');
  std::string header = "TZif2" + std::string(15, '\0');
  for (const char count : "00" + std::string(counts) + "4") header += std::string(3, '\0') + static_cast<char>(count - '0');
  const std::string types(static_cast<std::size_t>(counts[2] - '0') * 6, '\0');
  return empty + header + std::string(times) + types + std::string("XXX\0", 4) + std::string(leaps) + "\n" + std::string(footer) + "\n";
}
std::string footer_only(std::string_view footer) { return file_with("001", "", "", footer); }

TEST(Zone, SCH_10_offsets_are_those_of_an_independent_reader_in_every_zone_from_1970_to_2100) {
  std::size_t checked = 0;
  std::optional<Zone> known;
  for (const auto& line : oracle("offsets")) {
    ASSERT_EQ(line.size(), 4U);
    if (!known || known->name() != line[1]) known = zone(line[1]);
    ASSERT_EQ(known->offset_at(Instant(seconds(std::stoll(line[2])))).count(), std::stoll(line[3])) << line[1] << " at " << line[2];
    ++checked;
  }
  EXPECT_GT(checked, 50'000U);
}

TEST(Zone, SCH_10_summer_time_goes_on_after_the_table_ends) {
  EXPECT_EQ(zone("Europe/Vienna").offset_at(Instant(seconds(2'224'497'600))), std::chrono::hours(2));  // 2040-06-28
  EXPECT_EQ(zone("America/New_York").offset_at(Instant(seconds(4'118'083'200))), std::chrono::hours(-4));
}

TEST(Zone, a_local_time_is_shown_once_twice_or_never) {
  const Zone new_york = zone("America/New_York");
  const Meaning usual = new_york.meaning_of(local("2026-07-01T12:00:00"));
  EXPECT_EQ(usual.count, 1U);
  EXPECT_EQ(text_of(usual.at[0]), "2026-07-01T16:00:00Z");
  const Meaning twice = new_york.meaning_of(local("2026-11-01T01:30:00"));
  EXPECT_EQ(twice.count, 2U);
  EXPECT_EQ(text_of(twice.at[0]), "2026-11-01T05:30:00Z");
  EXPECT_EQ(text_of(twice.at[1]), "2026-11-01T06:30:00Z");
  const Meaning never = new_york.meaning_of(local("2026-03-08T02:30:00"));
  EXPECT_EQ(never.count, 0U);
  ASSERT_TRUE(never.jumped);
  EXPECT_EQ(text_of(never.jumped->at), "2026-03-08T07:00:00Z");
  EXPECT_EQ(text_of(never.jumped->from()), "2026-03-08T02:00:00");
  EXPECT_EQ(text_of(never.jumped->to()), "2026-03-08T03:00:00");
}

TEST(Zone, the_edges_of_a_change_belong_to_one_side_each) {
  const Zone new_york = zone("America/New_York");
  EXPECT_EQ(new_york.meaning_of(local("2026-03-08T01:59:59")).count, 1U);
  EXPECT_EQ(new_york.meaning_of(local("2026-03-08T02:00:00")).count, 0U);
  EXPECT_EQ(new_york.meaning_of(local("2026-03-08T02:59:59")).count, 0U);
  EXPECT_EQ(new_york.meaning_of(local("2026-03-08T03:00:00")).count, 1U);
  EXPECT_EQ(new_york.meaning_of(local("2026-11-01T00:59:59")).count, 1U);
  EXPECT_EQ(new_york.meaning_of(local("2026-11-01T01:00:00")).count, 2U);
  EXPECT_EQ(new_york.meaning_of(local("2026-11-01T01:59:59")).count, 2U);
  EXPECT_EQ(new_york.meaning_of(local("2026-11-01T02:00:00")).count, 1U);
}

TEST(Zone, a_whole_day_may_be_skipped) {
  const Meaning never = zone("Pacific/Apia").meaning_of(local("2011-12-30T12:00:00"));
  EXPECT_EQ(never.count, 0U);
  ASSERT_TRUE(never.jumped);
  EXPECT_EQ(text_of(never.jumped->at), "2011-12-30T10:00:00Z");
  EXPECT_EQ(never.jumped->after - never.jumped->before, std::chrono::hours(24));
}

TEST(Zone, changes_come_one_after_the_other_within_and_after_the_table) {
  const Zone copenhagen = zone("Europe/Copenhagen");
  std::string found;
  Instant from = std::chrono::floor<seconds>(at("2036-06-01T00:00:00Z"));
  for (int i = 0; i < 5; ++i) {
    const auto change = copenhagen.next_change(from);
    ASSERT_TRUE(change);
    found += text_of(change->at) + (change->is_forward() ? " + " : " - ");
    from = change->at;
  }
  EXPECT_EQ(found, "2036-10-26T01:00:00Z - 2037-03-29T01:00:00Z + 2037-10-25T01:00:00Z - 2038-03-28T01:00:00Z + 2038-10-31T01:00:00Z - ");
  EXPECT_FALSE(zone("Asia/Tokyo").next_change(std::chrono::floor<seconds>(at("2026-01-01T00:00:00Z"))));
  EXPECT_FALSE(Zone::utc().next_change({}));
}

TEST(Zone, every_form_of_the_last_line_is_read) {
  const auto offset_in = [](std::string_view footer, std::string_view when) -> std::string {
    const auto parsed = Zone::parse("X", footer_only(footer));
    if (!parsed.ok()) return parsed.error().internal;
    return std::to_string(parsed->offset_at(std::chrono::floor<seconds>(at(when))).count());
  };
  EXPECT_EQ(offset_in("<+0330>-3:30", "2026-07-01T00:00:00Z"), "12600");
  EXPECT_EQ(offset_in("EST5EDT,M3.2.0,M11.1.0", "2026-07-01T00:00:00Z"), "-14400");
  EXPECT_EQ(offset_in("EST5EDT,M3.2.0,M11.1.0", "2026-01-01T00:00:00Z"), "-18000");
  EXPECT_EQ(offset_in("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-01-01T00:00:00Z"), "0");  // Dublin: winter is the other time
  EXPECT_EQ(offset_in("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T00:59:59Z"), "-7200");
  EXPECT_EQ(offset_in("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00Z"), "-3600");
  EXPECT_EQ(offset_in("AAA0BBB,J60/0,J300/0", "2028-03-01T00:00:00Z"), "3600");  // J60 is 1 March in leap years too
  EXPECT_EQ(offset_in("AAA0BBB,J60/0,J300/0", "2028-02-29T23:59:59Z"), "0");
  EXPECT_EQ(offset_in("AAA0BBB,59/0,300/0", "2028-02-29T00:00:00Z"), "3600");
  EXPECT_EQ(offset_in("XXX3EDT4,0/0,J365/23", "2026-12-31T23:30:00Z"), "-14400");  // daylight saving all year (RFC 9636, 3.3.1)
  const auto all_year = Zone::parse("X", footer_only("XXX3EDT4,0/0,J365/23"));
  ASSERT_TRUE(all_year.ok());
  EXPECT_FALSE(all_year->next_change({}));
}

TEST(Zone, names_that_are_no_zones_are_refused) {
  const std::string many(100'000, 'A');
  for (const std::string& name : std::vector<std::string>{"",
                                                          "/",
                                                          "/etc/passwd",
                                                          "../../../etc/passwd",
                                                          "Europe/../../etc/passwd",
                                                          "Europe/Nowhere",
                                                          "Europe",
                                                          "Europe/",
                                                          "/Europe/Vienna",
                                                          "Europe//Vienna",
                                                          "./UTC",
                                                          ".",
                                                          "..",
                                                          "tzdata.zi",
                                                          "zone.tab",
                                                          "leapseconds",
                                                          "localtime",
                                                          "posixrules",
                                                          "Factory",
                                                          "right/Europe/Vienna",
                                                          "posix/Europe/Vienna",
                                                          "europe/vienna",
                                                          "Europe/Vienna ",
                                                          "Europe/Vienna\n",
                                                          std::string("UTC\0", 4),
                                                          "Europe\\Vienna",
                                                          "Europe/\xff\xfe",
                                                          "Zürich",
                                                          "%2e%2e/UTC",
                                                          many}) {
    const auto loaded = Zone::load(name);
    EXPECT_EQ(reason_of(loaded), "schedule.unknown_zone") << name.substr(0, 40);
    ASSERT_FALSE(loaded.ok());
    EXPECT_TRUE(base::is_valid_utf8(loaded.error().detail));
    EXPECT_LT(loaded.error().detail.size(), 200U);
  }
}

TEST(Zone, a_broken_file_is_refused_wherever_it_breaks_off) {
  const std::string sound = file_of("America/New_York");
  ASSERT_GT(sound.size(), 1000U);
  ASSERT_TRUE(Zone::parse("X", sound).ok());
  for (std::size_t size = 0; size < sound.size(); ++size)
    ASSERT_EQ(reason_of(Zone::parse("X", std::string_view(sound).substr(0, size))), "schedule.unknown_zone") << size;
  EXPECT_FALSE(Zone::parse("X", sound + std::string(1 << 20, 'x')).ok());
  for (const char* footer : {"E", "EST", "EST5EDT", "EST5EDT,M3.2.0", "EST5EDT,M13.2.0,M11.1.0", "EST5EDT,M3.6.0,M11.1.0",
                             "EST5EDT,M3.2.7,M11.1.0", "EST5EDT,M3.2.0,M11.1.0,", "EST5EDT,J0,J1", "EST5EDT,M3.2.0/168,M11.1.0", "<EST5",
                             "<>5", "EST99", "EST5:60", "EST5EDT,366,1", "\xff\xff\xff"})
    EXPECT_FALSE(Zone::parse("X", footer_only(footer)).ok()) << footer;
}

TEST(Zone, a_file_that_contradicts_itself_or_counts_leap_seconds_is_refused) {
  const auto why = [](const std::string& bytes) {
    const auto parsed = Zone::parse("X", bytes);
    return parsed.ok() ? "" : parsed.error().internal;
  };
  const std::string first(8, '\0');  // 1970
  const std::string second = std::string(7, '\0') + "\x01";
  EXPECT_EQ(why(file_with("021", first + second + std::string(2, '\0'), "", "UTC0")), "");
  EXPECT_EQ(why(file_with("021", second + first + std::string(2, '\0'), "", "UTC0")), "reading a TZif file: times out of order");
  EXPECT_EQ(why(file_with("021", first + second + std::string(1, '\0') + "\x01", "", "UTC0")), "reading a TZif file: an unknown type");
  EXPECT_EQ(why(file_with("000", "", "", "UTC0")), "reading a TZif file: no types");
  EXPECT_EQ(why(file_with("101", "", std::string(12, '\0'), "UTC0")), "reading a TZif file: counts leap seconds");
}

TEST(Zone, a_file_of_any_bytes_is_refused_or_read_within_limits) {
  const std::string sound = file_of("America/New_York");
  std::mt19937 chance(7);
  int read = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = sound;
    const std::size_t changes = 1 + chance() % 4;
    for (std::size_t c = 0; c < changes; ++c) bytes[c % 2 == 0 ? chance() % bytes.size() : chance() % 200] = static_cast<char>(chance());
    const auto parsed = Zone::parse("X", bytes);
    if (!parsed.ok()) continue;
    ++read;
    Instant from = std::chrono::floor<seconds>(at("2006-01-01T00:00:00Z"));
    for (int n = 0; n < 10; ++n) {
      const auto change = parsed->next_change(from);
      if (!change) break;
      ASSERT_GT(change->at, from);
      ASSERT_NE(change->before, change->after);
      parsed->meaning_of(change->from());
      from = change->at;
    }
    for (const seconds extreme : {seconds::min(), seconds::max()}) {
      parsed->offset_at(Instant(extreme));
      parsed->next_change(Instant(extreme));
      parsed->meaning_of(LocalTime(extreme));
    }
  }
  EXPECT_GT(read, 100);
}

TEST(Zone, files_in_another_folder_are_read_and_what_is_no_file_is_not) {
  const auto folder = std::filesystem::temp_directory_path() / ("zones-" + base::format_rfc3339(base::system_now()));
  std::filesystem::create_directories(folder / "Europe" / "Folder");
  std::ofstream(folder / "Europe" / "Good", std::ios::binary) << footer_only("CET-1CEST,M3.5.0,M10.5.0/3");
  std::ofstream(folder / "Europe" / "Cut", std::ios::binary) << footer_only("CET-1").substr(0, 60);
  std::ofstream(folder / "Europe" / "Text") << "hello";
  EXPECT_TRUE(Zone::load("Europe/Good", folder).ok());
  EXPECT_TRUE(Zone::load("UTC", folder).ok());
  for (const char* name : {"Europe/Cut", "Europe/Text", "Europe/Folder", "Europe/Absent"})
    EXPECT_EQ(reason_of(Zone::load(name, folder)), "schedule.unknown_zone") << name;
  EXPECT_EQ(zone_names(folder), (std::vector<std::string>{"Europe/Cut", "Europe/Good", "UTC"}));
  EXPECT_EQ(zone_names(folder / "absent"), (std::vector<std::string>{"UTC"}));
  std::filesystem::remove_all(folder);
}

TEST(Zone, BEY_17_every_zone_in_the_list_can_be_loaded) {
  const auto names = zone_names();
  EXPECT_GT(names.size(), 400U);
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
  for (const char* name : {"UTC", "Europe/Copenhagen", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "Asia/Calcutta"})
    EXPECT_TRUE(std::binary_search(names.begin(), names.end(), name)) << name;
  for (const std::string& name : names) EXPECT_TRUE(Zone::load(name).ok()) << name;
}

}  // namespace
}  // namespace sluice::schedules
