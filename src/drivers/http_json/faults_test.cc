// Services that refuse, are slow, break off and limit: no row is lost, none is told twice, and the end is the right one.
#include <atomic>

#include "base/text.h"
#include "drivers/http_json/testing.h"

namespace sluice::drivers::http_json {
namespace {

using namespace std::chrono_literals;

constexpr const char* kPlain = R"(  rate: { parallel: 4 }
  timeout: 5
  upsert:
    rows: 100
    steps:
      - request: { method: POST, path: /in, body: { members: "${rows}" } }
        row: { email: "${email}", name: "${first_name}" }
)";

HttpReply ok() { return {.body = "{}"}; }
HttpReply status(int code, const char* body = "{}") { return {.status = code, .body = body}; }

bool has(const HttpSeen& seen, int number) { return seen.body.find("\"p" + std::to_string(number) + "@") != std::string::npos; }

// Rows that the server took, and how often each.
std::map<std::string, int> taken(const Rig& rig, const std::function<bool(const HttpSeen&)>& took) {
  std::map<std::string, int> out;
  for (const HttpSeen& seen : rig.server.seen()) {
    if (!took(seen)) continue;
    for (const std::string& email : emails_in(seen.body)) ++out[email];
  }
  return out;
}

std::string error_of(const base::Result<void>& result) { return result.ok() ? "none" : result.error().reason; }

// ---- retries

TEST(HttpFaults, EXP_67_a_storm_of_503_is_ridden_out_without_losing_or_doubling_a_row) {
  std::mutex mutex;
  std::map<std::string, int> calls, arrived;
  Rig rig(kPlain, [&](const HttpSeen& seen) {
    const std::lock_guard lock(mutex);
    if (++calls[seen.body] <= 4) return status(503);
    for (const std::string& email : emails_in(seen.body)) ++arrived[email];
    return ok();
  });
  ASSERT_EQ(error_of(rig.send(2'000)), "none");
  EXPECT_EQ(rig.count(RowState::acknowledged), 2'000u);
  EXPECT_EQ(rig.told_twice, 0);
  EXPECT_EQ(arrived.size(), 2'000u);
  for (const auto& [email, times] : arrived) EXPECT_EQ(times, 1) << email;
}

TEST(HttpFaults, EXP_67_connections_that_break_off_are_tried_again) {
  std::atomic<int> calls = 0;
  Rig rig(kPlain, [&](const HttpSeen&) {
    switch (calls++ % 4) {
      case 0:
        return HttpReply{.body = R"({"a":"b"})", .way = HttpReply::Way::cut_within};
      case 1:
        return HttpReply{.way = HttpReply::Way::garbage};
      case 2:
        return HttpReply{.way = HttpReply::Way::cut_before};
      default:
        return ok();
    }
  });
  rig.context.patience.retry = 1ms;
  ASSERT_EQ(error_of(rig.send(100)), "none");
  EXPECT_EQ(rig.count(RowState::acknowledged), 100u);
}

TEST(HttpFaults, C_092_a_service_that_stays_down_ends_the_session_and_its_rows_are_unknown) {
  Rig rig(kPlain, [](const HttpSeen&) { return status(502, "<html>Bad gateway</html>"); });
  const auto result = rig.send(1'000);
  ASSERT_EQ(error_of(result), "service.unavailable");
  EXPECT_EQ(result.error().code, base::Code::upstream_unavailable);
  EXPECT_EQ(rig.count(RowState::acknowledged), 0u);
  EXPECT_GE(rig.count(RowState::unknown), 100u);
  // What was never sent is not answered.
  EXPECT_EQ(rig.answers.size(), taken(rig, [](const HttpSeen&) { return true; }).size());
  EXPECT_EQ(rig.told_twice, 0);
  EXPECT_LE(rig.server.seen().size(), 4u * 6u);
}

TEST(HttpFaults, C_092_rows_that_never_left_are_not_answered) {
  Rig rig(kPlain, [](const HttpSeen&) { return ok(); });
  rig.target.settings.set("server", "http://127.0.0.1:9");
  ASSERT_EQ(error_of(rig.send(300)), "service.unavailable");
  EXPECT_TRUE(rig.answers.empty());
}

TEST(HttpFaults, EXP_67_an_answer_that_does_not_come_in_time_is_a_transient_fault) {
  std::atomic<int> calls = 0;
  Rig rig(R"(  timeout: 1
  upsert:
    rows: 100
    steps:
      - request: { method: POST, path: /in, body: { members: "${rows}" } }
        row: { email: "${email}" }
)",
          [&](const HttpSeen&) { return calls++ == 0 ? HttpReply{.way = HttpReply::Way::silence} : ok(); });
  ASSERT_EQ(error_of(rig.send(10)), "none");
  EXPECT_EQ(rig.count(RowState::acknowledged), 10u);
  EXPECT_NE(rig.records.at(0).error.find("in time"), std::string::npos) << rig.records.at(0).error;
}

TEST(HttpFaults, C_092_an_answer_that_is_no_json_where_it_must_be_read_is_not_a_success) {
  Rig rig(R"(  upsert:
    rows: 100
    steps:
      - request: { method: POST, path: /in, body: { members: "${rows}" } }
        row: { email: "${email}" }
        answer: { rejected: { each: /errors, row: /index } }
)",
          [](const HttpSeen&) { return HttpReply{.body = "{\"errors\":["}; });
  rig.context.patience.retry = 1ms;
  ASSERT_EQ(error_of(rig.send(10)), "service.bad_answer");
  EXPECT_EQ(rig.count(RowState::unknown), 10u);
}

TEST(HttpFaults, C_092_an_answer_without_end_is_cut_off) {
  const std::string huge(40 << 20, 'x');
  Rig rig(kPlain, [&](const HttpSeen&) { return HttpReply{.body = huge}; });
  ASSERT_EQ(error_of(rig.send(10)), "net.answer_too_large");
  EXPECT_EQ(rig.count(RowState::unknown), 10u);
}

// ---- rate limits

TEST(HttpFaults, C_087_a_limit_with_seconds_or_a_date_is_waited_for) {
  for (const bool as_date : {false, true}) {
    std::atomic<int> calls = 0;
    Rig rig(kPlain, [&](const HttpSeen&) {
      if (calls++ > 0) return ok();
      HttpReply reply = status(429);
      // A date has whole seconds: two from now are between one and two.
      const std::time_t at = std::time(nullptr) + 2;
      char text[64];
      std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", std::gmtime(&at));
      reply.headers = {{"Retry-After", as_date ? text : "1"}};
      return reply;
    });
    const auto start = std::chrono::steady_clock::now();
    ASSERT_EQ(error_of(rig.send(10)), "none");
    EXPECT_GE(std::chrono::steady_clock::now() - start, 900ms);
    EXPECT_EQ(rig.count(RowState::acknowledged), 10u);
    EXPECT_EQ(rig.server.seen().size(), 2u);
    EXPECT_EQ(rig.waits, (std::vector<bool>{true, false}));
  }
}

TEST(HttpFaults, C_087_a_longer_limit_ends_the_session_and_holds_every_session_of_the_connection) {
  Rig rig(kPlain, [&](const HttpSeen&) {
    HttpReply reply = status(429);
    reply.headers = {{"Retry-After", "300"}};
    return reply;
  });
  rig.target.connection_id = "connection-of-c-087";
  const auto result = rig.send(1'000);
  ASSERT_EQ(error_of(result), "service.rate_limited");
  ASSERT_TRUE(result.error().retry_after.has_value());
  EXPECT_GE(*result.error().retry_after, 290s);
  EXPECT_TRUE(rig.answers.empty());  // nothing was taken
  const std::size_t calls = rig.server.seen().size();
  EXPECT_LE(calls, 4u);
  const auto again = rig.send(10);
  ASSERT_EQ(error_of(again), "service.rate_limited");
  EXPECT_GE(*again.error().retry_after, 280s);
  EXPECT_EQ(rig.server.seen().size(), calls);
}

TEST(HttpFaults, C_088_storms_of_429_lose_nothing) {
  std::atomic<int> calls = 0;
  std::mutex mutex;
  std::map<std::string, int> arrived;
  Rig rig(kPlain, [&](const HttpSeen& seen) {
    if (calls++ % 2 == 0) {
      HttpReply reply = status(429);
      reply.headers = {{"Retry-After", "0"}};
      return reply;
    }
    const std::lock_guard lock(mutex);
    for (const std::string& email : emails_in(seen.body)) ++arrived[email];
    return ok();
  });
  ASSERT_EQ(error_of(rig.send(3'000)), "none");
  EXPECT_EQ(rig.count(RowState::acknowledged), 3'000u);
  for (const auto& [email, times] : arrived) EXPECT_EQ(times, 1) << email;
  EXPECT_EQ(arrived.size(), 3'000u);
}

TEST(HttpFaults, C_089_a_window_that_is_used_up_is_waited_for_before_the_service_has_to_refuse) {
  std::atomic<int> left = 2, calls = 0;
  std::atomic<int> above = 0;
  Rig rig(kPlain, [&](const HttpSeen&) {
    ++calls;
    if (calls == 3) left = 100;  // the next window
    if (left <= 0) ++above;
    HttpReply reply = ok();
    reply.headers = {{"X-RateLimit-Remaining", std::to_string(--left)}, {"X-RateLimit-Reset", "1"}};
    return reply;
  });
  rig.connector = connector_of(std::string(kPlain).replace(std::string(kPlain).find("parallel: 4"), 11, "parallel: 1"));
  rig.target.connector = rig.connector.get();
  const auto start = std::chrono::steady_clock::now();
  ASSERT_EQ(error_of(rig.send(400)), "none");
  EXPECT_EQ(above, 0);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 900ms);
}

TEST(HttpFaults, C_089_calls_a_second_and_calls_in_flight_stay_within_the_manifest_across_sessions) {
  const char* http = R"(  rate: { per_second: "50", parallel: 2 }
  upsert:
    rows: 1
    steps:
      - request: { method: POST, path: /in, body: { e: "${email}" } }
)";
  Rig rig(http, [](const HttpSeen&) { return HttpReply{.body = "{}", .delay = 5ms}; });
  rig.target.connection_id = "connection-of-c-089";
  Rig other(http, [](const HttpSeen&) { return ok(); });
  other.target = {};
  other.target.connector = other.connector.get();
  other.target.settings = rig.target.settings;
  other.target.connection_id = rig.target.connection_id;
  const auto start = std::chrono::steady_clock::now();
  std::jthread second([&] { EXPECT_EQ(error_of(other.send(40)), "none"); });
  EXPECT_EQ(error_of(rig.send(40)), "none");
  second.join();
  const auto took = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(rig.server.seen().size(), 80u);
  EXPECT_LE(rig.server.most_at_once(), 2);
  EXPECT_GE(took, 590ms);  // 50 at once, then 30 more at 50 a second
}

// ---- credentials, permissions

TEST(HttpFaults, CON_84_wrong_credentials_end_the_session_and_no_row_is_blamed) {
  for (const auto& [code, reason] :
       {std::pair(401, "service.credentials"), std::pair(403, "service.permission"), std::pair(404, "service.missing"),
        std::pair(302, "service.refused"), std::pair(451, "service.refused")}) {
    Rig rig(kPlain, [code](const HttpSeen&) {
      HttpReply reply = status(code, R"({"error":{"message":"Key k3y/of+ours== is not valid"}})");
      reply.headers = {{"Location", "http://127.0.0.1:1/elsewhere"}};
      return reply;
    });
    const auto result = rig.send(500);
    ASSERT_EQ(error_of(result), reason);
    EXPECT_EQ(result.error().code, base::Code::upstream_rejected);
    EXPECT_NE(result.error().detail.find("Key *** is not valid"), std::string::npos) << result.error().detail;
    EXPECT_TRUE(rig.answers.empty());
    EXPECT_LE(rig.server.seen().size(), 4u);
  }
}

TEST(HttpFaults, CON_84_rules_of_the_manifest_come_before_the_defaults) {
  Rig rig(R"(  errors:
    - { status: [400], pointer: /error/code, equals: [190], means: credentials, advice: Create a new token. }
    - { pointer: /success, equals: [false], means: rows }
    - { status: [400], pointer: /Code, equals: ["21*"], means: partial }
  upsert:
    rows: 100
    steps:
      - request: { method: POST, path: /in, body: { members: "${rows}" } }
        row: { email: "${email}" }
        answer: { rejected: { each: /errors, row: /index } }
)",
          [](const HttpSeen& seen) {
            if (has(seen, 900)) return status(400, R"({"error":{"code":190,"message":"expired"}})");
            if (has(seen, 100)) return status(400, R"({"Code":210,"errors":[{"index":0}]})");
            if (has(seen, 5)) return status(200, R"({"success":false,"message":"bad one"})");
            return status(200, R"({"success":true})");
          });
  ASSERT_EQ(error_of(rig.send(200)), "none");
  EXPECT_EQ(rig.told("p5@example.com").reason, "http.200");
  EXPECT_EQ(rig.told("p5@example.com").detail, "bad one");
  EXPECT_EQ(rig.told("p100@example.com").state, RowState::rejected);
  EXPECT_EQ(rig.count(RowState::acknowledged), 198u);
  const auto session = rig.open();
  ASSERT_TRUE(session->upsert(rig.rows(900, 901)).ok());
  const auto result = session->flush();
  ASSERT_EQ(error_of(result), "service.credentials");
  EXPECT_NE(result.error().detail.find("Create a new token."), std::string::npos);
}

constexpr const char* kToken =
    R"(  auth: { kind: client_credentials, url: "${server}/token", client_id: me, client_secret: "${key}", scope: "a b" }
  rate: { parallel: 4 }
  upsert:
    rows: 10
    steps:
      - request: { method: POST, path: /in, body: { members: "${rows}" } }
        row: { email: "${email}" }
)";

TEST(HttpFaults, CON_84_a_token_that_is_refused_is_fetched_anew_once) {
  std::atomic<int> tokens = 0;
  std::atomic<bool> revoked = false;
  Rig rig(kToken, [&](const HttpSeen& seen) {
    if (seen.path == "/token")
      return HttpReply{.body = R"({"access_token":"tok-)" + std::to_string(++tokens) + R"(-secret","expires_in":3600})"};
    if (seen.header("Authorization") == "Bearer tok-1-secret" && revoked) return status(401);
    return ok();
  });
  rig.target.connection_id = "connection-of-tokens";
  ASSERT_EQ(error_of(rig.send(100)), "none");
  EXPECT_EQ(tokens, 1);
  EXPECT_EQ(rig.server.seen().at(0).body, "grant_type=client_credentials&client_id=me&client_secret=k3y%2Fof%2Bours%3D%3D&scope=a%20b");
  ASSERT_EQ(error_of(rig.send(100)), "none");
  EXPECT_EQ(tokens, 1);  // kept for the connection
  revoked = true;
  rig.answers.clear();
  ASSERT_EQ(error_of(rig.send(200)), "none");
  EXPECT_EQ(tokens, 2);
  EXPECT_EQ(rig.count(RowState::acknowledged), 200u);
  for (const RequestRecord& record : rig.records) {
    for (const std::string* text : {&record.url, &record.request_headers, &record.request_body, &record.answer_body}) {
      EXPECT_EQ(text->find("-secret"), std::string::npos) << *text;
      EXPECT_EQ(text->find("k3y"), std::string::npos) << *text;
    }
  }
}

TEST(HttpFaults, CON_84_a_token_that_is_refused_for_ever_means_wrong_credentials) {
  std::atomic<int> tokens = 0;
  Rig rig(kToken, [&](const HttpSeen& seen) {
    if (seen.path == "/token") return HttpReply{.body = R"({"access_token":"t)" + std::to_string(++tokens) + "\"}"};
    return status(401);
  });
  ASSERT_EQ(error_of(rig.send(100)), "service.credentials");
  EXPECT_LE(tokens, 5);
  Rig refused(kToken, [&](const HttpSeen&) {
    return status(400, R"({"error":"invalid_client","error_description":"No such client k3y/of+ours=="})");
  });
  const auto error = refused.open_error();
  EXPECT_EQ(error.reason, "service.credentials");
  EXPECT_NE(error.detail.find("No such client ***"), std::string::npos) << error.detail;
}

TEST(HttpFaults, CON_84_other_ways_to_sign_in_are_as_the_manifest_says) {
  const std::string upsert = R"(  upsert:
    rows: 10
    steps:
      - request: { method: POST, path: /in, body: { members: "${rows}" } }
        row: { email: "${email}" }
)";
  const auto answer = [](const HttpSeen& seen) {
    return seen.path == "/v1/login" ? HttpReply{.body = R"({"auth":{"token":"T0","lease":100}})"} : ok();
  };
  Rig basic("  auth: { kind: basic, username: any, password: \"${key}\" }\n" + upsert, answer);
  ASSERT_EQ(error_of(basic.send(1)), "none");
  EXPECT_EQ(basic.server.seen().at(0).header("Authorization"), "Basic " + base::base64("any:k3y/of+ours=="));
  Rig query("  auth: { kind: query, parameter: api_key, value: \"${key}\" }\n" + upsert, answer);
  ASSERT_EQ(error_of(query.send(1)), "none");
  EXPECT_EQ(query.server.seen().at(0).path, "/v1/in?api_key=k3y%2Fof%2Bours%3D%3D");
  EXPECT_NE(query.records.at(0).url.find("api_key=***"), std::string::npos);
  Rig login(
      "  auth: { kind: login, request: { method: POST, path: /login, body: { key: \"${key}\" } }, token: /auth/token, lasts: /auth/lease,"
      " header: X-Token, value: \"Tok ${token}\" }\n" +
          upsert,
      answer);
  ASSERT_EQ(error_of(login.send(1)), "none");
  EXPECT_EQ(login.server.seen().at(1).header("X-Token"), "Tok T0");
  Rig signature("  auth: { kind: signed, header: X-Signature, secret: \"${key}\" }\n" + upsert, answer);
  ASSERT_EQ(error_of(signature.send(1)), "none");
  const std::string signature_text = signature.server.seen().at(0).header("X-Signature");
  EXPECT_TRUE(signature_text.starts_with("t=1") && signature_text.find(",v1=") != std::string::npos) << signature_text;
  EXPECT_EQ(signature_text.size(), signature_text.find(",v1=") + 4 + 64);
  signature.target.secrets.clear();
  ASSERT_EQ(error_of(signature.send(1)), "none");
  EXPECT_EQ(signature.server.seen().at(1).header("X-Signature"), "");
}

// ---- refused batches

struct BadRows {
  std::vector<int> rows;
  std::size_t most_calls;
};

TEST(HttpFaults, BEY_15_bad_rows_are_found_and_the_others_go_through) {
  for (const BadRows& bad :
       {BadRows{{371}, 1 + 2 * 9}, BadRows{{0, 499}, 1 + 2 * 18}, BadRows{{3, 70, 71, 150, 260, 333, 400, 498}, 1 + 144}}) {
    Rig rig(R"(  rate: { parallel: 1 }
  upsert:
    rows: 500
    steps:
      - request: { method: POST, path: /in, body: { members: "${rows}" } }
        row: { email: "${email}" }
)",
            [&](const HttpSeen& seen) {
              const bool is_bad = std::any_of(bad.rows.begin(), bad.rows.end(), [&](int row) { return has(seen, row); });
              return is_bad ? status(422, R"({"title":"Invalid","detail":"One is bad"})") : ok();
            });
    ASSERT_EQ(error_of(rig.send(500)), "none");
    EXPECT_EQ(rig.count(RowState::rejected), bad.rows.size());
    EXPECT_EQ(rig.count(RowState::acknowledged), 500 - bad.rows.size());
    for (const int row : bad.rows) {
      EXPECT_EQ(rig.told("p" + std::to_string(row) + "@example.com").reason, "http.422");
      EXPECT_EQ(rig.told("p" + std::to_string(row) + "@example.com").detail, "One is bad");
    }
    EXPECT_EQ(rig.told_twice, 0);
    EXPECT_LE(rig.server.seen().size(), bad.most_calls);
  }
}

TEST(HttpFaults, BEY_15_the_search_for_bad_rows_has_a_cap) {
  // Every other row is bad: the cap is reached, the rest is refused together, and nothing is lost.
  Rig rig(kPlain, [&](const HttpSeen& seen) {
    for (int row = 1; row < 100; row += 2) {
      if (has(seen, row)) return status(400);
    }
    return ok();
  });
  ASSERT_EQ(error_of(rig.send(100)), "none");
  EXPECT_EQ(rig.answers.size(), 100u);
  EXPECT_EQ(rig.told_twice, 0);
  EXPECT_LE(rig.server.seen().size(), 1u + 2u * 7u * 8u);
  EXPECT_GT(rig.count(RowState::acknowledged), 10u);
}

TEST(HttpFaults, C_093_a_service_that_refuses_everything_is_not_asked_for_ever_and_no_row_is_blamed) {
  Rig rig(kPlain, [](const HttpSeen&) { return status(400, R"({"message":"unknown field name"})"); });
  const auto result = rig.send(5'000);
  ASSERT_EQ(error_of(result), "service.refused");
  EXPECT_NE(result.error().detail.find("unknown field name"), std::string::npos);
  EXPECT_TRUE(rig.answers.empty()) << rig.answers.size();
  EXPECT_LE(rig.server.seen().size(), 4u * (1u + 112u));
}

TEST(HttpFaults, C_090_a_small_run_of_bad_rows_only_ends_with_each_rejected) {
  Rig rig(kPlain, [](const HttpSeen&) { return status(400, R"({"message":"no"})"); });
  ASSERT_EQ(error_of(rig.send(10)), "none");
  EXPECT_EQ(rig.count(RowState::rejected), 10u);
}

TEST(HttpFaults, C_094_the_first_hundred_rows_that_always_fail_do_not_keep_the_others_back) {
  Rig rig(kPlain, [](const HttpSeen& seen) {
    for (int row = 0; row < 100; ++row) {
      if (has(seen, row)) return status(422);
    }
    return ok();
  });
  ASSERT_EQ(error_of(rig.send(1'000)), "none");
  EXPECT_EQ(rig.count(RowState::acknowledged), 900u);
  EXPECT_EQ(rig.count(RowState::rejected), 100u);
}

// ---- the end

TEST(HttpFaults, EXP_69_a_session_that_is_stopped_ends_within_a_second) {
  Rig rig(kPlain, [](const HttpSeen&) { return HttpReply{.body = "{}", .delay = 30s}; });
  const auto session = rig.open();
  ASSERT_TRUE(session->upsert(rig.rows(0, 300)).ok());
  std::jthread stopper([&] {
    while (rig.server.most_at_once() < 3) std::this_thread::yield();
    rig.stop.request_stop();
  });
  const auto start = std::chrono::steady_clock::now();
  const auto result = session->flush();
  EXPECT_LT(std::chrono::steady_clock::now() - start, 1s);
  ASSERT_EQ(error_of(result), "net.cancelled");
  EXPECT_EQ(result.error().code, base::Code::cancelled);
  EXPECT_EQ(rig.count(RowState::unknown), 300u);
  EXPECT_EQ(error_of(session->upsert(rig.rows(0, 1))), "net.cancelled");
}

TEST(HttpFaults, EXP_69_a_wait_for_a_rate_limit_ends_with_a_stop_too) {
  Rig rig(kPlain, [](const HttpSeen&) {
    HttpReply reply = status(429);
    reply.headers = {{"Retry-After", "50"}};
    return reply;
  });
  const auto session = rig.open();
  ASSERT_TRUE(session->upsert(rig.rows(0, 100)).ok());
  std::jthread stopper([&] {
    while (rig.server.seen().empty()) std::this_thread::yield();
    rig.stop.request_stop();
  });
  const auto start = std::chrono::steady_clock::now();
  ASSERT_EQ(error_of(session->flush()), "net.cancelled");
  EXPECT_LT(std::chrono::steady_clock::now() - start, 1s);
  EXPECT_TRUE(rig.answers.empty());
}

TEST(HttpFaults, C_092_an_error_of_whoever_hears_the_answers_ends_the_session) {
  Rig rig(kPlain, [](const HttpSeen&) { return ok(); });
  RowEvents events;
  events.answered = [](std::span<const RowAnswer>) -> base::Result<void> {
    return base::Error{.code = base::Code::internal, .reason = "ledger.full", .detail = "The disk is full."};
  };
  auto session = open_rows(rig.context, rig.target, rig.plan, events);
  ASSERT_TRUE(session.ok());
  auto taken_over = (*session)->upsert(rig.rows(0, 50));
  if (taken_over.ok()) taken_over = (*session)->flush();
  EXPECT_EQ(error_of(taken_over), "ledger.full");
}

// ---- what may be reached and read

TEST(HttpFaults, CON_87_private_addresses_are_refused_at_a_run_and_a_redirect_is_never_followed) {
  Rig rig(kPlain, [](const HttpSeen&) { return ok(); });
  rig.guard = net::Guard();
  ASSERT_EQ(error_of(rig.send(10)), "net.blocked");
  EXPECT_TRUE(rig.answers.empty());
  EXPECT_EQ(rig.server.connections(), 0);

  test::HttpServer elsewhere([](const HttpSeen&) { return ok(); });
  Rig moved(kPlain, [&](const HttpSeen&) {
    HttpReply reply = status(307);
    reply.headers = {{"Location", elsewhere.url() + "/in"}};
    return reply;
  });
  ASSERT_EQ(error_of(moved.send(10)), "service.refused");
  EXPECT_EQ(elsewhere.connections(), 0);
}

TEST(HttpFaults, BEY_20_records_say_what_was_called_without_a_secret_in_any_spelling) {
  const std::string key = "k3y/of+ours==";
  Rig rig(R"(  headers: { X-Trace: "${name}", X-Api-Token: "${key}" }
  auth: { kind: basic, username: "${name}", password: "${key}" }
  upsert:
    rows: 10
    steps:
      - request: { method: POST, path: /in, headers: { X-Note: "has ${key} in it" }, body: { k: "${key}", members: "${rows}" } }
        row: { email: "${email}" }
)",
          [&](const HttpSeen& seen) {
            HttpReply reply{.body = "{\"echo\":\"" + key + " " + base::percent_encode(key) + " " + seen.header("Authorization") + "\"}"};
            reply.headers = {{"Set-Cookie", "session=1"}, {"X-Echo", key}};
            return reply;
          });
  ASSERT_EQ(error_of(rig.send(600, 10)), "none");
  ASSERT_EQ(rig.records.size(), 60u);
  const RequestRecord& first = rig.records.front();
  EXPECT_EQ(first.method, "POST");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.rows, 10);
  EXPECT_TRUE(first.url.ends_with("/v1/in")) << first.url;
  EXPECT_EQ(first.request_body.substr(0, 21), R"({"k":"***","members":)");
  EXPECT_EQ(first.answer_body, R"({"echo":"*** *** Basic ***"})");
  EXPECT_NE(first.request_headers.find("X-Trace: ada\n"), std::string::npos);
  EXPECT_NE(first.request_headers.find("X-Note: has *** in it\n"), std::string::npos);
  EXPECT_EQ(first.request_headers.find("Authorization"), std::string::npos);
  EXPECT_EQ(first.request_headers.find("X-Api-Token"), std::string::npos);
  EXPECT_EQ(first.answer_headers.find("cookie"), std::string::npos);
  for (const RequestRecord& record : rig.records) {
    const std::string all =
        record.url + record.request_headers + record.request_body + record.answer_headers + record.answer_body + record.error;
    EXPECT_EQ(all.find("k3y"), std::string::npos) << all;
    EXPECT_EQ(all.find(base::base64("ada:" + key)), std::string::npos) << all;
  }
  EXPECT_TRUE(rig.records.back().request_body.empty());
}

}  // namespace
}  // namespace sluice::drivers::http_json
