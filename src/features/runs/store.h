// SQL of runs; private to this folder.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "db/db.h"
#include "db/page.h"
#include "features/runs/run.h"
#include "features/runs/runs.h"

namespace sluice::runs::store {

inline constexpr std::chrono::seconds kLease{15};
// A lease that ends later than this was given by a clock that has been set back since; its holder, alive, renews it at once.
inline constexpr std::chrono::minutes kLongestLease{5};

struct Claimed {
  Run run;
  base::json::Object plan;
  std::int64_t lease_token = 0;
  bool is_approved = false;
};

base::Result<void> insert(db::Write& tx, const Run& run, const Request& request);
// Makes a run that already waits belong to the request too: its job, its upstream runs.
base::Result<void> join(db::Write& tx, RunId id, const Request& request);
base::Result<std::optional<Run>> find(db::Read& tx, RunId id);
// The one that waits, or the one that goes on: running, retrying, or waiting for a person.
base::Result<std::optional<Run>> find_queued(db::Read& tx, const std::string& kind, const std::string& subject_id);
base::Result<std::optional<Run>> find_going(db::Read& tx, const std::string& kind, const std::string& subject_id);
base::Result<std::vector<Run>> list(db::Read& tx, const ListQuery& query, const db::Page& page, std::optional<std::string>& next_cursor);
base::Result<std::vector<Run>> latest(db::Read& tx);
base::Result<std::vector<RunId>> active_among(db::Read& tx, const std::vector<std::string>& subject_ids);
base::Result<std::vector<RunRef>> upstream_of(db::Read& tx, RunId id);
base::Result<std::optional<RunBrief>> last_of(db::Read& tx, const std::string& subject_id);

// ---- the queue (store_queue.cc)

// Whether claim() would find something; takes no lock.
base::Result<bool> has_ready(db::Read& tx, base::Timestamp now);
base::Result<Queue> queue(db::Read& tx);
// The run whose turn it is, now running under a lease of `owner`.
base::Result<std::optional<Claimed>> claim(db::Write& tx, const std::string& owner, base::Timestamp now, bool is_postgres);
base::Result<std::optional<Claimed>> claim_one(db::Write& tx, RunId id, const std::string& owner, base::Timestamp now);
// Writes the counts and renews the lease. Empty: the lease is lost. Else: whether somebody asked to cancel.
base::Result<std::optional<bool>> write_progress(db::Write& tx, const Run& run, std::int64_t lease_token, base::Timestamp now);
base::Result<std::optional<bool>> renew(db::Write& tx, RunId id, std::int64_t lease_token, base::Timestamp now);
// Ends the attempt in run.state, which may be retrying (from run.retry_at on) or needs_approval. False: the lease is lost and
// nothing was written.
base::Result<bool> write_end(db::Write& tx, const Run& run, std::int64_t lease_token, base::Timestamp now);
// Back to the queue, keeping its place; not an attempt. `is_approved` is kept.
base::Result<bool> requeue(db::Write& tx, RunId id, std::int64_t lease_token, base::Timestamp now);
base::Result<bool> approve(db::Write& tx, RunId id, base::Timestamp now);
base::Result<void> request_cancel(db::Write& tx, RunId id, base::Timestamp now);
base::Result<bool> is_cancel_requested(db::Read& tx, RunId id);
// Of one that waits, which ends in run.state.
base::Result<bool> cancel_waiting(db::Write& tx, const Run& run, base::Timestamp now);
// Running runs whose lease ran out, or all of them.
base::Result<std::vector<Claimed>> lost(db::Read& tx, base::Timestamp now, bool all);
// Ends the lost attempt in run.state; the time of the end is the last sign of life (C-128). False: it is no longer lost, or
// somebody cancelled it meanwhile.
base::Result<bool> take_back(db::Write& tx, const Run& run, std::int64_t lease_token, base::Timestamp now, bool all);
// Running, and asked to cancel before `before`.
base::Result<std::vector<Run>> overdue_cancels(db::Read& tx, base::Timestamp before);
base::Result<bool> force_cancel(db::Write& tx, const Run& run, base::Timestamp now);

// Waiting runs that can never start, because a run they need did not deliver, with that run. `ended`: only those that wait for it.
struct Doomed {
  Run run;
  RunRef upstream;
};
base::Result<std::vector<Doomed>> doomed(db::Read& tx, std::optional<RunId> ended);
base::Result<bool> skip(db::Write& tx, const Run& run, base::Timestamp now);
// Lets go those that wait for nothing any more; how many.
base::Result<std::int64_t> unblock(db::Write& tx, std::optional<RunId> ended, base::Timestamp now);
// Forgets lanes that have no active run and were last served before `before`. One that is asked for again soon must not have
// lost its place: it would count as never served, and go before those that wait (SCH-33).
base::Result<void> drop_idle_lanes(db::Write& tx, base::Timestamp before);

// ---- jobs (store_jobs.cc)

base::Result<void> insert_job(db::Write& tx, const Job& job);
base::Result<std::optional<Job>> find_job(db::Read& tx, JobId id);
base::Result<std::optional<Job>> find_job(db::Read& tx, const std::string& kind, State state);
base::Result<std::optional<Job>> next_job(db::Read& tx);  // queued, and none of its kind goes on
base::Result<std::vector<Job>> list_jobs(db::Read& tx, const db::Page& page, std::optional<std::string>& next_cursor);
base::Result<std::optional<Job>> newest_job(db::Read& tx, bool is_running);
base::Result<std::vector<Run>> runs_of(db::Read& tx, JobId id);
// The runs of a job in numbers, one row for each stage and state: a refresh may have thousands, and is looked at whenever one ends.
struct Tally {
  std::string stage;
  State state = State::queued;
  std::int64_t runs = 0;
  std::optional<base::Timestamp> first_started_at;
  std::optional<base::Timestamp> last_ended_at;
};
base::Result<std::vector<Tally>> tally(db::Read& tx, JobId id);
// What the queued runs of a job wait for.
base::Result<std::map<RunId, std::vector<RunRef>>> waits_of(db::Read& tx, JobId id);
base::Result<bool> begin_job(db::Write& tx, JobId id, base::Timestamp now);
base::Result<bool> end_job(db::Write& tx, JobId id, State state, base::Timestamp now);
// Going on, with no active run left.
base::Result<std::vector<JobId>> finished_jobs(db::Read& tx);

// ---- the history (store_history.cc)

// A step through what ended before `before`, from the run with this end and id on.
struct Swept {
  std::int64_t seen = 0;
  std::int64_t removed = 0;
  base::Timestamp last_ended_at{};
  std::string last_id;
};
base::Result<Swept> remove_old(db::Write& tx, base::Timestamp before, base::Timestamp after_ended_at, const std::string& after_id,
                               std::int64_t most);
// Jobs that ended before and have no runs left; how many.
base::Result<std::int64_t> remove_old_jobs(db::Write& tx, base::Timestamp before, std::int64_t most);

// For the files of this store: the columns of a run in order, and how they are read.
inline const std::string kRunColumns = R"sql(id, kind, subject_id, subject_name, connection_id, connection_name, connection_type, state,
    trigger_kind, requested_by, requested_by_name, defined_by, defined_by_name, queued_at, started_at, ended_at, attempt,
    expected_rows, counts, tables, files, error_reason, error_detail, version, job_id, stage, ready_at, failures, losses,
    is_cancel_requested, skipped_by, skipped_by_name, warnings, approval, waiting_until, plan, lease_token, approved_at)sql";
Run to_run(const db::Row& row);

}  // namespace sluice::runs::store
