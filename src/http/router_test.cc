#include "http/router.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "base/json.h"
#include "base/log.h"

namespace sluice::http {
namespace {

using base::Code;
using base::Error;
using base::Permission;
using base::Result;

Error error_of(Code code, std::string reason) { return {.code = code, .reason = std::move(reason), .detail = "A sentence."}; }

// A router whose steps write down that they were there.
struct Fixture {
  std::vector<std::string> steps;
  std::optional<base::Role> role;
  bool by_cookie = false;
  Result<void> identified;
  Result<std::optional<Response>> earlier = std::optional<Response>();
  std::function<Result<Response>(Call&)> handler = [](Call&) { return Result<Response>(ok("{}")); };
  Permission permission = Permission::connections_manage;
  RouteOptions options;
  std::unique_ptr<Router> router;
  Call call;

  Response run(Method method = Method::post) {
    base::log::configure(base::log::Format::text, base::log::Level::error);
    router = std::make_unique<Router>(gate());
    router->add_row({method, "/x/{id}", permission, "Do", options}, [this](Call& c) {
      steps.push_back("handler");
      return handler(c);
    });
    call.method = method;
    call.request_id = "the-request";
    std::string allowed;
    const Router::Row* row = router->find(method, "/x/1", call.path_values, allowed);
    return router->run(row, call);
  }

  Gate gate() {
    Gate gate;
    gate.identify = [this](Call& c) -> Result<void> {
      steps.push_back("identify");
      if (!identified.ok()) return identified.error();
      c.signed_in = role.has_value();
      c.actor.role = role.value_or(base::Role::viewer);
      if (by_cookie) c.session_token_hash = "hash";
      return {};
    };
    gate.csrf_token = [this](const Call&) {
      steps.push_back("csrf");
      return std::string("token");
    };
    gate.denied = [this](const Call&, Permission) { steps.push_back("denied"); };
    gate.earlier_answer = [this](const Call&, std::string_view) {
      steps.push_back("earlier");
      return earlier;
    };
    gate.keep_answer = [this](const Call&, std::string_view, const Response&) { steps.push_back("keep"); };
    gate.forget_answer = [this](const Call&, std::string_view) { steps.push_back("forget"); };
    return gate;
  }
  std::string reason_of(const Response& response) {
    return std::string(base::json::parse(response.body)->as_object()->get("reason").text());
  }
};

using Steps = std::vector<std::string>;

TEST(Run, StepsComeInOrder) {
  Fixture f;
  f.role = base::Role::administrator;
  f.by_cookie = true;
  f.options.idempotent_create = true;
  f.call.headers = {{"x-sluice-csrf", "token"}, {"idempotency-key", "12345678"}};
  EXPECT_EQ(f.run().status, 200);
  EXPECT_EQ(f.steps, (Steps{"identify", "csrf", "earlier", "handler", "keep"}));
}

TEST(Run, NobodySignedInIs401BeforeTheHandler) {
  Fixture f;
  const Response response = f.run();
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(f.reason_of(response), "session.required");
  EXPECT_EQ(f.steps, (Steps{"identify"}));
}

TEST(Run, ALowerRoleIs403AndIsTold) {
  Fixture f;
  f.role = base::Role::contributor;
  const Response response = f.run();
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(f.reason_of(response), "request.forbidden");
  EXPECT_EQ(base::json::parse(response.body)->as_object()->get("required_role").text(), "administrator");
  EXPECT_EQ(f.steps, (Steps{"identify", "denied"}));
}

TEST(Run, AChangeByCookieNeedsTheToken) {
  for (const char* token : {"", "tokem", "token2"}) {
    Fixture f;
    f.role = base::Role::viewer;
    f.by_cookie = true;
    if (*token != 0) f.call.headers = {{"x-sluice-csrf", token}};
    const Response response = f.run();
    EXPECT_EQ(response.status, 403);
    EXPECT_EQ(f.reason_of(response), "request.csrf") << token;
    EXPECT_EQ(f.steps, (Steps{"identify", "csrf"}));  // the role is not even looked at
  }
}

TEST(Run, ReadingByCookieAndChangesByKeyNeedNoToken) {
  Fixture reading;
  reading.role = base::Role::administrator;
  reading.by_cookie = true;
  EXPECT_EQ(reading.run(Method::get).status, 200);
  Fixture by_key;
  by_key.role = base::Role::administrator;
  EXPECT_EQ(by_key.run().status, 200);
}

TEST(Run, AnExpiredSessionEndsTheRequestButNotOnRoutesForAnyone) {
  Fixture f;
  f.identified = error_of(Code::unauthenticated, "session.expired");
  EXPECT_EQ(f.run().status, 401);
  Fixture open;
  open.identified = error_of(Code::unauthenticated, "session.expired");
  open.permission = Permission::anyone;
  EXPECT_EQ(open.run().status, 200);
  Fixture braked;
  braked.identified = error_of(Code::rate_limited, "session.braked");
  braked.permission = Permission::anyone;
  EXPECT_EQ(braked.run().status, 429);
}

TEST(Run, AnEarlierAnswerIsGivenAgain) {
  Fixture f;
  f.role = base::Role::administrator;
  f.options.idempotent_create = true;
  f.call.headers = {{"idempotency-key", "12345678"}};
  f.earlier = std::optional<Response>(created("{\"n\":1}", "/x/1"));
  const Response response = f.run();
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.body, "{\"n\":1}");
  EXPECT_EQ(f.steps, (Steps{"identify", "earlier"}));
}

TEST(Run, AFailedAttemptIsForgotten) {
  const std::vector<std::function<Result<Response>(Call&)>> failures = {
      [](Call&) -> Result<Response> { return error_of(Code::conflict, "x.taken"); },
      [](Call&) -> Result<Response> { throw std::runtime_error("boom"); },
      [](Call&) -> Result<Response> { return Response{.status = 500}; },
  };
  for (const auto& failure : failures) {
    Fixture f;
    f.role = base::Role::administrator;
    f.options.idempotent_create = true;
    f.call.headers = {{"idempotency-key", "12345678"}};
    f.handler = failure;
    EXPECT_GE(f.run().status, 400);
    EXPECT_EQ(f.steps, (Steps{"identify", "earlier", "handler", "forget"}));
  }
}

TEST(Run, AKeyIs8To200VisibleCharacters) {
  for (const std::string& key : {std::string("1234567"), std::string(201, 'a'), std::string("1234 5678"), std::string("1234567\xC3\xA4")}) {
    Fixture f;
    f.role = base::Role::administrator;
    f.options.idempotent_create = true;
    f.call.headers = {{"idempotency-key", key}};
    const Response response = f.run();
    EXPECT_EQ(response.status, 400) << key;
    EXPECT_EQ(f.reason_of(response), "request.bad_idempotency_key");
  }
  Fixture undeclared;
  undeclared.role = base::Role::administrator;
  undeclared.call.headers = {{"idempotency-key", "short"}};
  EXPECT_EQ(undeclared.run().status, 200);
}

TEST(Run, WhatAHandlerThrowsStaysInTheLog) {
  Fixture f;
  f.role = base::Role::administrator;
  f.handler = [](Call&) -> Result<Response> { throw std::runtime_error("the secret cause"); };
  const Response response = f.run();
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.body.find("secret"), std::string::npos);
  EXPECT_NE(response.body.find("the-request"), std::string::npos);
  f.handler = [](Call&) -> Result<Response> { throw 1; };
  EXPECT_EQ(f.run().status, 500);
}

TEST(Run, NothingIsBegunForAClientThatLeftOrTooLate) {
  Fixture gone;
  std::stop_source source;
  source.request_stop();
  gone.call.gone = source.get_token();
  EXPECT_EQ(gone.run().status, 503);
  EXPECT_TRUE(gone.steps.empty());
  Fixture late;
  late.call.deadline = base::Deadline::after(std::chrono::milliseconds(-1));
  EXPECT_EQ(late.run().status, 504);
  EXPECT_TRUE(late.steps.empty());
}

TEST(Run, AnswersStayOutOfCachesUnlessTheHandlerDecides) {
  Fixture f;
  f.permission = Permission::anyone;
  EXPECT_EQ(f.run().headers, (std::vector<Header>{{"Cache-Control", "no-store"}}));
  f.handler = [](Call&) -> Result<Response> { return ok("{}").etag(3).with("cache-control", "max-age=5"); };
  EXPECT_EQ(f.run().headers, (std::vector<Header>{{"ETag", "\"3\""}, {"cache-control", "max-age=5"}}));
}

struct Paths {
  Router router{Gate()};
  std::vector<Header> values;
  std::string allowed;

  Paths() {
    const auto none = [](Call&) { return Result<Response>(ok("{}")); };
    for (const auto& [method, pattern] :
         std::vector<std::pair<Method, std::string_view>>{{Method::get, "/api/v1/things"},
                                                          {Method::post, "/api/v1/things"},
                                                          {Method::post, "/api/v1/things/verify"},
                                                          {Method::get, "/api/v1/things/{thing_id}"},
                                                          {Method::del, "/api/v1/things/{thing_id}"},
                                                          {Method::post, "/api/v1/things/{thing}/parts/{part}"}}) {
      router.add_row({method, pattern, Permission::anyone, "", {}}, none);
    }
  }
  std::string_view find(Method method, std::string_view path) {
    values.clear();
    allowed.clear();
    const Router::Row* row = router.find(method, path, values, allowed);
    return row == nullptr ? std::string_view() : router.info(*row).pattern;
  }
};

TEST(Find, LiteralsWinOverParametersAndNamesAreThoseOfTheRow) {
  Paths p;
  EXPECT_EQ(p.find(Method::post, "/api/v1/things/verify"), "/api/v1/things/verify");
  EXPECT_EQ(p.find(Method::get, "/api/v1/things/verify"), "/api/v1/things/{thing_id}");
  EXPECT_EQ(p.find(Method::post, "/api/v1/things/verify/parts/2"), "/api/v1/things/{thing}/parts/{part}");
  EXPECT_EQ(p.values, (std::vector<Header>{{"thing", "verify"}, {"part", "2"}}));
  EXPECT_EQ(p.find(Method::get, "/api/v1/things/a%2Fb%20c"), "/api/v1/things/{thing_id}");
  EXPECT_EQ(p.values, (std::vector<Header>{{"thing_id", "a/b c"}}));
}

TEST(Find, UnknownPathsAndMethods) {
  Paths p;
  for (const char* path :
       {"/", "/api/v1/thing", "/api/v1/things/", "/api/v1/things//parts/1", "/api/v1/things/1/parts", "/API/v1/things"}) {
    EXPECT_EQ(p.find(Method::get, path), "") << path;
    EXPECT_EQ(p.allowed, "") << path;
  }
  EXPECT_EQ(p.find(Method::put, "/api/v1/things"), "");
  EXPECT_EQ(p.allowed, "GET, HEAD, POST");
  EXPECT_EQ(p.find(Method::put, "/api/v1/things/verify"), "");
  EXPECT_EQ(p.allowed, "GET, HEAD, POST, DELETE");
  EXPECT_EQ(p.router.allowed("/api/v1/things"), "GET, HEAD, POST");
  EXPECT_EQ(p.router.allowed("/other"), "");
}

TEST(Find, TheFallbackAnswersGetsOutsideOfTheApi) {
  Paths p;
  p.router.set_fallback([](Call&) { return Result<Response>(ok("{}")); });
  EXPECT_EQ(p.find(Method::get, "/anything/else"), "/*");
  EXPECT_EQ(p.find(Method::get, "/"), "/*");
  EXPECT_EQ(p.find(Method::get, "/api/v1/nothing"), "");
  EXPECT_EQ(p.find(Method::get, "/%61pi/v1/nothing"), "");
  EXPECT_EQ(p.find(Method::post, "/anything"), "");
  EXPECT_EQ(p.allowed, "GET, HEAD");
  EXPECT_EQ(p.router.routes().size(), 6U);
}

}  // namespace
}  // namespace sluice::http
