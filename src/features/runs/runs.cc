#include "features/runs/runs.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "features/audit/audit.h"
#include "features/runs/store.h"

namespace sluice::runs {

namespace {

using base::Error;
using base::Result;
using base::json::Object;

Error missing() { return Error{.code = base::Code::not_found, .reason = "request.not_found", .detail = "There is no such run."}; }

audit::Object object_of(const Run& run) { return {"run", run.id.str(), run.subject.display_name}; }

// Reasons that tell of the destination or the way to it.
bool is_about_the_connection(std::string_view reason) {
  return !(reason.starts_with("export.") || reason.starts_with("run.") || reason.starts_with("table.") || reason.starts_with("csv.") ||
           reason.starts_with("import."));
}

}  // namespace

Runs::Runs(db::Db& db, base::Clock clock, Settings settings) : db_(db), clock_(std::move(clock)), settings_(std::move(settings)) {}

Runs::~Runs() { stop(); }

void Runs::register_kind(const std::string& name, Kind kind) { kinds_[name] = std::move(kind); }

void Runs::on_change(std::function<void(const Run&)> listener) { listener_ = std::move(listener); }

void Runs::on_end(std::function<Result<void>(db::Write&, const Run&)> listener) { end_listener_ = std::move(listener); }

Result<void> Runs::note_end(db::Write& tx, const Run& run) {
  if (const auto kind = kinds_.find(run.kind); kind != kinds_.end() && kind->second.ended) RETURN_IF_ERROR(kind->second.ended(tx, run));
  if (end_listener_) RETURN_IF_ERROR(end_listener_(tx, run));
  return {};
}

void Runs::changed(const Run& run) {
  if (listener_) listener_(run);
}

Result<Runs::Enqueued> Runs::enqueue(db::Write& tx, const base::Actor& actor, const Request& request) {
  ASSIGN_OR_RETURN(auto queued, store::find_queued(tx, request.kind, request.subject.id));
  if (queued) {
    RETURN_IF_ERROR(store::join(tx, queued->id, request));
    return Enqueued{*std::move(queued), false};
  }
  ASSIGN_OR_RETURN(auto going, store::find_going(tx, request.kind, request.subject.id));
  if (going && !request.queue_behind) return Enqueued{*std::move(going), false};
  const base::Timestamp now = clock_();
  Run run{.id = RunId::make(now), .kind = request.kind, .subject = request.subject, .connection = request.connection};
  run.trigger = request.trigger;
  run.requested_by = {actor.id.is_nil() ? std::nullopt : std::optional(actor.id), actor.display_name};
  run.defined_by = request.defined_by;
  run.queued_at = now;
  run.expected_rows = request.expected_rows;
  run.version = 1;
  if (request.job_id) run.job_id = request.job_id->str();
  run.stage = request.stage;
  Request whole = request;
  if (going) whole.waits_for.push_back({going->id, false});
  RETURN_IF_ERROR(store::insert(tx, run, whole));
  RETURN_IF_ERROR(audit::append(tx, actor, now, "run.requested", object_of(run),
                                Object{{"kind", run.kind}, {"subject_id", run.subject.id}, {"trigger", base::to_name(run.trigger)}}));
  return Enqueued{std::move(run), true};
}

void Runs::wake() {
  {
    const std::lock_guard lock(mutex_);
    ++wakes_;
  }
  wake_.notify_all();  // the keeper waits on it too
}

// Not inside a transaction: the kind may ask the database, and a reader that waits for a second connection can wait for ever.
void Runs::add_can(const base::Actor& actor, Run& run) const {
  run.can.clear();
  const auto kind = kinds_.find(run.kind);
  if (!is_active(run.state)) {
    if (kind != kinds_.end() && kind->second.can_after) run.can = kind->second.can_after(actor, run);
    return;
  }
  if (kind != kinds_.end() && kind->second.may_cancel && kind->second.may_cancel(actor, run)) run.can.push_back("cancel");
}

void Runs::fill(const base::Actor& actor, Run& run) const {
  run.max_attempts = settings_.retry.max_attempts();
  add_can(actor, run);
}

Run Runs::shown_to(const base::Actor& actor, Run run) {
  if (actor.may(base::Permission::connections_manage)) return run;
  const auto hide = [](std::string& text) { text = "The connection does not work at the moment. An administrator can see why."; };
  if (run.error && is_about_the_connection(run.error->reason)) {
    hide(run.error->detail);
    for (TableResult& table : run.tables) {
      if (table.error) hide(*table.error);
    }
  }
  return run;
}

Result<RunPage> Runs::list(const base::Actor& actor, const ListQuery& query) {
  static const std::vector<db::SortColumn> kSorts = {
      {"queued_at", "r.queued_at"}, {"state", "r.state"}, {"subject", "r.subject_name"}, {"ended_at", "COALESCE(r.ended_at, 0)"}};
  ASSIGN_OR_RETURN(const db::Page page,
                   db::Page::parse(kSorts, "r.id", query.sort.empty() ? "-queued_at" : query.sort, query.cursor, query.limit));
  RunPage out;
  ASSIGN_OR_RETURN(out.items, db_.read([&](db::Read& tx) { return store::list(tx, query, page, out.next_cursor); }));
  for (Run& run : out.items) {
    run = shown_to(actor, std::move(run));
    fill(actor, run);
    run.files.clear();
  }
  return out;
}

Result<Run> Runs::load(const base::Actor& actor, RunId id) {
  ASSIGN_OR_RETURN(auto run, db_.read([&](db::Read& tx) -> Result<std::optional<Run>> {
    ASSIGN_OR_RETURN(auto found, store::find(tx, id));
    if (found && found->state == State::queued) {
      ASSIGN_OR_RETURN(found->waits_for, store::upstream_of(tx, id));
    }
    return found;
  }));
  if (!run) return missing();
  fill(actor, *run);
  return shown_to(actor, *std::move(run));
}

Result<Run> Runs::cancel(const base::Actor& actor, RunId id) {
  const base::Timestamp now = clock_();
  ASSIGN_OR_RETURN(const Run before, load(actor, id));
  if (is_active(before.state) && before.can.empty()) {
    RETURN_IF_ERROR(db_.write([&](db::Write& tx) {
      return audit::append(tx, actor, now, "access.denied", object_of(before), Object{{"required_role", "administrator"}});
    }));
    return Error{.code = base::Code::forbidden,
                 .reason = "request.forbidden",
                 .detail = "You may look at this run, but not cancel it.",
                 .extra = R"({"required_role":"administrator"})"};
  }
  std::vector<Run> skipped;
  ASSIGN_OR_RETURN(const Run after, db_.write([&](db::Write& tx) -> Result<Run> {
    skipped.clear();
    return cancel_in(tx, actor, id, skipped);
  }));
  stop_running(id);
  changed(after);
  for (const Run& run : skipped) changed(run);
  if (after.job_id) changed_job(*after.job_id);
  wake();
  Run shown = shown_to(actor, after);
  fill(actor, shown);
  return shown;
}

// Another node learns it when it renews its lease.
void Runs::stop_running(RunId id) {
  const std::lock_guard lock(mutex_);
  for (const auto& execution : running_) {
    if (execution->run_.id == id) execution->stop_.request_stop();
  }
}

Result<Run> Runs::cancel_in(db::Write& tx, const base::Actor& actor, RunId id, std::vector<Run>& skipped) {
  const base::Timestamp now = clock_();
  ASSIGN_OR_RETURN(auto run, store::find(tx, id));
  if (!run) return missing();
  if (!is_active(run->state)) return Error{.code = base::Code::conflict, .reason = "run.ended", .detail = "This run has ended already."};
  Run ended = *run;
  ended.state = State::canceled;
  ended.tables = outcome::settled(std::move(ended.tables), ended.state);
  ASSIGN_OR_RETURN(const bool was_waiting, store::cancel_waiting(tx, ended, now));
  if (!was_waiting) RETURN_IF_ERROR(store::request_cancel(tx, id, now));
  RETURN_IF_ERROR(audit::append(tx, actor, now, "run.cancel_requested", object_of(*run)));
  ASSIGN_OR_RETURN(auto fresh, store::find(tx, id));
  BASE_ASSERT(fresh.has_value());
  if (was_waiting) {
    RETURN_IF_ERROR(note_end(tx, *fresh));
    RETURN_IF_ERROR(settle(tx, id, skipped));
  }
  return *std::move(fresh);
}

Result<Run> Runs::approve(const base::Actor& actor, RunId id) {
  ASSIGN_OR_RETURN(Run after, db_.write([&](db::Write& tx) -> Result<Run> {
    ASSIGN_OR_RETURN(auto run, store::find(tx, id));
    if (!run) return missing();
    ASSIGN_OR_RETURN(const bool approved, store::approve(tx, id, clock_()));
    if (!approved)
      return Error{.code = base::Code::conflict, .reason = "run.not_waiting", .detail = "This run does not wait for an approval."};
    Object numbers;
    for (const auto& [name, number] : run->approval.value_or(Approval()).numbers) numbers.set(name, number);
    RETURN_IF_ERROR(audit::append(tx, actor, clock_(), "run.approved", object_of(*run), Object{{"numbers", numbers}}));
    ASSIGN_OR_RETURN(auto fresh, store::find(tx, id));
    BASE_ASSERT(fresh.has_value());
    return *std::move(fresh);
  }));
  changed(after);
  wake();
  fill(actor, after);
  return after;
}

Result<std::optional<RunBrief>> Runs::last_of(db::Read& tx, const std::string& subject_id) { return store::last_of(tx, subject_id); }

Result<std::optional<Run>> Runs::active_of(db::Read& tx, const std::string& subject_id) {
  for (const auto& [name, kind] : kinds_) {
    ASSIGN_OR_RETURN(auto going, store::find_going(tx, name, subject_id));
    if (going) return going;
    ASSIGN_OR_RETURN(auto queued, store::find_queued(tx, name, subject_id));
    if (queued) return queued;
  }
  return std::optional<Run>();
}

Result<Queue> Runs::queue() {
  return db_.read([](db::Read& tx) { return store::queue(tx); });
}

Result<std::vector<Run>> Runs::latest(const base::Actor& actor) {
  ASSIGN_OR_RETURN(auto runs, db_.read([](db::Read& tx) { return store::latest(tx); }));
  for (Run& run : runs) {
    run = shown_to(actor, std::move(run));
    run.max_attempts = settings_.retry.max_attempts();
    run.files.clear();
  }
  return runs;
}

Result<std::vector<RunId>> Runs::active_among(db::Read& tx, const std::vector<std::string>& subject_ids) {
  return store::active_among(tx, subject_ids);
}

// Those that can never start end as skipped, which may doom others in turn; those that wait for nothing any more may start.
// `ended` narrows the work to what waited for that run; without it everything is looked at, which heals what two nodes that
// ended runs in the same instant could not see of each other.
Result<void> Runs::settle(db::Write& tx, std::optional<RunId> ended, std::vector<Run>& skipped) {
  const base::Timestamp now = clock_();
  std::vector<std::optional<RunId>> open{ended};
  std::vector<std::string> jobs;
  const auto note_job = [&](const Run& run) {
    if (run.job_id && std::find(jobs.begin(), jobs.end(), *run.job_id) == jobs.end()) jobs.push_back(*run.job_id);
  };
  while (!open.empty()) {
    const std::optional<RunId> next = open.back();
    open.pop_back();
    ASSIGN_OR_RETURN(auto doomed, store::doomed(tx, next));
    for (store::Doomed& one : doomed) {
      Run& run = one.run;
      run.state = State::skipped;
      run.skipped_because = one.upstream;
      run.tables = outcome::settled(std::move(run.tables), run.state);
      run.error =
          Failure{"run.upstream_failed", "Skipped, because " + one.upstream.display_name + ", which it depends on, was not refreshed."};
      ASSIGN_OR_RETURN(const bool was_skipped, store::skip(tx, run, now));
      if (!was_skipped) continue;
      run.ended_at = now;
      RETURN_IF_ERROR(note_end(tx, run));
      RETURN_IF_ERROR(audit::append(tx, base::Actor::system(), now, "run.ended", object_of(run),
                                    Object{{"state", "skipped"}, {"reason", run.error->reason}, {"because", one.upstream.id}}));
      note_job(run);
      open.emplace_back(run.id);
      skipped.push_back(std::move(run));
    }
    RETURN_IF_ERROR(store::unblock(tx, next, now));
  }
  if (ended) {
    ASSIGN_OR_RETURN(const auto run, store::find(tx, *ended));
    if (run) note_job(*run);
  }
  for (const std::string& job : jobs) RETURN_IF_ERROR(finish_job(tx, job));
  return {};
}

}  // namespace sluice::runs
