#include <gtest/gtest.h>

#include "base/json.h"
#include "http/router.h"

namespace sluice::http {
namespace {

using base::Code;
using base::Error;

TEST(Problem, HasTheMembersOfRfc9457AndOurs) {
  const Error error{.code = Code::in_use,
                    .reason = "connection.in_use",
                    .detail = "Two exports use it.",
                    .internal = "not for the client",
                    .fields = {{"/name", "required", "is required"}},
                    .extra = R"({"dependants":[1,2],"status":200})"};
  const Response response = problem(error, "id-1");
  EXPECT_EQ(response.status, 409);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(response.body,
            R"({"type":"/problems/connection.in_use","title":"In use","status":409,"detail":"Two exports use it.","instance":"id-1",)"
            R"("code":"in_use","reason":"connection.in_use","errors":[{"pointer":"/name","reason":"required","detail":"is required"}],)"
            R"("dependants":[1,2]})");
}

TEST(Problem, StatusComesFromCodeAndReason) {
  const struct {
    Code code;
    const char* reason;
    int status;
  } kCases[] = {
      {Code::invalid, "x.y", 422},
      {Code::invalid, "json.invalid", 400},
      {Code::invalid, "request.invalid", 422},
      {Code::invalid, "request.bad_limit", 400},
      {Code::invalid, "request.if_match_required", 428},
      {Code::invalid, "request.not_json", 415},
      {Code::unauthenticated, "x", 401},
      {Code::forbidden, "request.csrf", 403},
      {Code::not_found, "x", 404},
      {Code::conflict, "x", 409},
      {Code::stale, "x", 412},
      {Code::in_use, "x", 409},
      {Code::too_large, "x", 413},
      {Code::rate_limited, "x", 429},
      {Code::unsupported, "x", 501},
      {Code::unsupported, "request.method_not_allowed", 405},
      {Code::upstream_rejected, "x", 502},
      {Code::upstream_unavailable, "x", 502},
      {Code::timeout, "x", 504},
      {Code::cancelled, "x", 503},
      {Code::internal, "x", 500},
      {Code::internal, "server.no_room", 507},
      {Code::rate_limited, "server.busy", 503},
  };
  for (const auto& one : kCases) EXPECT_EQ(status_of({.code = one.code, .reason = one.reason}), one.status) << one.reason;
}

TEST(Problem, ABrakeSaysWhenToComeBack) {
  const Response response = problem({.code = Code::rate_limited, .reason = "session.braked", .extra = R"({"retry_after":30})"}, "id");
  bool found = false;
  for (const auto& [name, value] : response.headers) found = found || (name == "Retry-After" && value == "30");
  EXPECT_TRUE(found);
}

TEST(Problem, BrokenExtraDoesNotBreakTheAnswer) {
  const Response response = problem({.code = Code::conflict, .reason = "x", .extra = "{oops"}, "id");
  EXPECT_TRUE(base::json::parse(response.body).ok());
}

struct Draft {
  std::string name;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("name", s.name, base::length(1, 100));
  }
};

TEST(OpenApi, DescribesEachRow) {
  Router router{Gate()};
  const auto none = [](Call&) { return base::Result<Response>(ok("{}")); };
  router.add_row({Method::get, "/api/v1/things", base::Permission::view, "List things", {.query = "q limit"}}, none);
  router.add_row({Method::post,
                  "/api/v1/things",
                  base::Permission::connections_manage,
                  "Add a thing",
                  {.idempotent_create = true, .request = schema<Draft>, .response = schema<Draft>, .success = 201}},
                 none);
  router.add_row({Method::get, "/healthz", base::Permission::anyone, "Alive", {}}, none);
  router.add_row({Method::put, "/api/v1/things/{thing_id}/file", base::Permission::tables_edit, "Upload", {.spool = true}}, none);
  const auto parsed = base::json::parse(openapi(router, "1.2.3"));
  ASSERT_TRUE(parsed.ok());
  const auto at = [&](std::initializer_list<std::string_view> path) {
    const base::json::Value* value = &*parsed;
    for (const std::string_view name : path) {
      const auto* object = value->as_object();
      if (object == nullptr) return base::json::Value();
      value = &object->get(name);
    }
    return *value;
  };
  EXPECT_EQ(at({"openapi"}).text(), "3.1.0");
  EXPECT_EQ(at({"info", "version"}).text(), "1.2.3");
  EXPECT_EQ(at({"paths", "/api/v1/things", "get", "parameters"}).as_array()->size(), 2U);
  EXPECT_EQ(at({"paths", "/api/v1/things", "post", "x-required-role"}).text(), "administrator");
  EXPECT_EQ(at({"paths", "/api/v1/things", "post", "x-permission"}).text(), "connections_manage");
  EXPECT_EQ(at({"paths", "/api/v1/things", "post", "operationId"}).text(), "post_things");
  EXPECT_EQ(base::json::write(at({"paths", "/api/v1/things", "post", "security"})), R"([{"cookie":[],"csrf":[]},{"bearer":[]}])");
  const auto body = at({"paths", "/api/v1/things", "post", "requestBody", "content", "application/json", "schema", "properties", "name"});
  EXPECT_EQ(body.as_object()->get("type").text(), "string");
  EXPECT_NE(at({"paths", "/api/v1/things", "post", "responses", "201", "content"}).as_object(), nullptr);
  EXPECT_EQ(base::json::write(at({"paths", "/healthz", "get", "security"})), "[]");
  const auto parameters = at({"paths", "/api/v1/things/{thing_id}/file", "put", "parameters"});
  EXPECT_EQ(base::json::write(parameters),
            R"([{"name":"thing_id","in":"path","required":true,"schema":{"type":"string","format":"uuid"}}])");
}

}  // namespace
}  // namespace sluice::http
