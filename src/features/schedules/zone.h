// An IANA time zone: how far its clocks are from UTC at any instant, and which instants a local time means. Read from the TZif
// files (RFC 9636) that the system keeps in /usr/share/zoneinfo, with the rule in their last line for the years after the
// table, so that schedules are right after 2037 and with "slim" files too. The host's own zone (TZ, /etc/localtime) plays no
// part. A Zone is a plain value: copy it, use it from any thread; loading reads one small file.
//
// Leap seconds are not counted (POSIX time). Instants beyond the years 0 to 9999 are treated like those years' ends.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sluice::schedules {

using Instant = std::chrono::sys_seconds;
using LocalTime = std::chrono::local_seconds;  // what a clock on the wall shows

inline constexpr const char* kZoneFolder = "/usr/share/zoneinfo";

// From `at` on, clocks are `after` from UTC instead of `before`. The two differ.
struct Change {
  Instant at{};
  std::chrono::seconds before{0};
  std::chrono::seconds after{0};

  bool is_forward() const { return after > before; }
  // The local times that no clock shows (forward) or that clocks show twice (back): from, and up to but without, these two.
  LocalTime from() const { return LocalTime((at + std::min(before, after)).time_since_epoch()); }
  LocalTime to() const { return LocalTime((at + std::max(before, after)).time_since_epoch()); }
};

// What a local time means in a zone.
struct Meaning {
  std::size_t count = 0;           // how often clocks show it: 0, 1 or 2 times
  std::array<Instant, 2> at{};     // these instants, in order
  std::optional<Change> jumped{};  // count 0: the change that jumps over it; its `at` is the next valid instant
};

class Zone {
 public:
  // Reasons: "schedule.unknown_zone", also for names that are no zone but files ("../x", "/etc/passwd", "tzdata.zi").
  static base::Result<Zone> load(std::string_view name, const std::filesystem::path& folder = kZoneFolder);
  // The bytes of a TZif file, version 2 or later. "schedule.unknown_zone" when they are not sound.
  static base::Result<Zone> parse(std::string_view name, std::string_view bytes);
  static Zone utc();

  const std::string& name() const { return name_; }

  std::chrono::seconds offset_at(Instant at) const;
  LocalTime local_of(Instant at) const { return LocalTime((at + offset_at(at)).time_since_epoch()); }
  Meaning meaning_of(LocalTime local) const;
  // The first change strictly after an instant; empty when none is known.
  std::optional<Change> next_change(Instant after) const;

 private:
  struct Entry {
    Instant at{};
    std::chrono::seconds offset{0};
  };
  // A yearly date in the last line of a file: "M3.2.0/2" (month, week, weekday), "J60" (without 29 February), "59" (with it).
  struct Yearly {
    char form = 'M';
    int month = 1;
    int week = 1;
    int day = 0;
    std::chrono::seconds time = std::chrono::hours(2);
    Instant in(std::chrono::year year) const;  // as if local time were UTC
  };
  struct Daylight {
    std::chrono::seconds offset{0};
    Yearly begin;
    Yearly end;
  };
  struct Footer {
    std::chrono::seconds standard{0};
    std::optional<Daylight> daylight{};
    std::chrono::seconds offset_at(Instant at) const;
  };
  class FooterReader;

  std::optional<Change> next_footer_change(Instant after) const;

  std::string name_;
  std::chrono::seconds first_{0};  // before the table
  std::vector<Entry> table_;       // ascending
  std::optional<Footer> footer_;   // after the table
};

// Whether a name has the form of a zone name: "Europe/Copenhagen", "UTC", "Etc/GMT+5". Nothing is read.
bool is_zone_name(std::string_view name);

// Every zone that has a file, sorted; UTC is among them even where there are no files. Looks at some 600 files.
std::vector<std::string> zone_names(const std::filesystem::path& folder = kZoneFolder);

}  // namespace sluice::schedules
