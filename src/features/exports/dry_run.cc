// What a run would deliver, without delivering it (BEY-09).
#include <algorithm>
#include <utility>

#include "data/block.h"
#include "data/csv_writer.h"
#include "features/exports/delivery.h"
#include "features/exports/exports.h"
#include "features/exports/history.h"
#include "features/exports/rows_run.h"
#include "features/exports/rules.h"
#include "features/tables/rules.h"

namespace sluice::exports {

using base::Result;

namespace {

constexpr std::size_t kSampleRows = 5;

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
  for (std::size_t i = 0; i < kSampleRows; ++i) {
    ASSIGN_OR_RETURN(const auto row, scan->next());
    if (row.empty()) break;
    writer.append(block, row);
  }
  return std::string(block.view());
}

// The first request with the first rows that would go.
Result<std::string> first_request(const connections::Connections::Opened& opened, RowsRun& run, RowGroup& group) {
  if (opened.driver->preview_rows == nullptr) return std::string();
  drivers::RowBlock block(run.map().columns().size());
  RowMaker maker(run.map());
  for (std::size_t i = 0; i < group.parts.size() && block.size() < kSampleRows; ++i) {
    ASSIGN_OR_RETURN(const NextRow next, group.parts[i].open());
    const PartSurvey& found = group.survey.parts[i];
    for (std::size_t place = 0; place < found.fresh.size() && block.size() < kSampleRows; ++place) {
      ASSIGN_OR_RETURN(const auto row, next());
      if (row.empty()) break;
      if (!found.fresh[place] && !found.owed[place]) continue;
      const RowMaker::Made& made = maker.make(row);
      if (made.fault.empty()) block.add(row_number(i, static_cast<std::int64_t>(place) + 1), made.key, 0, made.cells);
    }
  }
  if (block.size() == 0) return std::string();
  return opened.driver->preview_rows(opened.target, run.rows_plan(group, "dry-run"), block);
}

DryRunTable table_of(const RowsRun& run, const RowGroup& group, Mode mode) {
  const ledger::DiffCounts& counts = group.survey.counts;
  DryRunTable table{.name = group.audience, .state = group.survey.rows() == 0 ? "empty" : "ok", .detail = {}};
  if (group.survey.rows() == 0) table.detail = "It has no member at present.";
  table.rows = group.survey.rows();
  table.counts = RowCounts{.rows_read = table.rows,
                           .added = counts.added,
                           .changed = counts.changed,
                           .owed = counts.owed,
                           .unchanged = counts.unchanged,
                           .removed = mode == Mode::mirror ? counts.removed : 0,
                           .omitted = counts.duplicates,
                           .duplicates = counts.duplicates,
                           .to_send = group.survey.to_send()};
  for (const PartSurvey& part : group.survey.parts) table.counts->omitted += part.omitted;
  for (const auto& [reason, rows] : group.survey.faults) table.omitted_reasons.push_back({reason, run.map().explain(reason), rows});
  for (const drivers::RowColumn& column : run.map().columns()) table.columns.push_back(column.name);
  return table;
}

}  // namespace

Result<DryRun> Exports::dry_run_rows(const Export& e) {
  if (!e.connection)
    return base::Error{.code = base::Code::conflict,
                       .reason = "export.inactive",
                       .detail = "This export has no connection, so there is nothing to compare with. Choose a connection for it first."};
  ASSIGN_OR_RETURN(const auto opened, connections_.open(e.connection->id));
  const Plan plan = plan_of(e);
  RowsRun run(*this, plan, e.connection->id, opened);
  RETURN_IF_ERROR(run.plan());
  DryRun out;
  const auto limited = run.check_limits();
  for (const RowsRun::Segment& segment : run.segments()) {
    if (!segment.fault) continue;
    const bool is_gone = segment.fault->reason == "table.missing";
    out.tables.push_back({.name = segment.name, .state = is_gone ? "missing" : "refused", .detail = segment.fault->detail});
  }
  RETURN_IF_ERROR(limited);
  RETURN_IF_ERROR(run.survey(nullptr, {}, [] {}));
  for (RowGroup& group : run.groups()) {
    DryRunTable table = table_of(run, group, plan.mode);
    ASSIGN_OR_RETURN(table.first_bytes, first_request(opened, run, group));
    out.rows += table.rows;
    out.tables.push_back(std::move(table));
  }
  out.needs_approval = run.guard();
  return out;
}

Result<DryRun> Exports::dry_run(const base::Actor& actor, ExportId id) {
  ASSIGN_OR_RETURN(const Export e, load(actor, id));
  const manifest::Connector* connector = connections_.registry().find(e.type);
  if (connector != nullptr && connector->payload == manifest::Payload::segments) return dry_run_rows(e);
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
    const std::string folder =
        rules::export_folder(settings_.environment_id, e.display_name) + "/" + rules::table_folder(plan->name, clock_(), "");
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
