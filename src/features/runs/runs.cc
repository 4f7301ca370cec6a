#include "features/runs/runs.h"

#include <exception>
#include <utility>

#include "base/log.h"
#include "features/audit/audit.h"
#include "features/runs/store.h"

namespace sluice::runs {

namespace {

using base::Error;
using base::Result;
using base::json::Object;

constexpr std::chrono::milliseconds kReportEvery{250};

Error missing() { return Error{.code = base::Code::not_found, .reason = "request.not_found", .detail = "There is no such run."}; }

audit::Object object_of(const Run& run) { return {"run", run.id.str(), run.subject.display_name}; }

// Reasons that tell of the destination or the way to it.
bool is_about_the_connection(std::string_view reason) {
  return !(reason.starts_with("export.") || reason.starts_with("run.") || reason.starts_with("table.") || reason.starts_with("csv.") ||
           reason.starts_with("import."));
}

}  // namespace

void Execution::report() {
  if (std::chrono::steady_clock::now() - reported_ >= kReportEvery) report_now();
}

void Execution::report_now() {
  reported_ = std::chrono::steady_clock::now();
  write_progress_(*this);
}

Runs::Runs(db::Db& db, base::Clock clock, std::string node) : db_(db), clock_(std::move(clock)), node_(std::move(node)) {}

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
  ASSIGN_OR_RETURN(auto active, store::find_active(tx, request.kind, request.subject.id));
  if (active) return Enqueued{*std::move(active), false};
  const base::Timestamp now = clock_();
  Run run{.id = RunId::make(now), .kind = request.kind, .subject = request.subject, .connection = request.connection};
  run.trigger = request.trigger;
  run.requested_by = {actor.id.is_nil() ? std::nullopt : std::optional(actor.id), actor.display_name};
  run.defined_by = request.defined_by;
  run.queued_at = now;
  run.expected_rows = request.expected_rows;
  run.version = 1;
  RETURN_IF_ERROR(store::insert(tx, run, request.plan));
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
  if (!is_active(run.state)) return;
  const auto kind = kinds_.find(run.kind);
  if (kind != kinds_.end() && kind->second.may_cancel && kind->second.may_cancel(actor, run)) run.can.push_back("cancel");
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
    add_can(actor, run);
    run.files.clear();
  }
  return out;
}

Result<Run> Runs::load(const base::Actor& actor, RunId id) {
  ASSIGN_OR_RETURN(auto run, db_.read([&](db::Read& tx) { return store::find(tx, id); }));
  if (!run) return missing();
  add_can(actor, *run);
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
  ASSIGN_OR_RETURN(const Run after, db_.write([&](db::Write& tx) -> Result<Run> {
    ASSIGN_OR_RETURN(auto run, store::find(tx, id));
    if (!run) return missing();
    if (!is_active(run->state)) return Error{.code = base::Code::conflict, .reason = "run.ended", .detail = "This run has ended already."};
    ASSIGN_OR_RETURN(const bool was_waiting, store::cancel_queued(tx, id, now));
    if (!was_waiting) RETURN_IF_ERROR(store::request_cancel(tx, id, now));
    RETURN_IF_ERROR(audit::append(tx, actor, now, "run.cancel_requested", object_of(*run)));
    ASSIGN_OR_RETURN(auto fresh, store::find(tx, id));
    BASE_ASSERT(fresh.has_value());
    return *std::move(fresh);
  }));
  {
    // Another node learns it when it renews its lease.
    const std::lock_guard lock(mutex_);
    if (const auto running = running_.find(id); running != running_.end()) running->second->stop_.request_stop();
  }
  changed(after);
  Run shown = shown_to(actor, after);
  add_can(actor, shown);
  return shown;
}

Result<std::optional<RunBrief>> Runs::last_of(db::Read& tx, const std::string& subject_id) { return store::last_of(tx, subject_id); }

Result<std::optional<Run>> Runs::active_of(db::Read& tx, const std::string& subject_id) {
  for (const auto& [name, kind] : kinds_) {
    ASSIGN_OR_RETURN(auto run, store::find_active(tx, name, subject_id));
    if (run) return run;
  }
  return std::optional<Run>();
}

Result<Run> Runs::execute_here(const base::Actor& actor, const Request& request) {
  ASSIGN_OR_RETURN(auto claimed, db_.write([&](db::Write& tx) -> Result<store::Claimed> {
    ASSIGN_OR_RETURN(const Enqueued enqueued, enqueue(tx, actor, request));
    if (!enqueued.created)
      return Error{
          .code = base::Code::conflict, .reason = "run.active", .detail = "A run of this is active already. Wait until it has ended."};
    ASSIGN_OR_RETURN(auto mine, store::claim_one(tx, enqueued.run.id, node_, clock_()));
    BASE_ASSERT(mine.has_value());
    return *std::move(mine);
  }));
  auto execution = std::make_shared<Execution>();
  execution->run_ = std::move(claimed.run);
  execution->plan_ = std::move(claimed.plan);
  execution->lease_token_ = claimed.lease_token;
  return execute(std::move(execution));
}

Run Runs::execute(std::shared_ptr<Execution> execution) {
  execution->write_progress_ = [this](Execution& e) { write_progress(e); };
  {
    const std::lock_guard lock(mutex_);
    running_[execution->run_.id] = execution;
  }
  changed(execution->run_);
  base::log::info("run.started",
                  {{"run_id", execution->run_.id.str()}, {"kind", execution->run_.kind}, {"attempt", execution->run_.attempt}});
  Ended ended;
  try {
    const auto kind = kinds_.find(execution->run_.kind);
    if (kind != kinds_.end())
      ended = kind->second.execute(*execution);
    else
      ended = {
          State::failed,
          Error{.code = base::Code::internal, .reason = "run.unknown_kind", .detail = "This version does not know runs of this kind."}};
  } catch (const std::exception& e) {
    // Ours never throw; this is bad_alloc or a fault of a library, and the worker must live on.
    base::log::error("run.threw", {{"run_id", execution->run_.id.str()}, {"what", e.what()}});
    ended = {State::failed,
             Error{.code = base::Code::internal,
                   .reason = "run.internal",
                   .detail = "Something went wrong inside Sluice. The log of the server says what, under the id of this run."}};
  }
  auto after = write_end(*execution, std::move(ended));
  {
    const std::lock_guard lock(mutex_);
    running_.erase(execution->run_.id);
  }
  if (!after.ok()) {
    base::log::error("run.end_not_written", {{"run_id", execution->run_.id.str()}, {"why", after.error().internal}});
    return execution->run_;
  }
  base::log::info("run.ended", {{"run_id", after->id.str()},
                                {"state", base::to_name(after->state)},
                                {"rows", after->counts.rows_sent},
                                {"reason", after->error ? after->error->reason : std::string()}});
  changed(*after);
  return *std::move(after);
}

void Runs::write_progress(Execution& execution) {
  const auto written =
      db_.write([&](db::Write& tx) { return store::write_progress(tx, execution.run_, execution.lease_token_, clock_()); });
  if (!written.ok()) {
    base::log::warn("run.progress_not_written", {{"run_id", execution.run_.id.str()}, {"why", written.error().internal}});
    return;
  }
  // Lost, or cancelled: either way this execution is over.
  if (!written->has_value() || **written) execution.stop_.request_stop();
  changed(execution.run_);
}

Result<Run> Runs::write_end(Execution& execution, Ended ended) {
  Run& run = execution.run_;
  const base::Timestamp now = clock_();
  const bool was_stopped = execution.stop_.stop_requested() && (ended.state == State::failed || ended.state == State::canceled);
  ASSIGN_OR_RETURN(const auto row,
                   db_.read([&](db::Read& tx) { return tx.maybe_one("SELECT is_cancel_requested FROM runs WHERE id = ?1", run.id); }));
  const bool is_cancelled = row && row->get<bool>(0);
  if (was_stopped && !is_cancelled && is_stopping_) {
    ASSIGN_OR_RETURN(const bool queued, db_.write([&](db::Write& tx) { return store::requeue(tx, run.id, execution.lease_token_, now); }));
    if (queued) run.state = State::queued;
    return run;
  }
  run.state = was_stopped && is_cancelled ? State::canceled : ended.state;
  if (run.state == State::canceled) {
    run.error.reset();
  } else if (ended.error) {
    run.error = Failure{ended.error->reason, ended.error->detail};
    if (!ended.error->internal.empty())
      base::log::warn("run.failure", {{"run_id", run.id.str()}, {"reason", ended.error->reason}, {"why", ended.error->internal}});
  }
  for (TableResult& table : run.tables) {
    if (is_active(table.state))
      table.state = run.state == State::succeeded ? State::succeeded : run.state == State::failed ? State::failed : State::canceled;
  }
  BASE_ASSERT(may_become(State::running, run.state));
  ASSIGN_OR_RETURN(const bool written, db_.write([&](db::Write& tx) -> Result<bool> {
    ASSIGN_OR_RETURN(const bool mine, store::write_end(tx, run, execution.lease_token_, now));
    if (!mine) return false;
    run.ended_at = now;
    if (run.started_at) run.duration_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now - *run.started_at).count();
    RETURN_IF_ERROR(note_end(tx, run));
    RETURN_IF_ERROR(audit::append(tx, base::Actor::system(), now, "run.ended", object_of(run),
                                  Object{{"state", base::to_name(run.state)},
                                         {"rows_sent", run.counts.rows_sent},
                                         {"reason", run.error ? run.error->reason : std::string()}}));
    return true;
  }));
  if (!written) base::log::warn("run.lease_lost", {{"run_id", run.id.str()}});
  return run;
}

}  // namespace sluice::runs
