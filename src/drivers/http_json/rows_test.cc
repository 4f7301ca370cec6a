// Rows against a service that behaves as its manifest says.
#include "crypto/md5.h"
#include "drivers/http_json/testing.h"

namespace sluice::drivers::http_json {
namespace {

using namespace std::chrono_literals;

constexpr const char* kSimple = R"(  auth: { kind: header, header: Api-Key, value: "${key}" }
  rate: { parallel: 4 }
  upsert:
    rows: 100
    steps:
      - request: { method: POST, path: "/lists/${list_id}", query: { run: "${run_id}" }, body: { members: "${rows}", batch: "${batch_id}" } }
        row: { email: "${email}", fields: { FNAME: "${first_name}", AGE: "${played_age}", PHONE: "${phone}" } }
        answer:
          rejected: { each: /errors, by: /email, attribute: email, reason: /code, detail: /error }
)";

std::string listed(std::initializer_list<const char*> emails) {
  std::string out = R"({"errors":[)";
  for (const char* email : emails)
    out += std::string(out.back() == '[' ? "" : ",") + R"({"email":")" + email + R"(","code":"BAD_ADDRESS","error":"looks fake"})";
  return out + "]}";
}

TEST(HttpRows, C_092_every_row_arrives_once_and_is_acknowledged) {
  Rig rig(kSimple, [](const HttpSeen&) { return HttpReply{.body = "{}"}; });
  ASSERT_TRUE(rig.send(1'050).ok());
  EXPECT_EQ(rig.count(RowState::acknowledged), 1'050u);
  EXPECT_EQ(rig.told_twice, 0);
  std::map<std::string, int> arrived;
  std::int64_t bytes = 0;
  for (const HttpSeen& seen : rig.server.seen()) {
    EXPECT_EQ(seen.method, "POST");
    EXPECT_EQ(seen.path, "/v1/lists/L1?run=run-1");
    EXPECT_EQ(seen.header("Api-Key"), "k3y/of+ours==");
    EXPECT_EQ(seen.header("Content-Type"), "application/json");
    bytes += static_cast<std::int64_t>(seen.body.size());
    for (const std::string& email : emails_in(seen.body)) ++arrived[email];
  }
  EXPECT_EQ(rig.server.seen().size(), 11u);
  EXPECT_EQ(rig.sent_bytes, bytes);
  EXPECT_EQ(arrived.size(), 1'050u);
  for (const auto& [email, times] : arrived) EXPECT_EQ(times, 1) << email;
  // Connections are kept: no more than calls in flight.
  EXPECT_LE(rig.server.connections(), 4);
}

TEST(HttpRows, C_086_empty_attributes_are_left_out_and_numbers_stay_as_they_are) {
  Rig rig(kSimple, [](const HttpSeen&) { return HttpReply{.body = "{}"}; });
  const auto session = rig.open();
  ASSERT_TRUE(session->upsert(rig.row("a@example.com", "", "", "9007199254740993")).ok());
  ASSERT_TRUE(session->upsert(rig.row("b@example.com", "\",\"admin\":true,\"x\":\"", "${key}", "")).ok());
  ASSERT_TRUE(session->flush().ok());
  const std::string body = rig.server.seen().at(0).body;
  EXPECT_TRUE(body.starts_with(R"({"members":[{"email":"a@example.com","fields":{"AGE":9007199254740993}},)"
                               R"({"email":"b@example.com","fields":{"FNAME":"\",\"admin\":true,\"x\":\"","PHONE":"${key}"}}],"batch":")"))
      << body;
}

TEST(HttpRows, C_091_rows_that_the_service_names_are_rejected_with_its_words) {
  Rig rig(kSimple, [](const HttpSeen&) { return HttpReply{.body = listed({" P3@Example.com", "p7@example.com", "nobody@example.com"})}; });
  ASSERT_TRUE(rig.send(50).ok());
  EXPECT_EQ(rig.count(RowState::acknowledged), 48u);
  EXPECT_EQ(rig.count(RowState::rejected), 2u);
  EXPECT_EQ(rig.told("p3@example.com").reason, "BAD_ADDRESS");
  EXPECT_EQ(rig.told("p7@example.com").detail, "looks fake");
  ASSERT_EQ(rig.warnings.size(), 1u);
  EXPECT_TRUE(rig.warnings[0].starts_with("service.rejected_others")) << rig.warnings[0];
}

TEST(HttpRows, C_090_a_run_of_which_every_row_is_named_as_bad_ends_with_all_rejected) {
  Rig rig(kSimple, [](const HttpSeen&) { return HttpReply{.body = listed({"p0@example.com", "p1@example.com", "p2@example.com"})}; });
  ASSERT_TRUE(rig.send(3).ok());
  EXPECT_EQ(rig.count(RowState::rejected), 3u);
}

TEST(HttpRows, BEY_15_a_refusal_that_names_rows_sends_the_others_again) {
  Rig rig(kSimple, [](const HttpSeen& seen) {
    if (seen.body.find("p4@") != std::string::npos) return HttpReply{.status = 400, .body = listed({"p4@example.com"})};
    return HttpReply{.body = "{}"};
  });
  ASSERT_TRUE(rig.send(10).ok());
  EXPECT_EQ(rig.count(RowState::acknowledged), 9u);
  EXPECT_EQ(rig.told("p4@example.com").state, RowState::rejected);
  EXPECT_EQ(rig.server.seen().size(), 2u);
}

TEST(HttpRows, C_091_rows_are_named_by_their_place) {
  Rig rig(R"(  upsert:
    rows: 10
    steps:
      - request: { method: POST, path: /in, body: "${rows}" }
        row: "${attributes}"
        answer:
          rejected:
            - { each: /errors, row: /index, reason: /type }
            - { each: /results, row: "#", when: { pointer: /status, equals: ["4*"] }, detail: /message }
)",
          [](const HttpSeen&) {
            return HttpReply{.body = R"({"errors":[{"index":2,"type":"odd"},{"index":99}],)"
                                     R"("results":[{"status":201},{"status":400,"message":"no such user"},{"status":404}]})"};
          });
  ASSERT_TRUE(rig.send(5).ok());
  EXPECT_EQ(rig.told("p2@example.com").reason, "odd");
  EXPECT_EQ(rig.told("p1@example.com").detail, "no such user");
  EXPECT_EQ(rig.count(RowState::rejected), 2u);
  EXPECT_EQ(rig.server.seen().at(0).body.substr(0, 56), R"([{"EMAIL":"p0@example.com","FNAME":"Name 0","AGE":0},{"E)");
}

TEST(HttpRows, C_091_lists_of_identifiers_by_kind_name_rows_too) {
  Rig rig(R"(  upsert:
    rows: 50
    steps:
      - request: { method: POST, path: /in, body: { users: "${rows}" } }
        row: { email: "${email}" }
        answer:
          rejected: { each: "/failed/*", by: "", attribute: email }
          counts: { rejected: /failCount }
)",
          [](const HttpSeen&) {
            return HttpReply{.body = R"({"failCount":2,"failed":{"invalidEmails":["p1@example.com"],"forgotten":["p2@example.com"]}})"};
          });
  ASSERT_TRUE(rig.send(4).ok());
  EXPECT_EQ(rig.count(RowState::rejected), 2u);
  ASSERT_EQ(rig.warnings.size(), 1u);
}

TEST(HttpRows, C_100_a_columnar_body_has_the_names_once_and_values_in_their_order) {
  Rig rig(R"(  auth: { kind: bearer, value: "${key}" }
  upsert:
    rows: 50
    steps:
      - request: { method: POST, path: /users, body: { payload: { schema: "${columns}", data: "${rows}" } } }
        row: "${values}"
)",
          [](const HttpSeen&) { return HttpReply{.body = "{}"}; });
  ASSERT_TRUE(rig.send(2).ok());
  EXPECT_EQ(
      rig.server.seen().at(0).body,
      R"({"payload":{"schema":["EMAIL","FNAME","phone","AGE"],"data":[["p0@example.com","Name 0","",0],["p1@example.com","Name 1","",1]]}})");
  EXPECT_EQ(rig.server.seen().at(0).header("Authorization"), "Bearer k3y/of+ours==");
}

TEST(HttpRows, C_100_rows_go_as_csv_with_a_header) {
  Rig csv(R"(  upsert:
    rows: 50
    steps:
      - request: { method: PUT, path: /users.csv, form: csv, body: "${rows}" }
        row: { Email: "${email}", "First, name": "${first_name}" }
)",
          [](const HttpSeen&) { return HttpReply{.status = 201}; });
  const auto session = csv.open();
  ASSERT_TRUE(session->upsert(csv.row("a@example.com", "Ada \"A\", L.")).ok());
  ASSERT_TRUE(session->upsert(csv.row("b@example.com", "")).ok());
  ASSERT_TRUE(session->flush().ok());
  EXPECT_EQ(csv.server.seen().at(0).body, "Email,\"First, name\"\na@example.com,\"Ada \"\"A\"\", L.\"\nb@example.com,\n");
  EXPECT_EQ(csv.server.seen().at(0).header("Content-Type"), "text/csv; charset=utf-8");
}

TEST(HttpRows, C_100_a_form_has_lists_as_json_text) {
  Rig rig(R"(  upsert:
    rows: 50
    steps:
      - request: { method: POST, path: /users, form: form, body: { note: "a&b ${name}", people: "${rows}" } }
        row: { e: "${email}" }
)",
          [](const HttpSeen&) { return HttpReply{.body = "{}"}; });
  ASSERT_TRUE(rig.send(1).ok());
  EXPECT_EQ(rig.server.seen().at(0).body, "note=a%26b%20ada&people=%5B%7B%22e%22%3A%22p0%40example.com%22%7D%5D");
  EXPECT_EQ(rig.server.seen().at(0).header("Content-Type"), "application/x-www-form-urlencoded");
}

TEST(HttpRows, C_093_batches_are_cut_by_bytes_and_a_row_that_is_too_large_alone_is_rejected) {
  Rig rig(R"(  upsert:
    rows: 1000
    bytes: 1000
    steps:
      - request: { method: POST, path: /in, body: { all: "${rows}" } }
        row: { email: "${email}", name: "${first_name}" }
)",
          [](const HttpSeen&) { return HttpReply{.body = "{}"}; });
  const auto session = rig.open();
  ASSERT_TRUE(session->upsert(rig.rows(0, 40)).ok());
  ASSERT_TRUE(session->upsert(rig.row("large@example.com", std::string(1100, 'x'))).ok());
  ASSERT_TRUE(session->flush().ok());
  EXPECT_EQ(rig.told("large@example.com").reason, "row.too_large");
  EXPECT_EQ(rig.count(RowState::acknowledged), 40u);
  for (const HttpSeen& seen : rig.server.seen()) EXPECT_LE(seen.body.size(), 1000u);
  EXPECT_LE(rig.server.seen().size(), 3u);
}

TEST(HttpRows, C_100_a_single_row_stands_in_the_address_where_its_values_are_encoded) {
  Rig rig(R"(  upsert:
    rows: 1
    steps:
      - request: { method: PUT, path: "/members/${email|lower|md5}", query: { who: "${email}" }, body: { name: "${first_name}", phone: "${phone}" } }
)",
          [](const HttpSeen&) { return HttpReply{.body = "{}"}; });
  const auto session = rig.open();
  ASSERT_TRUE(session->upsert(rig.row("A/../?x=1&@Example.com", "Ada")).ok());
  ASSERT_TRUE(session->flush().ok());
  EXPECT_EQ(rig.server.seen().at(0).path,
            "/v1/members/" + crypto::md5_hex("a/../?x=1&@example.com") + "?who=A%2F..%2F%3Fx%3D1%26%40Example.com");
  EXPECT_EQ(rig.server.seen().at(0).body, R"({"name":"Ada"})");
  EXPECT_EQ(crypto::md5_hex("The quick brown fox jumps over the lazy dog"), "9e107d9d372bb6826bd81d3542a419d6");
  EXPECT_EQ(crypto::md5_hex(""), "d41d8cd98f00b204e9800998ecf8427e");
}

constexpr const char* kTwoSteps = R"(  upsert:
    rows: 50
    steps:
      - request: { method: POST, path: /in, body: "${rows}" }
        row: { email: "${email}" }
  remove:
    rows: 4
    steps:
      - request: { method: POST, path: /search, body: { emails: "${rows}" } }
        row: "${email}"
        answer:
          ids: { each: /result, by: "#", attribute: email, id: /contact/id }
      - rows: 2
        request: { method: DELETE, path: /lists/1/contacts, query: { contact_ids: "${rows}" } }
        row: "${id}"
)";

TEST(HttpRows, BEY_02_removal_in_two_steps_removes_by_the_ids_that_were_found) {
  Rig rig(kTwoSteps, [](const HttpSeen& seen) {
    if (seen.method == "DELETE") return HttpReply{.status = 204};
    std::string found = R"({"result":{)";
    for (const std::string& email : emails_in(seen.body)) {
      if (email.starts_with("gone")) continue;
      found += (found.back() == '{' ? "\"" : ",\"") + email + R"(":{"contact":{"id":"id,of )" + email + "\"}}";
    }
    return HttpReply{.body = found + "}}"};
  });
  rig.plan.columns.resize(1);
  const auto session = rig.open();
  ASSERT_TRUE(session->remove(rig.rows(0, 3)).ok());
  ASSERT_TRUE(session->remove(rig.rows(0, 2, "gone")).ok());
  ASSERT_TRUE(session->flush().ok());
  EXPECT_EQ(rig.count(RowState::acknowledged), 5u);
  std::vector<std::string> removals;
  for (const HttpSeen& seen : rig.server.seen()) {
    if (seen.method == "DELETE") removals.push_back(seen.path);
  }
  ASSERT_EQ(removals.size(), 2u);
  std::sort(removals.begin(), removals.end());  // both are in flight at once
  EXPECT_EQ(removals[0], "/v1/lists/1/contacts?contact_ids=id%2Cof%20p0%40example.com,id%2Cof%20p1%40example.com");
  EXPECT_EQ(removals[1], "/v1/lists/1/contacts?contact_ids=id%2Cof%20p2%40example.com");
  // Removed already, or never there: nothing is left to do.
  EXPECT_EQ(rig.told("gone1@example.com").state, RowState::acknowledged);
}

constexpr const char* kJob = R"(  upsert:
    rows: 10
    steps:
      - request: { method: POST, path: /import, body: { people: "${rows}" } }
        row: { email: "${email}" }
        job:
          id: /job_id
          poll: { method: GET, path: "/jobs/${job_id}" }
          every: 1
          within: 60
          state: /status
          done: [completed]
          failed: [failed]
          rejected: { request: { method: GET, path: "/jobs/${job_id}/errors" }, each: /data, by: /email, attribute: email, detail: /title }
)";

TEST(HttpRows, C_092_a_job_is_polled_until_it_is_done_and_its_list_of_errors_is_read) {
  std::atomic<int> polls = 0;
  Rig rig(kJob, [&](const HttpSeen& seen) {
    if (seen.method == "POST") return HttpReply{.status = 202, .body = R"({"job_id":"j/)" + emails_in(seen.body).front() + "\"}"};
    if (seen.path.ends_with("/errors")) return HttpReply{.body = R"({"data":[{"email":"p3@example.com","title":"Suppressed"}]})"};
    return HttpReply{.body = ++polls < 5 ? R"({"status":"queued"})" : R"({"status":"completed"})"};
  });
  ASSERT_TRUE(rig.send(25).ok());
  EXPECT_EQ(rig.count(RowState::acknowledged), 24u);
  EXPECT_EQ(rig.told("p3@example.com").state, RowState::rejected);
  EXPECT_EQ(rig.told("p3@example.com").detail, "Suppressed");
  EXPECT_EQ(rig.told_twice, 0);
  EXPECT_EQ(rig.server.seen().back().path.substr(0, 12), "/v1/jobs/j%2");
}

TEST(HttpRows, BEY_15_a_job_that_fails_is_split_until_the_bad_row_is_alone) {
  std::mutex mutex;
  std::map<std::string, bool> jobs;
  Rig rig(kJob, [&](const HttpSeen& seen) {
    const std::lock_guard lock(mutex);
    if (seen.method == "POST") {
      const std::string id = std::to_string(jobs.size());
      jobs[id] = seen.body.find("p6@") == std::string::npos;
      return HttpReply{.status = 202, .body = R"({"job_id":)" + id + "}"};
    }
    if (seen.path.ends_with("/errors")) return HttpReply{.body = R"({"data":[]})"};
    const std::string id = seen.path.substr(seen.path.rfind('/') + 1);
    return HttpReply{.body = jobs[id] ? R"({"status":"completed"})" : R"({"status":"failed","message":"bad data"})"};
  });
  ASSERT_TRUE(rig.send(10).ok());
  EXPECT_EQ(rig.count(RowState::acknowledged), 9u);
  EXPECT_EQ(rig.told("p6@example.com").reason, "job.failed");
  EXPECT_EQ(rig.told("p6@example.com").detail, "bad data");
}

TEST(HttpRows, EXP_39_the_audience_is_found_by_name_or_made) {
  const char* http = R"(  audience:
    setting: list_id
    find: { request: { method: GET, path: /lists }, each: /lists, name: /name, id: /id }
    create: { request: { method: POST, path: /lists, body: { name: "${audience}" } }, id: /list/id }
  upsert:
    rows: 50
    steps:
      - request: { method: POST, path: "/lists/${audience_id}/members", body: "${rows}" }
        row: { email: "${email}" }
)";
  for (const bool is_there : {true, false}) {
    Rig rig(http, [&](const HttpSeen& seen) {
      if (seen.method == "GET")
        return HttpReply{.body = is_there ? R"({"lists":[{"name":"Others","id":1},{"name":"Friends","id":77}]})" : R"({"lists":[]})"};
      if (seen.path == "/v1/lists") return HttpReply{.status = 201, .body = R"({"list":{"id":88}})"};
      return HttpReply{.body = "{}"};
    });
    rig.plan.settings.set("list_id", "");
    ASSERT_TRUE(rig.send(3).ok());
    const auto seen = rig.server.seen();
    EXPECT_EQ(seen.back().path, is_there ? "/v1/lists/77/members" : "/v1/lists/88/members");
    if (!is_there) {
      EXPECT_EQ(seen.at(1).body, R"({"name":"Friends"})");
    }
  }
  Rig chosen(http, [](const HttpSeen&) { return HttpReply{.body = "{}"}; });
  ASSERT_TRUE(chosen.send(3).ok());
  EXPECT_EQ(chosen.server.seen().at(0).path, "/v1/lists/L1/members");
}

TEST(HttpRows, C_093_a_person_who_comes_twice_comes_in_two_calls_in_order) {
  Rig rig(kSimple, [](const HttpSeen&) { return HttpReply{.body = "{}"}; });
  const auto session = rig.open();
  ASSERT_TRUE(session->upsert(rig.row("a@example.com", "First")).ok());
  ASSERT_TRUE(session->upsert(rig.row("b@example.com", "Other")).ok());
  ASSERT_TRUE(session->upsert(rig.row("A@example.com", "Second")).ok());
  ASSERT_TRUE(session->flush().ok());
  const auto seen = rig.server.seen();
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_NE(seen[0].body.find("First"), std::string::npos);
  EXPECT_NE(seen[1].body.find("Second"), std::string::npos);
}

TEST(HttpRows, BEY_09_the_preview_is_the_first_call_with_secrets_masked_and_sends_nothing) {
  Rig rig(kSimple, [](const HttpSeen&) { return HttpReply{.body = "{}"}; });
  const auto shown = preview_rows(rig.target, rig.plan, *rig.rows(0, 3));
  ASSERT_TRUE(shown.ok());
  EXPECT_TRUE(shown->starts_with("POST http://127.0.0.1:" + std::to_string(rig.server.port()) + "/v1/lists/L1?run=run-1\n")) << *shown;
  EXPECT_NE(shown->find("Api-Key: ***\n"), std::string::npos) << *shown;
  EXPECT_EQ(shown->find("k3y"), std::string::npos);
  EXPECT_TRUE(rig.server.seen().empty());
  ASSERT_TRUE(rig.send(3).ok());
  EXPECT_TRUE(shown->ends_with("\n\n" + rig.server.seen().at(0).body)) << *shown;
}

}  // namespace
}  // namespace sluice::drivers::http_json
