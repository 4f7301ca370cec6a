#include "drivers/http_json/testing.h"

#include <algorithm>

namespace sluice::drivers::http_json {

namespace {

constexpr std::string_view kHead = R"(manifest: 1
id: played
title: Played
subtitle: A service in a test
summary: Takes rows.
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
    - { name: server, type: url, title: Server, target: true, required: true }
    - { name: key, type: secret, title: Key }
    - { name: name, type: string, title: Name, required: false }
export:
  fields:
    - { name: list_id, type: string, title: List, required: false }
mapping:
  attributes:
    - { name: email, title: Email, required: true, as: EMAIL }
    - { name: first_name, title: First name, as: FNAME }
    - { name: phone, title: Phone }
    - { name: played_age, title: Age, as: AGE }
  identifier: [email]
http:
  base: "${server}/v1"
  verify:
    - { title: Ask, request: { method: GET, path: /ping } }
)";

}  // namespace

std::shared_ptr<const manifest::Connector> connector_of(const std::string& http) {
  std::string yaml(kHead);
  if (http.find("  verify:") != std::string::npos) yaml.resize(yaml.find("  verify:\n"));
  if (http.find("  auth:") == std::string::npos) yaml += "  auth: { kind: none }\n";
  auto parsed = manifest::parse_manifest("played/manifest.yaml", yaml + http);
  EXPECT_TRUE(parsed.ok()) << parsed.error().detail;
  if (!parsed.ok()) return nullptr;
  // Nobody waits a second in a test.
  auto service = std::make_shared<manifest::HttpService>(*parsed->http);
  for (manifest::HttpStep& step : service->upsert.steps) {
    if (step.job) step.job->every_seconds = 0;
  }
  parsed->http = std::move(service);
  return std::make_shared<const manifest::Connector>(*std::move(parsed));
}

Rig::Rig(const std::string& http, test::HttpServer::Answer answer) : server(std::move(answer)), connector(connector_of(http)) {
  if (connector == nullptr) return;
  target.connector = connector.get();
  target.settings.set("server", server.url());
  target.settings.set("name", "ada");
  target.secrets.emplace("key", base::Secret("k3y/of+ours=="));
  plan.settings.set("list_id", "L1");
  plan.audience = "Friends";
  plan.run_id = "run-1";
  plan.columns = {{"email", "EMAIL", base::ColumnType::text, true},
                  {"first_name", "FNAME", base::ColumnType::text, false},
                  {"phone", "phone", base::ColumnType::text, false},
                  {"played_age", "AGE", base::ColumnType::integer, false}};
  guard = *net::Guard::parse("127.0.0.1");
  context.guard = &guard;
  context.trust = &trust;
  context.stop = stop.get_token();
  context.patience.retry = std::chrono::milliseconds(2);
}

RowEvents Rig::events() {
  return {.answered = [this](std::span<const RowAnswer> all) -> base::Result<void> {
            for (const RowAnswer& one : all) {
              const std::string email(one.block->cell(one.row, 0).text());
              if (answers.contains(email)) ++told_twice;
              answers[email] = {one.state, std::string(one.reason), std::string(one.detail)};
            }
            return {};
          },
          .called = [this](RequestRecord&& record) { records.push_back(std::move(record)); },
          .warned = [this](std::string_view reason,
                           std::string_view detail) { warnings.push_back(std::string(reason) + ": " + std::string(detail)); },
          .sent = [this](std::int64_t bytes) { sent_bytes += bytes; },
          .waiting = [this](std::optional<base::Timestamp> until) { waits.push_back(until.has_value()); }};
}

std::unique_ptr<RowSession> Rig::open() {
  auto opened = open_rows(context, target, plan, events());
  EXPECT_TRUE(opened.ok()) << opened.error().reason << ": " << opened.error().detail;
  return opened.ok() ? *std::move(opened) : nullptr;
}

base::Error Rig::open_error() {
  auto opened = open_rows(context, target, plan, events());
  EXPECT_FALSE(opened.ok());
  return opened.ok() ? base::Error() : std::move(opened).error();
}

std::shared_ptr<const RowBlock> Rig::rows(int from, int to, const std::string& prefix) const {
  auto block = std::make_shared<RowBlock>(plan.columns.size());
  for (int i = from; i < to; ++i) {
    const std::string number = std::to_string(i), email = prefix + number + "@example.com", name = "Name " + number;
    const base::Cell cells[] = {base::Cell::of(email), base::Cell::of(name), {}, base::Cell::of(number)};
    block->add(i, "key-" + prefix + number, static_cast<std::uint64_t>(i), std::span(cells).first(plan.columns.size()));
  }
  return block;
}

std::shared_ptr<const RowBlock> Rig::row(const std::string& email, const std::string& first_name, const std::string& phone,
                                         const std::string& age) const {
  auto block = std::make_shared<RowBlock>(4);
  const base::Cell cells[] = {base::Cell::of(email), base::Cell::of(first_name), base::Cell::of(phone), base::Cell::of(age)};
  block->add(1, "key-" + email, 1, cells);
  return block;
}

base::Result<void> Rig::send(int count, int block) {
  ASSIGN_OR_RETURN(const auto session, open_rows(context, target, plan, events()));
  for (int from = 0; from < count; from += block) RETURN_IF_ERROR(session->upsert(rows(from, std::min(count, from + block))));
  return session->flush();
}

std::size_t Rig::count(RowState state) const {
  return static_cast<std::size_t>(
      std::count_if(answers.begin(), answers.end(), [&](const auto& one) { return one.second.state == state; }));
}

const Told& Rig::told(const std::string& email) const {
  static const Told kNothing{.reason = "not told"};
  const auto found = answers.find(email);
  return found == answers.end() ? kNothing : found->second;
}

std::vector<std::string> emails_in(const std::string& body) {
  std::vector<std::string> out;
  for (std::size_t at = body.find("@example.com"); at != std::string::npos; at = body.find("@example.com", at + 1)) {
    const std::size_t from = body.find_last_of("\"\n,=", at) + 1;
    out.push_back(body.substr(from, at - from) + "@example.com");
  }
  return out;
}

}  // namespace sluice::drivers::http_json
