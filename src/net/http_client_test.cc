#include "net/http_client.h"

#include <gtest/gtest.h>

namespace sluice::net {
namespace {

TEST(HttpClient, SYS_29_only_plain_http_urls_are_called) {
  for (const char* bad : {"", "hooks.example.com", "/x", "ftp://a.example/x", "file:///etc/passwd", "https://user:pw@a.example/",
                          "https://user@a.example/", "https://", "https://a.example:0/", "https://a.example:99999/", "https://a.example/#x",
                          "https://a.example/ x", "https://a.example/\r\nX: y", "gopher://a.example"}) {
    const auto url = parse_http_url(bad);
    ASSERT_FALSE(url.ok()) << bad;
    EXPECT_EQ(url.error().reason, "net.bad_url");
  }
  const auto six = parse_http_url("http://[::1]:8080/a?b=c");
  ASSERT_TRUE(six.ok());
  EXPECT_EQ(six->host, "::1");
  EXPECT_EQ(six->port, 8080);
  EXPECT_EQ(parse_http_url("https://a.example")->port, 443);
}

TEST(HttpClient, SYS_29_private_addresses_are_not_called_unless_allowed) {
  const auto answer =
      call(Guard(), Trust(), {.method = "POST", .url = "http://127.0.0.1:9/x"}, base::Deadline::after(std::chrono::seconds(5)));
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().reason, "net.blocked");
}

}  // namespace
}  // namespace sluice::net
