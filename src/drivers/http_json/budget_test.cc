#include "drivers/http_json/budget.h"

#include <gtest/gtest.h>

namespace sluice::drivers::http_json {
namespace {

using namespace std::chrono_literals;
using Why = Budget::Why;

const Instant kStart = std::chrono::steady_clock::now();
const base::Timestamp kWall = *base::parse_rfc3339("2026-11-25T12:00:00Z");

net::HttpAnswer answer(std::initializer_list<net::HttpHeader> headers) { return {.status = 429, .headers = headers}; }

TEST(Budget, C_087_a_refused_call_says_how_long_to_wait_in_many_ways) {
  struct Case {
    net::HttpAnswer answer;
    std::optional<std::chrono::milliseconds> wait;
  };
  const Case cases[] = {
      {answer({{"retry-after", "300"}}), 300s},
      {answer({{"retry-after", "0"}}), 0ms},
      {answer({{"retry-after", "1.5"}}), 1500ms},
      {answer({{"retry-after", "Wed, 25 Nov 2026 12:05:00 GMT"}}), 300s},
      {answer({{"retry-after", "Wed, 25 Nov 2026 11:00:00 GMT"}}), 0ms},
      {answer({{"retry-after", "soon"}}), std::nullopt},
      {answer({{"retry-after", "99999999999999999999"}}), std::chrono::hours(48)},
      {answer({{"x-ratelimit-reset", "20"}}), 20s},
      {answer({{"x-ratelimit-reset", "1795608030"}}), 30s},
      {answer({{"x-ratelimit-reset", "1795608030500"}}), 30500ms},
      {answer({{"x-ratelimit-reset", "2026-11-25T12:00:40Z"}}), 40s},
      {answer({{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "7"}}), 7s},
      {answer({{"x-ratelimit-remaining", "5"}, {"x-ratelimit-reset", "7"}}), std::nullopt},
      {answer({{"ratelimit-remaining", "0"}, {"ratelimit-reset", "9"}}), 9s},
      {answer({{"x-hubspot-ratelimit-remaining", "0"}, {"x-hubspot-ratelimit-interval-milliseconds", "10000"}}), 10s},
      {answer({}), std::nullopt},
  };
  for (const Case& one : cases) {
    const auto wait = wait_of(one.answer, kWall);
    EXPECT_EQ(wait, one.wait) << (one.answer.headers.empty() ? "none" : one.answer.headers[0].second);
  }
}

TEST(Budget, C_087_nobody_calls_while_the_service_wants_to_be_left_alone) {
  Budget budget;
  budget.hold(kStart + 300s);
  budget.hold(kStart + 10s);  // does not shorten it
  const auto permit = budget.begin(kStart + 299s, 0, 4, 0);
  EXPECT_EQ(permit.why, Why::rate);
  EXPECT_EQ(permit.at, kStart + 300s);
  EXPECT_EQ(budget.begin(kStart + 300s, 0, 4, 0).why, Why::go);
}

TEST(Budget, C_089_calls_a_second_are_counted_over_all) {
  Budget budget;
  int begun = 0;
  for (auto at = 0ms; at <= 1'000ms; at += 1ms) {
    while (budget.begin(kStart + at, 10, 1'000, 0).why == Why::go) ++begun;
  }
  EXPECT_GE(begun, 19);
  EXPECT_LE(begun, 20);  // a second's worth at once, then one each 100 ms
  const auto permit = budget.begin(kStart + 1'001ms, 10, 1'000, 0);
  EXPECT_EQ(permit.why, Why::rate);
  EXPECT_LE(permit.at, kStart + 1'105ms);
}

TEST(Budget, C_089_headers_of_what_is_left_are_kept_to) {
  Budget budget;
  EXPECT_EQ(budget.begin(kStart, 0, 10, 0).why, Why::go);
  EXPECT_EQ(budget.begin(kStart, 0, 10, 1).why, Why::go);
  budget.finish();
  budget.note(answer({{"x-ratelimit-remaining", "3"}, {"x-ratelimit-reset", "5"}}), kStart, kWall);
  // Three are left; the one in flight may be among them.
  EXPECT_EQ(budget.begin(kStart, 0, 10, 1).why, Why::go);
  EXPECT_EQ(budget.begin(kStart, 0, 10, 2).why, Why::go);
  const auto permit = budget.begin(kStart, 0, 10, 3);
  EXPECT_EQ(permit.why, Why::rate);
  EXPECT_EQ(permit.at, kStart + 5s);
  EXPECT_EQ(budget.begin(kStart + 5s, 0, 10, 3).why, Why::go);
}

TEST(Budget, C_089_sessions_share_the_calls_in_flight) {
  Budget budget;
  budget.join();
  EXPECT_EQ(budget.begin(kStart, 0, 4, 0).why, Why::go);
  budget.join();
  EXPECT_EQ(budget.begin(kStart, 0, 4, 1).why, Why::go);
  EXPECT_EQ(budget.begin(kStart, 0, 4, 2).why, Why::busy);  // its half
  EXPECT_EQ(budget.begin(kStart, 0, 4, 0).why, Why::go);    // the other's
  EXPECT_EQ(budget.begin(kStart, 0, 4, 1).why, Why::go);
  budget.leave();
  EXPECT_EQ(budget.begin(kStart, 0, 4, 2).why, Why::busy);  // all four are taken
  budget.finish();
  EXPECT_EQ(budget.begin(kStart, 0, 4, 2).why, Why::go);
}

TEST(Budget, C_087_a_connection_keeps_its_budget_between_runs) {
  Budget::of("kept")->hold(std::chrono::steady_clock::now() + 300s);
  EXPECT_GT(Budget::of("kept")->held_until(), std::chrono::steady_clock::now());
  EXPECT_LT(Budget::of("another")->held_until(), std::chrono::steady_clock::now());
  EXPECT_NE(Budget::of(""), Budget::of(""));
}

}  // namespace
}  // namespace sluice::drivers::http_json
