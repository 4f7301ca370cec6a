#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <thread>

#include "features/diagnostics/files.h"
#include "features/diagnostics/forwarder.h"
#include "features/diagnostics/syslog.h"

namespace sluice::diagnostics {
namespace {

using namespace std::chrono_literals;

Event event(std::string json) {
  return {
      .category = Category::audit, .level = Level::warning, .at = *base::parse_rfc3339("2026-01-31T23:59:59.5Z"), .json = std::move(json)};
}

template <class Condition>
bool eventually(const Condition& condition) {
  for (int i = 0; i < 1000 && !condition(); ++i) std::this_thread::sleep_for(10ms);
  return condition();
}

TEST(Diagnostics, SYS_36_a_file_for_each_container_and_hour) {
  EXPECT_EQ(file_of(Category::audit, *base::parse_rfc3339("2026-01-31T23:59:59.999999Z")),
            "insight-logs-audit/y=2026/m=01/d=31/h=23/m=00/PT1H.json");
  EXPECT_EQ(file_of(Category::operational, *base::parse_rfc3339("2026-02-01T00:00:00Z")),
            "insight-logs-operational/y=2026/m=02/d=01/h=00/m=00/PT1H.json");
}

TEST(Diagnostics, SYS_45_syslog_messages_and_addresses) {
  EXPECT_EQ(syslog_message(event("{}"), "host", 42), "<108>1 2026-01-31T23:59:59.500000Z host sluice 42 audit - \xEF\xBB\xBF{}");
  const auto udp = parse_syslog("udp://[::1]:514");
  ASSERT_TRUE(udp.ok());
  EXPECT_EQ(udp->host + "|" + udp->port + "|" + udp->path, "::1|514|");
  const auto local = parse_syslog("/dev/log");
  ASSERT_TRUE(local.ok());
  EXPECT_EQ(local->path, "/dev/log");
  for (const char* bad : {"", "udp://", "udp://:514", "udp://x:65536", "tcp://x:1", "dev/log"}) EXPECT_FALSE(parse_syslog(bad).ok()) << bad;
}

TEST(Diagnostics, SYS_44_a_destination_that_hangs_keeps_nobody_waiting_and_what_is_too_much_is_counted) {
  std::promise<void> gate;
  const auto opened = gate.get_future().share();
  std::atomic<std::size_t> received = 0;
  Forwarder forwarder("test", [&](std::span<const Event> events) -> Delivered {
    opened.wait();
    received += events.size();
    return {events.size(), {}};
  });
  forwarder.start();
  const auto begun = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < Forwarder::kMost + 7; ++i) forwarder.add(event("{}"));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 1s);
  EXPECT_EQ(forwarder.figures().dropped, 7u);
  gate.set_value();
  EXPECT_TRUE(eventually([&] { return forwarder.figures().waiting == 0; }));
  EXPECT_EQ(received, Forwarder::kMost);
}

TEST(Diagnostics, SYS_44_what_was_not_taken_comes_again_and_nothing_is_left_out) {
  std::vector<std::string> taken;  // of the forwarder's thread until it is stopped
  int tries = 0;
  Forwarder forwarder("test", [&](std::span<const Event> events) -> Delivered {
    if (++tries == 1) {
      taken.push_back(events[0].json);
      return {1, base::Error{.code = base::Code::internal, .reason = "test", .internal = "gone"}};
    }
    for (const Event& one : events) taken.push_back(one.json);
    return {events.size(), {}};
  });
  for (const char* json : {"1", "2", "3"}) forwarder.add(event(json));
  forwarder.start();
  EXPECT_TRUE(eventually([&] { return forwarder.figures().delivered == 3; }));
  forwarder.add(event("4"));
  forwarder.stop();
  EXPECT_EQ(taken, (std::vector<std::string>{"1", "2", "3", "4"}));
  EXPECT_TRUE(forwarder.figures().is_healthy);
}

}  // namespace
}  // namespace sluice::diagnostics
