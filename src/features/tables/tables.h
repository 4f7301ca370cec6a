// Use cases of tables and segments: upload and detect, import (a run of kind "import"), sample rows, build segments, and what
// an export reads. Any thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/authz.h"
#include "base/result.h"
#include "data/detect.h"
#include "db/db.h"
#include "db/tables.h"
#include "features/runs/runs.h"
#include "features/tables/table.h"

namespace sluice::tables {

struct Upload {
  UploadId id;
  std::string filename;
  std::int64_t bytes = 0;
  base::Timestamp created_at{};
  base::Timestamp expires_at{};
  data::Detected detected;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("id", s.id);
    v("filename", s.filename);
    v("bytes", s.bytes);
    v("created_at", s.created_at);
    v("expires_at", s.expires_at);
    v("detected", s.detected);
  }
};

// What to read for one table or segment of an export, at one moment. Keep `pin` while reading: it keeps the version's data.
struct ReadPlan {
  std::string name;
  std::string version;
  std::vector<Column> columns;  // of the table, or of Customer for a segment
  db::Filter filter;
  std::int64_t rows = 0;      // expected
  std::int64_t last_row = 0;  // of the version, for splitting it into ranges
  std::shared_ptr<void> pin;
};

class Tables {
 public:
  struct Folders {
    std::string uploads;               // must exist
    std::vector<std::string> sources;  // below these, tables may be read again by the refresh
  };
  Tables(db::Db& db, db::TableStore& store, runs::Runs& runs, base::Clock clock, Folders folders);

  // Takes over the file at `path`.
  base::Result<Upload> add_upload(const base::Actor& actor, std::string filename, const std::string& path, std::int64_t bytes);
  base::Result<data::Detected> detect(UploadId id, const data::DetectOverrides& overrides);

  base::Result<std::vector<Table>> list(const base::Actor& actor);
  base::Result<Table> load(const base::Actor& actor, const std::string& name);
  base::Result<Rows> sample(const std::string& name, std::int64_t limit);
  struct Importing {
    Table table;
    runs::Run run;
  };
  // Reasons: "table.bad_name", "table.name_taken" (also when it exists and the draft does not say replace), "upload.missing",
  // "table.importing", "import.unknown_column", "import.bad_key", "import.customer_key".
  base::Result<Importing> import(const base::Actor& actor, const TableDraft& draft);
  // Imports files where they lie, at once, on this thread; for the command line. Column types are detected.
  base::Result<runs::Run> import_here(const base::Actor& actor, const std::string& name, const std::string& key, const std::string& path);
  // From where the refresh reads the table again; nothing is read now. Reasons: "table.bad_source", "request.stale".
  base::Result<Table> set_source(const base::Actor& actor, const std::string& name, std::int64_t version, const TableSourceChange& change);
  // Reads it again now. Reasons: "table.no_source".
  base::Result<runs::Run> refresh(const base::Actor& actor, const std::string& name);
  // Reason "table.in_use" (extra: dependants).
  base::Result<void> remove(const base::Actor& actor, const std::string& name, std::int64_t version);

  base::Result<std::vector<Segment>> list_segments(const base::Actor& actor);
  base::Result<Segment> load_segment(const base::Actor& actor, SegmentId id);
  // Reasons: "segment.bad_rule", "segment.no_customer_table", "table.name_taken", "upload.missing", "import.unknown_column".
  base::Result<Segment> create_segment(const base::Actor& actor, const SegmentDraft& draft);
  base::Result<Segment> update_segment(const base::Actor& actor, SegmentId id, std::int64_t version, const SegmentChange& change);
  base::Result<Segment> refresh_segment(const base::Actor& actor, SegmentId id);
  base::Result<void> remove_segment(const base::Actor& actor, SegmentId id, std::int64_t version);
  base::Result<Preview> preview(const base::json::Value& rule);
  base::Result<Rows> sample_segment(SegmentId id, std::int64_t limit);
  // All members as CSV, piece by piece (DAT-10); audited, since data leaves. `for_spreadsheets` puts a ' before text that a
  // spreadsheet would take for a formula (C-063).
  struct Download {
    std::string name;
    std::function<base::Result<bool>(std::string& out)> next;
  };
  base::Result<Download> download_segment(const base::Actor& actor, SegmentId id, bool for_spreadsheets);

  base::Result<std::vector<ExportableTable>> exportable();
  // Inside the caller's transaction; Error "table.missing" names what is not there.
  base::Result<ExportableTable> find_exportable(db::Read& tx, const std::string& name);
  base::Result<ReadPlan> plan_read(const std::string& name);
  // What these tables and segments are refreshed by: kind and subject of runs, such as ("segment", id). Unknown names are left out.
  base::Result<std::vector<std::pair<std::string, std::string>>> sources_of(db::Read& tx, const std::vector<std::string>& names);
  // What the system refresh does: tables that have a source, then segments, after the Customer table.
  base::Result<std::vector<runs::Task>> plan_refresh(db::Write& tx);
  db::TableStore& store() { return store_; }

  // The kinds "import" and "segment" for the run engine.
  runs::Kind import_kind();
  runs::Kind segment_kind();
  // Drops stored data and uploads that nothing points at; at start and after each import.
  void sweep();

 private:
  struct ImportPlan;
  base::Result<Importing> start_import(const base::Actor& actor, const Table& table, bool exists, const runs::Request& request);
  runs::Ended execute_import(runs::Execution& execution);
  static ImportPlan kept_plan(ImportPlan plan);
  base::Result<void> find_source(ImportPlan& plan, const std::string& path);
  base::Result<void> find_refresh(ImportPlan& plan);
  // The file or folder itself, if it lies below one of the source folders.
  base::Result<std::string> check_source(const std::string& path) const;
  base::Result<runs::Request> refresh_request(db::Read& tx, const Table& table);
  runs::Ended execute_segment(runs::Execution& execution);
  base::Result<std::int64_t> copy_rows(runs::Execution& execution, const ImportPlan& plan, const std::string& version);
  base::Result<Table> customer_table(db::Read& tx);
  base::Result<Segment> load_segment(db::Read& tx, SegmentId id);
  base::Result<db::Filter> filter_of(const Segment& segment, const Table& customer);
  base::Result<std::int64_t> count_members(const Table& customer, const db::Filter& filter);
  base::Result<std::string> store_list(const UploadId& upload, const std::optional<std::string>& column, const std::string& version);
  base::Result<Rows> read_rows(const Table& table, const db::Filter& filter, std::int64_t limit);
  void refresh_segments();
  std::shared_ptr<void> pin(const std::string& version);
  std::string upload_path(UploadId id) const;

  db::Db& db_;
  db::TableStore& store_;
  runs::Runs& runs_;
  base::Clock clock_;
  Folders folders_;
  std::mutex pins_mutex_;  // guards pins_
  std::map<std::string, int> pins_;
};

}  // namespace sluice::tables
