#include "drivers/http_json/testing.h"

namespace sluice::drivers::http_json {
namespace {

using namespace std::chrono_literals;

constexpr const char* kHttp = R"(  verify:
    - { title: Sign in with the key, request: { method: GET, path: /ping }, expect: { pointer: /health, equals: [fine] }, advice: Make a new key. }
    - { title: Read lists, request: { method: GET, path: /lists, query: { count: 1 } } }
  auth: { kind: bearer, value: "${key}" }
  errors:
    - { status: [400], pointer: /code, equals: [7], means: credentials, advice: Renew the key in the service. }
  upsert:
    rows: 10
    steps:
      - request: { method: POST, path: /in, body: { members: "${rows}" } }
        row: { email: "${email}" }
)";

struct Outcome {
  std::vector<Step> steps;
  const Step& named(std::string_view name) const {
    static const Step kNone;
    for (const Step& step : steps) {
      if (step.name == name) return step;
    }
    return kNone;
  }
};

Outcome run(Rig& rig) {
  Outcome out;
  std::size_t reported = 0;
  out.steps = verify(rig.context, rig.target, [&](const Step&) { ++reported; });
  EXPECT_EQ(reported, out.steps.size());
  for (const Step& step : out.steps) {
    EXPECT_EQ(step.detail.find("k3y"), std::string::npos) << step.detail;
    EXPECT_LE(step.detail.size(), 600u);
  }
  return out;
}

TEST(HttpVerify, BEY_07_a_working_connection_passes_every_step) {
  Rig rig(kHttp, [](const HttpSeen& seen) { return HttpReply{.body = seen.path == "/v1/ping" ? R"({"health":"fine"})" : "{}"}; });
  const Outcome out = run(rig);
  ASSERT_EQ(out.steps.size(), 4u);
  for (const Step& step : out.steps) EXPECT_EQ(step.state, StepState::passed) << step.name << ": " << step.detail;
  EXPECT_EQ(out.steps[0].name, "resolve");
  EXPECT_EQ(out.steps[1].name, "connect");
  EXPECT_EQ(out.steps[2].title, "Sign in with the key");
  EXPECT_EQ(rig.server.seen().at(0).header("Authorization"), "Bearer k3y/of+ours==");
  EXPECT_EQ(rig.server.seen().at(1).path, "/v1/lists?count=1");
}

TEST(HttpVerify, BEY_07_the_step_that_fails_says_why_and_what_to_do_and_ends_it) {
  struct Case {
    HttpReply reply;
    const char* detail;
    const char* advice;
  };
  const Case cases[] = {
      {{.status = 401, .body = R"({"message":"Key k3y/of+ours== is wrong"})"}, "It says: Key *** is wrong", "Make a new key."},
      {{.status = 400, .body = R"({"code":7})"}, "does not accept the credentials", "Renew the key in the service."},
      {{.status = 200, .body = R"({"health":"poor"})"}, "answered \"poor\"", "Make a new key."},
      {{.status = 200, .body = "<html>"}, "not with what was expected at /health", "Make a new key."},
      {{.status = 302, .body = "", .headers = {{"Location", "http://127.0.0.1:9/"}}}, "refused the call", "Make a new key."},
  };
  for (const Case& one : cases) {
    Rig rig(kHttp, [&](const HttpSeen&) { return one.reply; });
    const Outcome out = run(rig);
    const Step& step = out.named("sign_in");
    EXPECT_EQ(step.state, StepState::failed);
    EXPECT_NE(step.detail.find(one.detail), std::string::npos) << step.detail;
    EXPECT_EQ(step.advice.value_or(""), one.advice);
    EXPECT_EQ(out.steps.back().state, StepState::skipped);
    EXPECT_EQ(rig.server.seen().size(), 1u);
  }
}

TEST(HttpVerify, CON_87_private_addresses_are_refused_at_verify) {
  Rig rig(kHttp, [](const HttpSeen&) { return HttpReply{}; });
  rig.guard = net::Guard();
  const Outcome out = run(rig);
  EXPECT_EQ(out.named("resolve").state, StepState::passed);
  EXPECT_EQ(out.named("connect").state, StepState::failed);
  EXPECT_NE(out.named("connect").detail.find("not a public address"), std::string::npos) << out.named("connect").detail;
  EXPECT_TRUE(out.named("connect").advice.has_value());
  EXPECT_EQ(rig.server.connections(), 0);
}

TEST(HttpVerify, BEY_07_places_where_nobody_answers_are_told_apart) {
  Rig rig(kHttp, [](const HttpSeen&) { return HttpReply{}; });
  rig.target.settings.set("server", "http://127.0.0.1:9");
  EXPECT_NE(run(rig).named("connect").detail.find("Nothing listens"), std::string::npos);
  // A server without TLS where TLS is asked for.
  rig.target.settings.set("server", "https://127.0.0.1:" + std::to_string(rig.server.port()));
  rig.context.patience.step = 2s;
  EXPECT_EQ(run(rig).named("connect").state, StepState::failed);
  rig.target.settings.set("server", "http://nobody.invalid");
  EXPECT_EQ(run(rig).named("resolve").state, StepState::failed);
}

TEST(HttpVerify, CON_86_a_verification_ends_when_its_time_is_up_or_it_is_stopped) {
  Rig rig(kHttp, [](const HttpSeen&) { return HttpReply{.way = HttpReply::Way::silence}; });
  rig.context.patience.step = 300ms;
  rig.context.deadline = base::Deadline::after(1s);
  auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(run(rig).named("sign_in").state, StepState::failed);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 3s);
  std::jthread stopper([&] {
    while (rig.server.most_at_once() < 1) std::this_thread::yield();
    rig.stop.request_stop();
  });
  rig.context.deadline = base::Deadline::after(30s);
  rig.context.patience.step = 20s;
  start = std::chrono::steady_clock::now();
  (void)run(rig);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 1s);
}

TEST(HttpVerify, BEY_07_signing_in_for_a_token_is_a_step_of_its_own) {
  Rig rig(R"(  auth: { kind: client_credentials, url: "${server}/token", client_id: me, client_secret: "${key}", in_header: true }
  upsert:
    rows: 10
    steps:
      - request: { method: POST, path: /in, body: { members: "${rows}" } }
        row: { email: "${email}" }
)",
          [](const HttpSeen& seen) {
            return seen.path == "/token" ? HttpReply{.status = 401, .body = R"({"error_description":"unknown client"})"} : HttpReply{};
          });
  const Outcome out = run(rig);
  EXPECT_EQ(out.named("sign_in").state, StepState::failed);
  EXPECT_NE(out.named("sign_in").detail.find("unknown client"), std::string::npos) << out.named("sign_in").detail;
  EXPECT_EQ(out.steps.back().state, StepState::skipped);
}

}  // namespace
}  // namespace sluice::drivers::http_json
