#include "features/notices/rules.h"

#include <array>

#include "base/text.h"
#include "features/runs/runs.h"
#include "net/http_client.h"

namespace sluice::notices::rules {

namespace {

using base::FieldError;

std::string task_title(std::string_view kind) {
  std::string title(kind);
  if (!title.empty() && title[0] >= 'a' && title[0] <= 'z') title[0] = static_cast<char>(title[0] - 'a' + 'A');
  return title;
}

std::string titled(const runs::Run& run, std::string_view what) {
  return task_title(run.kind) + " '" + run.subject.display_name + "' " + std::string(what);
}

Facts facts_of(const runs::Run& run) {
  Facts facts{.task = run.kind, .subject = {run.subject.id, run.subject.display_name}, .connection = {}};
  if (run.connection) facts.connection = NamedRef{run.connection->id, run.connection->display_name};
  return facts;
}

std::string link_of(const runs::Run& run) { return "/data/runs/" + run.id.str(); }

bool is_timeout(std::string_view reason) { return reason.ends_with("timeout"); }

// Skips that people chose or that mean nothing (an inactive export) are no news.
bool is_upstream_failure(std::string_view reason) { return reason.find("upstream") != std::string_view::npos; }

std::string absolute(const std::string& base_url, const std::string& link) {
  if (!link.starts_with("/")) return link;
  return (base_url.ends_with("/") ? base_url.substr(0, base_url.size() - 1) : base_url) + link;
}

}  // namespace

std::string topic_of(const runs::Run& run) { return "run:" + run.kind + ":" + run.subject.id; }

std::optional<Raise> raise_of(const runs::Run& run) {
  const std::string reason = run.error ? run.error->reason : "run.failed";
  const bool is_skip = run.state == runs::State::skipped && is_upstream_failure(reason);
  if (run.state != runs::State::failed && !is_skip) return std::nullopt;
  const runs::Run shown = runs::Runs::shown_to(base::Actor{}, run);
  return Raise{.topic = topic_of(run),
               .severity = Severity::error,
               .reason = reason,
               .title = titled(run, is_skip ? "was skipped" : "failed"),
               .detail = run.error ? run.error->detail : std::string(),
               .public_detail = shown.error ? shown.error->detail : std::string(),
               .link = link_of(run),
               .audience = Audience::everybody,
               .repeat = is_timeout(reason) ? Repeat::every_time : Repeat::daily,
               .facts = facts_of(run)};
}

std::optional<Recovery> recovery_of(const runs::Run& run) {
  if (!runs::is_delivery(run.state)) return std::nullopt;
  return Recovery{.topic = topic_of(run),
                  .reason = "run.recovered",
                  .title = titled(run, "works again"),
                  .detail = "The last run ended well.",
                  .link = link_of(run),
                  .audience = Audience::everybody,
                  .facts = facts_of(run)};
}

std::string collapse_key(const Raise& raise, base::Timestamp now) {
  if (raise.repeat == Repeat::never) return raise.topic;
  return raise.topic + "|" + raise.reason + "|" + base::format_rfc3339(now).substr(0, 10);
}

std::string mail_subject(const NamedRef& environment, const Payload& payload) {
  return "[" + environment.display_name + "] " + payload.title;
}

std::string mail_body(const NamedRef& environment, const std::string& base_url, const Payload& payload) {
  std::string body = payload.title + ".\n\n";
  const auto line = [&](const std::string& label, const std::string& value) {
    if (!value.empty()) body += label + ": " + value + "\n";
  };
  line("Environment", environment.display_name);
  line(task_title(payload.facts.task), payload.facts.subject.display_name);
  if (payload.facts.connection) line("Connection", payload.facts.connection->display_name);
  line(payload.event == "notice.raised" ? "Error" : "Now", payload.detail);
  line("Reason", payload.reason);
  line("Time", base::format_rfc3339(payload.at));
  if (payload.count > 1) line("Times", std::to_string(payload.count));
  if (!payload.link.empty()) body += "\nDetails: " + absolute(base_url, payload.link) + "\n";
  return body + "\nYou get this because you are an administrator of this environment.\n";
}

std::string webhook_body(const NamedRef& environment, const std::string& base_url, const std::string& event_id, const Payload& payload) {
  using base::json::Object;
  const auto reference = [](const NamedRef& ref) { return Object{{"id", ref.id}, {"display_name", ref.display_name}}; };
  Object body{
      {"id", event_id}, {"event", payload.event}, {"at", base::format_rfc3339(payload.at)}, {"environment", reference(environment)}};
  body.set("notice", Object{{"id", payload.notice_id},
                            {"severity", base::to_name(payload.severity)},
                            {"reason", payload.reason},
                            {"title", payload.title},
                            {"detail", payload.detail},
                            {"count", payload.count},
                            {"link", absolute(base_url, payload.link)}});
  body.set("task", payload.facts.task);
  body.set("subject", reference(payload.facts.subject));
  body.set("connection", payload.facts.connection ? base::json::Value(reference(*payload.facts.connection)) : base::json::Value());
  return base::json::write(body);
}

std::optional<std::chrono::seconds> wait_after(std::int64_t attempt, double random) {
  using std::chrono::minutes;
  // With the longest jitter a little less than a day in all.
  static constexpr std::array<minutes, 6> kWaits{minutes(1), minutes(5), minutes(30), minutes(120), minutes(360), minutes(660)};
  if (attempt < 1 || attempt > static_cast<std::int64_t>(kWaits.size())) return std::nullopt;
  const auto wait = std::chrono::duration<double>(kWaits[static_cast<std::size_t>(attempt - 1)]) * (0.9 + 0.2 * random);
  return std::chrono::duration_cast<std::chrono::seconds>(wait);
}

base::Result<void> check(const SettingsDraft& draft) {
  std::vector<FieldError> faults;
  const MailDraft& mail = draft.mail;
  if (mail.is_on && mail.host.empty()) faults.push_back({"/mail/host", "required", "must not be empty while mail is on"});
  if (mail.host.find_first_of(" /@\t\r\n") != std::string::npos)
    faults.push_back({"/mail/host", "malformed", "must be a host name or an address, without a port"});
  if (mail.is_on ? !net::is_mail_address(mail.from) : !mail.from.empty() && !net::is_mail_address(mail.from))
    faults.push_back({"/mail/from", "malformed", "must be an e-mail address such as sluice@example.com"});
  if (mail.security == net::MailSecurity::none && (!mail.username.empty() || (mail.password && mail.password.value)))
    faults.push_back({"/mail/security", "unsafe", "must be starttls or tls when there is a user name or a password"});
  for (std::size_t i = 0; i < mail.recipients.size(); ++i) {
    if (mail.recipients[i] != "administrators")
      faults.push_back({"/mail/recipients/" + std::to_string(i), "not_a_choice", "must be administrators"});
  }
  for (std::size_t i = 0; i < draft.webhooks.size(); ++i) {
    const WebhookDraft& webhook = draft.webhooks[i];
    const std::string at = "/webhooks/" + std::to_string(i);
    if (const auto url = net::parse_http_url(webhook.url); !url.ok()) faults.push_back({at + "/url", "malformed", url.error().detail});
    const bool is_set = webhook.secret && webhook.secret.value.has_value();
    if (!is_set && (!webhook.id || webhook.secret)) faults.push_back({at + "/secret", "required", "is what messages are signed with"});
    if (is_set && webhook.secret.value->set.size() < 16) faults.push_back({at + "/secret/set", "too_short", "must have at least 16 bytes"});
  }
  if (faults.empty()) return {};
  return base::Error{.code = base::Code::invalid,
                     .reason = "request.invalid",
                     .detail = "Some fields need another value; see errors.",
                     .fields = std::move(faults)};
}

}  // namespace sluice::notices::rules
