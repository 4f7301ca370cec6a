// Where notices are sent: one mail server, any number of webhooks. Secrets are sealed in the vault and never told again.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/describe.h"
#include "base/secret.h"
#include "base/time.h"
#include "net/mail.h"

namespace sluice::notices {

using WebhookId = base::Id<struct WebhookTag>;

// How the last message to a target fared: "delivered", "retrying", "failed" (given up); empty before the first.
struct LastTry {
  std::optional<std::string> last_status;
  std::optional<std::string> last_detail;
  std::optional<base::Timestamp> last_at;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("last_status", s.last_status);
    v("last_detail", s.last_detail);
    v("last_at", s.last_at);
  }
};

// The mail server without what is kept elsewhere; as it lies in the database.
struct MailServer {
  bool is_on = false;
  std::string host;
  std::uint16_t port = 587;
  net::MailSecurity security = net::MailSecurity::starttls;
  std::string username;
  std::string from;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("is_on", s.is_on);
    v("host", s.host);
    v("port", s.port);
    v("security", s.security);
    v("username", s.username);
    v("from", s.from);
  }
};

struct MailSettings : MailServer {
  bool has_password = false;
  std::vector<std::string> recipients = {"administrators"};
  LastTry last;
  template <class V, class S>
  static void describe(V& v, S& s) {
    MailServer::describe(v, s);
    v("has_password", s.has_password);
    v("recipients", s.recipients);
    LastTry::describe(v, s.last);
  }
};

struct Webhook {
  WebhookId id;
  std::string url;
  bool is_on = true;
  bool has_secret = false;
  LastTry last;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("id", s.id);
    v("url", s.url);
    v("is_on", s.is_on);
    v("has_secret", s.has_secret);
    LastTry::describe(v, s.last);
  }
};

struct Settings {
  MailSettings mail;
  std::vector<Webhook> webhooks;
  std::int64_t version = 0;
  std::vector<std::string> can = {"update"};
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("mail", s.mail);
    v("webhooks", s.webhooks);
    v("version", s.version);
    v("can", s.can);
  }
};

// {"set": "…"}
struct NewSecret {
  base::Secret set;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("set", s.set, base::length(1, 1024));
  }
};

struct MailDraft : MailServer {
  std::vector<std::string> recipients = {};  // nothing but "administrators" exists
  base::Patch<NewSecret> password;           // absent: as it is; null: none any more
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("is_on", s.is_on);
    v("host", s.host, base::length(0, 253));
    v("port", s.port, base::range(1, 65535));
    v("security", s.security);
    v("username", s.username, base::absent_ok(base::length(0, 254)));
    v("from", s.from, base::length(0, 254));
    v("recipients", s.recipients, base::absent_ok(base::length(0, 10)));
    v("password", s.password);
  }
};

struct WebhookDraft {
  std::optional<WebhookId> id;  // absent: a new one
  std::string url;
  bool is_on = true;
  base::Patch<NewSecret> secret;  // demanded for a new one
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("id", s.id, base::absent_ok());
    v("url", s.url, base::length(1, 2000));
    v("is_on", s.is_on, base::absent_ok());
    v("secret", s.secret);
  }
};

// All of it: a webhook that is not in the list is removed.
struct SettingsDraft {
  MailDraft mail;
  std::vector<WebhookDraft> webhooks;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("mail", s.mail);
    v("webhooks", s.webhooks, base::length(0, 20));
  }
};

}  // namespace sluice::notices
