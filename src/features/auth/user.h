// People: users who sign in with a password, groups of them, and API keys for programs. A role comes from the user's own
// assignment or from a group; the highest wins (ROL-09). Password hashes and key hashes never leave this folder.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/authz.h"
#include "base/describe.h"
#include "base/id.h"
#include "base/time.h"

namespace sluice::auth {

using base::Role;
using base::UserId;
using GroupId = base::Id<struct GroupTag>;
using ApiKeyId = base::Id<struct ApiKeyTag>;

struct NamedRef {
  std::string id;
  std::string display_name;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("id", s.id);
    v("display_name", s.display_name);
  }
};

struct User {
  UserId id;
  std::string type = "user";
  std::string email;
  std::string display_name;
  std::optional<Role> role;            // own assignment
  std::optional<Role> effective_role;  // with groups; empty: no access
  std::vector<NamedRef> groups;
  std::optional<base::Timestamp> last_sign_in_at;
  std::int64_t version = 0;
  base::Timestamp created_at{};
  std::vector<std::string> can;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("id", s.id);
    v("type", s.type);
    v("email", s.email);
    v("display_name", s.display_name);
    v("role", s.role);
    v("effective_role", s.effective_role);
    v("groups", s.groups);
    v("last_sign_in_at", s.last_sign_in_at);
    v("version", s.version);
    v("created_at", s.created_at);
    v("can", s.can);
  }
};

struct UserDraft {
  std::string email;
  std::string display_name;
  std::optional<Role> role;
  base::Secret password;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("email", s.email, base::length(3, 254));
    v("display_name", s.display_name, base::absent_ok(base::length(0, 100)));
    v("role", s.role);
    v("password", s.password, base::length(12, 256));
  }
};

struct UserChange {
  base::Patch<std::string> display_name;
  base::Patch<Role> role;
  base::Patch<base::Secret> password;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("display_name", s.display_name, base::length(1, 100));
    v("role", s.role);
    v("password", s.password, base::length(12, 256));
  }
};

struct Group {
  GroupId id;
  std::string type = "group";
  std::string display_name;
  std::optional<Role> role;
  std::vector<NamedRef> members;
  std::int64_t version = 0;
  base::Timestamp created_at{};
  std::vector<std::string> can;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("id", s.id);
    v("type", s.type);
    v("display_name", s.display_name);
    v("role", s.role);
    v("members", s.members);
    v("version", s.version);
    v("created_at", s.created_at);
    v("can", s.can);
  }
};

struct GroupDraft {
  std::string display_name;
  std::optional<Role> role;
  std::vector<UserId> members;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("display_name", s.display_name, base::length(1, 100));
    v("role", s.role);
    v("members", s.members, base::absent_ok(base::length(0, 1000)));
  }
};

struct GroupChange {
  base::Patch<std::string> display_name;
  base::Patch<Role> role;
  base::Patch<std::vector<UserId>> members;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("display_name", s.display_name, base::length(1, 100));
    v("role", s.role);
    v("members", s.members, base::length(0, 1000));
  }
};

struct ApiKey {
  ApiKeyId id;
  std::string type = "application";
  std::string display_name;
  Role role = Role::viewer;
  std::optional<base::Timestamp> expires_at;
  std::optional<base::Timestamp> used_at;
  std::int64_t version = 0;
  base::Timestamp created_at{};
  base::UserRef created_by;
  std::vector<std::string> can;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("id", s.id);
    v("type", s.type);
    v("display_name", s.display_name);
    v("role", s.role);
    v("expires_at", s.expires_at);
    v("used_at", s.used_at);
    v("version", s.version);
    v("created_at", s.created_at);
    v("created_by", s.created_by);
    v("can", s.can);
  }
};

struct ApiKeyDraft {
  std::string display_name;
  Role role = Role::viewer;
  std::optional<base::Timestamp> expires_at;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("display_name", s.display_name, base::length(1, 100));
    v("role", s.role);
    v("expires_at", s.expires_at, base::absent_ok());
  }
};

}  // namespace sluice::auth
