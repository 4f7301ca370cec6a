// Use cases of exports. Each is one transaction: check, change, audit. Who may do what with which export is in rules.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/authz.h"
#include "base/result.h"
#include "db/db.h"
#include "features/connections/connections.h"
#include "features/exports/export.h"
#include "features/runs/runs.h"
#include "features/schedules/schedules.h"
#include "features/tables/tables.h"

namespace sluice::exports {

struct ListQuery {
  std::string search;  // export name, connection name, connection type (EXP-02)
  std::string sort;    // display_name type connection state refreshed_at created_at status
  std::optional<std::string> connection_id;
  std::optional<ExportState> state;
  std::optional<std::string_view> cursor;
  std::int64_t limit = 50;
};
struct ExportPage {
  std::vector<Export> items;
  std::optional<std::string> next_cursor;
  std::int64_t total = 0;
};

// One action on many exports; each succeeds or fails by itself (EXP-79, SCH-26).
enum class BatchAction : std::uint8_t { run, disconnect, remove, schedule };
constexpr auto enum_names(BatchAction) { return std::array{"run"sv, "disconnect"sv, "remove"sv, "schedule"sv}; }

struct BatchRequest {
  BatchAction action = BatchAction::run;
  std::vector<ExportId> ids;
  std::optional<schedules::ScheduleChange> schedule;  // of action schedule: replaces theirs
  std::optional<bool> is_on;                          // of action schedule: keeps their rules, only on or off (SCH-19)
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("action", s.action);
    v("ids", s.ids, base::length(1, 200));
    v("schedule", s.schedule, base::absent_ok());
    v("is_on", s.is_on, base::absent_ok());
  }
};
struct BatchItem {
  std::string id;
  std::string display_name;
  bool ok = true;
  std::optional<runs::Failure> error;
  std::optional<std::string> run_id;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("id", s.id);
    v("display_name", s.display_name);
    v("ok", s.ok);
    v("error", s.error);
    v("run_id", s.run_id, base::absent_ok());
  }
};
struct BatchResult {
  std::vector<BatchItem> items;
  std::int64_t succeeded = 0;
  std::int64_t failed = 0;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("items", s.items);
    v("succeeded", s.succeeded);
    v("failed", s.failed);
  }
};

// What a run would do, without doing it (BEY-09).
struct RowCounts {
  std::int64_t rows_read = 0;
  std::int64_t added = 0;
  std::int64_t changed = 0;
  std::int64_t owed = 0;  // refused or unanswered before
  std::int64_t unchanged = 0;
  std::int64_t removed = 0;
  std::int64_t omitted = 0;
  std::int64_t duplicates = 0;  // of them: with the identifier of another row
  std::int64_t to_send = 0;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("rows_read", s.rows_read);
    v("added", s.added);
    v("changed", s.changed);
    v("owed", s.owed);
    v("unchanged", s.unchanged);
    v("removed", s.removed);
    v("omitted", s.omitted);
    v("duplicates", s.duplicates);
    v("to_send", s.to_send);
  }
};
struct OmittedRows {
  std::string reason;
  std::string detail;
  std::int64_t rows = 0;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("reason", s.reason);
    v("detail", s.detail);
    v("rows", s.rows);
  }
};
struct DryRunTable {
  std::string name;
  std::string state;  // ok | empty | missing
  std::string detail;
  std::int64_t rows = 0;
  std::vector<std::string> columns;
  std::vector<std::string> files;
  std::string first_bytes;          // of the first file, uncompressed: the header and some rows; or the first request
  std::optional<RowCounts> counts;  // of rows
  std::vector<OmittedRows> omitted_reasons;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("name", s.name);
    v("state", s.state);
    v("detail", s.detail);
    v("rows", s.rows);
    v("columns", s.columns);
    v("files", s.files);
    v("first_bytes", s.first_bytes);
    v("counts", s.counts);
    v("omitted_reasons", s.omitted_reasons);
  }
};
struct DryRun {
  std::vector<DryRunTable> tables;
  std::int64_t rows = 0;
  std::optional<runs::Approval> needs_approval;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("tables", s.tables);
    v("rows", s.rows);
    v("needs_approval", s.needs_approval);
  }
};

class Exports {
 public:
  struct Settings {
    std::string environment_id;
    std::string data_folder;  // below it: ledger/, rejected/, resend/
  };
  Exports(db::Db& db, connections::Connections& connections, tables::Tables& tables, runs::Runs& runs, schedules::Schedules& schedules,
          base::Clock clock, Settings settings);

  base::Result<ExportPage> list(const base::Actor& actor, const ListQuery& query);
  base::Result<Export> load(const base::Actor& actor, ExportId id);
  // Reasons: "export.unknown_connection", "export.name_taken", "table.missing", "export.bad_contents", "settings.invalid".
  base::Result<Export> create(const base::Actor& actor, const ExportDraft& draft);
  // Also "export.type_mismatch", "request.forbidden", "request.stale". A running run keeps the plan it started with.
  base::Result<Export> update(const base::Actor& actor, ExportId id, std::int64_t version, const ExportChange& change);
  // Reason "export.running".
  base::Result<void> remove(const base::Actor& actor, ExportId id, std::int64_t version);
  base::Result<Export> disconnect(const base::Actor& actor, ExportId id, std::optional<std::int64_t> version);
  // Reasons: "export.inactive", "request.forbidden". An active run is given instead of a second one (EXP-65).
  base::Result<runs::Runs::Enqueued> run(const base::Actor& actor, ExportId id);
  base::Result<BatchResult> batch(const base::Actor& actor, const BatchRequest& request);
  // Every active export whose schedule is not off (EXP-61, SCH-21).
  base::Result<BatchResult> run_all(const base::Actor& actor);
  // Lets the run of this export go on that waits for an approval. Reason "run.not_waiting".
  base::Result<runs::Run> approve(const base::Actor& actor, ExportId id);
  // Rows of an ended run that were not delivered, as CSV, piece by piece; audited, since data leaves. Reasons: "run.no_rejects".
  base::Result<std::function<base::Result<bool>(std::string& out)>> rejected(const base::Actor& actor, runs::RunId id);
  // Sends the rows of a corrected file alone, with the export as it is now; takes the file over (BEY-14). Reasons:
  // "export.inactive", "resend.column_missing", those of CsvReader.
  base::Result<runs::Runs::Enqueued> resend(const base::Actor& actor, runs::RunId id, const std::string& path);
  // The calls of a run, each as JSON (BEY-20).
  base::Result<std::vector<std::string>> requests(const base::Actor& actor, runs::RunId id);
  base::Result<DryRun> dry_run(const base::Actor& actor, ExportId id);
  // Removes files of runs that the history has forgotten; at start.
  void sweep_files();
  // What the system refresh does with exports, after the tables and segments they contain (SCH-08).
  base::Result<std::vector<runs::Task>> plan_refresh(db::Write& tx);
  // Starts an occurrence of an export's own schedule.
  base::Result<std::string> start_scheduled(db::Write& tx, const std::string& export_id);

  // The kind "export" for the run engine.
  runs::Kind export_kind();

  struct Plan;  // plan.h; private to this folder

 private:
  base::Result<Export> load(db::Read& tx, const base::Actor& actor, ExportId id);
  // Audits a refusal for want of rights (ROL-18), in a transaction of its own: the refused one is rolled back.
  template <class T>
  base::Result<T> noting_denial(const base::Actor& actor, ExportId id, base::Result<T> result);
  void fill(const base::Actor& actor, Export& e) const;
  base::Result<void> check(db::Read& tx, const base::Actor& actor, Export& e);
  static Plan plan_of(const Export& e);  // of one that has a connection
  static schedules::Subject subject_of(const Export& e);
  base::Result<runs::Request> request_of(db::Read& tx, const Export& e, runs::Trigger trigger);
  base::Result<void> schedule(const base::Actor& actor, const Export& e, const BatchRequest& request);
  void run_one(const base::Actor& actor, const Export& e, BatchResult& result);
  runs::Ended execute(runs::Execution& execution);
  // What a run learnt of its connection.
  void note_health(connections::ConnectionId id, connections::Health health);
  bool takes_rows(const runs::Execution& execution) const;
  base::Result<DryRun> dry_run_rows(const Export& e);
  runs::Ended execute_rows(runs::Execution& execution, const Plan& plan, connections::ConnectionId connection_id);
  // Rows of a run that were not delivered, one file for each place at the service.
  std::string rejects_path(const std::string& run_id, std::size_t part) const;
  bool has_rejects(const std::string& run_id) const;
  base::Result<Export> load_of_run(const base::Actor& actor, runs::RunId id);
  base::Result<void> check_resend(const Export& e, const std::string& path) const;
  friend class RowsRun;
  db::Db& db_;
  connections::Connections& connections_;
  tables::Tables& tables_;
  runs::Runs& runs_;
  schedules::Schedules& schedules_;
  base::Clock clock_;
  Settings settings_;
};

}  // namespace sluice::exports
