#include "features/auth/people.h"

#include <algorithm>

#include "base/random.h"
#include "base/text.h"
#include "crypto/crypto.h"
#include "features/audit/audit.h"

namespace sluice::auth {

namespace {

using base::Error;
using base::Result;
using base::json::Object;
using base::json::Value;

std::string role_name(const std::optional<Role>& role) { return role ? std::string(base::to_name(*role)) : "none"; }

// Called after the change, inside its transaction.
Result<void> check_administrator_left(db::Write& tx) {
  // Two administrators who demote each other at the same moment must not both succeed: both write this row.
  RETURN_IF_ERROR(tx.execute("UPDATE environment SET created_at = created_at"));
  ASSIGN_OR_RETURN(const auto row, tx.one(R"sql(
      SELECT count(*) FROM users u
       WHERE u.password_hash IS NOT NULL
         AND (u.role = 'administrator'
              OR EXISTS (SELECT 1 FROM user_groups g JOIN user_group_members m ON m.group_id = g.id
                          WHERE m.user_id = u.id AND g.role = 'administrator')))sql"));
  if (row.get<std::int64_t>(0) > 0) return {};
  return Error{.code = base::Code::conflict,
               .reason = "user.last_administrator",
               .detail = "This would leave nobody who can administer the environment. Give another user the role administrator first."};
}

constexpr std::string_view kUserColumns = "u.id, u.email, u.display_name, u.role, u.last_sign_in_at, u.version, u.created_at";

Result<User> to_user(db::Read& tx, const db::Row& row) {
  User user{.id = row.get<UserId>(0), .email = row.get<std::string>(1), .display_name = row.get<std::string>(2)};
  user.role = row.get<std::optional<Role>>(3);
  user.last_sign_in_at = row.get<std::optional<base::Timestamp>>(4);
  user.version = row.get<std::int64_t>(5);
  user.created_at = row.get<base::Timestamp>(6);
  user.effective_role = user.role;
  ASSIGN_OR_RETURN(const auto groups, tx.all("SELECT g.id, g.display_name, g.role FROM user_groups g JOIN user_group_members m ON "
                                             "m.group_id = g.id WHERE m.user_id = ?1 ORDER BY g.name_folded",
                                             user.id));
  for (const db::Row& group : groups) {
    user.groups.push_back({group.get<std::string>(0), group.get<std::string>(1)});
    const auto role = group.get<std::optional<Role>>(2);
    if (role && (!user.effective_role || *role > *user.effective_role)) user.effective_role = role;
  }
  user.can = {"update", "remove"};
  return user;
}

Result<User> load(db::Read& tx, UserId id) {
  ASSIGN_OR_RETURN(const auto row, tx.maybe_one("SELECT " + std::string(kUserColumns) + " FROM users u WHERE u.id = ?1", id));
  if (!row) return missing_error("user");
  return to_user(tx, *row);
}

Result<Group> load(db::Read& tx, GroupId id) {
  ASSIGN_OR_RETURN(const auto row, tx.maybe_one("SELECT id, display_name, role, version, created_at FROM user_groups WHERE id = ?1", id));
  if (!row) return missing_error("group");
  Group group{.id = id, .display_name = row->get<std::string>(1), .role = row->get<std::optional<Role>>(2)};
  group.version = row->get<std::int64_t>(3);
  group.created_at = row->get<base::Timestamp>(4);
  group.can = {"update", "remove"};
  ASSIGN_OR_RETURN(const auto members, tx.all("SELECT u.id, u.display_name FROM users u JOIN user_group_members m ON m.user_id = u.id "
                                              "WHERE m.group_id = ?1 ORDER BY u.display_name, u.id",
                                              id));
  for (const db::Row& member : members) group.members.push_back({member.get<std::string>(0), member.get<std::string>(1)});
  return group;
}

Result<void> set_members(db::Write& tx, GroupId id, const std::vector<UserId>& members) {
  RETURN_IF_ERROR(tx.execute("DELETE FROM user_group_members WHERE group_id = ?1", id));
  for (const UserId& member : members) {
    const auto added = tx.execute("INSERT INTO user_group_members (group_id, user_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING", id, member);
    if (!added.ok() && added.error().reason == "db.foreign_key") {
      return Error{.code = base::Code::invalid,
                   .reason = "group.unknown_member",
                   .detail = "One of the members is not a user.",
                   .fields = {{"/members", "unknown", "has an id that is not a user's"}}};
    }
    RETURN_IF_ERROR(added);
  }
  return {};
}

Error email_taken() {
  return Error{.code = base::Code::conflict,
               .reason = "user.email_taken",
               .detail = "A user with this e-mail address exists already.",
               .fields = {{"/email", "taken", "belongs to another user"}}};
}

Error group_taken() {
  return Error{.code = base::Code::conflict,
               .reason = "group.name_taken",
               .detail = "A group with this name exists already.",
               .fields = {{"/display_name", "taken", "belongs to another group"}}};
}

bool looks_like_email(std::string_view text) {
  const std::size_t at = text.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size() && text.find('@', at + 1) == std::string_view::npos &&
         text.find_first_of(" \t\r\n<>\",;") == std::string_view::npos;
}

// The role decides what running sessions may do at once, so only a new password ends them.
Result<void> end_sessions(db::Write& tx, UserId id) {
  RETURN_IF_ERROR(tx.execute("DELETE FROM sessions WHERE user_id = ?1", id));
  return {};
}

}  // namespace

Error stale_error(std::string_view noun) {
  return Error{.code = base::Code::stale,
               .reason = "request.stale",
               .detail = "Someone else saved this " + std::string(noun) + " first. Reload it and try again."};
}
Error missing_error(std::string_view noun) {
  return Error{.code = base::Code::not_found, .reason = "request.not_found", .detail = "There is no such " + std::string(noun) + "."};
}

Result<std::vector<Contact>> administrators(db::Read& tx) {
  ASSIGN_OR_RETURN(const auto rows, tx.all(R"sql(
      SELECT u.id, u.email FROM users u
       WHERE u.role = 'administrator'
          OR EXISTS (SELECT 1 FROM user_groups g JOIN user_group_members m ON m.group_id = g.id
                      WHERE m.user_id = u.id AND g.role = 'administrator')
       ORDER BY u.id)sql"));
  std::vector<Contact> contacts;
  for (const db::Row& row : rows) {
    if (auto email = row.get<std::string>(1); !email.empty()) contacts.push_back({row.get<UserId>(0), std::move(email)});
  }
  return contacts;
}

Result<std::vector<User>> People::list_users(std::string_view search) {
  return db_.read([&](db::Read& tx) -> Result<std::vector<User>> {
    ASSIGN_OR_RETURN(const auto rows, tx.all("SELECT " + std::string(kUserColumns) + " FROM users u ORDER BY u.display_name, u.id"));
    std::vector<User> users;
    const std::string wanted = base::fold_case(search);
    for (const db::Row& row : rows) {
      if (base::fold_case(row.get<std::string>(1) + "\n" + row.get<std::string>(2)).find(wanted) == std::string::npos) continue;
      ASSIGN_OR_RETURN(User user, to_user(tx, row));
      users.push_back(std::move(user));
    }
    return users;
  });
}

Result<User> People::load_user(UserId id) {
  return db_.read([&](db::Read& tx) { return load(tx, id); });
}

Result<User> People::create_user(const base::Actor& actor, const UserDraft& draft) {
  const std::string email(base::trim(draft.email));
  if (!looks_like_email(email)) {
    return Error{.code = base::Code::invalid,
                 .reason = "user.email_malformed",
                 .detail = "The e-mail address does not look like one.",
                 .fields = {{"/email", "malformed", "must look like name@example.com"}}};
  }
  const base::Timestamp now = clock_();
  const UserId id = UserId::make(now);
  std::string display_name(base::trim(draft.display_name));
  if (display_name.empty()) display_name = email.substr(0, email.find('@'));
  const std::string hash = crypto::hash_password(draft.password);
  return db_.write([&](db::Write& tx) -> Result<User> {
    const auto added = tx.execute(R"sql(
        INSERT INTO users (id, email, email_folded, display_name, role, password_hash, created_at, updated_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7))sql",
                                  id, email, base::fold_case(email), display_name, draft.role, hash, now);
    if (!added.ok()) return db::violates(added.error(), "users_email_key") ? email_taken() : added.error();
    RETURN_IF_ERROR(audit::append(tx, actor, now, "user.created", {"user", id.str(), display_name},
                                  Object{{"email", email}, {"role", role_name(draft.role)}}));
    return load(tx, id);
  });
}

Result<User> People::update_user(const base::Actor& actor, UserId id, std::int64_t version, const UserChange& change) {
  const base::Timestamp now = clock_();
  std::optional<std::string> hash;
  if (change.password && change.password.value) hash = crypto::hash_password(*change.password.value);
  return db_.write([&](db::Write& tx) -> Result<User> {
    ASSIGN_OR_RETURN(const User before, load(tx, id));
    const std::string name =
        change.display_name && change.display_name.value ? std::string(base::trim(*change.display_name.value)) : before.display_name;
    const std::optional<Role> role = change.role ? change.role.value : before.role;
    ASSIGN_OR_RETURN(const auto changed, tx.execute(R"sql(
        UPDATE users SET display_name = ?2, role = ?3, password_hash = COALESCE(?4, password_hash), version = version + 1, updated_at = ?5
         WHERE id = ?1 AND version = ?6)sql",
                                                    id, name, role, hash, now, version));
    if (changed == 0) return stale_error("user");
    RETURN_IF_ERROR(check_administrator_left(tx));
    if (hash) RETURN_IF_ERROR(end_sessions(tx, id));
    Object details;
    if (name != before.display_name) details.set("display_name", Object{{"old", before.display_name}, {"new", name}});
    if (role != before.role) details.set("role", Object{{"old", role_name(before.role)}, {"new", role_name(role)}});
    if (hash) details.set("password", "changed");
    RETURN_IF_ERROR(audit::append(tx, actor, now, "user.updated", {"user", id.str(), name}, details));
    return load(tx, id);
  });
}

Result<void> People::remove_user(const base::Actor& actor, UserId id, std::int64_t version) {
  return db_.write([&](db::Write& tx) -> Result<void> {
    ASSIGN_OR_RETURN(const User before, load(tx, id));
    ASSIGN_OR_RETURN(const auto changed, tx.execute("DELETE FROM users WHERE id = ?1 AND version = ?2", id, version));
    if (changed == 0) return stale_error("user");
    RETURN_IF_ERROR(check_administrator_left(tx));
    return audit::append(tx, actor, clock_(), "user.removed", {"user", id.str(), before.display_name}, Object{{"email", before.email}});
  });
}

Result<std::vector<Group>> People::list_groups() {
  return db_.read([&](db::Read& tx) -> Result<std::vector<Group>> {
    ASSIGN_OR_RETURN(const auto rows, tx.all("SELECT id FROM user_groups ORDER BY name_folded"));
    std::vector<Group> groups;
    for (const db::Row& row : rows) {
      ASSIGN_OR_RETURN(Group group, load(tx, row.get<GroupId>(0)));
      groups.push_back(std::move(group));
    }
    return groups;
  });
}

Result<Group> People::load_group(GroupId id) {
  return db_.read([&](db::Read& tx) { return load(tx, id); });
}

Result<Group> People::create_group(const base::Actor& actor, const GroupDraft& draft) {
  const base::Timestamp now = clock_();
  const GroupId id = GroupId::make(now);
  const std::string name(base::trim(draft.display_name));
  return db_.write([&](db::Write& tx) -> Result<Group> {
    const auto added =
        tx.execute("INSERT INTO user_groups (id, display_name, name_folded, role, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
                   id, name, base::fold_case(name), draft.role, now);
    if (!added.ok()) return db::violates(added.error(), "user_groups_name_key") ? group_taken() : added.error();
    RETURN_IF_ERROR(set_members(tx, id, draft.members));
    RETURN_IF_ERROR(audit::append(tx, actor, now, "group.created", {"group", id.str(), name}, Object{{"role", role_name(draft.role)}}));
    return load(tx, id);
  });
}

Result<Group> People::update_group(const base::Actor& actor, GroupId id, std::int64_t version, const GroupChange& change) {
  const base::Timestamp now = clock_();
  return db_.write([&](db::Write& tx) -> Result<Group> {
    ASSIGN_OR_RETURN(const Group before, load(tx, id));
    const std::string name =
        change.display_name && change.display_name.value ? std::string(base::trim(*change.display_name.value)) : before.display_name;
    const std::optional<Role> role = change.role ? change.role.value : before.role;
    const auto changed = tx.execute(
        "UPDATE user_groups SET display_name = ?2, name_folded = ?3, role = ?4, version = version + 1, updated_at = ?5 WHERE id = ?1 AND "
        "version = ?6",
        id, name, base::fold_case(name), role, now, version);
    if (!changed.ok()) return db::violates(changed.error(), "user_groups_name_key") ? group_taken() : changed.error();
    if (*changed == 0) return stale_error("group");
    if (change.members) RETURN_IF_ERROR(set_members(tx, id, change.members.value.value_or(std::vector<UserId>())));
    RETURN_IF_ERROR(check_administrator_left(tx));
    Object details;
    if (role != before.role) details.set("role", Object{{"old", role_name(before.role)}, {"new", role_name(role)}});
    if (change.members) details.set("members", "changed");
    RETURN_IF_ERROR(audit::append(tx, actor, now, "group.updated", {"group", id.str(), name}, details));
    return load(tx, id);
  });
}

Result<void> People::remove_group(const base::Actor& actor, GroupId id, std::int64_t version) {
  return db_.write([&](db::Write& tx) -> Result<void> {
    ASSIGN_OR_RETURN(const Group before, load(tx, id));
    ASSIGN_OR_RETURN(const auto changed, tx.execute("DELETE FROM user_groups WHERE id = ?1 AND version = ?2", id, version));
    if (changed == 0) return stale_error("group");
    RETURN_IF_ERROR(check_administrator_left(tx));
    return audit::append(tx, actor, clock_(), "group.removed", {"group", id.str(), before.display_name});
  });
}

Result<std::vector<ApiKey>> People::list_api_keys() {
  return db_.read([&](db::Read& tx) -> Result<std::vector<ApiKey>> {
    ASSIGN_OR_RETURN(const auto rows, tx.all("SELECT id, display_name, role, expires_at, used_at, version, created_at, created_by, "
                                             "created_by_name FROM api_keys ORDER BY created_at, id"));
    std::vector<ApiKey> keys;
    for (const db::Row& row : rows) {
      ApiKey key{.id = row.get<ApiKeyId>(0), .display_name = row.get<std::string>(1), .role = row.get<Role>(2)};
      key.expires_at = row.get<std::optional<base::Timestamp>>(3);
      key.used_at = row.get<std::optional<base::Timestamp>>(4);
      key.version = row.get<std::int64_t>(5);
      key.created_at = row.get<base::Timestamp>(6);
      key.created_by = {UserId::parse(row.get<std::string>(7)), row.get<std::string>(8)};
      key.can = {"remove"};
      keys.push_back(std::move(key));
    }
    return keys;
  });
}

Result<People::NewKey> People::create_api_key(const base::Actor& actor, const ApiKeyDraft& draft) {
  if (draft.role > actor.role) {
    return Error{.code = base::Code::forbidden,
                 .reason = "api_key.role_too_high",
                 .detail = "A key cannot have a higher role than the person who makes it."};
  }
  const base::Timestamp now = clock_();
  if (draft.expires_at && *draft.expires_at <= now) {
    return Error{.code = base::Code::invalid,
                 .reason = "api_key.expired",
                 .detail = "The key would be expired already.",
                 .fields = {{"/expires_at", "past", "must be in the future"}}};
  }
  NewKey made{.key = {.id = ApiKeyId::make(now), .display_name = std::string(base::trim(draft.display_name)), .role = draft.role},
              .token = "sluice_" + base::random_token(32)};
  made.key.expires_at = draft.expires_at;
  made.key.version = 1;
  made.key.created_at = now;
  made.key.created_by = {actor.id, actor.display_name};
  made.key.can = {"remove"};
  RETURN_IF_ERROR(db_.write([&](db::Write& tx) -> Result<void> {
    RETURN_IF_ERROR(tx.execute(R"sql(
        INSERT INTO api_keys (id, display_name, key_hash, role, expires_at, created_at, created_by, created_by_name)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8))sql",
                               made.key.id, made.key.display_name, crypto::token_hash(base::Secret(made.token)), draft.role,
                               draft.expires_at, now, actor.id, actor.display_name));
    return audit::append(tx, actor, now, "api_key.created", {"api_key", made.key.id.str(), made.key.display_name},
                         Object{{"role", base::to_name(draft.role)}});
  }));
  return made;
}

Result<void> People::remove_api_key(const base::Actor& actor, ApiKeyId id, std::int64_t version) {
  return db_.write([&](db::Write& tx) -> Result<void> {
    ASSIGN_OR_RETURN(const auto row, tx.maybe_one("SELECT display_name FROM api_keys WHERE id = ?1", id));
    if (!row) return missing_error("API key");
    ASSIGN_OR_RETURN(const auto changed, tx.execute("DELETE FROM api_keys WHERE id = ?1 AND version = ?2", id, version));
    if (changed == 0) return stale_error("API key");
    return audit::append(tx, actor, clock_(), "api_key.removed", {"api_key", id.str(), row->get<std::string>(0)});
  });
}

Result<bool> People::has_administrator() {
  return db_.read([&](db::Read& tx) -> Result<bool> {
    ASSIGN_OR_RETURN(const auto row, tx.one("SELECT count(*) FROM users WHERE role = 'administrator'"));
    return row.get<std::int64_t>(0) > 0;
  });
}

}  // namespace sluice::auth
