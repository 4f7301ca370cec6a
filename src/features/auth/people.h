// Use cases for users, groups and API keys (Admin > Permissions). Every call is one transaction: check, change, audit.
// The environment always keeps an administrator who can sign in (ROL-10).
#pragma once

#include <string>
#include <vector>

#include "base/authz.h"
#include "base/result.h"
#include "db/db.h"
#include "features/auth/user.h"

namespace sluice::auth {

class People {
 public:
  People(db::Db& db, base::Clock clock) : db_(db), clock_(std::move(clock)) {}

  // Sorted by name; `search` matches name and e-mail.
  base::Result<std::vector<User>> list_users(std::string_view search);
  base::Result<User> load_user(UserId id);
  // Reasons: "user.email_taken", "user.email_malformed".
  base::Result<User> create_user(const base::Actor& actor, const UserDraft& draft);
  // Reasons: "user.last_administrator", "request.stale". A new password or role ends the sessions of the user.
  base::Result<User> update_user(const base::Actor& actor, UserId id, std::int64_t version, const UserChange& change);
  base::Result<void> remove_user(const base::Actor& actor, UserId id, std::int64_t version);

  base::Result<std::vector<Group>> list_groups();
  base::Result<Group> load_group(GroupId id);
  base::Result<Group> create_group(const base::Actor& actor, const GroupDraft& draft);
  base::Result<Group> update_group(const base::Actor& actor, GroupId id, std::int64_t version, const GroupChange& change);
  base::Result<void> remove_group(const base::Actor& actor, GroupId id, std::int64_t version);

  base::Result<std::vector<ApiKey>> list_api_keys();
  struct NewKey {
    ApiKey key;
    std::string token;  // told once
  };
  base::Result<NewKey> create_api_key(const base::Actor& actor, const ApiKeyDraft& draft);
  base::Result<void> remove_api_key(const base::Actor& actor, ApiKeyId id, std::int64_t version);

  base::Result<bool> has_administrator();

 private:
  db::Db& db_;
  base::Clock clock_;
};

// Whom to write to.
struct Contact {
  UserId id;
  std::string email;
};
// Everybody whose role is administrator, their own or by a group, in the caller's transaction.
base::Result<std::vector<Contact>> administrators(db::Read& tx);

// Somebody else saved first.
base::Error stale_error(std::string_view noun);
base::Error missing_error(std::string_view noun);

}  // namespace sluice::auth
