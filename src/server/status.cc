#include "server/status.h"

#include <map>
#include <utility>

namespace sluice::server {

namespace {

using base::Permission;
using base::Result;
using http::Call;
using http::Method;
using http::Response;

struct StatusTask {
  std::string kind;
  runs::SubjectRef subject;
  std::string state = "not_started";
  std::optional<base::Timestamp> updated_at;
  std::optional<runs::Failure> reason;
  std::optional<std::string> last_run_id;
  std::optional<std::string> job_id;
  std::optional<base::Timestamp> next_at;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("kind", s.kind);
    v("subject", s.subject);
    v("state", s.state);
    v("updated_at", s.updated_at);
    v("reason", s.reason);
    v("last_run_id", s.last_run_id);
    v("job_id", s.job_id);
    v("next_at", s.next_at);
  }
};

struct StatusGroup {
  std::string name;
  std::string title;
  std::vector<StatusTask> tasks;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("name", s.name);
    v("title", s.title);
    v("tasks", s.tasks);
  }
};

struct Status {
  std::vector<StatusGroup> groups;
  std::optional<runs::Job> running_job;
  std::optional<runs::Job> last_job;
  std::vector<std::string> can;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("groups", s.groups);
    v("running_job", s.running_job);
    v("last_job", s.last_job);
    v("can", s.can);
  }
};

using Latest = std::map<std::pair<std::string, std::string>, runs::Run>;

StatusTask task_of(const Latest& latest, std::string kind, std::string id, std::string name) {
  StatusTask task{.kind = kind, .subject = {id, std::move(name)}};
  const auto found = latest.find({std::move(kind), std::move(id)});
  if (found == latest.end()) return task;
  const runs::Run& run = found->second;
  task.state = base::to_name(run.state);
  task.updated_at = run.ended_at ? run.ended_at : run.started_at ? run.started_at : std::optional(run.queued_at);
  task.reason = run.error;
  task.last_run_id = run.id.str();
  task.job_id = run.job_id;
  return task;
}

Result<StatusGroup> exports_group(System& system, const base::Actor& actor, const Latest& latest) {
  StatusGroup group{.name = "exports", .title = "Export destinations", .tasks = {}};
  std::optional<std::string> cursor;
  do {
    ASSIGN_OR_RETURN(auto page, system.exports.list(actor, {.search = {},
                                                            .sort = "display_name",
                                                            .connection_id = {},
                                                            .state = {},
                                                            .cursor = cursor ? std::optional<std::string_view>(*cursor) : std::nullopt,
                                                            .limit = 200}));
    for (const exports::Export& e : page.items) {
      group.tasks.push_back(task_of(latest, "export", e.id.str(), e.display_name));
      group.tasks.back().next_at = e.schedule.next_at;
    }
    cursor = std::move(page.next_cursor);
  } while (cursor);
  return group;
}

Result<Response> status(System& system, Call& call) {
  Latest latest;
  ASSIGN_OR_RETURN(auto newest, system.runs.latest(call.actor));
  for (runs::Run& run : newest) {
    const std::pair<std::string, std::string> key{run.kind, run.subject.id};
    latest.insert_or_assign(key, std::move(run));
  }
  Status status;
  StatusGroup sources{.name = "data_sources", .title = "Data sources", .tasks = {}};
  ASSIGN_OR_RETURN(const auto tables, system.tables.list(call.actor));
  for (const tables::Table& table : tables) sources.tasks.push_back(task_of(latest, "import", table.id.str(), table.name));
  StatusGroup segments{.name = "segments", .title = "Segments", .tasks = {}};
  ASSIGN_OR_RETURN(const auto all_segments, system.tables.list_segments(call.actor));
  for (const tables::Segment& segment : all_segments) {
    StatusTask task = task_of(latest, "segment", segment.id.str(), segment.display_name);
    // A segment is also refreshed by an import of its customers, which is no run of its own.
    if (segment.refreshed_at && (!task.updated_at || *task.updated_at < *segment.refreshed_at)) {
      task.state = segment.status == "ready" ? "succeeded" : "failed";
      task.updated_at = segment.refreshed_at;
      task.reason.reset();
    }
    segments.tasks.push_back(std::move(task));
  }
  ASSIGN_OR_RETURN(StatusGroup exports, exports_group(system, call.actor, latest));
  status.groups = {std::move(sources), std::move(segments), std::move(exports)};
  ASSIGN_OR_RETURN(status.running_job, system.runs.last_job(call.actor, true));
  ASSIGN_OR_RETURN(status.last_job, system.runs.last_job(call.actor, false));
  if (call.actor.may(Permission::system_manage)) status.can = {"refresh"};
  return http::ok_json(status);
}

constexpr http::Route<System> kRoutes[] = {
    {Method::get,
     "/api/v1/status",
     Permission::view,
     &status,
     "Every task with its latest run, and the refresh that goes on",
     {.response = &http::schema<Status>}},
};

}  // namespace

void add_status_routes(http::Router& router, System& system) { router.add(kRoutes, system); }

}  // namespace sluice::server
