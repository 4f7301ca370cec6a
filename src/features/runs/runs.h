// The run engine: queue, workers, history, cancellation. The queue is the table `runs`; at most one run of a subject is active
// (EXP-65), by a unique index. A worker holds a lease that it renews; every write it makes names the lease's token, so a
// worker that lost its lease can change nothing. A run whose lease ran out is queued again, three times at most.
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
#include "base/result.h"
#include "db/db.h"
#include "features/runs/run.h"

namespace sluice::runs {

// What to execute. `plan` is all the executor needs; it must not name secrets.
struct Request {
  std::string kind;
  SubjectRef subject;
  std::optional<ConnectionRef> connection;
  std::optional<base::UserRef> defined_by;
  Trigger trigger = Trigger::manual;
  base::json::Object plan;
  std::optional<std::int64_t> expected_rows;
};

// How an execution ended.
struct Ended {
  State state = State::succeeded;
  std::optional<base::Error> error;  // failed and the completed_with_ ones
};

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
  void set_expected_rows(std::int64_t rows) { run_.expected_rows = rows; }
  // Cheap to call often: writes at most four times a second.
  void report();
  // For what must be known even if the process is killed next, such as the name of a file that is about to be written.
  void report_now();

 private:
  friend class Runs;
  Run run_;
  base::json::Object plan_;
  std::int64_t lease_token_ = 0;
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
};

struct ListQuery {
  std::optional<std::string> subject_id;
  std::optional<std::string> kind;
  std::optional<State> state;
  std::string sort;
  std::optional<std::string_view> cursor;
  std::int64_t limit = 50;
};
struct RunPage {
  std::vector<Run> items;
  std::optional<std::string> next_cursor;
};

class Runs {
 public:
  Runs(db::Db& db, base::Clock clock, std::string node);
  ~Runs();

  void register_kind(const std::string& name, Kind kind);
  // Called with every run whose row changed, on the thread that changed it.
  void on_change(std::function<void(const Run&)> listener);
  // Called in the transaction that ends a run, after its kind's own `ended`.
  void on_end(std::function<base::Result<void>(db::Write&, const Run&)> listener);

  struct Enqueued {
    Run run;
    bool created = true;  // false: this one was active already
  };
  // In the caller's transaction; call wake() after it committed.
  base::Result<Enqueued> enqueue(db::Write& tx, const base::Actor& actor, const Request& request);
  void wake();
  // Executes at once on the calling thread, without the queue: for the command line. Reason "run.active".
  base::Result<Run> execute_here(const base::Actor& actor, const Request& request);

  base::Result<RunPage> list(const base::Actor& actor, const ListQuery& query);
  base::Result<Run> load(const base::Actor& actor, RunId id);
  // A queued run ends at once, a running one within seconds. Reasons: "run.ended", "request.forbidden".
  base::Result<Run> cancel(const base::Actor& actor, RunId id);
  base::Result<std::optional<RunBrief>> last_of(db::Read& tx, const std::string& subject_id);
  base::Result<std::optional<Run>> active_of(db::Read& tx, const std::string& subject_id);
  // `rescue_all`: no other process can be running anything (SQLite), so that every lease is lost.
  void start(std::size_t workers, bool rescue_all);
  void stop();
  void pause_claims() { is_claiming_ = false; }

  // What `actor` may see: causes at the destination are for administrators, who configured it (ROL-39).
  static Run shown_to(const base::Actor& actor, Run run);

 private:
  void work(std::stop_token stop);
  void keep(std::stop_token stop);
  base::Result<bool> claim_and_run();
  base::Result<void> rescue(bool all);
  Run execute(std::shared_ptr<Execution> execution);
  void write_progress(Execution& execution);
  base::Result<Run> write_end(Execution& execution, Ended ended);
  void changed(const Run& run);
  // What others must do when a run ends, in its transaction.
  base::Result<void> note_end(db::Write& tx, const Run& run);
  void add_can(const base::Actor& actor, Run& run) const;

  db::Db& db_;
  base::Clock clock_;
  std::string node_;
  std::map<std::string, Kind> kinds_;
  std::function<void(const Run&)> listener_;
  std::function<base::Result<void>(db::Write&, const Run&)> end_listener_;
  std::atomic<bool> is_claiming_ = true;
  std::atomic<bool> is_stopping_ = false;

  std::mutex mutex_;  // guards running_, wakes_
  std::condition_variable wake_;
  std::uint64_t wakes_ = 0;
  std::map<RunId, std::shared_ptr<Execution>> running_;
  std::vector<std::jthread> threads_;
};

}  // namespace sluice::runs
