// A run is one execution of something saved: an export, an import. It is a row in the database with a plan (the snapshot of
// what it does), a state, counts and results; a worker claims it, and everybody can watch it. This feature knows neither
// exports nor imports: wiring registers a kind with what executes it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/authz.h"
#include "base/describe.h"
#include "base/id.h"
#include "base/json.h"
#include "base/time.h"

namespace sluice::runs {

using namespace std::string_view_literals;
using RunId = base::Id<struct RunTag>;

enum class State : std::uint8_t {
  queued,
  running,
  succeeded,
  completed_with_warnings,
  completed_with_errors,
  retrying,
  failed,
  skipped,
  canceled,
  needs_approval
};
constexpr auto enum_names(State) {
  return std::array{"queued"sv, "running"sv, "succeeded"sv, "completed_with_warnings"sv, "completed_with_errors"sv, "retrying"sv,
                    "failed"sv, "skipped"sv, "canceled"sv,  "needs_approval"sv};
}

constexpr bool is_active(State state) {
  return state == State::queued || state == State::running || state == State::retrying || state == State::needs_approval;
}
// Ended with everything or most of it delivered; this is what moves an export's Refreshed time (EXP-81).
constexpr bool is_delivery(State state) {
  return state == State::succeeded || state == State::completed_with_warnings || state == State::completed_with_errors;
}

// The arrows. An ended run never changes again.
constexpr bool may_become(State from, State to) {
  switch (from) {
    case State::queued:
      return to == State::running || to == State::canceled || to == State::skipped;
    case State::running:
      return to != State::running;
    case State::retrying:
      return to == State::running || to == State::canceled || to == State::failed;
    case State::needs_approval:
      return to == State::queued || to == State::retrying || to == State::canceled;
    case State::succeeded:
    case State::completed_with_warnings:
    case State::completed_with_errors:
    case State::failed:
    case State::skipped:
    case State::canceled:
      return false;
  }
  return false;
}

enum class Trigger : std::uint8_t { manual, schedule, system_refresh, resend };
constexpr auto enum_names(Trigger) { return std::array{"manual"sv, "schedule"sv, "system_refresh"sv, "resend"sv}; }

constexpr std::int64_t kMostLosses = 3;  // a run whose server died under it this often is not tried again

struct Counts {
  std::int64_t rows_read = 0;
  std::int64_t rows_sent = 0;
  std::int64_t rows_unchanged = 0;
  std::int64_t rows_omitted = 0;
  std::int64_t rows_rejected = 0;
  std::int64_t rows_removed = 0;
  std::int64_t bytes = 0;  // as they left, compressed if so
  std::int64_t files = 0;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("rows_read", s.rows_read);
    v("rows_sent", s.rows_sent);
    v("rows_unchanged", s.rows_unchanged);
    v("rows_omitted", s.rows_omitted);
    v("rows_rejected", s.rows_rejected);
    v("rows_removed", s.rows_removed);
    v("bytes", s.bytes);
    v("files", s.files);
  }
};

struct TableResult {
  std::string name;
  State state = State::queued;
  std::optional<std::int64_t> expected_rows;
  std::int64_t rows_read = 0;
  std::int64_t rows_sent = 0;
  std::int64_t rows_unchanged = 0;
  std::int64_t rows_omitted = 0;
  std::int64_t rows_rejected = 0;
  std::int64_t rows_removed = 0;
  std::int64_t bytes = 0;
  std::int64_t files = 0;
  std::optional<std::string> error;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("name", s.name);
    v("state", s.state);
    v("expected_rows", s.expected_rows);
    v("rows_read", s.rows_read);
    v("rows_sent", s.rows_sent);
    v("rows_unchanged", s.rows_unchanged, base::absent_ok());
    v("rows_omitted", s.rows_omitted, base::absent_ok());
    v("rows_rejected", s.rows_rejected, base::absent_ok());
    v("rows_removed", s.rows_removed, base::absent_ok());
    v("bytes", s.bytes);
    v("files", s.files);
    v("error", s.error);
  }
};

struct FileResult {
  std::string path;  // relative to the connection's folder
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("path", s.path);
    v("rows", s.rows);
    v("bytes", s.bytes);
  }
};

struct Failure {
  std::string reason;
  std::string detail;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("reason", s.reason);
    v("detail", s.detail);
  }
};

// Why a run waits for a person: what it would do, in numbers (BEY-10).
struct Approval {
  std::string reason;
  std::string detail;
  std::map<std::string, std::int64_t> numbers;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("reason", s.reason);
    v("detail", s.detail);
    v("numbers", s.numbers);
  }
};

// Another run, as one that waits for it or was skipped because of it tells of it.
struct RunRef {
  std::string id;
  std::string display_name;
  std::string kind;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("id", s.id);
    v("display_name", s.display_name);
    v("kind", s.kind);
  }
};

struct SubjectRef {
  std::string id;
  std::string display_name;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("id", s.id);
    v("display_name", s.display_name);
  }
};

struct ConnectionRef {
  std::string id;
  std::string display_name;
  std::string type;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("id", s.id);
    v("display_name", s.display_name);
    v("type", s.type);
  }
};

struct Run {
  RunId id;
  std::string kind;
  SubjectRef subject;
  std::optional<ConnectionRef> connection;
  State state = State::queued;
  Trigger trigger = Trigger::manual;
  base::UserRef requested_by;
  std::optional<base::UserRef> defined_by;
  base::Timestamp queued_at{};
  std::optional<base::Timestamp> started_at;
  std::optional<base::Timestamp> ended_at;
  std::optional<std::int64_t> duration_ms;
  std::optional<std::string> job_id;
  std::string stage;                             // within the job
  std::int64_t attempt = 0;                      // how often it was started
  std::int64_t max_attempts = 1;                 // after failures that may pass
  std::optional<base::Timestamp> retry_at;       // while retrying
  std::optional<base::Timestamp> waiting_until;  // while running: the service asked to be left alone until then
  bool is_canceling = false;
  std::vector<RunRef> waits_for;          // filled by load()
  std::optional<RunRef> skipped_because;  // the run upstream that failed (SCH-36)
  std::optional<std::int64_t> expected_rows;
  Counts counts;
  std::vector<TableResult> tables;
  std::vector<FileResult> files;
  std::vector<Failure> warnings;
  std::optional<Approval> approval;
  std::optional<Failure> error;  // while retrying: of the last attempt
  std::int64_t version = 0;
  std::vector<std::string> can;
  std::int64_t failures = 0;  // attempts that failed; not told
  std::int64_t losses = 0;    // attempts whose server died; not told
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("id", s.id);
    v("kind", s.kind);
    v("subject", s.subject);
    v("connection", s.connection);
    v("state", s.state);
    v("trigger", s.trigger);
    v("requested_by", s.requested_by);
    v("defined_by", s.defined_by);
    v("queued_at", s.queued_at);
    v("started_at", s.started_at);
    v("ended_at", s.ended_at);
    v("duration_ms", s.duration_ms);
    v("job_id", s.job_id);
    v("stage", s.stage);
    v("attempt", s.attempt);
    v("max_attempts", s.max_attempts);
    v("retry_at", s.retry_at);
    v("waiting_until", s.waiting_until);
    v("is_canceling", s.is_canceling);
    v("waits_for", s.waits_for);
    v("skipped_because", s.skipped_because);
    v("expected_rows", s.expected_rows);
    v("counts", s.counts);
    v("tables", s.tables);
    v("files", s.files);
    v("warnings", s.warnings);
    v("approval", s.approval);
    v("error", s.error);
    v("version", s.version);
    v("can", s.can);
  }
};

// A run as lists of other things show it.
struct RunBrief {
  RunId id;
  State state = State::queued;
  base::Timestamp queued_at{};
  std::optional<base::Timestamp> started_at;
  std::optional<base::Timestamp> ended_at;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("id", s.id);
    v("state", s.state);
    v("queued_at", s.queued_at);
    v("started_at", s.started_at);
    v("ended_at", s.ended_at);
  }
};

}  // namespace sluice::runs
