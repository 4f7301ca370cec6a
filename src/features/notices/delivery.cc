// The thread of notices: publishing what changed, sending what waits, removing what is old.
#include <algorithm>
#include <random>
#include <utility>

#include "base/log.h"
#include "crypto/crypto.h"
#include "features/audit/audit.h"
#include "features/auth/people.h"
#include "features/notices/notices.h"
#include "features/notices/outbox.h"
#include "features/notices/rules.h"
#include "features/notices/store.h"
#include "net/http_client.h"

namespace sluice::notices {

namespace {

using base::Error;
using base::Result;

constexpr std::chrono::seconds kLookEvery{1};
constexpr std::chrono::seconds kTryTime{20};
// Longer than a try: whoever crashes in between leaves the message to others.
constexpr std::chrono::minutes kClaim{2};
constexpr std::chrono::hours kKept{24 * 90};
constexpr std::int64_t kAtOnce = 100;
// Clocks of nodes differ, and a transaction commits later than its clock was read.
constexpr std::chrono::seconds kLookBack{30};

constexpr std::string_view kUnwanted = "notices.unwanted";

double random_unit() {
  thread_local std::mt19937 random{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(random);
}

void log_failure(const char* what, const Result<void>& done) {
  if (!done.ok()) base::log::warn(what, {{"reason", done.error().reason}, {"why", done.error().internal}});
}

}  // namespace

// One message on its way.
struct Notices::Sending {
  std::string target_id;
  std::string recipient;
  std::string event_id;
  rules::Payload payload;
  store::Message row;  // empty for a test
};

void Notices::start() {
  thread_ = std::jthread([this](std::stop_token stop) { work(std::move(stop)); });
}

void Notices::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void Notices::wake() {
  {
    const std::lock_guard lock(mutex_);
    is_woken_ = true;
  }
  wake_.notify_one();
}

void Notices::work(std::stop_token stop) {
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, stop, kLookEvery, [this] { return is_woken_; });
      is_woken_ = false;
    }
    if (stop.stop_requested()) return;
    publish_changes();
    send_due(stop);
    remove_old();
  }
}

// From the database and not from raise(): it must come after the commit, and from other nodes and the command line too.
void Notices::publish_changes() {
  const base::Timestamp now = clock_();
  if (hub_.listeners() == 0) {
    listening_since_.reset();
    return;
  }
  if (!listening_since_) {
    listening_since_ = now - kLookEvery * 2;
    published_.clear();
  }
  const auto changed = db_.read([&](db::Read& tx) { return store::changed_since(tx, std::max(*listening_since_, now - kLookBack)); });
  if (!changed.ok()) return;
  std::map<std::string, std::int64_t> published;
  for (const store::Changed& one : *changed) {
    const std::string id = one.notice.id.str();
    const auto known = published_.find(id);
    if (known == published_.end() || known->second != one.version) publish(one.notice, one.public_detail, one.audience);
    published[id] = one.version;
  }
  published_ = std::move(published);
}

// is_read is false in it: the event is for all, the mark is one person's.
void Notices::publish(const Notice& notice, const std::string& public_detail, Audience audience) {
  const auto is_administrator = [](const base::Actor& actor) { return actor.may(base::Permission::connections_manage); };
  hub_.publish("notice", base::to_json(notice), is_administrator);
  if (audience == Audience::administrators) return;
  Notice shown = notice;
  shown.detail = public_detail;
  hub_.publish("notice", base::to_json(shown), [is_administrator](const base::Actor& actor) { return !is_administrator(actor); });
}

void Notices::send_due(std::stop_token stop) {
  const base::Timestamp now = clock_();
  auto due = db_.read([&](db::Read& tx) { return store::due(tx, now, kAtOnce); });
  if (!due.ok()) {
    base::log::warn("notices.outbox_not_read", {{"why", due.error().internal}});
    return;
  }
  std::set<std::string> silent;  // targets that did not answer just now: one long wait in a round is enough
  for (store::Message& message : *due) {
    if (stop.stop_requested()) return;
    if (silent.contains(message.target_id)) {
      const auto later = clock_() + std::chrono::seconds(60) + std::chrono::milliseconds(static_cast<int>(random_unit() * 20'000));
      log_failure("notices.not_put_back",
                  db_.write([&](db::Write& tx) { return store::put_back(tx, message.id, message.attempts, later); }));
      continue;
    }
    auto payload = base::read_json<rules::Payload>(message.payload);
    const auto mine = db_.write([&](db::Write& tx) -> Result<bool> {
      // Only ever written by enqueue(); an older version's would be dropped.
      if (!payload.ok()) {
        RETURN_IF_ERROR(store::give_up(tx, message.id));
        return false;
      }
      return store::claim(tx, message, clock_() + kClaim);
    });
    if (!mine.ok() || !*mine) continue;
    ++message.attempts;
    const Sending sending{message.target_id, message.recipient, message.event_id, *std::move(payload), message};
    const auto sent = send(sending, base::Deadline::after(kTryTime), stop);
    if (!sent.ok() && sent.error().reason != kUnwanted) silent.insert(message.target_id);
    log_failure("notices.try_not_noted", note_sent(sending, sent));
  }
}

Result<void> Notices::send(const Sending& sending, base::Deadline deadline, std::stop_token stop) {
  std::optional<store::Target> target;
  net::MailServer server;
  std::string from;
  base::Secret secret;
  bool is_wanted = true;
  RETURN_IF_ERROR(db_.read([&](db::Read& tx) -> Result<void> {
    ASSIGN_OR_RETURN(const auto targets, store::targets(tx));
    for (const store::Target& one : targets) {
      if (one.id == sending.target_id) target = one;
    }
    const bool is_mail = sending.target_id == store::kMailTarget;
    ASSIGN_OR_RETURN(auto secrets, vault_.load(tx, is_mail ? std::string(kMailSecrets) : sending.target_id));
    if (const auto found = secrets.find(is_mail ? "password" : "secret"); found != secrets.end()) secret = std::move(found->second);
    ASSIGN_OR_RETURN(const auto stored, store::load_mail(tx));
    if (is_mail) {
      ASSIGN_OR_RETURN(const auto administrators, auth::administrators(tx));
      is_wanted = std::any_of(administrators.begin(), administrators.end(),
                              [&](const auth::Contact& one) { return one.email == sending.recipient; });
    }
    server = {.host = stored.first.host, .port = stored.first.port, .security = stored.first.security, .username = stored.first.username};
    from = stored.first.from;
    return {};
  }));
  // Between the tries of a day somebody may have stopped being an administrator, or a webhook may have been removed.
  if (!is_wanted)
    return Error{
        .code = base::Code::not_found, .reason = std::string(kUnwanted), .detail = sending.recipient + " is no administrator any more."};
  if (!target)
    return Error{.code = base::Code::not_found, .reason = std::string(kUnwanted), .detail = "There is no such webhook any more."};
  if (sending.target_id == store::kMailTarget) {
    if (server.host.empty())
      return Error{.code = base::Code::conflict, .reason = "notices.no_mail_server", .detail = "No mail server is set. Save one first."};
    server.password = std::move(secret);
    const net::Mail mail{.from = from,
                         .from_name = environment_.display_name,
                         .to = sending.recipient,
                         .subject = rules::mail_subject(environment_, sending.payload),
                         .body = rules::mail_body(environment_, base_url_(), sending.payload),
                         .id = sending.event_id,
                         .at = sending.payload.at};
    return net::send(outside_.guard, outside_.trust, server, mail, deadline, std::move(stop));
  }
  const std::string body = rules::webhook_body(environment_, base_url_(), sending.event_id, sending.payload);
  // With the time inside of what is signed, so that a receiver can refuse what somebody recorded and sends again.
  const std::string t = std::to_string(base::to_micros(clock_()) / 1'000'000);
  const net::HttpRequest request{.method = "POST",
                                 .url = target->url,
                                 .headers = {{"Content-Type", "application/json"},
                                             {"User-Agent", "Sluice"},
                                             {"Sluice-Event-Id", sending.event_id},
                                             {"Sluice-Signature", "t=" + t + ",v1=" + crypto::hmac_sha256_hex(secret, t + "." + body)}},
                                 .body = body};
  ASSIGN_OR_RETURN(const net::HttpAnswer answer, net::call(outside_.guard, outside_.trust, request, deadline, std::move(stop)));
  if (answer.status >= 200 && answer.status < 300) return {};
  return Error{.code = base::Code::upstream_rejected,
               .reason = "notices.webhook_refused",
               .detail = "The webhook answered with the status " + std::to_string(answer.status) + "."};
}

Result<void> Notices::note_sent(const Sending& sending, const Result<void>& sent) {
  const base::Timestamp now = clock_();
  if (sent.ok()) {
    return db_.write([&](db::Write& tx) -> Result<void> {
      RETURN_IF_ERROR(store::remove_message(tx, sending.row.id));
      return store::note_try(tx, sending.target_id, "delivered", "", now);
    });
  }
  if (sent.error().reason == kUnwanted) return db_.write([&](db::Write& tx) { return store::remove_message(tx, sending.row.id); });
  if (sent.error().reason == "net.cancelled")
    return db_.write([&](db::Write& tx) { return store::put_back(tx, sending.row.id, sending.row.attempts - 1, now); });
  const auto wait = rules::wait_after(sending.row.attempts, random_unit());
  base::log::warn("notice.not_sent", {{"target", sending.target_id == store::kMailTarget ? "mail" : "webhook"},
                                      {"attempt", sending.row.attempts},
                                      {"given_up", !wait.has_value()},
                                      {"reason", sent.error().reason},
                                      {"why", sent.error().internal}});
  return db_.write([&](db::Write& tx) -> Result<void> {
    if (wait)
      RETURN_IF_ERROR(store::put_back(tx, sending.row.id, sending.row.attempts, now + *wait));
    else
      RETURN_IF_ERROR(store::give_up(tx, sending.row.id));
    return store::note_try(tx, sending.target_id, wait ? "retrying" : "failed", sent.error().detail, now);
  });
}

void Notices::remove_old() {
  const base::Timestamp now = clock_();
  if (now - cleaned_at_ < std::chrono::hours(1)) return;
  cleaned_at_ = now;
  log_failure("notices.old_not_removed", db_.write([&](db::Write& tx) { return store::remove_before(tx, now - kKept); }));
}

Result<Notices::Tried> Notices::test(const base::Actor& actor, const std::string& target, base::Deadline deadline, std::stop_token stop) {
  const base::Timestamp now = clock_();
  std::vector<std::string> recipients;
  RETURN_IF_ERROR(db_.write([&](db::Write& tx) -> Result<void> {
    ASSIGN_OR_RETURN(const auto targets, store::targets(tx));
    if (std::none_of(targets.begin(), targets.end(), [&](const store::Target& one) { return one.id == target; }))
      return Error{.code = base::Code::invalid,
                   .reason = "notices.unknown_webhook",
                   .detail = "There is no such webhook. Save it first.",
                   .fields = {{"/to", "unknown", "must be mail or the id of a webhook"}}};
    if (target == store::kMailTarget) {
      ASSIGN_OR_RETURN(const auto administrators, auth::administrators(tx));
      for (const auth::Contact& one : administrators) {
        if (one.id == actor.id) recipients = {one.email};
      }
      if (recipients.empty())
        for (const auth::Contact& one : administrators) recipients.push_back(one.email);
    } else {
      recipients = {""};
    }
    return audit::append(tx, actor, now, "notice_settings.tested",
                         {"notice_settings", target == store::kMailTarget ? "" : target, "Notices"}, base::json::Object{{"to", target}});
  }));
  Sending sending{.target_id = target, .event_id = base::Id<struct EventTag>::make(now).str()};
  sending.payload = {.event = "notice.test",
                     .at = now,
                     .severity = Severity::info,
                     .reason = "notices.test",
                     .title = "Test message of Sluice",
                     .detail = actor.display_name + " tried whether messages arrive.",
                     .link = "/",
                     .facts = {.task = "test", .subject = {"", "Test"}, .connection = {}}};
  for (const std::string& recipient : recipients) {
    sending.recipient = recipient;
    const auto sent = send(sending, deadline.at_most(kTryTime), stop);
    if (!sent.ok()) return Tried{false, sent.error().detail};
  }
  std::string to;
  for (const std::string& recipient : recipients) to += (to.empty() ? "" : ", ") + recipient;
  return Tried{true, to.empty() ? "The webhook took the message." : "The mail server took the message to " + to + "."};
}

}  // namespace sluice::notices
