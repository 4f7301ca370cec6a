// Who may do what. Roles are ordered: each includes everything the lower ones may do (ROL-01). A route names one
// permission; the router checks it before the handler exists. Rules about single objects (may this contributor run this
// export?) are in the feature that owns the object.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"

namespace sluice::base {

using namespace std::string_view_literals;

enum class Role : std::uint8_t { viewer, contributor, administrator };
constexpr auto enum_names(Role) { return std::array{"viewer"sv, "contributor"sv, "administrator"sv}; }

enum class Permission : std::uint8_t {
  anyone,  // no session needed
  view,    // any signed-in user
  tables_edit,
  segments_edit,
  exports_edit,
  connections_manage,
  users_manage,
  system_manage,
  audit_view,
};
constexpr auto enum_names(Permission) {
  return std::array{"anyone"sv,       "view"sv,          "tables_edit"sv, "segments_edit"sv, "exports_edit"sv, "connections_manage"sv,
                    "users_manage"sv, "system_manage"sv, "audit_view"sv};
}

// The lowest role that has the permission.
constexpr Role required_role(Permission permission) {
  switch (permission) {
    case Permission::anyone:
    case Permission::view:
      return Role::viewer;
    case Permission::tables_edit:
    case Permission::segments_edit:
    case Permission::exports_edit:
      return Role::contributor;
    case Permission::connections_manage:
    case Permission::users_manage:
    case Permission::system_manage:
    case Permission::audit_view:
      return Role::administrator;
  }
  return Role::administrator;
}
constexpr bool allows(Role role, Permission permission) { return role >= required_role(permission); }

// Who acts. The system itself acts with a nil id and the name "system".
struct Actor {
  UserId id;
  std::string display_name;
  Role role = Role::viewer;
  std::string request_id;
  std::string address;  // of the client, for the audit log

  bool may(Permission permission) const { return allows(role, permission); }
  static Actor system() { return {.id = {}, .display_name = "system", .role = Role::administrator, .request_id = {}, .address = {}}; }
};

// A user as other objects show it.
struct UserRef {
  std::optional<UserId> id;
  std::string display_name;

  template <class V, class S>
  static void describe(V& v, S& s) {
    v("id", s.id);
    v("display_name", s.display_name);
  }
};

}  // namespace sluice::base
