// What the tests of schedules share: instants and local times as text, and the oracle tests/support/zone_cases.py.
#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <vector>

#include "base/text.h"
#include "base/time.h"
#include "features/schedules/zone.h"

namespace sluice::schedules {

inline base::Timestamp at(std::string_view text) {
  const auto instant = base::parse_rfc3339(text);
  EXPECT_TRUE(instant) << text;
  return instant.value_or(base::Timestamp{});
}
inline std::string text_of(base::Timestamp instant) { return base::format_rfc3339(instant); }
inline std::string text_of(Instant instant) { return base::format_rfc3339(instant); }
inline std::string text_of(std::optional<base::Timestamp> instant) { return instant ? text_of(*instant) : "never"; }
// "2026-03-08T02:30:00"
inline LocalTime local(const std::string& text) {
  return LocalTime(std::chrono::floor<std::chrono::seconds>(at(text + "Z")).time_since_epoch());
}
inline std::string text_of(LocalTime time) {
  std::string text = base::format_rfc3339(base::Timestamp(time.time_since_epoch()));
  text.pop_back();
  return text;
}

inline Zone zone(std::string_view name) {
  auto loaded = Zone::load(name);
  EXPECT_TRUE(loaded.ok()) << name << ": " << (loaded.ok() ? "" : loaded.error().internal);
  return loaded.ok() ? *std::move(loaded) : Zone::utc();
}

// The lines that the oracle writes for a word ("offsets"), split at spaces.
inline std::vector<std::vector<std::string>> oracle(const std::string& word) {
  const std::string command = "python3 " SLUICE_TEST_ZONE_CASES " " + word;
  std::FILE* pipe = ::popen(command.c_str(), "r");
  std::string text(1 << 16, '\0');
  std::string all;
  for (std::size_t count = 1; pipe != nullptr && count != 0;) {
    count = std::fread(text.data(), 1, text.size(), pipe);
    all.append(text, 0, count);
  }
  EXPECT_TRUE(pipe != nullptr && ::pclose(pipe) == 0) << command;
  std::vector<std::vector<std::string>> lines;
  for (const std::string_view line : base::split(all, '\n')) {
    if (line.empty()) continue;
    auto& parts = lines.emplace_back();
    for (const std::string_view part : base::split(line, ' ')) parts.emplace_back(part);
  }
  return lines;
}

}  // namespace sluice::schedules
