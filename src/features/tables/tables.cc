#include "features/tables/tables.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "features/audit/audit.h"
#include "features/tables/errors.h"
#include "features/tables/rules.h"
#include "features/tables/store.h"

namespace sluice::tables {

using base::Error;
using base::Result;
using base::json::Object;
using base::json::Value;

namespace {

constexpr std::chrono::hours kUploadLife{24};

void add_can(const base::Actor& actor, Table& table) {
  table.can.clear();
  if (actor.may(base::Permission::tables_edit)) table.can = {"update", "remove"};
  if (actor.may(base::Permission::tables_edit) && table.refresh) table.can.push_back("refresh");
  if (actor.may(base::Permission::system_manage))
    table.can.push_back("set_source");
  else if (table.refresh)
    table.refresh->path.clear();
}

}  // namespace

Tables::Tables(db::Db& db, db::TableStore& store, runs::Runs& runs, base::Clock clock, Folders folders)
    : db_(db), store_(store), runs_(runs), clock_(std::move(clock)), folders_(std::move(folders)) {}

std::string Tables::upload_path(UploadId id) const { return folders_.uploads + "/" + id.str(); }

Result<Upload> Tables::add_upload(const base::Actor& actor, std::string filename, const std::string& path, std::int64_t bytes) {
  const base::Timestamp now = clock_();
  Upload upload{
      .id = UploadId::make(now), .filename = std::move(filename), .bytes = bytes, .created_at = now, .expires_at = now + kUploadLife};
  if (bytes == 0)
    return Error{.code = base::Code::invalid,
                 .reason = "upload.empty",
                 .detail = "The file is empty. Choose a file that has at least a header and a row."};
  ASSIGN_OR_RETURN(upload.detected, data::detect_file(path));
  const std::string kept = upload_path(upload.id);
  if (std::rename(path.c_str(), kept.c_str()) != 0) {
    return Error{.code = base::Code::internal,
                 .reason = "upload.not_kept",
                 .detail = "The file could not be kept.",
                 .internal = "rename: " + std::string(std::strerror(errno))};
  }
  const auto added = db_.write([&](db::Write& tx) -> Result<void> {
    RETURN_IF_ERROR(store::insert_upload(tx, {upload.id, upload.filename, bytes, now}, actor.id.str()));
    return audit::append(tx, actor, now, "upload.added", {"upload", upload.id.str(), upload.filename}, Object{{"bytes", bytes}});
  });
  if (!added.ok()) {
    std::remove(kept.c_str());
    return added.error();
  }
  return upload;
}

Result<data::Detected> Tables::detect(UploadId id, const data::DetectOverrides& overrides) {
  ASSIGN_OR_RETURN(const auto upload, db_.read([&](db::Read& tx) { return store::find_upload(tx, id); }));
  if (!upload) return upload_missing();
  return data::detect_file(upload_path(id), overrides);
}

Result<std::vector<Table>> Tables::list(const base::Actor& actor) {
  return db_.read([&](db::Read& tx) -> Result<std::vector<Table>> {
    ASSIGN_OR_RETURN(auto tables, store::list_tables(tx));
    for (Table& table : tables) {
      ASSIGN_OR_RETURN(table.last_run, runs_.last_of(tx, table.id.str()));
      add_can(actor, table);
    }
    return tables;
  });
}

Result<Table> Tables::load(const base::Actor& actor, const std::string& name) {
  return db_.read([&](db::Read& tx) -> Result<Table> {
    ASSIGN_OR_RETURN(auto table, store::find_table(tx, name));
    if (!table) return table_missing();
    ASSIGN_OR_RETURN(table->last_run, runs_.last_of(tx, table->id.str()));
    add_can(actor, *table);
    return *std::move(table);
  });
}

Result<Rows> Tables::read_rows(const Table& table, const db::Filter& filter, std::int64_t limit) {
  Rows out;
  for (const Column& column : table.columns) out.columns.push_back(column.name);
  if (!table.data_version) return out;
  db::ScanSpec spec{.version = *table.data_version, .columns = {}, .filter = filter, .limit = limit};
  for (std::size_t i = 0; i < table.columns.size(); ++i) spec.columns.push_back(i);
  ASSIGN_OR_RETURN(const auto scan, store_.scan(spec, rules::stored_columns(table.columns)));
  for (;;) {
    ASSIGN_OR_RETURN(const auto row, scan->next());
    if (row.empty()) return out;
    std::vector<std::optional<std::string>> cells;
    for (const base::Cell& cell : row) {
      // A sample is for looking at; a megabyte in one cell would only hurt the browser.
      if (cell.null)
        cells.emplace_back();
      else
        cells.emplace_back(cell.size > 2000 ? std::string(cell.text().substr(0, 2000)) + "…" : std::string(cell.text()));
    }
    out.rows.push_back(std::move(cells));
  }
}

Result<Rows> Tables::sample(const std::string& name, std::int64_t limit) {
  ASSIGN_OR_RETURN(const auto table, db_.read([&](db::Read& tx) { return store::find_table(tx, name); }));
  if (!table) return table_missing();
  const auto kept = table->data_version ? pin(*table->data_version) : nullptr;
  return read_rows(*table, {}, limit);
}

Result<void> Tables::remove(const base::Actor& actor, const std::string& name, std::int64_t version) {
  RETURN_IF_ERROR(db_.write([&](db::Write& tx) -> Result<void> {
    ASSIGN_OR_RETURN(const auto table, store::find_table(tx, name));
    if (!table) return table_missing();
    ASSIGN_OR_RETURN(const auto active, runs_.active_of(tx, table->id.str()));
    if (active)
      return Error{.code = base::Code::conflict,
                   .reason = "table.importing",
                   .detail = "An import of this table is running. Wait until it has ended, or cancel it."};
    ASSIGN_OR_RETURN(auto users, store::users_of(tx, name));
    if (table->is_customer_table) {
      ASSIGN_OR_RETURN(const auto segments, store::list_segments(tx));
      for (const Segment& segment : segments) users.push_back({segment.id.str(), segment.display_name});
    }
    if (!users.empty()) return in_use("table", users);
    ASSIGN_OR_RETURN(const bool removed, store::remove_table(tx, *table, version));
    if (!removed) return stale("table");
    return audit::append(tx, actor, clock_(), "table.removed", {"table", table->id.str(), table->name}, Object{{"rows", table->rows}});
  }));
  sweep();
  return {};
}

std::shared_ptr<void> Tables::pin(const std::string& version) {
  {
    const std::lock_guard lock(pins_mutex_);
    ++pins_[version];
  }
  return {nullptr, [this, version](void*) {
            bool last = false;
            {
              const std::lock_guard lock(pins_mutex_);
              last = --pins_[version] == 0;
              if (last) pins_.erase(version);
            }
          }};
}

void Tables::sweep() {
  const auto used = db_.read([](db::Read& tx) { return store::versions_in_use(tx); });
  const auto stored = store_.list();
  if (!used.ok() || !stored.ok()) return;
  for (const std::string& version : *stored) {
    if (std::find(used->begin(), used->end(), version) != used->end()) continue;
    {
      const std::lock_guard lock(pins_mutex_);
      if (pins_.contains(version)) continue;  // an export still reads it; the next sweep gets it
    }
    if (const auto dropped = store_.drop(version); !dropped.ok())
      base::log::warn("table.version_not_dropped", {{"version", version}, {"why", dropped.error().internal}});
  }
  const auto old = db_.read([&](db::Read& tx) { return store::uploads_before(tx, clock_() - kUploadLife); });
  if (!old.ok()) return;
  for (const store::Upload& upload : *old) {
    std::remove(upload_path(upload.id).c_str());
    const auto removed = db_.write([&](db::Write& tx) { return store::remove_upload(tx, upload.id); });
    if (!removed.ok()) base::log::warn("upload.not_removed", {{"why", removed.error().internal}});
  }
}

Result<std::vector<ExportableTable>> Tables::exportable() {
  return db_.read([&](db::Read& tx) -> Result<std::vector<ExportableTable>> {
    ASSIGN_OR_RETURN(const auto tables, store::list_tables(tx));
    ASSIGN_OR_RETURN(const auto segments, store::list_segments(tx));
    std::vector<ExportableTable> out;
    const Table* customer = nullptr;
    for (const Table& table : tables) {
      if (!table.data_version) continue;
      if (table.is_customer_table) customer = &table;
      out.push_back({table.name, table.name, "table", table.rows, table.columns});
    }
    if (customer == nullptr) return out;
    for (const Segment& segment : segments)
      out.push_back({segment.name, segment.display_name, "segment", segment.members, customer->columns});
    return out;
  });
}

Result<ExportableTable> Tables::find_exportable(db::Read& tx, const std::string& name) {
  ASSIGN_OR_RETURN(const auto table, store::find_table(tx, name));
  if (table) return ExportableTable{table->name, table->name, "table", table->rows, table->columns};
  ASSIGN_OR_RETURN(const auto segment, store::find_segment(tx, name));
  if (!segment)
    return Error{.code = base::Code::not_found, .reason = "table.missing", .detail = "There is no table or segment named " + name + "."};
  ASSIGN_OR_RETURN(const Table customer, customer_table(tx));
  return ExportableTable{segment->name, segment->display_name, "segment", segment->members, customer.columns};
}

Result<ReadPlan> Tables::plan_read(const std::string& name) {
  // The version is pinned before it is known to be current: between reading the row and pinning, an import could have
  // replaced and dropped it. So it is read again until it did not change.
  for (int attempt = 0; attempt < 10; ++attempt) {
    std::optional<Segment> segment;
    ASSIGN_OR_RETURN(const Table table, db_.read([&](db::Read& tx) -> Result<Table> {
      ASSIGN_OR_RETURN(auto found, store::find_table(tx, name));
      if (found) return *std::move(found);
      ASSIGN_OR_RETURN(segment, store::find_segment(tx, name));
      if (!segment)
        return Error{.code = base::Code::not_found,
                     .reason = "table.missing",
                     .detail = "There is no table or segment named " + name + " any more."};
      return customer_table(tx);
    }));
    if (!table.data_version)
      return Error{.code = base::Code::conflict,
                   .reason = "table.not_ready",
                   .detail = "The table " + table.name + " has no rows yet; its import has not succeeded."};
    ReadPlan plan{.name = segment ? segment->name : table.name,
                  .version = *table.data_version,
                  .columns = table.columns,
                  .filter = {},
                  .rows = table.rows,
                  .last_row = table.rows,
                  .pin = pin(*table.data_version)};
    ASSIGN_OR_RETURN(const auto again, db_.read([&](db::Read& tx) { return store::find_table(tx, table.id); }));
    if (!again || again->data_version != table.data_version) continue;
    if (segment) {
      ASSIGN_OR_RETURN(plan.filter, filter_of(*segment, table));
      ASSIGN_OR_RETURN(plan.rows, count_members(table, plan.filter));
    }
    return plan;
  }
  return Error{
      .code = base::Code::conflict, .reason = "table.changing", .detail = "The table is being replaced again and again. Try once more."};
}

}  // namespace sluice::tables
