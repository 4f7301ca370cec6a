#include "features/auth/http.h"

#include <array>
#include <utility>

#include "base/text.h"

namespace sluice::auth {

namespace {

using base::Permission;
using base::Result;
using http::Call;
using http::Items;
using http::Lane;
using http::Method;
using http::Response;

struct Credentials {
  std::string email;
  base::Secret password;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("email", s.email, base::length(1, 254));
    v("password", s.password, base::length(1, 1024));
  }
};

struct SessionUser {
  UserId id;
  std::string email;
  std::string display_name;
  base::Role role = base::Role::viewer;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("id", s.id);
    v("email", s.email);
    v("display_name", s.display_name);
    v("role", s.role);
  }
};

struct SessionAnswer {
  SessionUser user;
  std::string csrf;
  std::vector<std::string> permissions;
  NamedRef environment;
  std::string version;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("user", s.user);
    v("csrf", s.csrf);
    v("permissions", s.permissions);
    v("environment", s.environment);
    v("version", s.version);
  }
};

struct NewKeyAnswer {
  ApiKey key;
  std::string token;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("key", s.key);
    v("token", s.token);
  }
};

SessionAnswer answer_of(const Service& service, const base::Actor& actor, std::string email, std::string csrf) {
  SessionAnswer answer{.user = {actor.id, std::move(email), actor.display_name, actor.role}, .csrf = std::move(csrf)};
  constexpr std::array kAll = {Permission::view,          Permission::tables_edit,        Permission::segments_edit,
                               Permission::exports_edit,  Permission::connections_manage, Permission::users_manage,
                               Permission::system_manage, Permission::audit_view};
  for (const Permission permission : kAll) {
    if (actor.may(permission)) answer.permissions.emplace_back(base::to_name(permission));
  }
  answer.environment = {service.environment.id, service.environment.display_name};
  answer.version = service.version;
  return answer;
}

std::string cookie_text(const Service& service, std::string_view token, std::chrono::seconds age) {
  // Lax, not Strict: a link from a mail must open the page signed in; changes need the CSRF header anyway.
  return std::string(kSessionCookie) + "=" + std::string(token) +
         "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" + std::to_string(age.count()) + (service.secure_cookies ? "; Secure" : "");
}

Result<Response> sign_in(Service& service, Call& call) {
  ASSIGN_OR_RETURN(const Credentials credentials, call.body_as<Credentials>());
  ASSIGN_OR_RETURN(SignedIn signed_in, service.sessions.sign_in(credentials.email, credentials.password, call.address));
  Session& session = signed_in.session;
  return http::ok_json(answer_of(service, session.actor, session.email, session.csrf_token))
      .with("Set-Cookie", cookie_text(service, signed_in.token, kAbsoluteTime));
}

Result<Response> show_session(Service& service, Call& call) {
  if (const auto cookie = call.cookie(kSessionCookie)) {
    ASSIGN_OR_RETURN(const auto session, service.sessions.find(base::Secret(*cookie)));
    if (session) return http::ok_json(answer_of(service, session->actor, session->email, session->csrf_token));
  }
  return http::ok_json(answer_of(service, call.actor, "", ""));
}

Result<Response> sign_out(Service& service, Call& call) {
  if (!call.session_token_hash.empty()) RETURN_IF_ERROR(service.sessions.sign_out(call.session_token_hash, call.actor));
  return http::no_content().with("Set-Cookie", cookie_text(service, "", std::chrono::seconds(0)));
}

Result<Response> list_users(Service& service, Call& call) {
  ASSIGN_OR_RETURN(auto users, service.people.list_users(call.query_value("q").value_or("")));
  return http::ok_json(Items<User>{std::move(users), {}});
}
Result<Response> show_user(Service& service, Call& call) {
  ASSIGN_OR_RETURN(const auto id, call.path_id<UserId>("user_id"));
  ASSIGN_OR_RETURN(const User user, service.people.load_user(id));
  return http::ok_json(user).etag(user.version);
}
Result<Response> create_user(Service& service, Call& call) {
  ASSIGN_OR_RETURN(const UserDraft draft, call.body_as<UserDraft>());
  ASSIGN_OR_RETURN(const User user, service.people.create_user(call.actor, draft));
  return http::created(base::to_json(user), "/api/v1/users/" + user.id.str()).etag(user.version);
}
Result<Response> update_user(Service& service, Call& call) {
  ASSIGN_OR_RETURN(const auto id, call.path_id<UserId>("user_id"));
  ASSIGN_OR_RETURN(const auto version, call.if_match());
  ASSIGN_OR_RETURN(const UserChange change, call.body_as<UserChange>());
  ASSIGN_OR_RETURN(const User user, service.people.update_user(call.actor, id, version, change));
  return http::ok_json(user).etag(user.version);
}
Result<Response> remove_user(Service& service, Call& call) {
  ASSIGN_OR_RETURN(const auto id, call.path_id<UserId>("user_id"));
  ASSIGN_OR_RETURN(const auto version, call.if_match());
  RETURN_IF_ERROR(service.people.remove_user(call.actor, id, version));
  return http::no_content();
}

Result<Response> list_groups(Service& service, Call&) {
  ASSIGN_OR_RETURN(auto groups, service.people.list_groups());
  return http::ok_json(Items<Group>{std::move(groups), {}});
}
Result<Response> show_group(Service& service, Call& call) {
  ASSIGN_OR_RETURN(const auto id, call.path_id<GroupId>("group_id"));
  ASSIGN_OR_RETURN(const Group group, service.people.load_group(id));
  return http::ok_json(group).etag(group.version);
}
Result<Response> create_group(Service& service, Call& call) {
  ASSIGN_OR_RETURN(const GroupDraft draft, call.body_as<GroupDraft>());
  ASSIGN_OR_RETURN(const Group group, service.people.create_group(call.actor, draft));
  return http::created(base::to_json(group), "/api/v1/groups/" + group.id.str()).etag(group.version);
}
Result<Response> update_group(Service& service, Call& call) {
  ASSIGN_OR_RETURN(const auto id, call.path_id<GroupId>("group_id"));
  ASSIGN_OR_RETURN(const auto version, call.if_match());
  ASSIGN_OR_RETURN(const GroupChange change, call.body_as<GroupChange>());
  ASSIGN_OR_RETURN(const Group group, service.people.update_group(call.actor, id, version, change));
  return http::ok_json(group).etag(group.version);
}
Result<Response> remove_group(Service& service, Call& call) {
  ASSIGN_OR_RETURN(const auto id, call.path_id<GroupId>("group_id"));
  ASSIGN_OR_RETURN(const auto version, call.if_match());
  RETURN_IF_ERROR(service.people.remove_group(call.actor, id, version));
  return http::no_content();
}

Result<Response> list_keys(Service& service, Call&) {
  ASSIGN_OR_RETURN(auto keys, service.people.list_api_keys());
  return http::ok_json(Items<ApiKey>{std::move(keys), {}});
}
Result<Response> create_key(Service& service, Call& call) {
  ASSIGN_OR_RETURN(const ApiKeyDraft draft, call.body_as<ApiKeyDraft>());
  ASSIGN_OR_RETURN(auto made, service.people.create_api_key(call.actor, draft));
  return http::created(base::to_json(NewKeyAnswer{std::move(made.key), std::move(made.token)}), "/api/v1/api-keys");
}
Result<Response> remove_key(Service& service, Call& call) {
  ASSIGN_OR_RETURN(const auto id, call.path_id<ApiKeyId>("api_key_id"));
  ASSIGN_OR_RETURN(const auto version, call.if_match());
  RETURN_IF_ERROR(service.people.remove_api_key(call.actor, id, version));
  return http::no_content();
}

using http::schema;
constexpr http::Route<Service> kRoutes[] = {
    {Method::post,
     "/api/v1/session",
     Permission::anyone,
     &sign_in,
     "Sign in",
     {.lane = Lane::slow, .body_limit = 16 * 1024, .request = &schema<Credentials>, .response = &schema<SessionAnswer>}},
    {Method::get, "/api/v1/session", Permission::view, &show_session, "Who am I, and what may I do", {.response = &schema<SessionAnswer>}},
    {Method::del, "/api/v1/session", Permission::view, &sign_out, "Sign out", {.success = 204}},
    {Method::get, "/api/v1/users", Permission::users_manage, &list_users, "List users", {.response = &schema<Items<User>>, .query = "q"}},
    {Method::post,
     "/api/v1/users",
     Permission::users_manage,
     &create_user,
     "Add a user",
     {.lane = Lane::slow, .idempotent_create = true, .request = &schema<UserDraft>, .response = &schema<User>, .success = 201}},
    {Method::get, "/api/v1/users/{user_id}", Permission::users_manage, &show_user, "Show a user", {.response = &schema<User>}},
    {Method::patch,
     "/api/v1/users/{user_id}",
     Permission::users_manage,
     &update_user,
     "Change a user",
     {.lane = Lane::slow, .request = &schema<UserChange>, .response = &schema<User>}},
    {Method::del, "/api/v1/users/{user_id}", Permission::users_manage, &remove_user, "Remove a user", {.success = 204}},
    {Method::get, "/api/v1/groups", Permission::users_manage, &list_groups, "List groups", {.response = &schema<Items<Group>>}},
    {Method::post,
     "/api/v1/groups",
     Permission::users_manage,
     &create_group,
     "Add a group",
     {.idempotent_create = true, .request = &schema<GroupDraft>, .response = &schema<Group>, .success = 201}},
    {Method::get, "/api/v1/groups/{group_id}", Permission::users_manage, &show_group, "Show a group", {.response = &schema<Group>}},
    {Method::patch,
     "/api/v1/groups/{group_id}",
     Permission::users_manage,
     &update_group,
     "Change a group",
     {.request = &schema<GroupChange>, .response = &schema<Group>}},
    {Method::del, "/api/v1/groups/{group_id}", Permission::users_manage, &remove_group, "Remove a group", {.success = 204}},
    {Method::get, "/api/v1/api-keys", Permission::users_manage, &list_keys, "List API keys", {.response = &schema<Items<ApiKey>>}},
    {Method::post,
     "/api/v1/api-keys",
     Permission::users_manage,
     &create_key,
     "Make an API key; its token is told once",
     {.request = &schema<ApiKeyDraft>, .response = &schema<NewKeyAnswer>, .success = 201}},
    {Method::del, "/api/v1/api-keys/{api_key_id}", Permission::users_manage, &remove_key, "Remove an API key", {.success = 204}},
};

}  // namespace

Result<void> identify(Service& service, Call& call) {
  if (const auto header = call.header("authorization"); header && header->starts_with("Bearer ")) {
    ASSIGN_OR_RETURN(auto actor, service.sessions.find_api_key(base::Secret(base::trim(header->substr(7)))));
    if (actor) {
      actor->request_id = call.request_id;
      actor->address = call.address;
      call.actor = std::move(*actor);
      call.signed_in = true;
    }
    return {};
  }
  const auto cookie = call.cookie(kSessionCookie);
  if (!cookie || cookie->empty()) return {};
  ASSIGN_OR_RETURN(auto session, service.sessions.find(base::Secret(*cookie)));
  if (!session) return {};
  session->actor.request_id = call.request_id;
  session->actor.address = call.address;
  call.actor = std::move(session->actor);
  call.signed_in = true;
  call.session_token_hash = std::move(session->token_hash);
  call.csrf_token = std::move(session->csrf_token);
  return {};
}

void add_routes(http::Router& router, Service& service) { router.add(kRoutes, service); }

}  // namespace sluice::auth
