// What a run would deliver, without delivering it (BEY-09).
#include <algorithm>
#include <utility>

#include "data/block.h"
#include "data/csv_writer.h"
#include "features/exports/delivery.h"
#include "features/exports/exports.h"
#include "features/exports/history.h"
#include "features/exports/rules.h"
#include "features/tables/rules.h"

namespace sluice::exports {

using base::Result;

namespace {

constexpr int kSampleRows = 5;

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
  writer.append_header(block, names_of(plan, columns));
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
  const FileFormat format = format_of(e.settings);
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
    table.columns = names_of(*plan, columns);
    const std::string folder = rules::export_folder(environment_id_, e.display_name) + "/" + rules::table_folder(plan->name, clock_(), "");
    const std::int64_t parts = part_count(e.settings, *plan);
    for (std::int64_t i = 1; i <= parts; ++i)
      table.files.push_back(folder + "/" + rules::part_name(plan->name, static_cast<int>(i), format.gzip));
    ASSIGN_OR_RETURN(table.first_bytes, first_bytes(tables_, *plan, columns, format.delimiter));
    out.rows += table.rows;
    rows.emplace_back(plan->name, plan->rows);
    out.tables.push_back(std::move(table));
  }
  const Deliveries before(runs_, e.id.str());
  out.needs_approval = rules::guard(e.guard, before.compared(e.connection ? e.connection->id.str() : std::string(), rows));
  return out;
}

}  // namespace sluice::exports
