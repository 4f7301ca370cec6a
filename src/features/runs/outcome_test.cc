#include "features/runs/outcome.h"

#include <gtest/gtest.h>

#include <chrono>

namespace sluice::runs::outcome {
namespace {

using namespace std::chrono_literals;
using base::Code;

TEST(Outcome, EXP_67_waits_are_read_and_bad_ones_refused) {
  const auto parsed = parse_retry_delays("50ms, 10s,2m,1h");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->delays, (std::vector<std::chrono::milliseconds>{50ms, 10s, 2min, 1h}));
  EXPECT_EQ(parsed->max_attempts(), 5);
  EXPECT_EQ(parse_retry_delays("none")->max_attempts(), 1);
  for (const char* bad : {"", "10", "s", "10s,", "-1s", "25h", "10d", "1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s", "99999999999999999999s"})
    EXPECT_FALSE(parse_retry_delays(bad).ok()) << bad;
}

TEST(Outcome, EXP_67__C_087__C_088_what_may_pass_waits_longer_each_time_and_as_long_as_the_service_asks) {
  const RetryDelays delays{.delays = {10s, 30s}};
  const base::Timestamp now = base::from_micros(0);
  EXPECT_EQ(retry_at(delays, Code::timeout, 1, {}, now, 0.0), now + 10s);
  EXPECT_EQ(retry_at(delays, Code::timeout, 2, {}, now, 1.0), now + 45s);
  EXPECT_EQ(retry_at(delays, Code::timeout, 3, {}, now, 0.0), std::nullopt);
  EXPECT_EQ(retry_at(delays, Code::rate_limited, 1, 300s, now, 0.0), now + 300s);
  EXPECT_EQ(retry_at(delays, Code::rate_limited, 1, 1s, now, 0.0), now + 10s);
  EXPECT_EQ(retry_at(delays, Code::rate_limited, 1, 1000h, now, 0.0), now + 24h);
  for (const Code code : {Code::upstream_rejected, Code::invalid, Code::conflict, Code::internal, Code::unauthenticated})
    EXPECT_EQ(retry_at(delays, code, 1, {}, now, 0.0), std::nullopt);
}

TEST(Outcome, EXP_68__SYS_03_the_whole_follows_from_its_parts) {
  const auto whole = [](std::vector<State> parts) { return base::to_name(combined(parts)); };
  EXPECT_EQ(whole({}), "succeeded");
  EXPECT_EQ(whole({State::succeeded, State::succeeded}), "succeeded");
  EXPECT_EQ(whole({State::succeeded, State::failed}), "completed_with_errors");
  EXPECT_EQ(whole({State::failed, State::skipped}), "failed");
  EXPECT_EQ(whole({State::skipped}), "skipped");
  EXPECT_EQ(whole({State::succeeded, State::skipped}), "completed_with_warnings");
  EXPECT_EQ(whole({State::succeeded, State::canceled, State::failed}), "canceled");
  EXPECT_EQ(whole({State::completed_with_warnings, State::succeeded}), "completed_with_warnings");
}

TEST(Outcome, EXP_70_an_ended_run_never_changes_and_nothing_becomes_what_it_is) {
  constexpr auto kNames = enum_names(State{});
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    const auto from = static_cast<State>(i);
    EXPECT_FALSE(may_become(from, from)) << kNames[i];
    for (std::size_t j = 0; j < kNames.size(); ++j) {
      if (!is_active(from)) EXPECT_FALSE(may_become(from, static_cast<State>(j))) << kNames[i] << " to " << kNames[j];
    }
  }
}

}  // namespace
}  // namespace sluice::runs::outcome
