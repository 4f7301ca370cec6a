// Jobs: sets of runs that wait for one another, such as the system refresh.
#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "base/log.h"
#include "features/audit/audit.h"
#include "features/runs/runs.h"
#include "features/runs/store.h"

namespace sluice::runs {

namespace {

using base::Error;
using base::Result;
using base::json::Object;

Error missing() { return Error{.code = base::Code::not_found, .reason = "request.not_found", .detail = "There is no such job."}; }

audit::Object object_of(const Job& job) { return {"job", job.id.str(), job.kind == "refresh" ? "System refresh" : job.kind}; }

using Tallies = std::vector<store::Tally>;

std::vector<State> states_of(const Tallies& tallies) {
  std::vector<State> states;
  for (const store::Tally& tally : tallies) states.push_back(tally.state);
  return states;
}

std::ptrdiff_t stage_number(const Run& run) {
  return std::find_if(kStages.begin(), kStages.end(), [&](const StageTitle& known) { return known.name == run.stage; }) - kStages.begin();
}

State state_of(const Tallies& stage) {
  const auto any = [&](State state) {
    return std::any_of(stage.begin(), stage.end(), [&](const auto& tally) { return tally.state == state; });
  };
  for (const State state : {State::needs_approval, State::running, State::retrying}) {
    if (any(state)) return state;
  }
  if (any(State::queued)) return stage.size() == 1 ? State::queued : State::running;
  return outcome::combined(states_of(stage));
}

Stage stage_of(const StageTitle& title, const Tallies& tallies) {
  Stage stage{.name = std::string(title.name), .title = std::string(title.title), .state = state_of(tallies)};
  std::optional<base::Timestamp> first;
  std::optional<base::Timestamp> last;
  for (const store::Tally& tally : tallies) {
    stage.total += tally.runs;
    if (!is_active(tally.state)) stage.done += tally.runs;
    if (tally.state == State::failed) stage.failed += tally.runs;
    if (tally.state == State::skipped) stage.skipped += tally.runs;
    if (tally.first_started_at) first = std::min(first.value_or(*tally.first_started_at), *tally.first_started_at);
    if (tally.last_ended_at) last = std::max(last.value_or(*tally.last_ended_at), *tally.last_ended_at);
  }
  if (first && last && *last >= *first) stage.duration_ms = std::chrono::duration_cast<std::chrono::milliseconds>(*last - *first).count();
  return stage;
}

Result<void> add_stages(db::Read& tx, Job& job) {
  ASSIGN_OR_RETURN(const Tallies all, store::tally(tx, job.id));
  for (const StageTitle& title : kStages) {
    Tallies of_stage;
    std::copy_if(all.begin(), all.end(), std::back_inserter(of_stage), [&](const auto& tally) { return tally.stage == title.name; });
    if (!of_stage.empty()) job.stages.push_back(stage_of(title, of_stage));
  }
  return {};
}

void add_verbs(const base::Actor& actor, Job& job) {
  if (is_active(job.state) && actor.may(base::Permission::system_manage)) job.can.push_back("cancel");
}

}  // namespace

void Runs::register_job(const std::string& kind, Planner planner) { planners_[kind] = std::move(planner); }

void Runs::on_job_change(std::function<void(const Job&)> listener) { job_listener_ = std::move(listener); }

void Runs::changed_job(const std::string& job_id) {
  if (!job_listener_) return;
  const auto id = JobId::parse(job_id);
  if (!id) return;
  const auto job = db_.read([&](db::Read& tx) -> Result<std::optional<Job>> {
    ASSIGN_OR_RETURN(auto found, store::find_job(tx, *id));
    if (!found) return found;
    RETURN_IF_ERROR(add_stages(tx, *found));
    return found;
  });
  if (job.ok() && job->has_value()) job_listener_(**job);
}

Result<Runs::StartedJob> Runs::start_job(db::Write& tx, const base::Actor& actor, const std::string& kind, Trigger trigger,
                                         bool queue_behind) {
  BASE_ASSERT(planners_.contains(kind));
  ASSIGN_OR_RETURN(auto queued, store::find_job(tx, kind, State::queued));
  if (queued) return StartedJob{*std::move(queued), false};
  ASSIGN_OR_RETURN(auto going, store::find_job(tx, kind, State::running));
  if (going && !queue_behind) return StartedJob{*std::move(going), false};
  const base::Timestamp now = clock_();
  Job job{.id = JobId::make(now), .kind = kind, .trigger = trigger};
  job.requested_by = {actor.id.is_nil() ? std::nullopt : std::optional(actor.id), actor.display_name};
  job.queued_at = now;
  job.version = 1;
  RETURN_IF_ERROR(store::insert_job(tx, job));
  RETURN_IF_ERROR(audit::append(tx, actor, now, "job.requested", object_of(job), Object{{"trigger", base::to_name(trigger)}}));
  return StartedJob{std::move(job), true};
}

Result<Runs::StartedJob> Runs::request_job(const base::Actor& actor, const std::string& kind) {
  ASSIGN_OR_RETURN(const StartedJob started, db_.write([&](db::Write& tx) { return start_job(tx, actor, kind, Trigger::manual, false); }));
  if (started.created) plan_jobs();
  ASSIGN_OR_RETURN(Job job, load_job(actor, started.job.id));
  return StartedJob{std::move(job), started.created};
}

void Runs::plan_jobs() {
  for (;;) {
    std::optional<Job> job;
    const auto planned = db_.write([&](db::Write& tx) -> Result<void> {
      ASSIGN_OR_RETURN(job, store::next_job(tx));
      return job ? plan_job(tx, *job) : Result<void>();
    });
    if (!planned.ok()) {
      base::log::error("job.not_planned", {{"why", planned.error().internal.empty() ? planned.error().detail : planned.error().internal}});
      return;
    }
    if (!job) return;
    base::log::info("job.started", {{"job_id", job->id.str()}, {"kind", job->kind}});
    changed_job(job->id.str());
    wake();
  }
}

Result<void> Runs::plan_job(db::Write& tx, const Job& job) {
  ASSIGN_OR_RETURN(const bool begun, store::begin_job(tx, job.id, clock_()));
  if (!begun) return {};
  ASSIGN_OR_RETURN(std::vector<Task> tasks, planners_.at(job.kind)(tx));
  const base::Actor actor{.id = job.requested_by.id.value_or(base::UserId()),
                          .display_name = job.requested_by.display_name,
                          .role = base::Role::administrator,
                          .request_id = {},
                          .address = {}};
  std::map<std::pair<std::string, std::string>, RunId> planned;
  // Tasks come in the order of the stages, so that what a task waits for is known already.
  for (Task& task : tasks) {
    Request& request = task.request;
    request.job_id = job.id;
    request.trigger = Trigger::system_refresh;
    request.queue_behind = true;
    for (const auto& key : task.after) {
      if (const auto found = planned.find(key); found != planned.end()) request.waits_for.push_back({found->second, true});
    }
    ASSIGN_OR_RETURN(const Enqueued enqueued, enqueue(tx, actor, request));
    planned[{request.kind, request.subject.id}] = enqueued.run.id;
  }
  return finish_job(tx, job.id.str());  // at once when there is nothing to do
}

Result<void> Runs::finish_job(db::Write& tx, const std::string& job_id) {
  const auto id = JobId::parse(job_id);
  if (!id) return {};
  ASSIGN_OR_RETURN(const Tallies tallies, store::tally(tx, *id));
  const std::vector<State> states = states_of(tallies);
  if (std::any_of(states.begin(), states.end(), is_active)) return {};
  ASSIGN_OR_RETURN(const auto job, store::find_job(tx, *id));
  return job ? end_job(tx, *job, outcome::combined(states)) : Result<void>();
}

Result<void> Runs::end_job(db::Write& tx, const Job& job, State state) {
  ASSIGN_OR_RETURN(const bool ended, store::end_job(tx, job.id, state, clock_()));
  if (!ended) return {};
  return audit::append(tx, base::Actor::system(), clock_(), "job.ended", object_of(job), Object{{"state", base::to_name(state)}});
}

Result<JobPage> Runs::list_jobs(const base::Actor& actor, const std::string& sort, std::optional<std::string_view> cursor,
                                std::int64_t limit) {
  static const std::vector<db::SortColumn> kSorts = {{"queued_at", "j.queued_at"}};
  ASSIGN_OR_RETURN(const db::Page page, db::Page::parse(kSorts, "j.id", sort.empty() ? "-queued_at" : sort, cursor, limit));
  JobPage out;
  return db_.read([&](db::Read& tx) -> Result<JobPage> {
    ASSIGN_OR_RETURN(out.items, store::list_jobs(tx, page, out.next_cursor));
    for (Job& job : out.items) {
      RETURN_IF_ERROR(add_stages(tx, job));
      add_verbs(actor, job);
    }
    return out;
  });
}

Result<Job> Runs::load_job(const base::Actor& actor, JobId id) {
  std::vector<Run> runs;
  ASSIGN_OR_RETURN(auto job, db_.read([&](db::Read& tx) -> Result<std::optional<Job>> {
    ASSIGN_OR_RETURN(auto found, store::find_job(tx, id));
    if (!found) return found;
    RETURN_IF_ERROR(add_stages(tx, *found));
    ASSIGN_OR_RETURN(runs, store::runs_of(tx, id));
    ASSIGN_OR_RETURN(auto waits, store::waits_of(tx, id));
    for (Run& run : runs) {
      if (const auto found_waits = waits.find(run.id); found_waits != waits.end()) run.waits_for = std::move(found_waits->second);
    }
    return found;
  }));
  if (!job) return missing();
  for (Run& run : runs) {
    run = shown_to(actor, std::move(run));
    fill(actor, run);
    run.files.clear();
    const auto stage = std::find_if(job->stages.begin(), job->stages.end(), [&](const Stage& one) { return one.name == run.stage; });
    if (stage != job->stages.end()) stage->tasks.push_back(std::move(run));
  }
  add_verbs(actor, *job);
  return *std::move(job);
}

Result<std::optional<Job>> Runs::last_job(const base::Actor& actor, bool is_running) {
  return db_.read([&](db::Read& tx) -> Result<std::optional<Job>> {
    ASSIGN_OR_RETURN(auto job, store::newest_job(tx, is_running));
    if (!job) return job;
    RETURN_IF_ERROR(add_stages(tx, *job));
    add_verbs(actor, *job);
    return job;
  });
}

Result<Job> Runs::cancel_job(const base::Actor& actor, JobId id) {
  std::vector<Run> canceled;
  std::vector<Run> skipped;
  RETURN_IF_ERROR(db_.write([&](db::Write& tx) -> Result<void> {
    canceled.clear();
    skipped.clear();
    ASSIGN_OR_RETURN(const auto job, store::find_job(tx, id));
    if (!job) return missing();
    if (!is_active(job->state)) return Error{.code = base::Code::conflict, .reason = "job.ended", .detail = "This job has ended already."};
    RETURN_IF_ERROR(audit::append(tx, actor, clock_(), "job.cancel_requested", object_of(*job)));
    ASSIGN_OR_RETURN(auto runs, store::runs_of(tx, id));
    // The last stages first: what waits is then cancelled by this person, not skipped because of what it waited for. Ids tell
    // nothing of it, because a run that waited before may have been taken into the job.
    std::sort(runs.begin(), runs.end(),
              [](const Run& a, const Run& b) { return std::pair(stage_number(a), a.id) > std::pair(stage_number(b), b.id); });
    for (const Run& run : runs) {
      ASSIGN_OR_RETURN(const auto before, store::find(tx, run.id));
      if (!before || !is_active(before->state)) continue;  // skipped meanwhile, because of another one
      ASSIGN_OR_RETURN(Run after, cancel_in(tx, actor, run.id, skipped));
      canceled.push_back(std::move(after));
    }
    return job->state == State::queued ? end_job(tx, *job, State::canceled) : finish_job(tx, id.str());
  }));
  for (const Run& run : canceled) {
    stop_running(run.id);
    changed(run);
  }
  for (const Run& run : skipped) changed(run);
  changed_job(id.str());
  plan_jobs();
  wake();
  return load_job(actor, id);
}

}  // namespace sluice::runs
