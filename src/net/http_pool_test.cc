#include "net/http_pool.h"

#include <gtest/gtest.h>

#include <atomic>

#include "support/http_server.h"

namespace sluice::net {
namespace {

using namespace std::chrono_literals;
using test::HttpReply;
using test::HttpSeen;
using test::HttpServer;

const Guard& local() {
  static const Guard kGuard = *Guard::parse("127.0.0.1");
  return kGuard;
}
const Trust kTrust;

std::vector<PoolDone> all_of(HttpPool& pool, std::size_t count) {
  std::vector<PoolDone> out;
  const auto deadline = base::Deadline::after(20s);
  while (out.size() < count && !deadline.passed()) {
    for (PoolDone& done : pool.wait(deadline)) out.push_back(std::move(done));
  }
  return out;
}

TEST(HttpPool, CON_87_calls_go_out_together_over_connections_that_are_kept) {
  HttpServer server([](const HttpSeen& seen) { return HttpReply{.body = seen.method + " " + seen.body, .delay = 20ms}; });
  HttpPool pool(local(), kTrust, {.connections = 4}, {});
  const std::string body(300'000, 'b');
  for (int round = 0; round < 3; ++round) {
    for (std::uint64_t tag = 0; tag < 4; ++tag)
      ASSERT_TRUE(
          pool.start({.method = "POST", .url = server.url(), .headers = {{"X-Empty", ""}}, .body = body, .has_body = true}, tag).ok());
    const auto done = all_of(pool, 4);
    ASSERT_EQ(done.size(), 4u);
    for (const PoolDone& one : done) {
      ASSERT_TRUE(one.answer.ok()) << one.answer.error().internal;
      EXPECT_EQ(one.answer->status, 200);
      EXPECT_EQ(one.answer->body, "POST " + body);
    }
  }
  EXPECT_EQ(server.connections(), 4);
  EXPECT_EQ(server.most_at_once(), 4);
  EXPECT_EQ(pool.in_flight(), 0u);
}

TEST(HttpPool, CON_87_every_connection_passes_the_guard_and_redirects_are_answers) {
  HttpServer server([](const HttpSeen&) { return HttpReply{.status = 302, .headers = {{"Location", "http://127.0.0.1:9/"}}}; });
  const Guard nothing;
  HttpPool blocked(nothing, kTrust, {}, {});
  ASSERT_TRUE(blocked.start({.url = server.url()}, 1).ok());
  const auto refused = all_of(blocked, 1);
  ASSERT_EQ(refused.size(), 1u);
  ASSERT_FALSE(refused[0].answer.ok());
  EXPECT_EQ(refused[0].answer.error().reason, "net.blocked");
  EXPECT_FALSE(refused[0].is_sent);
  EXPECT_EQ(server.connections(), 0);

  HttpPool pool(local(), kTrust, {}, {});
  ASSERT_TRUE(pool.start({.url = server.url()}, 1).ok());
  EXPECT_EQ(all_of(pool, 1).at(0).answer->status, 302);
}

TEST(HttpPool, EXP_67_what_breaks_off_says_whether_it_may_have_arrived) {
  std::atomic<int> calls = 0;
  HttpServer server([&](const HttpSeen&) {
    const HttpReply::Way ways[] = {HttpReply::Way::cut_before, HttpReply::Way::cut_within, HttpReply::Way::garbage,
                                   HttpReply::Way::silence};
    return HttpReply{.body = "0123456789", .way = ways[calls++]};
  });
  for (int i = 0; i < 4; ++i) {
    HttpPool pool(local(), kTrust, {}, {});
    ASSERT_TRUE(pool.start({.method = "POST", .url = server.url(), .body = "x", .has_body = true, .timeout = 300ms}, 1).ok());
    const auto done = all_of(pool, 1);
    ASSERT_EQ(done.size(), 1u);
    ASSERT_FALSE(done[0].answer.ok()) << i;
    EXPECT_EQ(done[0].answer.error().reason, i == 3 ? "net.timeout" : "net.broken_off");
    EXPECT_TRUE(done[0].is_sent) << i;
  }
  HttpPool pool(local(), kTrust, {}, {});
  ASSERT_TRUE(pool.start({.url = "http://127.0.0.1:9"}, 1).ok());
  const auto refused = all_of(pool, 1);
  ASSERT_FALSE(refused.at(0).answer.ok());
  EXPECT_EQ(refused[0].answer.error().reason, "net.refused");
  EXPECT_FALSE(refused[0].is_sent);
}

TEST(HttpPool, EXP_67_compressed_answers_are_read_and_large_ones_cut_off) {
  // "hello", as gzip writes it.
  std::string bytes;
  for (const int c : {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xcb, 0x48, 0xcd,
                      0xc9, 0xc9, 0x07, 0x00, 0x86, 0xa6, 0x10, 0x36, 0x05, 0x00, 0x00, 0x00})
    bytes += static_cast<char>(c);
  HttpServer server([&](const HttpSeen& seen) {
    if (seen.path == "/large") return HttpReply{.body = std::string(100'000, 'x')};
    EXPECT_NE(seen.header("Accept-Encoding").find("gzip"), std::string::npos);
    return HttpReply{.body = bytes, .headers = {{"Content-Encoding", "gzip"}}};
  });
  HttpPool pool(local(), kTrust, {}, {});
  ASSERT_TRUE(pool.start({.url = server.url()}, 1).ok());
  EXPECT_EQ(all_of(pool, 1).at(0).answer->body, "hello");
  ASSERT_TRUE(pool.start({.url = server.url() + "/large", .most_answer_bytes = 50'000}, 1).ok());
  const auto large = all_of(pool, 1);
  ASSERT_FALSE(large.at(0).answer.ok());
  EXPECT_EQ(large[0].answer.error().reason, "net.answer_too_large");
}

TEST(HttpPool, EXP_69_a_stop_is_noticed_at_once) {
  HttpServer server([](const HttpSeen&) { return HttpReply{.delay = 30s}; });
  std::stop_source stop;
  HttpPool pool(local(), kTrust, {}, stop.get_token());
  ASSERT_TRUE(pool.start({.url = server.url()}, 7).ok());
  std::jthread stopper([&] {
    while (server.most_at_once() == 0) std::this_thread::yield();
    stop.request_stop();
  });
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(pool.wait(base::Deadline::after(20s)).empty());
  const auto done = pool.break_off();
  EXPECT_LT(std::chrono::steady_clock::now() - start, 1s);
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].tag, 7u);
  EXPECT_EQ(done[0].answer.error().reason, "net.cancelled");
  EXPECT_TRUE(done[0].is_sent);
}

TEST(HttpPool, CON_87_requests_that_nobody_may_send_are_refused) {
  HttpPool pool(local(), kTrust, {}, {});
  EXPECT_EQ(pool.start({.url = "ftp://127.0.0.1/"}, 1).error().reason, "net.bad_url");
  EXPECT_EQ(pool.start({.url = "http://127.0.0.1/", .headers = {{"X", "a\r\nY: b"}}}, 1).error().reason, "net.bad_header");
}

}  // namespace
}  // namespace sluice::net
