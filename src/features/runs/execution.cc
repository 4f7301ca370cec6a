// One execution: from a claimed run to what its end leads to.
#include <exception>
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

constexpr std::chrono::milliseconds kReportEvery{250};

audit::Object object_of(const Run& run) { return {"run", run.id.str(), run.subject.display_name}; }

}  // namespace

void Execution::report() {
  if (std::chrono::steady_clock::now() - reported_ >= kReportEvery) report_now();
}

void Execution::report_now() {
  reported_ = std::chrono::steady_clock::now();
  write_progress_(*this);
}

bool Execution::is_mine() {
  report_now();
  return is_held_;
}

Result<Run> Runs::execute_here(const base::Actor& actor, const Request& request) {
  ASSIGN_OR_RETURN(auto claimed, db_.write([&](db::Write& tx) -> Result<store::Claimed> {
    ASSIGN_OR_RETURN(const Enqueued enqueued, enqueue(tx, actor, request));
    if (!enqueued.created)
      return Error{
          .code = base::Code::conflict, .reason = "run.active", .detail = "A run of this is active already. Wait until it has ended."};
    ASSIGN_OR_RETURN(auto mine, store::claim_one(tx, enqueued.run.id, settings_.node, clock_()));
    BASE_ASSERT(mine.has_value());
    return *std::move(mine);
  }));
  return execute(std::move(claimed), false);
}

Run Runs::execute(store::Claimed claimed, bool is_retried) {
  auto execution = std::make_shared<Execution>();
  execution->run_ = std::move(claimed.run);
  execution->plan_ = std::move(claimed.plan);
  execution->lease_token_ = claimed.lease_token;
  execution->is_approved_ = claimed.is_approved;
  execution->is_retried_ = is_retried;
  execution->run_.warnings.clear();  // of this attempt only
  execution->run_.approval.reset();
  execution->write_progress_ = [this](Execution& e) { write_progress(e); };
  {
    const std::lock_guard lock(mutex_);
    running_.push_back(execution);
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
  auto after = write_end(*execution, ended);
  {
    const std::lock_guard lock(mutex_);
    std::erase(running_, execution);
  }
  if (!after.ok()) {
    base::log::error("run.end_not_written", {{"run_id", execution->run_.id.str()}, {"why", after.error().internal}});
    return execution->run_;
  }
  changed(*after);
  if (after->job_id) {
    changed_job(*after->job_id);
    plan_jobs();
  }
  // A slot is free, and others may have waited for this run.
  wake();
  return *std::move(after);
}

void Runs::write_progress(Execution& execution) {
  const auto written =
      db_.write([&](db::Write& tx) { return store::write_progress(tx, execution.run_, execution.lease_token_, clock_()); });
  execution.is_held_ = written.ok() && written->has_value();
  if (!written.ok()) {
    base::log::warn("run.progress_not_written", {{"run_id", execution.run_.id.str()}, {"why", written.error().internal}});
    return;
  }
  // Lost, or cancelled: either way this execution is over.
  if (!written->has_value() || **written) execution.stop_.request_stop();
  if (written->has_value()) changed(execution.run_);
}

// A run that failed for a reason that may pass waits and tries again (SYS-20); everything else is final.
void Runs::decide(Run& run, const Ended& ended, const Execution& execution, base::Timestamp now) const {
  run.state = ended.state;
  run.error.reset();
  run.approval = ended.approval;
  run.retry_at.reset();
  if (ended.error) {
    run.error = Failure{ended.error->reason, ended.error->detail};
    if (!ended.error->internal.empty())
      base::log::warn("run.failure", {{"run_id", run.id.str()}, {"reason", ended.error->reason}, {"why", ended.error->internal}});
  }
  run.waiting_until.reset();
  if (run.state == State::failed && ended.error) {
    const auto asked_for = ended.error->retry_after;
    // A service that only asks to be left alone for a while has not failed: the run is parked (C-088).
    const bool is_parked =
        ended.error->code == base::Code::rate_limited && asked_for && execution.is_retried_ && now - run.queued_at < outcome::kLongestWait;
    if (!is_parked) run.failures += 1;
    if (is_parked)
      run.retry_at = now + std::min<std::chrono::milliseconds>(*asked_for, outcome::kLongestWait);
    else if (execution.is_retried_)
      run.retry_at = outcome::retry_at(settings_.retry, ended.error->code, run.failures, asked_for, now, settings_.spread());
    if (run.retry_at) run.state = State::retrying;
  }
  run.tables = outcome::settled(std::move(run.tables), run.state);
}

Result<Run> Runs::write_end(Execution& execution, const Ended& ended) {
  const base::Timestamp now = clock_();
  const bool was_stopped = execution.stop_.stop_requested() && (ended.state == State::failed || ended.state == State::canceled);
  Run run;
  std::vector<Run> skipped;
  // One transaction, so that whoever cancels is either heard here or finds the run in the state that this leaves it in.
  ASSIGN_OR_RETURN(const bool written, db_.write([&](db::Write& tx) -> Result<bool> {
    skipped.clear();
    run = execution.run_;
    ASSIGN_OR_RETURN(const bool is_cancelled, store::is_cancel_requested(tx, run.id));
    bool mine = false;
    if (was_stopped && !is_cancelled && is_stopping_) {
      ASSIGN_OR_RETURN(mine, store::requeue(tx, run.id, execution.lease_token_, now));
    } else {
      // Somebody who cancelled wants no further attempt either (C-120).
      decide(run, is_cancelled && !is_delivery(ended.state) ? Ended{.state = State::canceled} : ended, execution, now);
      BASE_ASSERT(may_become(State::running, run.state));
      ASSIGN_OR_RETURN(mine, commit_end(tx, run, execution.lease_token_, now, skipped));
      if (mine) return true;
    }
    ASSIGN_OR_RETURN(auto fresh, store::find(tx, run.id));
    BASE_ASSERT(fresh.has_value());
    run = *std::move(fresh);
    return mine;
  }));
  if (!written) base::log::warn("run.lease_lost", {{"run_id", run.id.str()}});
  if (written && !is_active(run.state))
    base::log::info("run.ended", {{"run_id", run.id.str()},
                                  {"state", base::to_name(run.state)},
                                  {"rows", run.counts.rows_sent},
                                  {"reason", run.error ? run.error->reason : std::string()}});
  for (const Run& one : skipped) changed(one);
  return run;
}

Result<bool> Runs::commit_end(db::Write& tx, Run& run, std::int64_t lease_token, base::Timestamp now, std::vector<Run>& skipped) {
  ASSIGN_OR_RETURN(const bool mine, store::write_end(tx, run, lease_token, now));
  if (!mine) return false;
  const bool is_over = !is_active(run.state);
  if (is_over) {
    run.ended_at = now;
    if (run.started_at) run.duration_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now - *run.started_at).count();
    RETURN_IF_ERROR(note_end(tx, run));
  }
  RETURN_IF_ERROR(audit::append(tx, base::Actor::system(), now, is_over ? "run.ended" : "run.paused", object_of(run),
                                Object{{"state", base::to_name(run.state)},
                                       {"rows_sent", run.counts.rows_sent},
                                       {"reason", run.error ? run.error->reason : std::string()}}));
  if (is_over) RETURN_IF_ERROR(settle(tx, run.id, skipped));
  return true;
}

}  // namespace sluice::runs
