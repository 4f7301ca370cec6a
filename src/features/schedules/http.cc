#include "features/schedules/http.h"

namespace sluice::schedules {

namespace {

using base::Permission;
using base::Result;
using http::Call;
using http::Method;
using http::Response;

struct PreviewRequest {
  Rule rule;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("rule", s.rule);
  }
};

struct ZoneItems {
  std::vector<std::string> items;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("items", s.items);
  }
};

Result<Response> show(Schedules& schedules, Call& call) {
  ASSIGN_OR_RETURN(const RefreshSchedule schedule, schedules.load_refresh(call.actor));
  return http::ok_json(schedule).etag(schedule.version);
}

Result<Response> update(Schedules& schedules, Call& call) {
  ASSIGN_OR_RETURN(const auto version, call.if_match());
  ASSIGN_OR_RETURN(const auto change, call.body_as<RefreshChange>());
  ASSIGN_OR_RETURN(const RefreshSchedule schedule, schedules.update_refresh(call.actor, version, change));
  return http::ok_json(schedule).etag(schedule.version);
}

Result<Response> preview(Schedules& schedules, Call& call) {
  ASSIGN_OR_RETURN(const auto request, call.body_as<PreviewRequest>());
  ASSIGN_OR_RETURN(const Preview preview, schedules.preview(request.rule));
  return http::ok_json(preview);
}

Result<Response> zones(Schedules&, Call&) { return http::ok_json(ZoneItems{zone_names()}); }

using http::schema;
constexpr http::Route<Schedules> kRoutes[] = {
    {Method::get, "/api/v1/schedule", Permission::view, &show, "Show when the system refresh runs", {.response = &schema<RefreshSchedule>}},
    {Method::put,
     "/api/v1/schedule",
     Permission::system_manage,
     &update,
     "Change when the system refresh runs",
     {.request = &schema<RefreshChange>, .response = &schema<RefreshSchedule>}},
    {Method::post,
     "/api/v1/schedules/preview",
     Permission::exports_edit,
     &preview,
     "A schedule rule in words, and its next five starts",
     {.request = &schema<PreviewRequest>, .response = &schema<Preview>}},
    {Method::get, "/api/v1/time-zones", Permission::view, &zones, "List time zones", {.response = &schema<ZoneItems>}},
};

}  // namespace

void add_routes(http::Router& router, Schedules& schedules) { router.add(kRoutes, schedules); }

}  // namespace sluice::schedules
