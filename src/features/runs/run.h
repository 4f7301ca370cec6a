// A run is one execution of something saved: an export, an import. It is a row in the database with a plan (the snapshot of
// what it does), a state, counts and results; a worker claims it, and everybody can watch it. This feature knows neither
// exports nor imports: wiring registers a kind with what executes it.
#pragma once

#include <array>
#include <cstdint>
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
      return to == State::running || to == State::canceled || to == State::skipped || to == State::needs_approval;
    case State::running:
      return to != State::running;
    case State::retrying:
    case State::needs_approval:
      return to == State::queued || to == State::canceled || to == State::failed;
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
  std::int64_t attempt = 0;
  std::optional<std::int64_t> expected_rows;
  Counts counts;
  std::vector<TableResult> tables;
  std::vector<FileResult> files;
  std::optional<Failure> error;
  std::int64_t version = 0;
  std::vector<std::string> can;
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
    v("attempt", s.attempt);
    v("expected_rows", s.expected_rows);
    v("counts", s.counts);
    v("tables", s.tables);
    v("files", s.files);
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
