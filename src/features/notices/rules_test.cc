#include "features/notices/rules.h"

#include <gtest/gtest.h>

namespace sluice::notices::rules {
namespace {

using namespace std::chrono_literals;
using runs::State;

runs::Run run_of(State state, std::optional<runs::Failure> error = {}) {
  runs::Run run{
      .id = runs::RunId::make(), .kind = "export", .subject = {"e-1", "Daily"}, .connection = runs::ConnectionRef{"c-1", "Files", "sftp"}};
  run.state = state;
  run.error = std::move(error);
  return run;
}

TEST(Notices, SYS_20__SYS_21__SYS_23__which_ends_of_runs_raise) {
  const runs::Failure refused{"sftp.auth_refused", "ada@files.internal was refused"};
  for (const State quiet : {State::queued, State::running, State::retrying, State::canceled, State::needs_approval, State::succeeded,
                            State::completed_with_warnings, State::completed_with_errors, State::skipped})
    EXPECT_FALSE(raise_of(run_of(quiet, refused)).has_value()) << base::to_name(quiet);
  EXPECT_TRUE(raise_of(run_of(State::failed, refused)).has_value());
  EXPECT_TRUE(raise_of(run_of(State::failed)).has_value());
  EXPECT_TRUE(raise_of(run_of(State::skipped, runs::Failure{"run.upstream_failed", "x"})).has_value());
  EXPECT_FALSE(raise_of(run_of(State::skipped)).has_value());
  for (const State good : {State::succeeded, State::completed_with_warnings, State::completed_with_errors})
    EXPECT_TRUE(recovery_of(run_of(good)).has_value());
  for (const State other : {State::failed, State::skipped, State::canceled, State::retrying})
    EXPECT_FALSE(recovery_of(run_of(other)).has_value());
}

TEST(Notices, SYS_26__ROL_39__a_notice_names_what_failed_and_tells_the_destination_to_administrators_alone) {
  const auto run = run_of(State::failed, runs::Failure{"sftp.auth_refused", "ada@files.internal was refused"});
  const Raise raise = *raise_of(run);
  EXPECT_EQ(raise.title, "Export 'Daily' failed");
  EXPECT_EQ(raise.detail, "ada@files.internal was refused");
  EXPECT_EQ(raise.public_detail.find("files.internal"), std::string::npos);
  EXPECT_EQ(raise.link, "/data/runs/" + run.id.str());
  const Payload payload{.event = "notice.raised", .title = raise.title, .detail = raise.detail, .link = raise.link, .facts = raise.facts};
  const std::string body = mail_body({"env", "Prod"}, "https://sluice.example.com/", payload);
  for (const std::string& part : {std::string("Environment: Prod"), std::string("Export: Daily"), std::string("Connection: Files"),
                                  raise.detail, "https://sluice.example.com/data/runs/" + run.id.str()})
    EXPECT_NE(body.find(part), std::string::npos) << part;
  EXPECT_EQ(mail_subject({"env", "Prod"}, payload), "[Prod] Export 'Daily' failed");
}

TEST(Notices, SYS_27__SYS_22__what_is_one_notice) {
  const auto day = *base::parse_rfc3339("2026-11-25T23:59:59Z");
  const auto run = run_of(State::failed, runs::Failure{"net.refused", ""});
  Raise raise = *raise_of(run);
  EXPECT_EQ(raise.repeat, Repeat::daily);
  EXPECT_EQ(collapse_key(raise, day), collapse_key(raise, day - 10h));
  EXPECT_NE(collapse_key(raise, day), collapse_key(raise, day + 1s));
  Raise other = raise;
  other.reason = "net.unreachable";
  EXPECT_NE(collapse_key(raise, day), collapse_key(other, day));
  raise.repeat = other.repeat = Repeat::never;
  EXPECT_EQ(collapse_key(raise, day), collapse_key(other, day + 72h));
  EXPECT_EQ(raise_of(run_of(State::failed, runs::Failure{"net.timeout", ""}))->repeat, Repeat::every_time);
}

TEST(Notices, SYS_29_tries_go_on_for_a_day_with_longer_and_longer_waits) {
  std::chrono::seconds least{0};
  std::chrono::seconds most{0};
  std::int64_t attempt = 1;
  for (auto before = 0s; const auto wait = wait_after(attempt, 0.5); ++attempt) {
    EXPECT_GT(*wait, before);
    before = *wait;
    least += *wait_after(attempt, 0);
    most += *wait_after(attempt, 1);
  }
  EXPECT_EQ(*wait_after(1, 0.5), 60s);
  EXPECT_EQ(attempt, 7);
  EXPECT_GT(least, 15h);
  EXPECT_LT(most, 24h);
}

TEST(Notices, SYS_29_settings_that_cannot_work_are_refused_with_their_place) {
  const auto faults = [](SettingsDraft draft) {
    std::string pointers;
    if (const auto done = check(draft); !done.ok())
      for (const base::FieldError& field : done.error().fields) pointers += field.pointer + " ";
    return pointers;
  };
  EXPECT_EQ(faults({}), "");
  SettingsDraft on;
  on.mail.is_on = true;
  EXPECT_EQ(faults(std::move(on)), "/mail/host /mail/from ");
  SettingsDraft clear;
  static_cast<MailServer&>(clear.mail) = {
      .is_on = true, .host = "mail", .port = 25, .security = net::MailSecurity::none, .username = "u", .from = "a@b"};
  EXPECT_EQ(faults(std::move(clear)), "/mail/security ");
  SettingsDraft hook;
  hook.webhooks.push_back({.url = "ftp://a.example"});
  EXPECT_EQ(faults(std::move(hook)), "/webhooks/0/url /webhooks/0/secret ");
  SettingsDraft kept;
  kept.webhooks.push_back({.id = WebhookId::make(), .url = "https://a.example/x"});
  EXPECT_EQ(faults(std::move(kept)), "");
  SettingsDraft erased;
  erased.webhooks.push_back({.id = WebhookId::make(), .url = "https://a.example/x"});
  erased.webhooks[0].secret.present = true;
  EXPECT_EQ(faults(std::move(erased)), "/webhooks/0/secret ");
}

}  // namespace
}  // namespace sluice::notices::rules
