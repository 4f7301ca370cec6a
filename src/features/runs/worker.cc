// The threads of the run engine: workers that claim and execute, and a keeper that renews leases and rescues lost runs.
#include <pthread.h>

#include <utility>

#include "base/log.h"
#include "features/audit/audit.h"
#include "features/runs/runs.h"
#include "features/runs/store.h"

namespace sluice::runs {

using base::Result;

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
    for (const auto& [id, execution] : running_) execution->stop_.request_stop();
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
  ASSIGN_OR_RETURN(const auto waiting,
                   db_.read([](db::Read& tx) { return tx.maybe_one("SELECT 1 FROM runs WHERE state = 'queued' LIMIT 1"); }));
  if (!waiting) return false;
  ASSIGN_OR_RETURN(auto claimed, db_.write([&](db::Write& tx) { return store::claim(tx, node_, clock_(), db_.is_postgres()); }));
  if (!claimed) return false;
  auto execution = std::make_shared<Execution>();
  execution->run_ = std::move(claimed->run);
  execution->plan_ = std::move(claimed->plan);
  execution->lease_token_ = claimed->lease_token;
  execute(std::move(execution));
  return true;
}

void Runs::keep(std::stop_token stop) {
  auto rescued = std::chrono::steady_clock::now();
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, std::chrono::seconds(1), [&] { return stop.stop_requested(); });
    }
    std::vector<std::shared_ptr<Execution>> mine;
    {
      const std::lock_guard lock(mutex_);
      for (const auto& [id, execution] : running_) mine.push_back(execution);
    }
    for (const auto& execution : mine) {
      const auto renewed =
          db_.write([&](db::Write& tx) { return store::renew(tx, execution->run_.id, execution->lease_token_, clock_()); });
      if (renewed.ok() && (!renewed->has_value() || **renewed)) execution->stop_.request_stop();
    }
    if (std::chrono::steady_clock::now() - rescued > std::chrono::seconds(5)) {
      rescued = std::chrono::steady_clock::now();
      if (const auto done = rescue(false); !done.ok()) base::log::error("run.rescue_failed", {{"why", done.error().internal}});
    }
  }
}

Result<void> Runs::rescue(bool all) {
  const base::Timestamp now = clock_();
  ASSIGN_OR_RETURN(auto lost, db_.read([&](db::Read& tx) { return store::lost(tx, now, all); }));
  for (Run& run : lost) {
    const bool again = run.attempt < 3;
    run.state = again ? State::queued : State::failed;
    run.error.reset();
    if (!again)
      run.error =
          Failure{"run.lost", "The server stopped three times while this ran. Look at the log of the server before you start it again."};
    ASSIGN_OR_RETURN(const bool taken, db_.write([&](db::Write& tx) -> Result<bool> {
      ASSIGN_OR_RETURN(const bool mine, store::take_back(tx, run, run.state, now, all));
      if (!mine) return false;
      if (!again) RETURN_IF_ERROR(note_end(tx, run));
      RETURN_IF_ERROR(audit::append(tx, base::Actor::system(), now, again ? "run.rescued" : "run.ended",
                                    {"run", run.id.str(), run.subject.display_name}));
      return true;
    }));
    if (!taken) continue;
    base::log::warn("run.rescued", {{"run_id", run.id.str()}, {"state", base::to_name(run.state)}});
    changed(run);
    wake();
  }
  return {};
}

}  // namespace sluice::runs
