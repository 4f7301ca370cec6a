#include "features/diagnostics/event.h"

#include <optional>

namespace sluice::diagnostics {

namespace {

using base::json::Array;
using base::json::Object;
using base::json::Value;

constexpr std::size_t kLongestText = 2000;

std::string cut(std::string_view text) { return std::string(text.substr(0, kLongestText)); }

std::string_view title_of(Category category) { return category == Category::audit ? "Audit" : "Operational"; }

std::string_view title_of(Level level) {
  return level == Level::informational ? "Informational" : level == Level::warning ? "Warning" : "Error";
}

Array roles_that_may(base::Permission permission) {
  Array roles;
  if (permission == base::Permission::anyone) return roles;
  for (const base::Role role : {base::Role::viewer, base::Role::contributor, base::Role::administrator}) {
    if (base::allows(role, permission)) roles.emplace_back(base::to_name(role));
  }
  return roles;
}

Object identity_of(const http::Served& served) {
  const http::Call& call = served.call;
  const std::string_view way = !call.signed_in ? "none" : call.session_token_hash.empty() ? "api_key" : "session";
  return Object{{"role", call.signed_in ? Value(base::to_name(call.actor.role)) : Value("none")},
                {"requiredRoles", served.route == nullptr ? Array() : roles_that_may(served.route->permission)},
                {"claims", Object{{"sub", call.signed_in ? call.actor.id.str() : std::string()}, {"amr", way}}}};
}

std::string_view operation_type(std::string_view kind) {
  if (kind == "import") return "Ingestion";
  if (kind == "segment") return "Segmentation";
  if (kind == "export") return "Export";
  return "Refresh";  // of the whole system: a job
}

// Running, Skipped, Successful or Failure (SYS-39); workflowStatus has the state itself.
std::string_view result_of(runs::State state) {
  switch (state) {
    case runs::State::succeeded:
    case runs::State::completed_with_warnings:
      return "Successful";
    case runs::State::failed:
    case runs::State::completed_with_errors:
      return "Failure";
    case runs::State::skipped:
    case runs::State::canceled:
      return "Skipped";
    case runs::State::queued:
    case runs::State::running:
    case runs::State::retrying:
    case runs::State::needs_approval:
      return "Running";
  }
  return "Running";
}

Level level_of(runs::State state) {
  if (state == runs::State::failed || state == runs::State::completed_with_errors) return Level::error;
  const bool is_plain = runs::is_active(state) || state == runs::State::succeeded;
  return is_plain ? Level::informational : Level::warning;
}

Value time_of(const std::optional<base::Timestamp>& at) { return at ? Value(base::format_rfc3339(*at)) : Value(); }

// What runs and jobs have in common.
struct Work {
  std::string workflow_job_id;
  std::string kind;
  std::int64_t tasks = 1;
  runs::Trigger trigger = runs::Trigger::manual;
  base::UserRef requested_by;
  runs::State state = runs::State::queued;
  base::Timestamp queued_at{};
  std::optional<base::Timestamp> started_at;
  std::optional<base::Timestamp> ended_at;
  std::optional<std::int64_t> duration_ms;
  std::string identifier;
  std::string friendly_name;
  std::string error;
  Object additional;
};

Event event_of(Work work, Scope scope, Moment moment, const Environment& environment, base::Timestamp now) {
  const bool is_over = moment == Moment::completed;
  const runs::State state = is_over ? work.state : runs::State::running;
  const std::string_view type = operation_type(work.kind);
  // A refresh that somebody asked for makes runs of the trigger system_refresh, in that person's name.
  const bool is_scheduled = work.trigger == runs::Trigger::schedule || !work.requested_by.id;
  Object properties{{"eventType", "WorkflowEvent"},
                    {"workflowJobId", work.workflow_job_id},
                    {"operationType", type},
                    {"tasksCount", work.tasks},
                    {"submittedBy", work.requested_by.id ? work.requested_by.id->str() : std::string("system")},
                    {"workflowType", "full"},
                    {"workflowSubmissionKind", is_scheduled ? "Scheduled" : "OnDemand"},
                    {"workflowStatus", base::to_name(state)},
                    {"submittedTimestamp", base::format_rfc3339(work.queued_at)},
                    {"startTimestamp", time_of(work.started_at)},
                    {"endTimestamp", is_over ? time_of(work.ended_at) : Value()},
                    {"instanceId", environment.id},
                    {"identifier", work.identifier},
                    {"friendlyName", cut(work.friendly_name)},
                    {"error", is_over && !work.error.empty() ? Value(work.error) : Value()}};
  if (!work.additional.empty()) properties.set("additionalInfo", std::move(work.additional));
  const std::string name = std::string(type) + (scope == Scope::workflow ? ".WorkFlow" : ".Task") + (is_over ? "Completed" : "Started");
  Event event{.category = Category::operational, .level = level_of(state), .at = now, .json = {}};
  event.json = base::json::write(Object{{"time", base::format_rfc3339(now)},
                                        {"resourceId", "/environments/" + environment.id},
                                        {"operationName", name},
                                        {"category", title_of(event.category)},
                                        {"resultType", result_of(state)},
                                        {"durationMs", is_over ? work.duration_ms.value_or(0) : std::int64_t{0}},
                                        {"properties", std::move(properties)},
                                        {"level", title_of(event.level)}});
  return event;
}

// SYS-42. The error is the reason alone: details may quote what was read.
Object additional_of(const runs::Run& run, Moment moment) {
  Object additional;
  if (run.kind == "export") {
    Array tables;
    for (const runs::TableResult& table : run.tables) tables.emplace_back(table.name);
    additional.set("Kind", run.connection ? run.connection->type : std::string());
    additional.set("AffectedTables", std::move(tables));
    additional.set("MessageCode", run.error ? run.error->reason : std::string());
  } else if (run.kind == "segment" && moment == Moment::completed && runs::is_delivery(run.state)) {
    additional.set("MemberCount", run.counts.rows_read);
  }
  return additional;
}

}  // namespace

Event api_event(const http::Served& served, const Environment& environment, base::Timestamp now) {
  const http::Call& call = served.call;
  const int status = served.response.status;
  const std::string_view result = status < 400 ? "Success" : status < 500 ? "ClientError" : "Failure";
  Event event{.category = call.method == http::Method::get ? Category::operational : Category::audit,
              .level = status < 400   ? Level::informational
                       : status < 500 ? Level::warning
                                      : Level::error,
              .at = now,
              .json = {}};
  const std::string method(http::name_of(call.method));
  // What follows the ? may be a search for a person.
  const std::string base_url = environment.public_url.empty() ? "http://" + cut(call.header("host").value_or("")) : environment.public_url;
  const std::string_view target = std::string_view(call.target).substr(0, call.target.find('?'));
  Object properties{{"eventType", "ApiEvent"},
                    {"userAgent", cut(call.header("user-agent").value_or(""))},
                    {"method", method},
                    {"path", cut(call.path)},
                    {"origin", cut(call.header("origin").value_or(""))},
                    {"operationStatus", result},
                    {"tenantId", environment.id},
                    {"tenantName", environment.display_name},
                    {"callerObjectId", call.signed_in ? Value(call.actor.id.str()) : Value()},
                    {"instanceId", environment.id},
                    {"requestId", call.request_id}};
  event.json = base::json::write(
      Object{{"time", base::format_rfc3339(now)},
             {"resourceId", "/environments/" + environment.id},
             {"operationName", method + " " + (served.route == nullptr ? std::string("-") : std::string(served.route->pattern))},
             {"category", title_of(event.category)},
             {"resultType", result},
             {"resultSignature", std::to_string(status)},
             {"durationMs", std::chrono::duration_cast<std::chrono::milliseconds>(served.took).count()},
             {"callerIpAddress", call.address},
             {"identity", identity_of(served)},
             {"properties", std::move(properties)},
             {"level", title_of(event.level)},
             {"uri", base_url + cut(target)}});
  return event;
}

Event run_event(const runs::Run& run, Scope scope, Moment moment, const Environment& environment, base::Timestamp now) {
  Work work{.workflow_job_id = run.job_id.value_or(run.id.str()),
            .kind = run.kind,
            .trigger = run.trigger,
            .requested_by = run.requested_by,
            .state = run.state,
            .queued_at = run.queued_at,
            .started_at = run.started_at,
            .ended_at = run.ended_at,
            .duration_ms = run.duration_ms,
            .identifier = run.subject.id,
            .friendly_name = run.subject.display_name,
            .error = run.error ? run.error->reason : std::string(),
            .additional = additional_of(run, moment)};
  return event_of(std::move(work), scope, moment, environment, now);
}

Event job_event(const runs::Job& job, Moment moment, const Environment& environment, base::Timestamp now) {
  Work work{.workflow_job_id = job.id.str(),
            .kind = job.kind,
            .tasks = 0,
            .trigger = job.trigger,
            .requested_by = job.requested_by,
            .state = job.state,
            .queued_at = job.queued_at,
            .started_at = job.started_at,
            .ended_at = job.ended_at,
            .duration_ms = job.duration_ms,
            .identifier = job.id.str(),
            .friendly_name = "System refresh",
            .error = {},
            .additional = {}};
  for (const runs::Stage& stage : job.stages) work.tasks += stage.total;
  return event_of(std::move(work), Scope::workflow, moment, environment, now);
}

}  // namespace sluice::diagnostics
