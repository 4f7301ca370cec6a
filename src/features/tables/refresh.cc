// What the system refresh does with tables and segments.
#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/text.h"
#include "features/audit/audit.h"
#include "features/tables/errors.h"
#include "features/tables/import_plan.h"
#include "features/tables/rules.h"
#include "features/tables/store.h"
#include "features/tables/tables.h"

namespace sluice::tables {

using base::Error;
using base::Result;
using base::json::Object;
using base::json::Value;

namespace {

Error bad_source(std::string detail) {
  return Error{.code = base::Code::invalid, .reason = "table.bad_source", .detail = detail, .fields = {{"/path", "invalid", detail}}};
}

}  // namespace

Result<std::string> Tables::check_source(const std::string& path) const {
  namespace fs = std::filesystem;
  if (path.find('\0') != std::string::npos) return bad_source("The path holds a zero byte.");
  std::string folders;
  for (const std::string& folder : folders_.sources) {
    std::error_code failed;
    // Links are followed before the comparison: one must not lead out of the folder.
    const fs::path base_folder = fs::weakly_canonical(fs::path(folder), failed);
    if (failed) continue;
    const fs::path whole = fs::weakly_canonical(fs::path(path).is_absolute() ? fs::path(path) : base_folder / path, failed);
    if (failed) continue;
    const auto [end, ignored] = std::mismatch(base_folder.begin(), base_folder.end(), whole.begin(), whole.end());
    if (end == base_folder.end() && whole != base_folder) return whole.string();
    folders += (folders.empty() ? "" : ", ") + folder;
  }
  return bad_source("The file must lie below " + folders + ". Other folders are named by the setting source_folders.");
}

Result<Table> Tables::set_source(const base::Actor& actor, const std::string& name, std::int64_t version, const TableSourceChange& change) {
  std::optional<std::string> path;
  if (change.path) {
    ASSIGN_OR_RETURN(path, check_source(*change.path));
    std::error_code ignored;
    if (!std::filesystem::exists(*path, ignored)) return bad_source("There is no file or folder " + *path + ".");
  }
  RETURN_IF_ERROR(db_.write([&](db::Write& tx) -> Result<void> {
    ASSIGN_OR_RETURN(const auto table, store::find_table(tx, name));
    if (!table) return table_missing();
    ASSIGN_OR_RETURN(const bool changed, store::set_refresh_path(tx, *table, version, path));
    if (!changed) return stale("table");
    const Value before = table->refresh ? Value(table->refresh->path) : Value();
    return audit::append(tx, actor, clock_(), "table.updated", {"table", table->id.str(), table->name},
                         Object{{"refresh_path", Object{{"old", before}, {"new", path ? Value(*path) : Value()}}}});
  }));
  return load(actor, name);
}

Result<runs::Request> Tables::refresh_request(db::Read& tx, const Table& table) {
  ImportPlan plan{.table_id = {}, .name = {}, .source = table.source, .paths = {}, .upload_ids = {}};
  ASSIGN_OR_RETURN(const auto kept, store::import_plan(tx, table.id));
  if (kept) {
    ASSIGN_OR_RETURN(plan, base::read_json<ImportPlan>(*kept, {.bytes = std::size_t{4} << 20}));
  } else {
    plan.key = table.key;
  }
  plan.table_id = table.id.str();
  plan.name = table.name;
  plan.refresh_path = table.refresh ? table.refresh->path : std::string();
  ASSIGN_OR_RETURN(const Value value, base::json::parse(base::to_json(plan), {.bytes = std::size_t{4} << 20}));
  return runs::Request{.kind = "import",
                       .subject = {table.id.str(), table.name},
                       .connection = {},
                       .defined_by = table.created_by,
                       .plan = *value.as_object(),
                       .expected_rows = table.rows,
                       .waits_for = {},
                       .stage = "data_sources"};
}

Result<runs::Run> Tables::refresh(const base::Actor& actor, const std::string& name) {
  ASSIGN_OR_RETURN(auto enqueued, db_.write([&](db::Write& tx) -> Result<runs::Runs::Enqueued> {
    ASSIGN_OR_RETURN(const auto table, store::find_table(tx, name));
    if (!table) return table_missing();
    if (!table->refresh)
      return Error{
          .code = base::Code::conflict,
          .reason = "table.no_source",
          .detail = "This table was uploaded, so there is nothing to read it from again. An administrator can name a file for it."};
    ASSIGN_OR_RETURN(const runs::Request request, refresh_request(tx, *table));
    return runs_.enqueue(tx, actor, request);
  }));
  runs_.wake();
  return std::move(enqueued.run);
}

Result<void> Tables::find_refresh(ImportPlan& plan) {
  // Checked again when it is read: the setting, or a link, may have changed since it was saved.
  ASSIGN_OR_RETURN(const std::string path, check_source(*plan.refresh_path));
  return find_source(plan, path);
}

Result<std::vector<std::pair<std::string, std::string>>> Tables::sources_of(db::Read& tx, const std::vector<std::string>& names) {
  std::vector<std::pair<std::string, std::string>> sources;
  bool needs_customers = false;
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(const auto table, store::find_table(tx, name));
    if (table) {
      sources.emplace_back("import", table->id.str());
      continue;
    }
    ASSIGN_OR_RETURN(const auto segment, store::find_segment(tx, name));
    if (!segment) continue;
    sources.emplace_back("segment", segment->id.str());
    needs_customers = true;
  }
  if (needs_customers) {
    ASSIGN_OR_RETURN(const auto customers, store::find_table(tx, std::string(kCustomerTable)));
    if (customers) sources.emplace_back("import", customers->id.str());
  }
  return sources;
}

Result<std::vector<runs::Task>> Tables::plan_refresh(db::Write& tx) {
  std::vector<runs::Task> tasks;
  ASSIGN_OR_RETURN(const auto tables, store::list_tables(tx));
  for (const Table& table : tables) {
    if (!table.refresh) continue;
    ASSIGN_OR_RETURN(runs::Request request, refresh_request(tx, table));
    tasks.push_back({std::move(request), {}});
  }
  ASSIGN_OR_RETURN(const auto segments, store::list_segments(tx));
  ASSIGN_OR_RETURN(const auto customers, store::find_table(tx, std::string(kCustomerTable)));
  for (const Segment& segment : segments) {
    runs::Task task{.request = {.kind = "segment",
                                .subject = {segment.id.str(), segment.display_name},
                                .connection = {},
                                .defined_by = segment.created_by,
                                .plan = {},
                                .expected_rows = {},
                                .waits_for = {}},
                    .after = {}};
    task.request.stage = "segments";
    if (customers) task.after.emplace_back("import", customers->id.str());
    tasks.push_back(std::move(task));
  }
  return tasks;
}

runs::Ended Tables::execute_segment(runs::Execution& execution) {
  const auto id = SegmentId::parse(execution.run().subject.id);
  if (!id) return {runs::State::failed, segment_missing()};
  const auto segment = refresh_segment(base::Actor::system(), *id);
  if (!segment.ok()) {
    // It shows as failed on its page too; its members stay what they were.
    const auto before = db_.read([&](db::Read& tx) { return load_segment(tx, *id); });
    if (before.ok()) {
      const auto noted = db_.write([&](db::Write& tx) { return store::set_members(tx, *id, before->members, "failed", clock_()); });
      if (!noted.ok()) return {runs::State::failed, noted.error()};
    }
    return {runs::State::failed, segment.error()};
  }
  execution.counts().rows_read = segment->members;
  return {runs::State::succeeded};
}

runs::Kind Tables::segment_kind() {
  runs::Kind kind;
  kind.execute = [this](runs::Execution& execution) { return execute_segment(execution); };
  kind.may_cancel = [](const base::Actor& actor, const runs::Run&) { return actor.may(base::Permission::segments_edit); };
  return kind;
}

}  // namespace sluice::tables
