#include "http/call.h"

#include <gtest/gtest.h>

#include "http/head_scan.h"
#include "http/request_parser.h"
#include "http/wire.h"

namespace sluice::http {
namespace {

Call with_header(std::string name, std::string value) {
  Call call;
  call.headers.emplace_back(std::move(name), std::move(value));
  return call;
}

TEST(Call, FindsACookieAmongOthers) {
  const Call call = with_header("cookie", "a=1; session=abc=; b=2");
  EXPECT_EQ(call.cookie("session"), "abc=");
  EXPECT_EQ(call.cookie("b"), "2");
  EXPECT_FALSE(call.cookie("sess").has_value());
}

TEST(Call, IfMatchTakesTheFormsOfAnEntityTag) {
  for (const char* text : {"\"3\"", "W/\"3\"", "3", " \"3\" "}) EXPECT_EQ(*with_header("if-match", text).if_match(), 3) << text;
  for (const char* text : {"*", "\"a\"", "\"3\", \"4\"", "", "-1"}) {
    EXPECT_EQ(with_header("if-match", text).if_match().error().reason, "request.bad_if_match") << text;
  }
  EXPECT_EQ(Call().if_match().error().reason, "request.if_match_required");
}

TEST(Call, LimitIsBetween1And200) {
  Call call;
  EXPECT_EQ(*call.limit(), 50);
  for (const auto& [text, good] :
       std::vector<std::pair<std::string, bool>>{{"1", true}, {"200", true}, {"0", false}, {"201", false}, {"x", false}, {"", false}}) {
    call.query = {{"limit", text}};
    EXPECT_EQ(call.limit().ok(), good) << text;
  }
}

TEST(Call, JsonNeedsItsContentType) {
  EXPECT_TRUE(with_header("content-type", "application/json").check_json().ok());
  EXPECT_TRUE(with_header("content-type", "Application/JSON; charset=utf-8").check_json().ok());
  for (const char* text : {"text/plain", "application/jsonx", "multipart/form-data", ""}) {
    EXPECT_EQ(with_header("content-type", text).check_json().error().reason, "request.not_json") << text;
  }
  EXPECT_EQ(Call().check_json().error().reason, "request.not_json");
}

struct Body {
  std::int64_t n = 0;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("n", s.n);
  }
};

TEST(Call, ReadsABody) {
  Call call = with_header("content-type", "application/json");
  call.body = R"({"n":7})";
  EXPECT_EQ(call.body_as<Body>()->n, 7);
  call.body = R"({"n":"7"})";
  EXPECT_EQ(call.body_as<Body>().error().reason, "request.invalid");
  call.body = "{";
  EXPECT_EQ(call.body_as<Body>().error().reason, "json.invalid");
}

TEST(Call, AMalformedIdIsAnObjectThatDoesNotExist) {
  Call call;
  call.path_values = {{"user_id", "1"}};
  EXPECT_EQ(call.path_id<base::UserId>("user_id").error().code, base::Code::not_found);
}

TEST(Target, SplitsPathAndQuery) {
  Call call;
  call.target = "/a%20b/c%2Fd?x=1+2&y=%C3%A4&flag&=e";
  std::string_view raw;
  ASSERT_FALSE(read_target(call, raw).has_value());
  EXPECT_EQ(raw, "/a%20b/c%2Fd");
  EXPECT_EQ(call.path, "/a b/c/d");
  EXPECT_EQ(call.query, (std::vector<Header>{{"x", "1 2"}, {"y", "ä"}, {"flag", ""}, {"", "e"}}));
}

TEST(HeadScan, FindsTheEndWhereverTheBytesAreCut) {
  const std::string head = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::string bytes = head + "body";
  for (std::size_t cut = 0; cut < head.size(); ++cut) {
    HeadScan scan;
    EXPECT_EQ(scan.scan(std::string_view(bytes).substr(0, cut), 1000), HeadScan::Found::more) << cut;
    EXPECT_EQ(scan.scan(bytes, 1000), HeadScan::Found::end);
    EXPECT_EQ(scan.size(), head.size());
  }
}

TEST(Wire, DatesAreThoseOfHttp) { EXPECT_EQ(http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT"); }

TEST(Wire, AValueCannotBeginAnotherHeader) {
  Response response = ok("{}");
  response.headers.emplace_back("X-Name", "a\r\nSet-Cookie: b");
  std::string head;
  append_head(head, response, {.date = "d", .request_id = "r"});
  EXPECT_EQ(head.find("Set-Cookie"), std::string::npos);
}

}  // namespace
}  // namespace sluice::http
