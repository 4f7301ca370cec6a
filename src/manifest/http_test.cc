#include <gtest/gtest.h>

#include "manifest/connector.h"
#include "manifest/vocabulary.h"

namespace sluice::manifest {
namespace {

// One of everything that docs/manifest.md describes.
constexpr std::string_view kGood = R"(manifest: 1
id: letters
title: Letters
subtitle: Members of lists
summary: Sends members to lists.
category: marketing_automation
serves: [export]
status: preview
driver: http_json
verify: required
vault: true
payload: segments
consent: { version: 1, target: the service, text: I agree. }
connection:
  fields:
    - { name: region, type: choice, title: Region, default: api, choices: [{ value: api, title: World }, { value: api.eu, title: EU }] }
    - { name: key, type: secret, title: Key }
    - { name: server, type: url, title: Server, target: true, required: false }
    - { name: account, type: string, title: Account }
export:
  fields:
    - { name: list_id, type: string, title: List }
    - { name: default_country, type: string, title: Country, required: false }
    - { name: already_hashed, type: boolean, title: Hashes, default: false }
mapping:
  attributes:
    - { name: email, title: Email, required: true, normalise: email, as: EMAIL }
    - { name: phone, title: Phone, normalise: phone_digits, hashed: true }
    - { name: letters_colour, title: Colour }
  identifier: [email]
limits: { most_rows: 100000, counted: segment, strict: false, fewest_rows: 300, duration: 15 minutes }
http:
  base: "https://${region}.example.com/v1/"
  headers: { revision: "2026-07-15", X-Account: "${account}" }
  auth: { kind: basic, username: any, password: "${key}" }
  rate: { per_second: "2.5", parallel: 2 }
  timeout: 90
  verify:
    - { title: Sign in, request: { method: GET, path: /ping, query: { count: 1 } }, expect: { pointer: /health, equals: [ok, 1, true] } }
  errors:
    - { status: [400], pointer: /error/code, equals: [190], means: credentials, advice: Create a new key. }
    - { status: [400], pointer: /code, equals: ["210"], means: partial }
  audience:
    setting: list_id
    find: { request: { method: GET, path: /lists, query: { name: "${audience}" } }, each: /lists, name: /name, id: /id }
    create: { request: { method: POST, path: /lists, body: { name: "${audience}" } }, id: /id }
  upsert:
    rows: 500
    bytes: 4000000
    steps:
      - request: { method: POST, path: "/lists/${audience_id|url}", query: { batch: "${batch_id}" }, body: { members: "${rows}", update: true } }
        row: { email_address: "${email}", fields: "${attributes}", tags: ["${letters_colour|upper}"] }
        answer:
          rejected:
            - { each: /errors, by: /email_address, attribute: email, reason: /error_code, detail: /error }
            - { each: /status, row: "#", when: { pointer: /code, equals: [400] } }
          ids: { each: /results, by: /address, attribute: email, id: /id, missing: skip }
          counts: { rejected: /num_invalid }
        job:
          id: /job_id
          poll: { method: GET, path: "/jobs/${job_id}" }
          every: 5
          within: 600
          state: /status
          done: [completed]
          failed: [failed]
          rejected: { request: { method: GET, path: "/jobs/${job_id}/errors" }, next: /links/next, each: /errors, row: /index }
      - request: { method: PUT, path: "/contacts/${id}" , body: { colour: "${letters_colour}" } }
        rows: 1
  remove:
    rows: 100
    steps:
      - request: { method: POST, path: /find, body: { emails: "${rows}" } }
        row: "${email}"
        answer: { ids: { each: /found, by: "#", attribute: email, id: /id } }
      - request: { method: DELETE, path: "/lists/${list_id}/contacts", query: { ids: "${rows}" } }
        row: "${id}"
)";

std::string with(std::string_view from, std::string_view to) {
  std::string text(kGood);
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string without_line(std::string_view beginning) {
  std::string text(kGood);
  const std::size_t at = text.find(beginning);
  EXPECT_NE(at, std::string::npos) << beginning;
  return text.erase(at, text.find('\n', at) + 1 - at);
}

TEST(HttpManifest, everything_that_is_described_is_read) {
  const auto connector = parse_manifest("letters/manifest.yaml", kGood);
  ASSERT_TRUE(connector.ok()) << connector.error().detail;
  EXPECT_EQ(connector->mapping.attributes[0].as, "EMAIL");
  EXPECT_EQ(connector->mapping.attributes[1].as, "phone");
  EXPECT_TRUE(connector->mapping.attributes[1].hashed);
  EXPECT_EQ(connector->mapping.identifier, std::vector<std::string>{"email"});
  EXPECT_EQ(connector->limits.most_rows, 100'000);
  EXPECT_EQ(connector->limits.counted, Counted::segment);
  EXPECT_FALSE(connector->limits.strict);
  EXPECT_EQ(connector->limits.fewest_rows, 300);
  EXPECT_TRUE(connector->can_remove);
  EXPECT_TRUE(connector->per_segment);
  EXPECT_EQ(connector->shared_by, "list_id") << "with an id of its own in the export, all segments go there";
  ASSERT_NE(connector->http, nullptr);
  const HttpService& http = *connector->http;
  EXPECT_EQ(http.base, "https://${region}.example.com/v1");
  EXPECT_EQ(http.headers, (Pairs{{"revision", "2026-07-15"}, {"X-Account", "${account}"}}));
  EXPECT_EQ(http.auth.kind, AuthKind::basic);
  EXPECT_DOUBLE_EQ(http.per_second, 2.5);
  EXPECT_EQ(http.parallel, 2);
  EXPECT_EQ(http.timeout_seconds, 90);
  EXPECT_EQ(http.verify.at(0).request.query, (Pairs{{"count", "1"}}));
  EXPECT_EQ(http.verify[0].expect->equals, (std::vector<std::string>{"ok", "1", "true"}));
  EXPECT_EQ(http.errors.at(0).equals, std::vector<std::string>{"190"});
  EXPECT_EQ(http.errors[1].means, Means::partial);
  EXPECT_EQ(http.audience->created_id, "/id");
  const HttpStep& step = http.upsert.steps.at(0);
  EXPECT_EQ(step.request.method, "POST");
  EXPECT_EQ(step.rejected.size(), 2U);
  EXPECT_EQ(step.rejected[1].row, "#");
  EXPECT_EQ(step.rejected[1].when_equals, std::vector<std::string>{"400"});
  EXPECT_TRUE(step.ids->skip_missing);
  EXPECT_EQ(step.rejected_count, "/num_invalid");
  EXPECT_EQ(step.job->every_seconds, 5);
  EXPECT_EQ(step.job->rejected->request->path, "/jobs/${job_id}/errors");
  EXPECT_EQ(step.job->rejected->next, "/links/next");
  EXPECT_EQ(http.upsert.steps.at(1).rows, 1);
  EXPECT_EQ(http.remove->steps.at(1).row.text(), "${id}");
}

struct Case {
  std::string text;
  std::string_view needle;
};

void expect_faults(std::span<const Case> cases) {
  for (const Case& one : cases) {
    const auto connector = parse_manifest("letters/manifest.yaml", one.text);
    ASSERT_FALSE(connector.ok()) << "was taken, but should say: " << one.needle;
    EXPECT_NE(connector.error().detail.find(one.needle), std::string::npos) << connector.error().detail;
    EXPECT_EQ(connector.error().detail.find("letters/manifest.yaml:"), 0U) << connector.error().detail;
    EXPECT_EQ(connector.error().detail.find("manifest.yaml:1:"), std::string::npos) << "no line: " << connector.error().detail;
  }
}

TEST(HttpManifest, the_vocabulary_is_closed_and_a_fault_names_its_line) {
  const Case cases[] = {
      {with("timeout: 90", "timeouts: 90"), "manifest.yaml:37: /http/timeouts is not a known member"},
      {with("row: \"${id}\"", "rov: \"${id}\""), "manifest.yaml:77: /http/remove/steps/1/rov is not a known member"},
      {with("kind: basic,", "kind: magic,"), "/http/auth/kind must be one of: none, header"},
      {with("kind: basic,", "kind: bearer,"), "/http/auth needs `value` with the kind bearer"},
      {with("kind: basic,", "kind: basic, token: /a,"), "/http/auth/token does not belong to the kind basic"},
      {with("username: any, ", ""), "/http/auth needs `username` with the kind basic"},
      {with("method: DELETE", "method: FETCH"), "must be one of: GET, POST, PUT, PATCH, DELETE"},
      {with("per_second: \"2.5\"", "per_second: \"fast\""), "must be a number from"},
      {with("rows: 500", "rows: 0"), "must be between 1"},
      {with("means: partial", "means: fine"), "must be one of: credentials"},
      {with("missing: skip", "missing: keep"), "must be one of: reject, skip"},
  };
  expect_faults(cases);
}

TEST(HttpManifest, a_pointer_is_well_formed_and_says_whose_an_item_is) {
  const Case cases[] = {
      {with("each: /errors, by", "each: errors, by"), "it begins with '/'"},
      {with("each: /errors, by", "next: /n, each: /errors, by"), "needs `request`"},
      {with("reason: /error_code", "reason: /a~b"), "write '~' as ~0"},
      {with("by: /email_address, attribute: email, reason", "reason"), "needs either `row`"},
      {with("by: /email_address, attribute: email, reason", "by: /email_address, reason"), "needs `attribute` exactly with `by`"},
      {with("by: /email_address, attribute: email, reason", "by: /x, attribute: mail, reason"), "which is not an attribute"},
      {with("when: { pointer: /code, equals: [400] }", "when: { pointer: /code }"), "needs `equals`"},
      {with("          id: /job_id\n", ""), "where the answer names the job"},
      {with("pointer: /error/code, equals: [190]", "equals: [190]"), "needs a pointer"},
      {with("status: [400], pointer: /code, equals: [\"210\"], means: partial", "status: [200], means: partial"), "can be partial only"},
      {with("status: [400], pointer: /code, equals: [\"210\"], means: partial", "means: refused"), "needs a status, a pointer or both"},
      {with("by: \"#\", attribute: email", "by: \"#\", attribute: phone"), "only what identifies it is known"},
  };
  expect_faults(cases);
}

TEST(HttpManifest, a_name_has_a_value_where_it_stands) {
  const Case cases[] = {
      {with("${letters_colour|upper}", "${colour}"), "is neither a field nor an attribute"},
      {with("${letters_colour|upper}", "${letters_colour|shout}"), "unknown filter \"shout\""},
      {with("${letters_colour|upper}", "${letters_colour"), "without its }"},
      {with("${letters_colour|upper}", "${}"), "is not a name"},
      {with("${letters_colour|upper}", "a ${attributes}"), "must be the whole text"},
      {with("${letters_colour|upper}", "${job_id}"), "has no value at this place"},
      {with("${letters_colour|upper}", "${id}"), "has no value at this place"},
      {with("X-Account: \"${account}\"", "X-Account: \"${list_id}\""), "is a field of the export"},
      {with("X-Account: \"${account}\"", "X-Account: \"${email}\""), "is an attribute"},
      {with("path: /ping", "path: \"/${audience}\""), "has no value at this place"},
      {with("update: true", "update: \"${phone}\""), "is an attribute: it has a value only inside `row`"},
      {with("update: true", "\"${account}\": true"), "in the name of a member"},
      {with("row: \"${email}\"", "row: \"${phone}\""), "only what identifies it is"},
      {with("name: account,", "name: run_id,"), "has the name of a value of the moment"},
      {with("name: account,", "name: email,"), "has the name of an attribute"},
      {with("name: account,", "name: list_id,"), "has the name of a field of the connection"},
      {with("setting: list_id", "setting: list"), "which is not a field of the export"},
      {with("/lists/${list_id}/contacts", "/lists/${audience_id}/contacts?x=1"), "parameters belong under query"},
  };
  expect_faults(cases);
}

TEST(HttpManifest, rows_are_sent_once_in_every_step) {
  const Case cases[] = {
      {with("members: \"${rows}\"", "members: []"), "is never sent"},
      {with("update: true", "update: \"${rows}\""), "sends ${rows} more than once"},
      {with("members: \"${rows}\"", "members: \"${rows|upper}\""), "takes no filter"},
      {with("        row: \"${email}\"\n", ""), "needs `row`"},
      {with("        rows: 1\n", ""), "/http/upsert/steps/1/request/path names \"id\", which has no value at this place"},
      {with("/contacts/${id}\" , body: { colour: \"${letters_colour}\" }", "/contacts\""), "sends nothing of the row"},
      {with("row: \"${id}\"", "row: { id: \"${id}\" }"), "must be a text when ${rows} stands in the query"},
      {with("/lists/${list_id}/contacts", "/lists/${rows}"), "has no value at this place"},
      {with("body: { members: \"${rows}\", update: true }", "form: csv, body: { a: \"${rows}\" }"), "must be \"${rows}\" with form: csv"},
      {with("body: { emails: \"${rows}\" }", "form: csv, body: \"${rows}\""), "must be an object, whose members become columns"},
      {with("body: { emails: \"${rows}\" }", "form: form, body: \"${rows}\""), "must be an object, whose members become the fields"},
      {with("method: DELETE, path", "method: GET, body: x, path"), "cannot be sent with GET"},
  };
  expect_faults(cases);
}

TEST(HttpManifest, nothing_secret_stands_in_an_address) {
  const Case cases[] = {
      {with("path: /ping", "path: \"/${key}\""), "is a secret; addresses are written to logs"},
      {with("count: 1", "count: \"${key}\""), "is a secret; addresses are written to logs"},
      {with("https://${region}.example.com", "https://example.com/${key}"), "is a secret; addresses are written to logs"},
      {with("email_address: \"${email}\"", "email_address: \"${key}\""), "is a secret and has no place in a row"},
  };
  expect_faults(cases);
  EXPECT_TRUE(parse_manifest("l/manifest.yaml", with("${region}.example", "${key|datacenter}.example")).ok());
  EXPECT_TRUE(
      parse_manifest("l/manifest.yaml", with("basic, username: any, password: \"${key}\"", "query, parameter: k, value: \"${key}\"")).ok());
}

TEST(HttpManifest, CON_87_only_a_target_or_the_author_chooses_the_host) {
  const Case cases[] = {
      {with("${region}.example.com", "${account}.example.com"), "lets \"account\" choose the host"},
      {with("https://${region}", "ftp://${region}"), "must begin with https://"},
      {with("https://${region}", "${account}://${region}"), "must begin with https://"},
      {with("https://${region}.example.com/v1/", "${server}.example.com"), "must go on with '/'"},
      {with("value: api.eu", "value: a/b"), "is not part of a host name"},
      {with("type: url, title: Server, target: true", "type: url, title: Server"), "must be marked target: true"},
      {with("path: /ping", "path: \"https://${account}/ping\""), "lets \"account\" choose the host"},
      {with("path: /ping", "path: ping"), "must begin with '/'"},
  };
  expect_faults(cases);
  for (const char* base : {"${server}", "${server}/api/data", "http://127.0.0.1:8080", "https://example.com/${account}"})
    EXPECT_TRUE(parse_manifest("l/manifest.yaml", with("https://${region}.example.com/v1/", base)).ok()) << base;
}

TEST(HttpManifest, attributes_have_names_that_mean_the_same_everywhere) {
  const Case cases[] = {
      {with("name: letters_colour", "name: colour"), "or begin with \"letters_\""},
      {with("name: letters_colour", "name: email"), "appears twice"},
      {with("title: Colour }", "title: Colour, as: EMAIL }"), "is the name of another attribute on the wire"},
      {with("normalise: email,", "normalise: mail,"), "is not a rule of"},
      {with("normalise: phone_digits, ", ""), "needs `normalise`"},
      {with("identifier: [email]", "identifier: [mail]"), "which is not an attribute"},
      {with("required: true, normalise", "required: false, normalise"), "at least one attribute that is required"},
      {with("  identifier: [email]\n", ""), "needs either identifier or key_identifiers"},
      {with("  identifier: [email]\n", "  identifier: [email]\n  free: true\n"), "stands instead of attributes"},
      {with("default_country, type: string", "land, type: string"), "needs a field `default_country`"},
      {with("already_hashed, type: boolean, title: Hashes, default: false", "hashes, type: string, title: X"),
       "needs a field `already_hashed`"},
      {with("already_hashed, type: boolean, title: Hashes, default: false", "already_hashed, type: string, title: X"),
       "must have the type boolean"},
      {with("  identifier: [email]\n", "  key_identifiers: [{ value: a, title: A, attributes: [fax] }]\n"), "names \"fax\""},
      {with("fewest_rows: 300", "fewest: 300"), "/limits/fewest is not a known member"},
  };
  expect_faults(cases);
}

TEST(HttpManifest, a_key_identifier_is_a_setting_of_the_export) {
  const std::string keys =
      "  key_identifiers: [{ value: mail, title: Mail, attributes: [email] }, { value: phone, title: Phone, attributes: [phone] }]\n";
  const auto connector = parse_manifest("l/manifest.yaml", with("  identifier: [email]\n", keys));
  ASSERT_TRUE(connector.ok()) << connector.error().detail;
  const Field& field = connector->export_fields.back();
  EXPECT_EQ(field.name, "key_identifier");
  EXPECT_EQ(field.choices.size(), 2U);
  EXPECT_EQ(field.initial.text(), "mail");
}

TEST(HttpManifest, free_attributes_need_the_setting_that_identifies) {
  std::string text =
      with("    - { name: list_id,", "    - { name: identifier, type: attribute, title: Identifier }\n    - { name: list_id,");
  const std::size_t from = text.find("  attributes:\n"), to = text.find("limits:");
  text.replace(from, to - from, "  free: true\n");
  const std::size_t http = text.find("  upsert:");
  text.resize(http);
  text +=
      "  upsert:\n    rows: 10\n    steps:\n      - { request: { method: POST, path: /, body: \"${rows}\" }, row: \"${attributes}\" }\n";
  const auto connector = parse_manifest("l/manifest.yaml", text);
  ASSERT_TRUE(connector.ok()) << connector.error().detail;
  EXPECT_TRUE(connector->mapping.free);
  EXPECT_FALSE(connector->can_remove);
  EXPECT_FALSE(connector->per_segment);
  text.replace(text.find("type: attribute"), 15, "type: string");
  EXPECT_FALSE(parse_manifest("l/manifest.yaml", text).ok());
}

TEST(HttpManifest, what_a_driver_needs_is_there_and_nothing_else) {
  const Case cases[] = {
      {with("driver: http_json", "driver: sftp"), "is for the driver http_json"},
      {std::string(kGood.substr(0, kGood.find("http:\n"))), "is http_json and needs `http`"},
      {with("payload: segments", "payload: tables"), "leave mapping out"},
      {with("vault: true", "vault: true\nremoves: true"), "follows from http.remove"},
      {with("verify: required", "verify: none"), "is none, yet http.verify says how"},
      {without_line("    - { title: Sign in,"), "/http/verify must be a list"},
      {with("type: string, title: Account", "type: attribute, title: Account"), "is for fields of an export"},
  };
  expect_faults(cases);
}

TEST(HttpManifest, what_services_need_now_and_then_is_taken) {
  EXPECT_TRUE(parse_manifest("l/manifest.yaml", with("path: \"/jobs/${job_id}\"", "path: \"${job_id}\"")).ok());
  EXPECT_TRUE(parse_manifest("l/manifest.yaml", with("members: \"${rows}\"", "members: \"[${rows}]\"")).ok());
  EXPECT_FALSE(parse_manifest("l/manifest.yaml", with("path: \"/jobs/${job_id}/errors\"", "path: \"${job_id}\"")).ok());
  const auto unlimited = parse_manifest("l/manifest.yaml", with("per_second: \"2.5\"", "per_second: 0"));
  ASSERT_TRUE(unlimited.ok());
  EXPECT_EQ(unlimited->http->per_second, 0);
}

TEST(HttpManifest, texts_are_taken_apart_once) {
  const auto parts = parse_text("a/${x|url}/b$c${y|lower|md5}");
  ASSERT_TRUE(parts.ok());
  ASSERT_EQ(parts->size(), 2U);
  EXPECT_EQ((*parts)[0].literal, "a/");
  EXPECT_EQ((*parts)[0].filters, std::vector{Filter::url});
  EXPECT_EQ((*parts)[1].literal, "/b$c");
  EXPECT_EQ((*parts)[1].filters, (std::vector{Filter::lower, Filter::md5}));
  EXPECT_TRUE(parse_text("")->empty());
  EXPECT_EQ(parse_text("only $filter")->at(0).literal, "only $filter");
  for (const char* bad : {"${", "${}", "${A}", "${a b}", "${a|}", "${a|nope}", "${|url}", "${a${b}}"})
    EXPECT_FALSE(parse_text(bad).ok()) << bad;
}

}  // namespace
}  // namespace sluice::manifest
