// Executing an export: every table of the plan through one session of the connection's driver, model.json last.
#include <algorithm>
#include <memory>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "data/model_json.h"
#include "features/exports/delivery.h"
#include "features/exports/exports.h"
#include "features/exports/history.h"
#include "features/exports/plan.h"
#include "features/exports/results.h"
#include "features/exports/rules.h"

namespace sluice::exports {

namespace {

using base::Error;
using base::Result;
using base::json::Value;

struct TableJob {
  tables::ReadPlan plan;
  std::vector<std::size_t> columns;
  std::string folder;      // below the export's folder
  std::size_t result = 0;  // its place in the results
};

// Reading it failed; everything else concerns all tables alike.
bool is_about_the_table(const Error& error) { return error.reason.starts_with("table.") || error.reason.starts_with("export.column"); }

Result<std::vector<std::size_t>> pick_columns(const tables::ReadPlan& plan, const Columns& chosen) {
  std::vector<std::size_t> picked = chosen_columns(plan, chosen);
  if (const auto wanted = chosen.find(plan.name); wanted != chosen.end() && picked.size() != wanted->second.size()) {
    return Error{
        .code = base::Code::conflict,
        .reason = "export.column_missing",
        .detail = "The table " + plan.name + " has lost a column that this export sends. Edit the export and choose its columns again."};
  }
  return picked;
}

data::ModelTable model_of(const TableJob& job, const std::vector<runs::FileResult>& files, const std::string& export_folder,
                          base::Timestamp now) {
  data::ModelTable table{.name = job.plan.name, .columns = {}, .files = {}};
  for (const std::size_t i : job.columns) table.columns.push_back({job.plan.columns[i].name, job.plan.columns[i].type});
  for (const runs::FileResult& file : files) {
    const std::string prefix = export_folder + "/" + job.folder + "/";
    if (!file.path.starts_with(prefix)) continue;
    table.files.push_back({file.path.substr(prefix.size()), file.path.substr(export_folder.size() + 1), now});
  }
  return table;
}

// Each attempt names its temporary files after itself, so that one that lost its lease cannot touch those of its successor.
std::string part_owner(const runs::Run& run, std::int64_t attempt) { return run.id.str() + "-" + std::to_string(attempt); }

std::vector<std::string> part_owners(const runs::Run& run) {
  std::vector<std::string> owners{run.id.str()};  // as earlier versions named them
  for (std::int64_t attempt = 1; attempt <= run.attempt; ++attempt) owners.push_back(part_owner(run, attempt));
  return owners;
}

// One execution; a class only to share its state between short functions.
class Delivery {
 public:
  Delivery(runs::Execution& execution, tables::Tables& tables, drivers::FileSession& session, std::string export_folder,
           const base::json::Object& settings)
      : execution_(execution),
        tables_(tables),
        session_(session),
        export_folder_(std::move(export_folder)),
        settings_(settings),
        format_(format_of(settings)) {}

  // Removes the whole files, and the parts, of an attempt or a run that did not end well. False: some may still lie there.
  bool clean_up(const runs::Run& run, const std::vector<runs::FileResult>& files) {
    const std::vector<std::string> owners = part_owners(run);
    bool is_clean = true;
    for (const runs::FileResult& file : files) {
      const auto removed = session_.remove(file.path);
      const auto swept = session_.sweep(file.path.substr(0, file.path.rfind('/')), owners);
      is_clean = is_clean && removed.ok() && swept.ok();
    }
    if (!is_clean) base::log::warn("export.clean_up_failed", {{"run_id", run.id.str()}});
    return is_clean;
  }

  Result<void> send_table(const TableJob& job, runs::TableResult& result) {
    result.state = runs::State::running;
    const std::int64_t rows = std::max<std::int64_t>(job.plan.last_row, 1);
    const std::int64_t parts = part_count(settings_, job.plan);
    const std::int64_t each = (rows + parts - 1) / parts;
    for (std::int64_t i = 0; i < parts; ++i) {
      const Part part{
          .path = export_folder_ + "/" + job.folder + "/" + rules::part_name(job.plan.name, static_cast<int>(i + 1), format_.gzip),
          .run_id = part_owner(execution_.run(), execution_.run().attempt),
          .columns = job.columns,
          .first_row = i * each + 1,
          .last_row = i + 1 == parts ? INT64_MAX : (i + 1) * each};
      RETURN_IF_ERROR(send_part(job, part, result));
    }
    result.state = runs::State::succeeded;
    execution_.report();
    return {};
  }

  Result<void> send_model(const std::string& text) {
    RETURN_IF_ERROR(session_.open(export_folder_ + "/model.json", part_owner(execution_.run(), execution_.run().attempt)));
    RETURN_IF_ERROR(session_.write(text));
    RETURN_IF_ERROR(session_.commit());
    execution_.counts().files += 1;
    execution_.counts().bytes += static_cast<std::int64_t>(text.size());
    return {};
  }

 private:
  Result<void> send_part(const TableJob& job, const Part& part, runs::TableResult& result) {
    execution_.files().push_back({part.path, 0, 0});
    execution_.report_now();
    const std::int64_t rows_before = result.rows_read;
    const std::int64_t bytes_before = result.bytes;
    const std::int64_t all_rows_before = execution_.counts().rows_read;
    const std::int64_t all_bytes_before = execution_.counts().bytes;
    ASSIGN_OR_RETURN(const Delivered delivered,
                     deliver(tables_.store(), job.plan, part, format_, session_, execution_.stop(), [&](const Delivered& so_far) {
                       result.rows_read = rows_before + so_far.rows;
                       result.bytes = bytes_before + so_far.bytes;
                       execution_.counts().rows_read = all_rows_before + so_far.rows;
                       execution_.counts().bytes = all_bytes_before + so_far.bytes;
                       execution_.report();
                     }));
    execution_.files().back() = {part.path, delivered.rows, delivered.bytes};
    result.rows_sent += delivered.rows;
    result.files += 1;
    execution_.counts().rows_sent += delivered.rows;
    execution_.counts().files += 1;
    return {};
  }

  runs::Execution& execution_;
  tables::Tables& tables_;
  drivers::FileSession& session_;
  std::string export_folder_;
  const base::json::Object& settings_;
  FileFormat format_;
};

// All tables at one moment, before anything is sent (EXP-63, DAT-24). Those that cannot be read are noted in their results.
std::vector<TableJob> plan_tables(const Deliveries& earlier, tables::Tables& tables, const std::vector<std::string>& names,
                                  const Columns& columns, base::Timestamp now, runs::Execution& execution, Faults& faults) {
  std::vector<TableJob> jobs;
  std::int64_t expected = 0;
  const base::Timestamp started_at = execution.run().started_at.value_or(now);
  const std::string suffix = earlier.minute_suffix(execution.run(), started_at);
  for (const std::string& name : names) {
    runs::TableResult result{.name = name, .state = runs::State::queued, .expected_rows = {}};
    auto read = tables.plan_read(name);
    if (!read.ok()) {
      faults.note(result, read.error());
      execution.tables().push_back(std::move(result));
      continue;
    }
    result.name = read->name;
    result.expected_rows = read->rows;
    auto picked = pick_columns(*read, columns);
    if (!picked.ok()) {
      faults.note(result, picked.error());
    } else {
      expected += read->rows;
      jobs.push_back({*std::move(read), *std::move(picked), {}, execution.tables().size()});
      jobs.back().folder = rules::table_folder(jobs.back().plan.name, started_at, suffix);
    }
    execution.tables().push_back(std::move(result));
  }
  execution.set_expected_rows(expected);
  return jobs;
}

// Sends every table, then model.json. An error is one of the way or the target; what is wrong with a table alone is in its result.
Result<void> send_all(Delivery& delivery, const std::vector<TableJob>& jobs, runs::Execution& execution, Faults& faults,
                      data::ModelDraft model, const std::string& folder, base::Timestamp now) {
  for (const TableJob& job : jobs) {
    runs::TableResult& result = execution.tables()[job.result];
    const std::size_t files_before = execution.files().size();
    const auto sent = delivery.send_table(job, result);
    if (sent.ok()) {
      model.tables.push_back(model_of(job, execution.files(), folder, now));
      continue;
    }
    if (execution.stop().stop_requested() || !is_about_the_table(sent.error())) return sent.error();
    faults.note(result, sent.error());
    // A table that is not whole must not be seen.
    const std::vector<runs::FileResult> half(execution.files().begin() + static_cast<std::ptrdiff_t>(files_before),
                                             execution.files().end());
    if (!execution.is_mine()) return sent.error();
    if (delivery.clean_up(execution.run(), half)) execution.files().resize(files_before);
  }
  return model.tables.empty() ? Result<void>() : delivery.send_model(data::write_model_json(model));
}

}  // namespace

void Exports::note_health(connections::ConnectionId id, connections::Health health) {
  if (const auto noted = connections_.record_health(id, health); !noted.ok())
    base::log::warn("connection.health_not_noted", {{"why", noted.error().internal}});
}

runs::Ended Exports::execute(runs::Execution& execution) {
  auto plan = base::from_json<Plan>(Value(execution.plan()));
  if (!plan.ok()) return {runs::State::failed, plan.error()};
  const auto connection_id = connections::ConnectionId::parse(plan->connection_id);
  if (!connection_id)
    return {runs::State::failed, Error{.code = base::Code::internal, .reason = "export.bad_plan", .detail = "The run has no connection."}};
  const std::vector<runs::FileResult> earlier_files = std::exchange(execution.files(), {});
  execution.tables().clear();
  execution.counts() = {};
  if (takes_rows(execution)) return execute_rows(execution, *plan, *connection_id);

  Faults faults(execution);
  const Deliveries earlier(runs_, plan->export_id);
  const std::vector<TableJob> jobs = plan_tables(earlier, tables_, plan->tables, plan->columns, clock_(), execution, faults);
  if (jobs.empty()) return faults.ended();
  if (!execution.is_approved()) {
    std::vector<std::pair<std::string, std::int64_t>> rows;
    for (const TableJob& job : jobs) rows.emplace_back(job.plan.name, job.plan.rows);
    if (auto approval = rules::guard(plan->guard, earlier.compared(plan->connection_id, rows))) {
      execution.files() = earlier_files;
      return {.state = runs::State::needs_approval, .approval = std::move(approval)};
    }
  }

  auto opened = connections_.open(*connection_id);
  if (!opened.ok()) return {runs::State::failed, opened.error()};
  if (opened->driver == nullptr || opened->driver->open_files == nullptr) {
    return {
        runs::State::failed,
        Error{.code = base::Code::unsupported, .reason = "export.unsupported", .detail = "Connections of this type do not take files."}};
  }
  // The session's own limits end a stalled transfer; the run as a whole may take a day.
  auto session =
      opened->driver->open_files(connections_.context(base::Deadline::after(std::chrono::hours(24)), execution.stop()), opened->target);
  if (!session.ok()) {
    execution.files() = earlier_files;  // still owed
    if (blames_connection(session.error())) note_health(*connection_id, connections::Health::failing);
    return failed(execution, std::move(session).error());
  }
  const std::string folder = rules::export_folder(settings_.environment_id, plan->display_name);
  Delivery delivery(execution, tables_, **session, folder, plan->settings);
  delivery.clean_up(execution.run(), earlier_files);
  for (const runs::Run& owing : earlier.owing(execution.run())) delivery.clean_up(owing, owing.files);

  const data::ModelDraft model{
      .name = plan->display_name, .modified_at = clock_(), .delimiter = format_of(plan->settings).delimiter, .tables = {}};
  auto sent = send_all(delivery, jobs, execution, faults, model, folder, clock_());
  if (!sent.ok()) {
    if (!execution.is_mine()) return failed(execution, std::move(sent).error());
    // Whole files of a delivery that is not whole would only mislead; model.json still names those of the last one.
    bool is_clean = delivery.clean_up(execution.run(), execution.files());
    if (!is_clean) {
      // The session may be what broke, or have stopped with the run; a new one can still tidy up. A person waits for a cancel.
      const std::chrono::seconds time(execution.stop().stop_requested() ? 5 : 30);
      auto again = opened->driver->open_files(connections_.context(base::Deadline::after(time), {}), opened->target);
      if (again.ok())
        is_clean = Delivery(execution, tables_, **again, folder, plan->settings).clean_up(execution.run(), execution.files());
      else
        base::log::warn("export.clean_up_failed", {{"run_id", execution.run().id.str()}, {"why", again.error().detail}});
    }
    // What a failed run still names is owed: the next run of the export removes it.
    if (is_clean) execution.files().clear();
    if (blames_connection(sent.error())) note_health(*connection_id, connections::Health::failing);
    return failed(execution, std::move(sent).error());
  }
  note_health(*connection_id, connections::Health::ok);
  return faults.ended();
}

}  // namespace sluice::exports
