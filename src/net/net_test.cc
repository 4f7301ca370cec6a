#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>

#include "net/guard.h"
#include "net/wait.h"

namespace sluice::net {
namespace {

using base::Deadline;
using namespace std::chrono_literals;

// A TCP port on a loopback address, 127.0.0.1 unless told.
class Listener {
 public:
  explicit Listener(const char* address = "127.0.0.1", int backlog = 8, std::uint16_t port = 0) {
    fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int one = 1;
    setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    inet_pton(AF_INET, address, &at.sin_addr);
    bound_ = bind(fd_, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0;
    listen(fd_, backlog);
    socklen_t size = sizeof at;
    getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
  }
  ~Listener() { close(fd_); }
  std::uint16_t port() const { return port_; }
  bool bound() const { return bound_; }
  bool was_called() const {
    pollfd p{.fd = fd_, .events = POLLIN, .revents = 0};
    return poll(&p, 1, 200) == 1;
  }

 private:
  int fd_ = -1;
  bool bound_ = false;
  std::uint16_t port_ = 0;
};

Guard guard_of(std::string_view rules) {
  auto guard = Guard::parse(rules);
  EXPECT_TRUE(guard.ok()) << guard.error().detail;
  return *guard;
}

TEST(Address, CON_87_private_and_special_addresses_are_not_public) {
  for (const char* address : {"0.0.0.0",
                              "0.1.2.3",
                              "10.0.0.1",
                              "10.255.255.255",
                              "100.64.0.1",
                              "100.127.255.255",
                              "127.0.0.1",
                              "127.8.8.8",
                              "169.254.169.254",
                              "172.16.0.1",
                              "172.31.255.255",
                              "192.0.0.1",
                              "192.168.1.1",
                              "198.18.0.1",
                              "198.19.255.255",
                              "224.0.0.1",
                              "239.1.1.1",
                              "240.0.0.1",
                              "255.255.255.255",
                              "::",
                              "::1",
                              "fc00::1",
                              "fd12::1",
                              "fe80::1",
                              "febf::1",
                              "ff02::1",
                              "fe80::1%eth0",
                              "::ffff:127.0.0.1",
                              "::ffff:10.1.2.3",
                              "::ffff:a9fe:a9fe",
                              "64:ff9b::10.0.0.1",
                              "64:ff9b::7f00:1",
                              "2002:7f00:1::",
                              "2002:a00:1::5",
                              "::127.0.0.1",
                              "::7f00:1",
                              "64:ff9b:1::1",
                              "fec0::1",
                              "not an address",
                              "",
                              "1.2.3",
                              "1.2.3.4.5"}) {
    EXPECT_FALSE(is_public_address(address)) << address;
  }
}

TEST(Address, CON_87_addresses_beside_the_private_ranges_are_public) {
  for (const char* address :
       {"1.1.1.1",         "9.255.255.255", "11.0.0.0",        "100.63.255.255",   "100.128.0.0",     "126.1.1.1",      "128.0.0.1",
        "169.253.0.1",     "172.15.0.1",    "172.32.0.1",      "192.0.1.1",        "192.167.0.1",     "198.17.0.1",     "198.20.0.1",
        "223.255.255.255", "203.0.113.1",   "2606:4700::1111", "64:ff9b::1.1.1.1", "2002:101:101::1", "::ffff:8.8.8.8", "fbff::1"}) {
    EXPECT_TRUE(is_public_address(address)) << address;
  }
}

TEST(Guard, CON_87_loopback_is_refused_by_default_and_allowed_with_a_rule) {
  const Guard none;
  EXPECT_FALSE(none.allows("localhost", 22, "127.0.0.1"));
  EXPECT_TRUE(none.allows("example.com", 22, "93.184.216.34"));
  EXPECT_TRUE(guard_of("127.0.0.1").allows("localhost", 22, "127.0.0.1"));
  EXPECT_TRUE(guard_of("127.0.0.1").allows("localhost", 22, "::ffff:127.0.0.1"));
  EXPECT_FALSE(guard_of("127.0.0.1").allows("localhost", 22, "127.0.0.2"));
  EXPECT_TRUE(guard_of("*").allows("x", 1, "fe80::1"));
}

TEST(Guard, C_141_rules_by_network_name_and_port) {
  const Guard guard = guard_of("10.1.0.0/16, files.internal:2222 ::1 [fd00::1]:22,Other.Internal.");
  EXPECT_TRUE(guard.allows("a", 1, "10.1.255.1"));
  EXPECT_FALSE(guard.allows("a", 1, "10.2.0.1"));
  EXPECT_TRUE(guard.allows("FILES.internal", 2222, "10.9.9.9"));
  EXPECT_TRUE(guard.allows("files.internal.", 2222, "10.9.9.9"));
  EXPECT_FALSE(guard.allows("files.internal", 22, "10.9.9.9"));
  EXPECT_FALSE(guard.allows("evil-files.internal", 2222, "10.9.9.9"));
  EXPECT_TRUE(guard.allows("a", 9, "::1"));
  EXPECT_TRUE(guard.allows("a", 22, "fd00::1"));
  EXPECT_FALSE(guard.allows("a", 23, "fd00::1"));
  EXPECT_TRUE(guard.allows("other.internal", 5, "192.168.0.1"));
}

TEST(Guard, CON_87_a_bad_rule_is_named) {
  for (const char* rule : {"10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "host/8", "host:0", "host:70000", "host:x", "a b/c", "ho$t", "[::1",
                           "[::1]x", "::1/129", "ü"}) {
    const auto guard = Guard::parse(std::string("10.0.0.0/8, ") + rule);
    if (std::string_view(rule) == "a b/c") {
      ASSERT_FALSE(guard.ok());
      EXPECT_NE(guard.error().detail.find("b/c"), std::string::npos);
      continue;
    }
    ASSERT_FALSE(guard.ok()) << rule;
    EXPECT_EQ(guard.error().reason, "egress.bad_rule");
    EXPECT_NE(guard.error().detail.find(rule), std::string::npos) << guard.error().detail;
  }
  EXPECT_TRUE(Guard::parse(" , ").ok());
}

TEST(Resolve, C_033_an_address_is_returned_as_it_is_and_brackets_are_taken_off) {
  EXPECT_EQ(resolve("127.0.0.1", Deadline::after(1s))->addresses, std::vector<std::string>{"127.0.0.1"});
  EXPECT_EQ(resolve("[::1]", Deadline::after(1s))->addresses, std::vector<std::string>{"::1"});
}

TEST(Resolve, CON_87_odd_spellings_of_an_address_are_seen_for_what_they_are) {
  for (const char* host : {"127.1", "0x7f000001", "2130706433", "0177.0.0.1", "::ffff:7f00:1"}) {
    const auto resolved = resolve(host, Deadline::after(2s));
    if (!resolved.ok()) continue;  // not an address to this system: nothing to reach
    for (const std::string& address : resolved->addresses) EXPECT_FALSE(Guard().allows(host, 22, address)) << host << ' ' << address;
  }
}

TEST(Resolve, C_033_empty_and_unknown_hosts_have_their_own_words) {
  const auto empty = resolve("", Deadline::after(1s));
  ASSERT_FALSE(empty.ok());
  EXPECT_EQ(empty.error().reason, "net.unknown_host");
  EXPECT_EQ(empty.error().code, base::Code::invalid);

  const auto before = std::chrono::steady_clock::now();
  const auto unknown = resolve("no-such-host.invalid", Deadline::after(3s));
  ASSERT_FALSE(unknown.ok());
  EXPECT_TRUE(unknown.error().reason == "net.unknown_host" || unknown.error().reason == "net.resolve_timeout") << unknown.error().reason;
  EXPECT_NE(unknown.error().detail.find("no-such-host.invalid"), std::string::npos);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 4s);
}

TEST(Resolve, C_037_a_passed_deadline_ends_the_wait) {
  const auto before = std::chrono::steady_clock::now();
  const auto result = resolve("slow-name-server.example", Deadline::after(1ms));
  EXPECT_LT(std::chrono::steady_clock::now() - before, 1s);
  ASSERT_FALSE(result.ok());
}

TEST(Dial, C_141_the_resolved_address_is_the_one_dialled) {
  const Listener here("127.0.0.2");
  const Listener elsewhere("127.0.0.1", 8, here.port());
  if (!here.bound() || !elsewhere.bound()) GTEST_SKIP() << "127.0.0.2 cannot be bound here";
  const auto fd = dial(guard_of("127.0.0.2"), "localhost", here.port(), {{"127.0.0.2"}}, Deadline::after(2s), {});
  ASSERT_TRUE(fd.ok()) << fd.error().detail;
  close(*fd);
  EXPECT_TRUE(here.was_called());
  EXPECT_FALSE(elsewhere.was_called());
}

TEST(Dial, CON_87_a_blocked_address_is_never_dialled) {
  const Listener listener;
  const auto fd = dial(Guard(), "localhost", listener.port(), {{"127.0.0.1"}}, Deadline::after(2s), {});
  ASSERT_FALSE(fd.ok());
  EXPECT_EQ(fd.error().reason, "net.blocked");
  EXPECT_EQ(fd.error().code, base::Code::forbidden);
  EXPECT_FALSE(listener.was_called());
}

TEST(Dial, CON_87_only_the_allowed_ones_of_several_addresses_are_dialled) {
  const Listener listener;
  const auto fd = dial(guard_of("127.0.0.1"), "mixed", listener.port(), {{"10.255.255.1", "127.0.0.1"}}, Deadline::after(2s), {});
  ASSERT_TRUE(fd.ok()) << fd.error().detail;
  close(*fd);
}

TEST(Dial, C_033_refused_port_zero_and_no_answer_have_their_own_words) {
  std::uint16_t free_port = 0;
  {
    const Listener listener;
    free_port = listener.port();
  }
  const Guard all = guard_of("*");
  const auto refused = dial(all, "localhost", free_port, {{"127.0.0.1"}}, Deadline::after(2s), {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().reason, "net.refused");
  EXPECT_EQ(refused.error().code, base::Code::upstream_unavailable);

  const auto zero = dial(all, "localhost", 0, {{"127.0.0.1"}}, Deadline::after(2s), {});
  ASSERT_FALSE(zero.ok());
  EXPECT_EQ(zero.error().code, base::Code::invalid);
}

// A listener with a full queue does not answer further SYNs.
class FullListener {
 public:
  FullListener() : listener_("127.0.0.1", 0) {
    for (int i = 0; i < 8; ++i) {
      const auto fd = dial(*Guard::parse("*"), "x", listener_.port(), {{"127.0.0.1"}}, Deadline::after(50ms), {});
      if (fd.ok()) fds_.push_back(*fd);
    }
  }
  ~FullListener() {
    for (const int fd : fds_) close(fd);
  }
  std::uint16_t port() const { return listener_.port(); }

 private:
  Listener listener_;
  std::vector<int> fds_;
};

TEST(Dial, C_033_a_host_that_does_not_answer_ends_at_the_deadline) {
  const FullListener full;
  const auto before = std::chrono::steady_clock::now();
  const auto fd = dial(guard_of("*"), "silent", full.port(), {{"127.0.0.1"}}, Deadline::after(300ms), {});
  const auto took = std::chrono::steady_clock::now() - before;
  ASSERT_FALSE(fd.ok());
  EXPECT_EQ(fd.error().reason, "net.timeout");
  EXPECT_GE(took, 290ms);
  EXPECT_LT(took, 2s);
}

TEST(Dial, C_037_a_stop_is_noticed_at_once) {
  const FullListener full;
  std::stop_source source;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(100ms);
    source.request_stop();
  });
  const auto before = std::chrono::steady_clock::now();
  const auto fd = dial(guard_of("*"), "silent", full.port(), {{"127.0.0.1"}}, Deadline::after(20s), source.get_token());
  ASSERT_FALSE(fd.ok());
  EXPECT_EQ(fd.error().reason, "net.cancelled");
  EXPECT_EQ(fd.error().code, base::Code::cancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 2s);
}

TEST(Dial, C_033_one_dead_address_leaves_time_for_the_next) {
  const FullListener full;
  const Listener live("127.0.0.3", 8, full.port());
  if (!live.bound()) GTEST_SKIP() << "127.0.0.3 cannot be bound here";
  const auto fd = dial(guard_of("*"), "two", full.port(), {{"127.0.0.1", "127.0.0.3"}}, Deadline::after(2s), {});
  ASSERT_TRUE(fd.ok()) << fd.error().detail;
  close(*fd);
}

}  // namespace
}  // namespace sluice::net
