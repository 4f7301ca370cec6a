#include "features/notices/http.h"

namespace sluice::notices {

namespace {

using base::Permission;
using base::Result;
using http::Call;
using http::Lane;
using http::Method;
using http::Response;

struct TestBody {
  std::string to;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("to", s.to, base::length(1, 64));
  }
};

Result<Response> list(Notices& notices, Call& call) {
  const std::string_view unread = call.query_value("unread").value_or("false");
  if (unread != "true" && unread != "false") return http::bad_query("unread must be true or false.");
  ASSIGN_OR_RETURN(const auto limit, call.limit());
  ASSIGN_OR_RETURN(const NoticePage page, notices.list(call.actor, unread == "true", call.query_value("cursor"), limit));
  return http::ok_json(page);
}

Result<Response> mark_read(Notices& notices, Call& call) {
  ASSIGN_OR_RETURN(const auto id, call.path_id<NoticeId>("notice_id"));
  RETURN_IF_ERROR(notices.mark_read(call.actor, id));
  return http::no_content();
}

Result<Response> mark_all_read(Notices& notices, Call& call) {
  RETURN_IF_ERROR(notices.mark_all_read(call.actor));
  return http::no_content();
}

Result<Response> show_settings(Notices& notices, Call&) {
  ASSIGN_OR_RETURN(const Settings settings, notices.load_settings());
  return http::ok_json(settings).etag(settings.version);
}

Result<Response> update_settings(Notices& notices, Call& call) {
  ASSIGN_OR_RETURN(const auto version, call.if_match());
  ASSIGN_OR_RETURN(SettingsDraft draft, call.body_as<SettingsDraft>());
  ASSIGN_OR_RETURN(const Settings settings, notices.update_settings(call.actor, version, std::move(draft)));
  return http::ok_json(settings).etag(settings.version);
}

Result<Response> test(Notices& notices, Call& call) {
  ASSIGN_OR_RETURN(const TestBody body, call.body_as<TestBody>());
  ASSIGN_OR_RETURN(const Notices::Tried tried, notices.test(call.actor, body.to, call.deadline, call.gone));
  return http::ok_json(tried);
}

using http::schema;
constexpr http::Route<Notices> kRoutes[] = {
    {Method::get,
     "/api/v1/notices",
     Permission::view,
     &list,
     "Notices, the newest first, and how many are unread",
     {.response = &schema<NoticePage>, .query = "unread cursor limit"}},
    {Method::post, "/api/v1/notices/read-all", Permission::view, &mark_all_read, "Mark all notices as read, for oneself", {.success = 204}},
    {Method::post,
     "/api/v1/notices/{notice_id}/read",
     Permission::view,
     &mark_read,
     "Mark a notice as read, for oneself",
     {.success = 204}},
    {Method::get,
     "/api/v1/notice-settings",
     Permission::system_manage,
     &show_settings,
     "Where notices are sent",
     {.response = &schema<Settings>}},
    {Method::put,
     "/api/v1/notice-settings",
     Permission::system_manage,
     &update_settings,
     "Change where notices are sent",
     {.request = &schema<SettingsDraft>, .response = &schema<Settings>}},
    {Method::post,
     "/api/v1/notice-settings/test",
     Permission::system_manage,
     &test,
     "Send a real message, by mail to oneself or to a webhook",
     {.lane = Lane::slow, .deadline = std::chrono::seconds(60), .request = &schema<TestBody>, .response = &schema<Notices::Tried>}},
};

}  // namespace

void add_routes(http::Router& router, Notices& notices) { router.add(kRoutes, notices); }

}  // namespace sluice::notices
