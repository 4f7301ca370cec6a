// What a run would deliver, without delivering it (BEY-09).
#include <algorithm>
#include <utility>

#include "data/block.h"
#include "data/csv_writer.h"
#include "features/exports/exports.h"
#include "features/exports/plan.h"
#include "features/exports/rules.h"
#include "features/tables/rules.h"

namespace sluice::exports {

using base::Result;

namespace {

constexpr int kSampleRows = 5;

std::vector<std::size_t> chosen_columns(const tables::ReadPlan& plan, const Columns& columns) {
  const auto wanted = columns.find(plan.name);
  std::vector<std::size_t> picked;
  for (std::size_t i = 0; i < plan.columns.size(); ++i) {
    if (wanted == columns.end() || std::find(wanted->second.begin(), wanted->second.end(), plan.columns[i].name) != wanted->second.end())
      picked.push_back(i);
  }
  return picked;
}

Result<std::string> first_bytes(tables::Tables& tables, const tables::ReadPlan& plan, const std::vector<std::size_t>& columns,
                                char delimiter) {
  const auto stored = tables::rules::stored_columns(plan.columns);
  ASSIGN_OR_RETURN(
      const auto scan,
      tables.store().scan({.version = plan.version, .columns = columns, .filter = plan.filter, .first_row = 1, .last_row = INT64_MAX},
                          stored));
  data::BlockQueue blocks(1);
  data::Block block = blocks.fresh();
  const data::CsvWriter writer(delimiter);
  std::vector<std::string> names;
  for (const std::size_t i : columns) names.push_back(plan.columns[i].name);
  writer.append_header(block, names);
  for (int i = 0; i < kSampleRows; ++i) {
    ASSIGN_OR_RETURN(const auto row, scan->next());
    if (row.empty()) break;
    writer.append(block, row);
  }
  return std::string(block.view());
}

}  // namespace

Result<DryRun> Exports::dry_run(const base::Actor& actor, ExportId id) {
  ASSIGN_OR_RETURN(const Export e, load(actor, id));
  DryRun out;
  std::vector<std::pair<std::string, std::int64_t>> rows;
  const std::int64_t* files = e.settings.get("files").as_int();
  const bool gzip = e.settings.get("compression").text() != "none";
  const std::string_view delimiter = e.settings.get("delimiter").text();
  for (const std::string& name : e.tables) {
    DryRunTable table{.name = name, .state = "ok", .detail = {}};
    const auto plan = tables_.plan_read(name);
    if (!plan.ok()) {
      table.state = "missing";
      table.detail = plan.error().detail;
      out.tables.push_back(std::move(table));
      continue;
    }
    table.rows = plan->rows;
    if (table.rows == 0) {
      table.state = "empty";
      table.detail = "It has no row at present.";
    }
    const auto columns = chosen_columns(*plan, e.columns);
    for (const std::size_t i : columns) table.columns.push_back(plan->columns[i].name);
    const std::string folder = rules::export_folder(environment_id_, e.display_name) + "/" + rules::table_folder(plan->name, clock_(), "");
    const std::int64_t parts = std::clamp<std::int64_t>(files == nullptr ? 1 : *files, 1, std::max<std::int64_t>(plan->last_row, 1));
    for (std::int64_t i = 1; i <= parts; ++i) table.files.push_back(folder + "/" + rules::part_name(plan->name, static_cast<int>(i), gzip));
    ASSIGN_OR_RETURN(table.first_bytes, first_bytes(tables_, *plan, columns,
                                                    delimiter.empty()    ? ','
                                                    : delimiter == "tab" ? '\t'
                                                                         : delimiter.front()));
    out.rows += table.rows;
    rows.emplace_back(plan->name, plan->rows);
    out.tables.push_back(std::move(table));
  }
  const Plan plan{.export_id = e.id.str(),
                  .display_name = e.display_name,
                  .connection_id = e.connection ? e.connection->id.str() : std::string(),
                  .tables = {},
                  .columns = {},
                  .settings = {},
                  .guard = e.guard};
  out.needs_approval = check_guard(plan, rows);
  return out;
}

}  // namespace sluice::exports
