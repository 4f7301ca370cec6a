#include "features/exports/rows_run.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "features/audit/audit.h"
#include "features/exports/ledgers.h"

namespace sluice::exports {

namespace {

using base::Error;
using base::Result;

constexpr std::chrono::seconds kBusyWait{30};  // another process still writes this ledger: its run must end first

}  // namespace

void RowsRun::add_part(RowPart part, std::size_t result) {
  part.result = result;
  const manifest::Connector& connector = *opened_.connector;
  const base::json::Value& shared = plan_.settings.get(connector.shared_by);
  const bool is_shared = !connector.shared_by.empty() && !shared.is_null() && !(shared.as_string() != nullptr && shared.text().empty());
  const bool alone = connector.per_segment && !is_shared;
  if (alone || groups_.empty()) {
    groups_.emplace_back();
    RowGroup& group = groups_.back();
    group.audience = alone ? part.name : plan_.display_name;
    group.key = {plan_.export_id, plan_.connection_id, alone ? part.name : std::string()};
  }
  groups_.back().parts.push_back(std::move(part));
}

Result<void> RowsRun::plan() {
  for (const std::string& name : plan_.tables) {
    auto read = exports_.tables_.plan_read(name);
    Segment segment{.name = name};
    if (!read.ok()) {
      segment.fault = read.error();
      segments_.push_back(std::move(segment));
      continue;
    }
    segment.name = read->name;
    segment.rows = read->rows;
    if (!map_) {
      ASSIGN_OR_RETURN(map_, RowMap::compile(*opened_.connector, plan_.settings, plan_.mapping, read->columns));
    }
    RowPart part = plan_.resend.empty() ? part_of_segment(exports_.tables_.store(), *std::move(read), *map_)
                                        : part_of_file(plan_.resend, segment.name, *map_);
    add_part(std::move(part), segments_.size());
    segments_.push_back(std::move(segment));
  }
  return {};
}

Result<void> RowsRun::check_limits() {
  const manifest::Limits& limits = opened_.connector->limits;
  const auto above = [&](const std::string& what, std::int64_t rows) {
    return Error{.code = base::Code::conflict,
                 .reason = "export.above_limit",
                 .detail = what + " has " + std::to_string(rows) + " rows; " + opened_.connector->title + " takes at most " +
                           std::to_string(*limits.most_rows) + ". Make the segment smaller."};
  };
  if (!plan_.resend.empty()) return {};
  std::int64_t sum = 0;
  for (Segment& segment : segments_) {
    sum += segment.rows;
    if (segment.fault) continue;
    if (limits.fewest_rows && segment.rows < *limits.fewest_rows)
      segment.fault = Error{.code = base::Code::conflict,
                            .reason = "export.below_limit",
                            .detail = segment.name + " has " + std::to_string(segment.rows) + " rows; " + opened_.connector->title +
                                      " takes a segment of at least " + std::to_string(*limits.fewest_rows) + "."};
    if (limits.most_rows && limits.strict && limits.counted == manifest::Counted::segment && segment.rows > *limits.most_rows)
      segment.fault = above(segment.name, segment.rows);
  }
  if (limits.most_rows && limits.strict && limits.counted == manifest::Counted::exports && sum > *limits.most_rows)
    return above("The export", sum);
  for (RowGroup& group : groups_) {
    std::erase_if(group.parts, [&](const RowPart& part) { return segments_[part.result].fault.has_value(); });
  }
  std::erase_if(groups_, [](const RowGroup& group) { return group.parts.empty(); });
  return {};
}

drivers::RowsPlan RowsRun::rows_plan(const RowGroup& group, std::string run_id) const {
  return {.settings = plan_.settings, .audience = group.audience, .run_id = std::move(run_id), .columns = map_->columns()};
}

Result<void> RowsRun::open_ledger(RowGroup& group, const runs::Run* run) {
  ASSIGN_OR_RETURN(const std::uint64_t generation,
                   exports_.db_.read([&](db::Read& tx) { return store::ledger_generation(tx, group.key); }));
  const ledger::Options options{
      .folder = ledger_folder(exports_.settings_.data_folder, plan_.export_id, plan_.connection_id, group.key.part),
      .at_least = generation};
  auto opened = group.rebaselined.empty() ? ledger::Ledger::open(options) : ledger::Ledger::rebaseline(options, group.rebaselined);
  if (!opened.ok()) return opened.error();
  group.ledger.emplace(*std::move(opened));
  if (run == nullptr || !group.rebaselined.empty()) return {};
  auto recovered = group.ledger->recover();
  if (recovered.ok()) return {};
  Error error = recovered.error();
  if (error.reason == "ledger.busy") {
    error.code = base::Code::rate_limited;
    error.retry_after = kBusyWait;
  }
  return error;
}

Result<void> RowsRun::survey(RowGroup& group, const runs::Run* run, std::stop_token stop, const std::function<void()>& told) {
  const auto done = compare(group, run, stop, told);
  if (done.ok() || done.error().reason != "ledger.damaged" || run == nullptr) return done;
  // What was delivered is not known any more: everything is sent again, and nothing is taken away (C-096).
  base::log::error("ledger.rebaselined", {{"export_id", plan_.export_id}, {"why", done.error().detail}});
  group.rebaselined = done.error().detail;
  group.rows.reset();
  group.ledger.reset();
  return compare(group, run, stop, told);
}

Result<void> RowsRun::compare(RowGroup& group, const runs::Run* run, std::stop_token stop, const std::function<void()>& told) {
  RETURN_IF_ERROR(open_ledger(group, run));
  group.rows.emplace(*group.ledger);
  Surveyor surveyor(*map_, *group.ledger, plan_.mode, run == nullptr ? base::Uuid{} : run->id.bytes());
  ASSIGN_OR_RETURN(group.survey, surveyor.survey(group.parts, *group.rows, stop, [&](std::int64_t) { told(); }));
  return {};
}

Result<void> RowsRun::survey(const runs::Run* run, std::stop_token stop, const std::function<void()>& told) {
  for (RowGroup& group : groups_) RETURN_IF_ERROR(survey(group, run, stop, told));
  return {};
}

std::optional<runs::Approval> RowsRun::guard() const {
  if (!plan_.resend.empty()) return std::nullopt;
  for (const RowGroup& group : groups_) {
    const ledger::DiffCounts& counts = group.survey.counts;
    const std::map<std::string, std::int64_t> numbers{
        {"rows", group.survey.rows()}, {"held", counts.held}, {"removed", plan_.mode == Mode::mirror ? counts.removed : 0}};
    if (plan_.guard.max_decrease_percent) {
      if (group.survey.rows() == 0)
        return runs::Approval{"export.empty_source",
                              group.audience + " has not one row, and the service holds " + std::to_string(counts.held) +
                                  " of it. An administrator must say whether that is meant.",
                              numbers};
      const std::int64_t percent = counts.held == 0 ? 0 : counts.removed * 100 / counts.held;
      if (plan_.mode == Mode::mirror && percent > *plan_.guard.max_decrease_percent)
        return runs::Approval{"export.mass_change",
                              group.audience + ": " + std::to_string(counts.removed) + " of " + std::to_string(counts.held) +
                                  " would be removed, " + std::to_string(percent) + " %. An administrator must say whether that is meant.",
                              numbers};
    }
    if (plan_.guard.first_run_rows && counts.held == 0 && group.survey.to_send() > *plan_.guard.first_run_rows)
      return runs::Approval{"export.large_first_run",
                            "The first delivery has " + std::to_string(group.survey.to_send()) + " rows, more than the " +
                                std::to_string(*plan_.guard.first_run_rows) + " that may go without an approval.",
                            numbers};
  }
  return std::nullopt;
}

// What a group did so far, in the results of its segments and of the run.
void RowsRun::show(const RowGroup& group, const Tally& tally, runs::Execution& execution) const {
  std::vector<runs::TableResult>& tables = execution.tables();
  for (std::size_t i = 0; i < group.parts.size(); ++i) {
    const PartSurvey& found = group.survey.parts[i];
    runs::TableResult& result = tables[group.parts[i].result];
    result.rows_sent = found.already_sent + tally.parts[i].sent;
    result.rows_rejected = tally.parts[i].rejected;
    result.rows_unchanged = found.unchanged;
    // Those with the identifier of another row are known only as what is left.
    result.rows_omitted = found.rows - found.to_send - found.unchanged - found.already_sent;
    result.rows_read = found.rows - found.to_send + tally.parts[i].sent + tally.parts[i].rejected + tally.parts[i].unknown;
  }
  tables[group.parts.front().result].rows_removed = tally.removed;
  tables[group.parts.front().result].bytes = tally.bytes;
  runs::Counts& counts = execution.counts();
  counts = {.files = counts.files};
  for (const runs::TableResult& table : tables) {
    counts.rows_read += table.rows_read;
    counts.rows_sent += table.rows_sent;
    counts.rows_unchanged += table.rows_unchanged;
    counts.rows_omitted += table.rows_omitted;
    counts.rows_rejected += table.rows_rejected;
    counts.rows_removed += table.rows_removed;
    counts.bytes += table.bytes;
  }
}

void RowsRun::settle(const RowGroup& group, const Tally& tally, runs::Execution& execution, Faults& faults) const {
  for (std::size_t i = 0; i < group.parts.size(); ++i) {
    runs::TableResult& result = execution.tables()[group.parts[i].result];
    const std::int64_t refused = tally.parts[i].rejected + tally.parts[i].unknown + (i == 0 ? tally.removals_refused : 0);
    result.state = refused > 0 ? runs::State::completed_with_errors : runs::State::succeeded;
    if (refused > 0) {
      const std::string first = tally.first_answer.empty() ? tally.first_reason : tally.first_answer;
      Error error{.code = base::Code::upstream_rejected,
                  .reason = "export.rows_rejected",
                  .detail = std::to_string(refused) + " rows of " + result.name + " were not taken" +
                            (first.empty() ? std::string() : "; the first answer was: " + first)};
      // Not one row was taken: whatever it is called, nothing was delivered (C-090).
      const bool is_nothing = tally.parts[i].sent == 0 && result.rows_unchanged == 0 && tally.removed == 0;
      faults.note(result, error);
      if (!is_nothing) result.state = runs::State::completed_with_errors;
    }
  }
}

Result<void> RowsRun::commit(RowGroup& group, RowDelivery& delivery, const runs::Run& run) {
  ASSIGN_OR_RETURN(const ledger::Committed committed, delivery.commit());
  const base::Timestamp now = exports_.clock_();
  return exports_.db_.write([&](db::Write& tx) -> Result<void> {
    RETURN_IF_ERROR(store::put_ledger(tx, group.key, committed, now));
    return audit::append(tx, base::Actor::system(), now, "ledger.committed", {"export", plan_.export_id, plan_.display_name},
                         base::json::Object{{"run_id", run.id.str()},
                                            {"part", group.key.part},
                                            {"generation", static_cast<std::int64_t>(committed.generation)},
                                            {"head", committed.head},
                                            {"held", committed.held}});
  });
}

void RowsRun::write_rejects(const RowGroup& group, const Rejects& rejects, const runs::Run& run) {
  if (rejects.empty() && group.survey.faults.empty()) return;
  const auto written =
      rejects.write(exports_.rejects_path(run.id.str(), static_cast<std::size_t>(&group - groups_.data())), group.parts, *map_);
  if (!written.ok()) base::log::error("export.rejects_not_written", {{"run_id", run.id.str()}, {"why", written.error().internal}});
}

// One sentence for each kind of omission, so that the list of warnings stays short however many rows there are (EXP-43).
void RowsRun::warn(const RowGroup& group, runs::Execution& execution) const {
  if (!group.rebaselined.empty())
    execution.warn("export.ledger_rebaselined", "The record of what was delivered could not be used (" + group.rebaselined +
                                                    "). Everything was sent again, and nothing was removed.");
  for (const auto& [reason, count] : group.survey.faults)
    execution.warn("export.rows_omitted", std::to_string(count) + " rows were left out: " + map_->explain(reason));
  for (const auto& [reason, count] : group.survey.left_out)
    execution.warn("export.values_left_out",
                   std::to_string(count) + " rows were sent without a value that could not be read: " + map_->explain(reason));
}

Result<void> RowsRun::deliver(RowGroup& group, runs::Execution& execution, Faults& faults, RequestLog& requests) {
  const runs::Run& run = execution.run();
  for (const RowPart& part : group.parts) execution.tables()[part.result].state = runs::State::running;
  ASSIGN_OR_RETURN(ledger::Writer writer,
                   ledger::Writer::create(
                       *group.ledger,
                       {.id = run.id.bytes(), .at = exports_.clock_(), .fields = map_->fields(), .normaliser = data::kNormaliserVersion}));
  RowDelivery* self = nullptr;
  RowDelivery delivery({.map = *map_,
                        .parts = group.parts,
                        .survey = group.survey,
                        .rows = *group.rows,
                        .ledger = *group.ledger,
                        .mode = plan_.mode,
                        .is_partial = !plan_.resend.empty(),
                        .is_mine = [&] { return execution.is_mine(); }},
                       std::move(writer), execution.stop(), [&] {
                         show(group, self->tally(), execution);
                         execution.report();
                       });
  self = &delivery;
  drivers::RowEvents events = delivery.events();
  events.called = [&](drivers::RequestRecord&& record) { requests.add(std::move(record)); };
  events.warned = [&](std::string_view reason, std::string_view detail) { execution.warn(std::string(reason), std::string(detail)); };
  events.waiting = [&](std::optional<base::Timestamp> until) {
    execution.set_waiting(until);
    execution.report_now();
  };
  const drivers::Context context = exports_.connections_.context(base::Deadline::after(std::chrono::hours(24)), execution.stop());
  auto session = opened_.driver->open_rows(context, opened_.target, rows_plan(group, run.id.str()), std::move(events));
  Result<void> done = session.ok() ? delivery.run(**session) : Result<void>(session.error());
  if (session.ok()) session->reset();
  show(group, delivery.tally(), execution);
  execution.set_waiting(std::nullopt);
  requests.flush();
  // What was acknowledged stays acknowledged, however the run ends.
  const auto committed = commit(group, delivery, run);
  write_rejects(group, delivery.rejects(), run);
  warn(group, execution);
  if (!done.ok()) return done;
  RETURN_IF_ERROR(committed);
  settle(group, delivery.tally(), execution, faults);
  return {};
}

runs::Ended RowsRun::execute(runs::Execution& execution) {
  std::error_code ignored;
  std::filesystem::remove_all(std::filesystem::path(exports_.rejects_path(execution.run().id.str(), 0)).parent_path(), ignored);
  Faults faults(execution);
  if (auto planned = plan(); !planned.ok()) return failed(execution, std::move(planned).error());
  if (auto limited = check_limits(); !limited.ok()) return {runs::State::skipped, std::move(limited).error()};
  std::int64_t expected = 0;
  for (const Segment& segment : segments_) {
    execution.tables().push_back({.name = segment.name, .state = runs::State::queued, .expected_rows = segment.rows});
    if (segment.fault) faults.note(execution.tables().back(), *segment.fault);
    expected += segment.rows;
  }
  if (groups_.empty()) return faults.ended();
  if (plan_.resend.empty()) execution.set_expected_rows(expected);
  execution.report_now();
  if (auto surveyed = survey(&execution.run(), execution.stop(), [&] { execution.report(); }); !surveyed.ok())
    return failed(execution, std::move(surveyed).error());
  if (!execution.is_approved()) {
    if (auto approval = guard()) return {.state = runs::State::needs_approval, .approval = std::move(approval)};
  }
  RequestLog requests(exports_.db_, execution.run().id.str());
  for (RowGroup& group : groups_) {
    auto delivered = deliver(group, execution, faults, requests);
    if (delivered.ok()) continue;
    const Error& error = delivered.error();
    const bool is_about_segment = error.reason == "service.missing" || error.reason == "service.refused";
    if (execution.stop().stop_requested() || !is_about_segment || groups_.size() == 1) {
      if (blames_connection(error) && execution.is_mine()) exports_.note_health(connection_id_, connections::Health::failing);
      return failed(execution, std::move(delivered).error());
    }
    for (const RowPart& part : group.parts) faults.note(execution.tables()[part.result], error);
  }
  exports_.note_health(connection_id_, connections::Health::ok);
  return faults.ended();
}

bool Exports::takes_rows(const runs::Execution& execution) const {
  const auto& connection = execution.run().connection;
  const manifest::Connector* connector = connection ? connections_.registry().find(connection->type) : nullptr;
  return connector != nullptr && connector->payload == manifest::Payload::segments;
}

runs::Ended Exports::execute_rows(runs::Execution& execution, const Plan& plan, connections::ConnectionId connection_id) {
  auto opened = connections_.open(connection_id);
  if (!opened.ok()) return {runs::State::failed, opened.error()};
  if (opened->driver == nullptr || opened->driver->open_rows == nullptr) {
    return {runs::State::failed,
            Error{.code = base::Code::unsupported, .reason = "export.unsupported", .detail = "Connections of this type do not take rows."}};
  }
  return RowsRun(*this, plan, connection_id, *opened).execute(execution);
}

std::string Exports::rejects_path(const std::string& run_id, std::size_t part) const {
  return settings_.data_folder + "/rejected/" + run_id + "/" + std::to_string(part) + ".csv";
}

}  // namespace sluice::exports
