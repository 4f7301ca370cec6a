// The run engine: queue, workers, retries, history, cancellation. The queue is the table `runs`. Of a subject one run goes on
// and one may wait behind it (EXP-65), by unique indexes. A worker holds a lease that it renews; every write it makes names
// the lease's token, so a worker that lost its lease can change nothing. A run whose lease ran out is tried again, three times
// at most. A failure that may pass is retried after growing waits; the run is then `retrying` and holds no worker.
//
// Order: runs of one connection form a lane with a limited number of slots; the lane that was served longest ago is served
// next, and within a lane the run that is ready longest (SCH-33). A run may wait for runs upstream of it.
//
// Threads: any may call the use cases. start() begins the workers and the keeper (which renews leases and rescues lost
// runs); stop() asks running executions to stop, waits, and puts them back into the queue.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/authz.h"
#include "base/random.h"
#include "base/result.h"
#include "db/db.h"
#include "features/runs/job.h"
#include "features/runs/outcome.h"
#include "features/runs/run.h"

namespace sluice::runs {

namespace store {
struct Claimed;
}

// A run that another one waits for. `must_succeed`: when it does not deliver, the waiting run is skipped (SCH-07).
struct Upstream {
  RunId id;
  bool must_succeed = false;
};

// What to execute. `plan` is all the executor needs; it must not name secrets.
struct Request {
  std::string kind;
  SubjectRef subject;
  std::optional<ConnectionRef> connection;
  std::optional<base::UserRef> defined_by;
  Trigger trigger = Trigger::manual;
  base::json::Object plan;
  std::optional<std::int64_t> expected_rows;
  std::int64_t parallel = 4;  // runs of the same connection (or kind, without one) at a time; 1: one after the other (EXP-66)
  std::vector<Upstream> waits_for;
  // A run that goes on already may have read older data: queue another one behind it instead of being given it.
  bool queue_behind = false;
  std::optional<JobId> job_id = {};
  std::string stage = {};
};

// How an execution ended.
struct Ended {
  State state = State::succeeded;
  std::optional<base::Error> error = {};  // failed and the completed_with_ ones
  std::optional<Approval> approval = {};  // needs_approval
};

// A run of a job. `after`: tasks of the same job that it waits for, by kind and subject; unknown ones are ignored.
struct Task {
  Request request;
  std::vector<std::pair<std::string, std::string>> after;
};
// Says what a job does, in the transaction that starts it.
using Planner = std::function<base::Result<std::vector<Task>>(db::Write&)>;

// One execution, as the executor sees it. Its own thread only, except stop().
class Execution {
 public:
  const Run& run() const { return run_; }
  const base::json::Object& plan() const { return plan_; }
  // Stops when the run is cancelled, the process shuts down or the lease is lost; the executor then ends soon, whatever it
  // returns.
  std::stop_token stop() const { return stop_.get_token(); }
  // What the executor fills; written to the database by report() and at the end.
  Counts& counts() { return run_.counts; }
  std::vector<TableResult>& tables() { return run_.tables; }
  std::vector<FileResult>& files() { return run_.files; }
  void set_waiting(std::optional<base::Timestamp> until) { run_.waiting_until = until; }
  void set_expected_rows(std::int64_t rows) { run_.expected_rows = rows; }
  void warn(std::string reason, std::string detail) { run_.warnings.push_back({std::move(reason), std::move(detail)}); }
  // An administrator let this run go on past the guards (BEY-10).
  bool is_approved() const { return is_approved_; }
  // Cheap to call often: writes at most four times a second.
  void report();
  // For what must be known even if the process is killed next, such as the name of a file that is about to be written.
  void report_now();
  // Whether the lease is still held, asked of the database; false too when it does not answer. Without it another node may be
  // delivering: nothing at the destination may be taken away any more.
  bool is_mine();

 private:
  friend class Runs;
  Run run_;
  base::json::Object plan_;
  std::int64_t lease_token_ = 0;
  bool is_approved_ = false;
  bool is_held_ = true;
  bool is_retried_ = true;  // false on the command line, where a person waits and decides
  std::stop_source stop_;
  std::function<void(Execution&)> write_progress_;
  std::chrono::steady_clock::time_point reported_{};
};

struct Kind {
  std::function<Ended(Execution&)> execute;
  // After the end was written, in its transaction: what the subject must remember.
  std::function<base::Result<void>(db::Write&, const Run&)> ended;
  // Whether somebody may cancel this run. Asks outside of a transaction.
  std::function<bool(const base::Actor&, const Run&)> may_cancel;
  // Further verbs of a run that has ended; likewise.
  std::function<std::vector<std::string>(const base::Actor&, const Run&)> can_after = {};
};

struct ListQuery {
  std::optional<std::string> subject_id;
  std::optional<std::string> kind;
  std::optional<State> state;
  std::optional<std::string> job_id = {};
  std::optional<Trigger> trigger = {};
  std::optional<base::Timestamp> from = {};  // queued then or later
  std::optional<base::Timestamp> to = {};    // queued before
  std::string sort;
  std::optional<std::string_view> cursor;
  std::int64_t limit = 50;
};
struct RunPage {
  std::vector<Run> items;
  std::optional<std::string> next_cursor;
};

struct JobPage {
  std::vector<Job> items;
  std::optional<std::string> next_cursor;
};

// How much is to do (SYS-50).
struct Queue {
  std::int64_t queued = 0;
  std::int64_t running = 0;
  std::int64_t retrying = 0;
  std::int64_t needs_approval = 0;
  std::optional<base::Timestamp> oldest_queued_at;
};

struct Settings {
  std::string node;  // names this process in leases
  outcome::RetryDelays retry = {};
  std::chrono::days history{90};                           // how long ended runs are kept (SYS-15); 0: for ever
  std::function<double()> spread = base::random_fraction;  // of retries in time; in [0, 1)
};

class Runs {
 public:
  Runs(db::Db& db, base::Clock clock, Settings settings);
  ~Runs();

  void register_kind(const std::string& name, Kind kind);
  // Called with every run whose row changed, on the thread that changed it.
  void on_change(std::function<void(const Run&)> listener);
  void on_job_change(std::function<void(const Job&)> listener);
  // Called in the transaction that ends a run, after its kind's own `ended`.
  void on_end(std::function<base::Result<void>(db::Write&, const Run&)> listener);

  struct Enqueued {
    Run run;
    bool created = true;  // false: this one was active or waited already
  };
  // In the caller's transaction; call wake() after it committed.
  base::Result<Enqueued> enqueue(db::Write& tx, const base::Actor& actor, const Request& request);
  void wake();
  // Executes at once on the calling thread, without the queue: for the command line. Reason "run.active".
  base::Result<Run> execute_here(const base::Actor& actor, const Request& request);

  base::Result<RunPage> list(const base::Actor& actor, const ListQuery& query);
  // All that match, in the order of the list, as CSV for spreadsheets, piece by piece (SYS-15). Errors as those of list().
  base::Result<std::function<base::Result<bool>(std::string& out)>> download(const base::Actor& actor, ListQuery query);
  base::Result<Run> load(const base::Actor& actor, RunId id);
  // A waiting run ends at once, a running one within seconds, by force after a minute. Reasons: "run.ended", "request.forbidden".
  base::Result<Run> cancel(const base::Actor& actor, RunId id);
  // Lets a run go on that waits for a person. Reason "run.not_waiting".
  base::Result<Run> approve(const base::Actor& actor, RunId id);

  // Jobs. `planner` says what a job of this kind does.
  void register_job(const std::string& kind, Planner planner);
  struct StartedJob {
    Job job;
    bool created = true;  // false: this one was active already
  };
  // In the caller's transaction; call plan_jobs() after it committed. While one goes on, `queue_behind` queues one more behind
  // it, once (SCH-11); otherwise the one that goes on is given.
  base::Result<StartedJob> start_job(db::Write& tx, const base::Actor& actor, const std::string& kind, Trigger trigger, bool queue_behind);
  base::Result<StartedJob> request_job(const base::Actor& actor, const std::string& kind);
  // Queues the runs of jobs whose turn has come.
  void plan_jobs();
  base::Result<JobPage> list_jobs(const base::Actor& actor, const std::string& sort, std::optional<std::string_view> cursor,
                                  std::int64_t limit);
  base::Result<Job> load_job(const base::Actor& actor, JobId id);
  base::Result<Job> cancel_job(const base::Actor& actor, JobId id);
  base::Result<std::optional<Job>> last_job(const base::Actor& actor, bool is_running);
  base::Result<std::optional<RunBrief>> last_of(db::Read& tx, const std::string& subject_id);
  base::Result<std::optional<Run>> active_of(db::Read& tx, const std::string& subject_id);
  base::Result<Queue> queue();
  // The newest run of every subject, for a page that shows all of them.
  base::Result<std::vector<Run>> latest(const base::Actor& actor);
  // Active runs of these subjects: what an export waits for (EXP-62).
  base::Result<std::vector<RunId>> active_among(db::Read& tx, const std::vector<std::string>& subject_ids);
  // Called by the keeper in its own transaction: what else belongs to the history removes what is older than this.
  void on_history(std::function<base::Result<void>(db::Write&, base::Timestamp before)> listener);
  // `rescue_all`: no other process can be running anything (SQLite), so that every lease is lost.
  void start(std::size_t workers, bool rescue_all);
  void stop();
  void pause_claims() { is_claiming_ = false; }

  // One step of a worker and of the keeper, on the calling thread; for tests that order the steps themselves.
  base::Result<bool> claim_and_run();
  void keep_once();

  // What `actor` may see: causes at the destination are for administrators, who configured it (ROL-39).
  static Run shown_to(const base::Actor& actor, Run run);

 private:
  void work(std::stop_token stop);
  void keep(std::stop_token stop);
  base::Result<void> rescue(bool all);
  base::Result<bool> take_back(db::Write& tx, store::Claimed& lost, base::Timestamp now, bool all, std::vector<Run>& skipped);
  base::Result<void> renew_leases();
  // Ends what somebody cancelled a minute ago and what still has not ended (C-121).
  base::Result<void> force_cancels();
  // Removes some of what is older than the history is kept.
  base::Result<void> remove_history();
  // In the transaction of an end: lets go or skips those that waited, and ends the job.
  base::Result<void> settle(db::Write& tx, std::optional<RunId> ended, std::vector<Run>& skipped);
  Run execute(store::Claimed claimed, bool is_retried);
  void write_progress(Execution& execution);
  // The run as it is then; whatever it is, when the lease was lost.
  base::Result<Run> write_end(Execution& execution, const Ended& ended);
  // The state an attempt leads to, with everything that belongs to it in `run`.
  void decide(Run& run, const Ended& ended, const Execution& execution, base::Timestamp now) const;
  base::Result<bool> commit_end(db::Write& tx, Run& run, std::int64_t lease_token, base::Timestamp now, std::vector<Run>& skipped);
  // Asks what executes this run here to stop.
  void stop_running(RunId id);
  base::Result<Run> cancel_in(db::Write& tx, const base::Actor& actor, RunId id, std::vector<Run>& skipped);
  base::Result<void> plan_job(db::Write& tx, const Job& job);
  // Ends a job none of whose runs is active.
  base::Result<void> finish_job(db::Write& tx, const std::string& job_id);
  base::Result<void> end_job(db::Write& tx, const Job& job, State state);
  void changed_job(const std::string& job_id);
  void changed(const Run& run);
  void fill(const base::Actor& actor, Run& run) const;
  // What others must do when a run ends, in its transaction.
  base::Result<void> note_end(db::Write& tx, const Run& run);
  void add_can(const base::Actor& actor, Run& run) const;

  db::Db& db_;
  base::Clock clock_;
  Settings settings_;
  std::map<std::string, Kind> kinds_;
  std::map<std::string, Planner> planners_;
  std::function<void(const Run&)> listener_;
  std::function<void(const Job&)> job_listener_;
  std::function<base::Result<void>(db::Write&, const Run&)> end_listener_;
  std::atomic<bool> is_claiming_ = true;
  std::atomic<bool> is_stopping_ = false;

  std::mutex mutex_;  // guards running_, wakes_
  std::condition_variable wake_;
  std::uint64_t wakes_ = 0;
  // Two may be of one run: the one that lost its lease and does not know yet, and the one that took it over here.
  std::vector<std::shared_ptr<Execution>> running_;
  base::Timestamp kept_{};  // the keeper's thread only, as the next four
  base::Timestamp swept_{};
  bool is_sweeping_ = false;
  base::Timestamp swept_to_{};  // where the sweep goes on: the end and id of the last run it looked at
  std::string swept_id_;
  std::function<base::Result<void>(db::Write&, base::Timestamp)> history_listener_;
  std::vector<std::jthread> threads_;
};

}  // namespace sluice::runs
