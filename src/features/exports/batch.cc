// What happens to exports in numbers: a person's action on many, the system refresh, their own schedules.
#include <utility>

#include "features/audit/audit.h"
#include "features/exports/exports.h"
#include "features/exports/rules.h"
#include "features/exports/store.h"

namespace sluice::exports {

using base::Error;
using base::Result;

namespace {

void note(BatchResult& result, BatchItem item, const Result<void>& done) {
  item.ok = done.ok();
  if (!done.ok()) item.error = runs::Failure{done.error().reason, done.error().detail};
  ++(item.ok ? result.succeeded : result.failed);
  result.items.push_back(std::move(item));
}

// Every one by itself: what one refuses says nothing of the others.
Result<void> only_status(const Result<Export>& done) { return done.ok() ? Result<void>() : Result<void>(done.error()); }

}  // namespace

Result<void> Exports::schedule(const base::Actor& actor, const Export& e, const BatchRequest& request) {
  schedules::ScheduleChange change;
  if (request.schedule) {
    change = *request.schedule;
  } else if (request.is_on.value_or(true)) {
    change.kind = e.schedule.rule ? schedules::Mode::own : schedules::Mode::system;
  } else {
    change.kind = schedules::Mode::off;
  }
  if (change.kind == schedules::Mode::own && !change.rule) change.rule = e.schedule.rule;
  ExportChange patch;
  patch.schedule.present = true;
  patch.schedule.value = std::move(change);
  return only_status(update(actor, e.id, e.version, patch));
}

void Exports::run_one(const base::Actor& actor, const Export& e, BatchResult& result) {
  BatchItem item{.id = e.id.str(), .display_name = e.display_name};
  const auto enqueued = run(actor, e.id);
  if (enqueued.ok()) item.run_id = enqueued->run.id.str();
  note(result, std::move(item), enqueued.ok() ? Result<void>() : Result<void>(enqueued.error()));
}

Result<BatchResult> Exports::batch(const base::Actor& actor, const BatchRequest& request) {
  if (request.action == BatchAction::schedule) {
    if (request.schedule.has_value() == request.is_on.has_value())
      return Error{.code = base::Code::invalid,
                   .reason = "export.bad_batch",
                   .detail = "Give either a schedule for all of the exports, or is_on to keep theirs.",
                   .fields = {{"/schedule", "required", "or is_on, and not both"}}};
    if (request.schedule) RETURN_IF_ERROR(schedules::Schedules::check(*request.schedule, "/schedule"));
  }
  BatchResult result;
  for (const ExportId id : request.ids) {
    BatchItem item{.id = id.str(), .display_name = {}};
    const auto e = load(actor, id);
    if (!e.ok()) {
      note(result, std::move(item), e.error());
      continue;
    }
    item.display_name = e->display_name;
    switch (request.action) {
      case BatchAction::run:
        run_one(actor, *e, result);
        break;
      case BatchAction::disconnect:
        note(result, std::move(item),
             actor.may(base::Permission::connections_manage)
                 ? only_status(disconnect(actor, id, e->version))
                 : Result<void>(Error{.code = base::Code::forbidden,
                                      .reason = "request.forbidden",
                                      .detail = "Only administrators may disconnect an export from its connection."}));
        break;
      case BatchAction::remove:
        note(result, std::move(item), remove(actor, id, e->version));
        break;
      case BatchAction::schedule:
        note(result, std::move(item), schedule(actor, *e, request));
        break;
    }
  }
  return result;
}

Result<BatchResult> Exports::run_all(const base::Actor& actor) {
  ASSIGN_OR_RETURN(const auto exports, db_.read([](db::Read& tx) { return store::list_scheduled(tx, true); }));
  BatchResult result;
  for (const Export& e : exports) {
    if (!rules::may_edit(actor, e)) continue;  // not theirs to run, so not part of their "all"
    run_one(actor, e, result);
  }
  return result;
}

Result<runs::Run> Exports::approve(const base::Actor& actor, ExportId id) {
  ASSIGN_OR_RETURN(const auto active, db_.read([&](db::Read& tx) -> Result<std::optional<runs::Run>> {
    RETURN_IF_ERROR(load(tx, actor, id));
    return runs_.active_of(tx, id.str());
  }));
  if (!active)
    return Error{.code = base::Code::conflict, .reason = "run.not_waiting", .detail = "No run of this export waits for an approval."};
  return runs_.approve(actor, active->id);
}

Result<std::vector<runs::Task>> Exports::plan_refresh(db::Write& tx) {
  std::vector<runs::Task> tasks;
  ASSIGN_OR_RETURN(const auto exports, store::list_scheduled(tx, false));
  for (const Export& e : exports) {
    ASSIGN_OR_RETURN(runs::Request request, request_of(tx, e, runs::Trigger::system_refresh));
    request.stage = "exports";
    ASSIGN_OR_RETURN(auto after, tables_.sources_of(tx, e.tables));
    tasks.push_back({std::move(request), std::move(after)});
  }
  return tasks;
}

Result<std::string> Exports::start_scheduled(db::Write& tx, const std::string& export_id) {
  const auto id = ExportId::parse(export_id);
  if (!id) return std::string("The export does not exist any more.");
  ASSIGN_OR_RETURN(const auto e, store::find(tx, *id));
  if (!e) return std::string("The export does not exist any more.");
  if (!e->connection) return std::string("The export has no connection.");
  ASSIGN_OR_RETURN(runs::Request request, request_of(tx, *e, runs::Trigger::schedule));
  // Due while the last one still runs: one more waits behind it (SCH-11).
  request.queue_behind = true;
  RETURN_IF_ERROR(runs_.enqueue(tx, base::Actor::system(), request));
  return std::string();
}

}  // namespace sluice::exports
