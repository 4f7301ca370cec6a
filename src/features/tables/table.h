// Tables and segments: what exports may read. A table is a named, typed set of rows, imported as a whole and replaced as a
// whole. The table named Customer, with the key CustomerId, is the one segments select from: by a rule on its columns, or by
// an imported list of ids. Exports name tables and segments alike, so both share one space of names.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/authz.h"
#include "base/cell.h"
#include "base/describe.h"
#include "base/id.h"
#include "base/json.h"
#include "base/time.h"
#include "features/runs/run.h"

namespace sluice::tables {

using namespace std::string_view_literals;
using TableId = base::Id<struct TableTag>;
using SegmentId = base::Id<struct SegmentTag>;
using UploadId = base::Id<struct UploadTag>;

inline constexpr std::string_view kCustomerTable = "Customer";

enum class TableState : std::uint8_t { importing, ready, failed };
constexpr auto enum_names(TableState) { return std::array{"importing"sv, "ready"sv, "failed"sv}; }

struct Column {
  std::string name;
  base::ColumnType type = base::ColumnType::text;
  bool key = false;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("name", s.name);
    v("type", s.type);
    v("key", s.key, base::absent_ok());
  }
};

struct Source {
  std::string kind = "csv";  // csv | model_json
  std::string filename;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("kind", s.kind);
    v("filename", s.filename);
  }
};

// From where the system refresh reads the table again.
struct TableRefresh {
  std::string path;  // on the server; only administrators are told
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("path", s.path);
  }
};

struct Table {
  TableId id;
  std::string name;
  std::string kind = "table";
  Source source;
  std::string key;
  std::int64_t rows = 0;
  std::vector<Column> columns;
  TableState state = TableState::importing;
  bool is_customer_table = false;
  std::optional<runs::RunBrief> last_run;
  std::optional<runs::Failure> error;  // of the last import; the rows are then still those before it
  base::Timestamp updated_at{};
  base::Timestamp created_at{};
  base::UserRef created_by;
  std::int64_t version = 0;
  std::vector<std::string> can;
  std::optional<TableRefresh> refresh;
  std::optional<std::string> data_version;  // not told
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("id", s.id);
    v("name", s.name);
    v("kind", s.kind);
    v("source", s.source);
    v("refresh", s.refresh);
    v("key", s.key);
    v("rows", s.rows);
    v("columns", s.columns);
    v("state", s.state);
    v("is_customer_table", s.is_customer_table);
    v("last_run", s.last_run);
    v("error", s.error);
    v("updated_at", s.updated_at);
    v("created_at", s.created_at);
    v("created_by", s.created_by);
    v("version", s.version);
    v("can", s.can);
  }
};

struct TableSourceChange {
  std::optional<std::string> path;  // null: the refresh leaves the table alone
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("path", s.path, base::length(1, 1000));
  }
};

// A column of the file, and what becomes of it.
struct ImportColumn {
  std::string source;  // as the file calls it
  std::string name;
  base::ColumnType type = base::ColumnType::text;
  bool included = true;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("source", s.source, base::length(1, 500));
    v("name", s.name, base::length(1, 200));
    v("type", s.type, base::absent_ok());
    v("included", s.included, base::absent_ok());
  }
};

struct TableDraft {
  std::string name;
  std::optional<UploadId> upload_id;
  std::vector<UploadId> upload_ids;  // partitions of one table, in order; instead of upload_id
  std::string key;                   // the name of a column
  std::string encoding = "utf-8";
  std::string delimiter = ",";
  bool has_header = true;
  std::vector<ImportColumn> columns;  // empty: all columns of the file, with detected types
  bool replace = false;               // a table of this name may exist
  std::string kind = "csv";           // csv | model_json, for display
  template <class V, class S>
  static void describe(V& v, S& s) {
    using base::absent_ok;
    v("name", s.name, base::length(1, 200));
    v("upload_id", s.upload_id, absent_ok());
    v("upload_ids", s.upload_ids, absent_ok(base::length(0, 1000)));
    v("key", s.key, base::length(1, 200));
    v("encoding", s.encoding, absent_ok(base::length(1, 20)));
    v("delimiter", s.delimiter, absent_ok(base::length(1, 3)));
    v("has_header", s.has_header, absent_ok());
    v("columns", s.columns, absent_ok(base::length(0, 2000)));
    v("replace", s.replace, absent_ok());
    v("kind", s.kind, absent_ok(base::length(1, 20)));
  }
};

// A Common Data Model folder as its model.json tells of it, for a person to choose a table from.
struct ModelPartition {
  std::string location;  // below the folder of model.json
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("location", s.location);
  }
};

struct ModelEntity {
  std::string name;
  std::optional<std::string> not_importable;  // a sentence: why
  std::vector<ImportColumn> columns;
  std::vector<ModelPartition> partitions;
  std::string delimiter = ",";
  bool has_header = false;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("name", s.name);
    v("not_importable", s.not_importable);
    v("columns", s.columns);
    v("partitions", s.partitions);
    v("delimiter", s.delimiter);
    v("has_header", s.has_header);
  }
};

struct Model {
  std::string name;
  std::vector<ModelEntity> entities;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("name", s.name);
    v("entities", s.entities);
  }
};

struct Rows {
  std::vector<std::string> columns;
  std::vector<std::vector<std::optional<std::string>>> rows;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("columns", s.columns);
    v("rows", s.rows);
  }
};

enum class SegmentKind : std::uint8_t { rule, list };
constexpr auto enum_names(SegmentKind) { return std::array{"rule"sv, "list"sv}; }

struct Segment {
  SegmentId id;
  std::string name;  // as exports and files call it
  std::string display_name;
  SegmentKind kind = SegmentKind::rule;
  base::json::Value rule;  // null for a list
  std::string state = "active";
  std::string status = "ready";  // ready | failed: the rule does not fit the Customer table any more
  std::int64_t members = 0;
  std::optional<base::Timestamp> refreshed_at;
  std::int64_t exports = 0;
  base::Timestamp created_at{};
  base::UserRef created_by;
  base::Timestamp updated_at{};
  std::int64_t version = 0;
  std::vector<std::string> can;
  std::optional<std::string> list_version;  // not told
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("id", s.id);
    v("name", s.name);
    v("display_name", s.display_name);
    v("kind", s.kind);
    v("rule", s.rule);
    v("state", s.state);
    v("status", s.status);
    v("members", s.members);
    v("refreshed_at", s.refreshed_at);
    v("exports", s.exports);
    v("created_at", s.created_at);
    v("created_by", s.created_by);
    v("updated_at", s.updated_at);
    v("version", s.version);
    v("can", s.can);
  }
};

struct SegmentDraft {
  std::string display_name;
  std::optional<std::string> name;
  SegmentKind kind = SegmentKind::rule;
  base::json::Value rule;
  std::optional<UploadId> upload_id;
  std::optional<std::string> column;  // of the uploaded file; the first one when absent
  template <class V, class S>
  static void describe(V& v, S& s) {
    using base::absent_ok;
    v("display_name", s.display_name, base::length(1, 100));
    v("name", s.name, absent_ok(base::length(1, 64)));
    v("kind", s.kind);
    v("rule", s.rule, absent_ok());
    v("upload_id", s.upload_id, absent_ok());
    v("column", s.column, absent_ok(base::length(1, 500)));
  }
};

struct SegmentChange {
  base::Patch<std::string> display_name;
  base::Patch<base::json::Value> rule;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("display_name", s.display_name, base::length(1, 100));
    v("rule", s.rule);
  }
};

struct Preview {
  std::int64_t members = 0;
  std::int64_t total = 0;
  Rows sample;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("members", s.members);
    v("total", s.total);
    v("sample", s.sample);
  }
};

// What an export may contain.
struct ExportableTable {
  std::string name;
  std::string display_name;
  std::string kind;  // table | segment
  std::int64_t rows = 0;
  std::vector<Column> columns;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("name", s.name);
    v("display_name", s.display_name);
    v("kind", s.kind);
    v("rows", s.rows);
    v("columns", s.columns);
  }
};

}  // namespace sluice::tables
