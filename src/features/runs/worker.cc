// The threads of the run engine: workers that claim and execute, and a keeper that renews leases and rescues lost runs.
#include <pthread.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "features/audit/audit.h"
#include "features/runs/runs.h"
#include "features/runs/store.h"

namespace sluice::runs {

using base::Result;

namespace {

// A cancelled execution ends by itself within seconds; one that does not is cut off (C-121).
constexpr std::chrono::minutes kForceCancelAfter{1};
constexpr std::chrono::hours kLaneIdle{24};

}  // namespace

void Runs::start(std::size_t workers, bool rescue_all) {
  is_stopping_ = false;
  is_claiming_ = true;
  if (const auto done = rescue(rescue_all); !done.ok()) base::log::error("run.rescue_failed", {{"why", done.error().internal}});
  threads_.emplace_back([this](std::stop_token stop) { keep(std::move(stop)); });
  pthread_setname_np(threads_.back().native_handle(), "run-keeper");
  for (std::size_t i = 0; i < workers; ++i) {
    threads_.emplace_back([this](std::stop_token stop) { work(std::move(stop)); });
    pthread_setname_np(threads_.back().native_handle(), ("run-" + std::to_string(i)).c_str());
  }
}

void Runs::stop() {
  is_claiming_ = false;
  is_stopping_ = true;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& execution : running_) execution->stop_.request_stop();
  }
  for (std::jthread& thread : threads_) thread.request_stop();
  wake_.notify_all();
  threads_.clear();
}

void Runs::work(std::stop_token stop) {
  std::uint64_t seen = 0;
  while (!stop.stop_requested()) {
    if (is_claiming_) {
      const auto ran = claim_and_run();
      if (!ran.ok()) base::log::error("run.claim_failed", {{"why", ran.error().internal}});
      if (ran.ok() && *ran) continue;
    }
    std::unique_lock lock(mutex_);
    // Woken by enqueue(); the second is for runs that another process queued.
    wake_.wait_for(lock, std::chrono::seconds(1), [&] { return stop.stop_requested() || wakes_ != seen; });
    seen = wakes_;
  }
}

Result<bool> Runs::claim_and_run() {
  // Looking is cheap and takes no write lock, which matters with many idle workers.
  ASSIGN_OR_RETURN(const bool is_ready, db_.read([&](db::Read& tx) { return store::has_ready(tx, clock_()); }));
  if (!is_ready) return false;
  ASSIGN_OR_RETURN(auto claimed, db_.write([&](db::Write& tx) { return store::claim(tx, settings_.node, clock_(), db_.is_postgres()); }));
  if (!claimed) return false;
  execute(*std::move(claimed), true);
  return true;
}

void Runs::keep(std::stop_token stop) {
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, std::chrono::seconds(1), [&] { return stop.stop_requested(); });
    }
    if (!stop.stop_requested()) keep_once();
  }
}

void Runs::keep_once() {
  const auto note = [](std::string_view what, const Result<void>& done) {
    if (!done.ok()) base::log::error("run.keeper_failed", {{"what", what}, {"why", done.error().internal}});
  };
  note("renew", renew_leases());
  note("force", force_cancels());
  if (clock_() - kept_ < std::chrono::seconds(5) && clock_() >= kept_) return;
  kept_ = clock_();
  note("rescue", rescue(false));
  std::vector<Run> skipped;
  note("settle", db_.write([&](db::Write& tx) -> Result<void> {
    skipped.clear();
    RETURN_IF_ERROR(settle(tx, std::nullopt, skipped));
    RETURN_IF_ERROR(store::drop_idle_lanes(tx, clock_() - kLaneIdle));
    ASSIGN_OR_RETURN(const auto finished, store::finished_jobs(tx));
    for (const JobId id : finished) RETURN_IF_ERROR(finish_job(tx, id.str()));
    return {};
  }));
  for (const Run& run : skipped) changed(run);
  note("history", remove_history());
  plan_jobs();
}

Result<void> Runs::renew_leases() {
  std::vector<std::shared_ptr<Execution>> mine;
  {
    const std::lock_guard lock(mutex_);
    mine = running_;
  }
  if (mine.empty()) return {};
  std::vector<std::shared_ptr<Execution>> over;
  RETURN_IF_ERROR(db_.write([&](db::Write& tx) -> Result<void> {
    over.clear();
    for (const auto& execution : mine) {
      ASSIGN_OR_RETURN(const auto renewed, store::renew(tx, execution->run_.id, execution->lease_token_, clock_()));
      if (!renewed || *renewed) over.push_back(execution);
    }
    return {};
  }));
  // Lost, or cancelled: either way the execution is over.
  for (const auto& execution : over) execution->stop_.request_stop();
  return {};
}

Result<void> Runs::force_cancels() {
  const base::Timestamp now = clock_();
  ASSIGN_OR_RETURN(auto overdue, db_.read([&](db::Read& tx) { return store::overdue_cancels(tx, now - kForceCancelAfter); }));
  for (Run& run : overdue) {
    std::vector<Run> skipped;
    RETURN_IF_ERROR(db_.write([&](db::Write& tx) -> Result<void> {
      skipped.clear();
      run.state = State::canceled;
      run.tables = outcome::settled(std::move(run.tables), run.state);
      ASSIGN_OR_RETURN(const bool forced, store::force_cancel(tx, run, now));
      if (!forced) return {};
      run.ended_at = now;
      RETURN_IF_ERROR(note_end(tx, run));
      RETURN_IF_ERROR(audit::append(tx, base::Actor::system(), now, "run.cancel_forced", {"run", run.id.str(), run.subject.display_name}));
      return settle(tx, run.id, skipped);
    }));
    base::log::warn("run.cancel_forced", {{"run_id", run.id.str()}});
    changed(run);
    for (const Run& one : skipped) changed(one);
    wake();
  }
  return {};
}

Result<void> Runs::rescue(bool all) {
  const base::Timestamp now = clock_();
  ASSIGN_OR_RETURN(auto lost, db_.read([&](db::Read& tx) { return store::lost(tx, now, all); }));
  for (store::Claimed& one : lost) {
    Run& run = one.run;
    {
      // Ours and alive: the clock jumped, or the database was slow. The next renewal puts it right.
      const std::lock_guard lock(mutex_);
      if (std::any_of(running_.begin(), running_.end(),
                      [&](const auto& e) { return e->run_.id == run.id && e->lease_token_ == one.lease_token; }))
        continue;
    }
    std::vector<Run> skipped;
    ASSIGN_OR_RETURN(const bool taken, db_.write([&](db::Write& tx) {
      skipped.clear();
      return take_back(tx, one, now, all, skipped);
    }));
    if (!taken) continue;
    base::log::warn("run.rescued", {{"run_id", run.id.str()}, {"state", base::to_name(run.state)}});
    changed(run);
    for (const Run& other : skipped) changed(other);
    wake();
  }
  return {};
}

// A run that somebody cancelled ends with its server; another is tried again, unless it may be the run that ends its servers.
Result<bool> Runs::take_back(db::Write& tx, store::Claimed& lost, base::Timestamp now, bool all, std::vector<Run>& skipped) {
  Run run = lost.run;
  run.losses += 1;
  if (run.is_canceling) {
    run.state = State::canceled;
  } else if (run.losses < kMostLosses) {
    run.state = State::retrying;
    run.error = Failure{"run.lost", "The server stopped while this ran; it is tried again."};
  } else {
    run.state = State::failed;
    run.error =
        Failure{"run.lost", "The server stopped three times while this ran. Look at the log of the server before you start it again."};
  }
  run.tables = outcome::settled(std::move(run.tables), run.state);
  ASSIGN_OR_RETURN(const bool taken, store::take_back(tx, run, lost.lease_token, now, all));
  if (!taken) return false;
  ASSIGN_OR_RETURN(auto fresh, store::find(tx, run.id));
  BASE_ASSERT(fresh.has_value());
  lost.run = *std::move(fresh);
  const bool is_over = !is_active(lost.run.state);
  if (is_over) RETURN_IF_ERROR(note_end(tx, lost.run));
  RETURN_IF_ERROR(audit::append(tx, base::Actor::system(), now, is_over ? "run.ended" : "run.rescued",
                                {"run", run.id.str(), run.subject.display_name}, base::json::Object{{"state", base::to_name(run.state)}}));
  if (is_over) RETURN_IF_ERROR(settle(tx, run.id, skipped));
  return true;
}

}  // namespace sluice::runs
