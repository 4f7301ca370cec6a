#include "features/notices/settings.h"

#include <algorithm>
#include <utility>

#include "features/audit/audit.h"
#include "features/notices/notices.h"
#include "features/notices/outbox.h"
#include "features/notices/rules.h"
#include "features/notices/store.h"

namespace sluice::notices {

namespace {

using base::Error;
using base::Result;
using base::json::Object;
using base::json::Value;

Result<Settings> load(db::Read& tx, vault::Vault& vault) {
  Settings settings;
  ASSIGN_OR_RETURN(auto stored, store::load_mail(tx));
  settings.mail = std::move(stored.first);
  settings.version = stored.second;
  ASSIGN_OR_RETURN(const auto targets, store::targets(tx));
  std::vector<std::string> owners{std::string(kMailSecrets)};
  for (const store::Target& target : targets) owners.push_back(target.id);
  ASSIGN_OR_RETURN(const auto slots, vault.slots_of(tx, owners));
  settings.mail.has_password = slots.contains(std::string(kMailSecrets));
  for (const store::Target& target : targets) {
    if (target.id == store::kMailTarget) {
      settings.mail.last = target.last;
      continue;
    }
    const auto id = WebhookId::parse(target.id);
    BASE_ASSERT(id.has_value());
    settings.webhooks.push_back(
        {.id = *id, .url = target.url, .is_on = target.is_on, .has_secret = slots.contains(target.id), .last = target.last});
  }
  return settings;
}

// A stored password must not follow to a server that somebody else chose.
Result<void> check_password_stays(const MailSettings& before, const MailDraft& after) {
  const bool is_kept = before.has_password && !after.password;
  if (!is_kept || (before.host == after.host && before.port == after.port && after.security != net::MailSecurity::none)) return {};
  return Error{.code = base::Code::invalid,
               .reason = "notices.secret_required",
               .detail = "Another mail server needs its password entered again.",
               .fields = {{"/mail/password", "required", "is still the one of the previous server"}}};
}

// What the audit log tells of the change (SYS-47).
Object changes_of(const Settings& before, const SettingsDraft& after) {
  Object details;
  const auto note = [&](std::string_view name, const Value& was, const Value& is) {
    if (!(was == is)) details.set(name, Object{{"old", was}, {"new", is}});
  };
  note("mail.is_on", before.mail.is_on, after.mail.is_on);
  note("mail.host", before.mail.host, after.mail.host);
  note("mail.port", static_cast<std::int64_t>(before.mail.port), static_cast<std::int64_t>(after.mail.port));
  note("mail.security", base::to_name(before.mail.security), base::to_name(after.mail.security));
  note("mail.username", before.mail.username, after.mail.username);
  note("mail.from", before.mail.from, after.mail.from);
  if (after.mail.password) details.set("mail.password", "changed");
  for (const WebhookDraft& webhook : after.webhooks) {
    const auto was = std::find_if(before.webhooks.begin(), before.webhooks.end(), [&](const Webhook& one) { return webhook.id == one.id; });
    const std::string name = "webhooks." + (webhook.id ? webhook.id->str() : "new");
    note(name + ".url", was == before.webhooks.end() ? Value() : Value(was->url), webhook.url);
    note(name + ".is_on", was == before.webhooks.end() ? Value() : Value(was->is_on), webhook.is_on);
    if (webhook.secret) details.set(name + ".secret", "changed");
  }
  for (const Webhook& was : before.webhooks) {
    if (std::none_of(after.webhooks.begin(), after.webhooks.end(), [&](const WebhookDraft& one) { return one.id == was.id; }))
      note("webhooks." + was.id.str() + ".url", was.url, Value());
  }
  return details;
}

Result<void> store_mail(db::Write& tx, vault::Vault& vault, const MailDraft& mail, std::int64_t version, base::Timestamp now) {
  ASSIGN_OR_RETURN(const bool mine, store::update_mail(tx, mail, version));
  if (!mine)
    return Error{.code = base::Code::stale,
                 .reason = "request.stale",
                 .detail = "Someone else saved the settings first. Reload them and try again."};
  RETURN_IF_ERROR(store::put_target(tx, std::string(store::kMailTarget), "", mail.is_on));
  if (!mail.is_on) RETURN_IF_ERROR(store::drop_waiting(tx, std::string(store::kMailTarget)));
  if (!mail.password) return {};
  if (mail.password.value) return vault.put(tx, std::string(kMailSecrets), "password", mail.password.value->set, now);
  return vault.erase(tx, std::string(kMailSecrets), "password");
}

Result<void> store_webhooks(db::Write& tx, vault::Vault& vault, const Settings& before, const std::vector<WebhookDraft>& webhooks,
                            base::Timestamp now) {
  for (const Webhook& was : before.webhooks) {
    const bool stays = std::any_of(webhooks.begin(), webhooks.end(), [&](const WebhookDraft& one) { return one.id == was.id; });
    if (stays) continue;
    RETURN_IF_ERROR(store::remove_target(tx, was.id.str()));
    RETURN_IF_ERROR(vault.erase_all(tx, was.id.str()));
  }
  for (std::size_t i = 0; i < webhooks.size(); ++i) {
    const WebhookDraft& webhook = webhooks[i];
    const bool is_known =
        std::any_of(before.webhooks.begin(), before.webhooks.end(), [&](const Webhook& one) { return webhook.id == one.id; });
    if (webhook.id && !is_known) {
      return Error{.code = base::Code::invalid,
                   .reason = "notices.unknown_webhook",
                   .detail = "One of the webhooks does not exist any more. Reload the settings.",
                   .fields = {{"/webhooks/" + std::to_string(i) + "/id", "unknown", "is not the id of a webhook"}}};
    }
    const std::string id = webhook.id ? webhook.id->str() : WebhookId::make(now).str();
    RETURN_IF_ERROR(store::put_target(tx, id, webhook.url, webhook.is_on));
    if (!webhook.is_on) RETURN_IF_ERROR(store::drop_waiting(tx, id));
    if (webhook.secret) RETURN_IF_ERROR(vault.put(tx, id, "secret", webhook.secret.value->set, now));
  }
  return {};
}

}  // namespace

Result<Settings> Notices::load_settings() {
  return db_.read([&](db::Read& tx) { return load(tx, vault_); });
}

Result<Settings> Notices::update_settings(const base::Actor& actor, std::int64_t version, SettingsDraft draft) {
  RETURN_IF_ERROR(rules::check(draft));
  const base::Timestamp now = clock_();
  return db_.write([&](db::Write& tx) -> Result<Settings> {
    ASSIGN_OR_RETURN(const Settings before, load(tx, vault_));
    RETURN_IF_ERROR(check_password_stays(before.mail, draft.mail));
    RETURN_IF_ERROR(store_mail(tx, vault_, draft.mail, version, now));
    RETURN_IF_ERROR(store_webhooks(tx, vault_, before, draft.webhooks, now));
    RETURN_IF_ERROR(
        audit::append(tx, actor, now, "notice_settings.updated", {"notice_settings", "", "Notices"}, changes_of(before, draft)));
    return load(tx, vault_);
  });
}

}  // namespace sluice::notices
