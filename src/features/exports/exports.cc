#include "features/exports/exports.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "features/audit/audit.h"
#include "features/exports/plan.h"
#include "features/exports/rules.h"
#include "features/exports/store.h"

namespace sluice::exports {

namespace {

using base::Error;
using base::Result;
using base::json::Object;
using base::json::Value;

Error missing() { return Error{.code = base::Code::not_found, .reason = "request.not_found", .detail = "There is no such export."}; }
Error stale() {
  return Error{
      .code = base::Code::stale, .reason = "request.stale", .detail = "Someone else saved this export first. Reload it and try again."};
}
Error forbidden(std::string_view verb) {
  return Error{.code = base::Code::forbidden,
               .reason = "request.forbidden",
               .detail = "You may view this export, but not " + std::string(verb) + " it: its connection is not shared with contributors.",
               .extra = R"({"required_role":"administrator"})"};
}
Error running(std::string_view verb) {
  return Error{
      .code = base::Code::conflict,
      .reason = "export.running",
      .detail = "A run of this export is active. Cancel it or wait until it has ended, then " + std::string(verb) + " the export."};
}

// Who asks for approvals must not be the one who can do without them (BEY-10).
Result<void> check_guard_right(const base::Actor& actor, const Guard& before, const Guard& after) {
  if (before == after || actor.may(base::Permission::connections_manage)) return {};
  return Error{.code = base::Code::forbidden,
               .reason = "request.forbidden",
               .detail = "Only administrators may change what a run is guarded by.",
               .fields = {{"/guard", "forbidden", "may be changed by administrators only"}},
               .extra = R"({"required_role":"administrator"})"};
}

bool has_verb(const Export& e, std::string_view verb) { return std::find(e.can.begin(), e.can.end(), verb) != e.can.end(); }

audit::Object object_of(const Export& e) { return {"export", e.id.str(), e.display_name}; }

template <class T>
Value json_of(const T& value) {
  auto parsed = base::json::parse(base::to_json(value), {.bytes = std::size_t{4} << 20});
  return parsed.ok() ? *std::move(parsed) : Value();
}

Object changes_of(const Export& before, const Export& after) {
  Object changes;
  const auto note = [&](std::string_view name, Value old_value, Value new_value) {
    if (!(old_value == new_value)) changes.set(name, Object{{"old", std::move(old_value)}, {"new", std::move(new_value)}});
  };
  note("display_name", before.display_name, after.display_name);
  note("tables", json_of(before.tables), json_of(after.tables));
  note("columns", json_of(before.columns), json_of(after.columns));
  note("settings", Value(before.settings), Value(after.settings));
  note("mapping", Value(before.mapping), Value(after.mapping));
  note("mode", base::to_name(before.mode), base::to_name(after.mode));
  note("guard", json_of(before.guard), json_of(after.guard));
  note("connection", before.connection ? Value(before.connection->display_name) : Value(),
       after.connection ? Value(after.connection->display_name) : Value());
  return changes;
}

}  // namespace

Exports::Exports(db::Db& db, connections::Connections& connections, tables::Tables& tables, runs::Runs& runs,
                 schedules::Schedules& schedules, base::Clock clock, Settings settings)
    : db_(db),
      connections_(connections),
      tables_(tables),
      runs_(runs),
      schedules_(schedules),
      clock_(std::move(clock)),
      settings_(std::move(settings)) {}

void Exports::fill(const base::Actor& actor, Export& e) const {
  const manifest::Connector* connector = connections_.registry().find(e.type);
  e.type_title = connector != nullptr ? connector->title : e.type;
  if (e.connection) e.connection->type_title = e.type_title;
  e.can = rules::can(actor, e);
}

Result<ExportPage> Exports::list(const base::Actor& actor, const ListQuery& query) {
  std::string type_title = "CASE e.type";
  store::ListSpec spec{.search = base::fold_case(base::trim(query.search)),
                       .types_by_title = {},
                       .connection_id = query.connection_id,
                       .state = query.state};
  for (const manifest::Connector& connector : connections_.registry().all()) {
    if (base::fold_case(connector.title).find(spec.search) != std::string::npos) spec.types_by_title.push_back(connector.id);
    std::string quoted;
    for (const char c : base::fold_case(connector.title)) quoted += c == '\'' ? std::string("''") : std::string(1, c);
    type_title += " WHEN '" + connector.id + "' THEN '" + quoted + "'";
  }
  const std::vector<db::SortColumn> columns = {{"display_name", "e.name_folded"},
                                               {"type", type_title + " ELSE e.type END"},
                                               {"connection", "COALESCE(l.name_folded, '')"},
                                               {"state", "CASE WHEN e.connection_id IS NULL THEN 'inactive' ELSE 'active' END"},
                                               {"refreshed_at", "COALESCE(e.refreshed_at, 0)"},
                                               {"created_at", "e.created_at"},
                                               {"status", "COALESCE(lr.state, '')"}};
  ASSIGN_OR_RETURN(const db::Page page, db::Page::parse(columns, "e.id", query.sort, query.cursor, query.limit));
  return db_.read([&](db::Read& tx) -> Result<ExportPage> {
    ExportPage out;
    ASSIGN_OR_RETURN(out.items, store::list(tx, spec, page, out.next_cursor));
    ASSIGN_OR_RETURN(out.total, store::count(tx, spec));
    for (Export& e : out.items) fill(actor, e);
    return out;
  });
}

Result<Export> Exports::load(db::Read& tx, const base::Actor& actor, ExportId id) {
  ASSIGN_OR_RETURN(auto e, store::find(tx, id));
  if (!e) return missing();
  fill(actor, *e);
  ASSIGN_OR_RETURN(const auto gone, store::missing_tables(tx, id));
  for (const std::string& table : gone)
    e->needs_attention.push_back(
        {"table.missing", "The table or segment " + table + " does not exist any more. Take it out of the export."});
  return *std::move(e);
}

Result<Export> Exports::load(const base::Actor& actor, ExportId id) {
  return db_.read([&](db::Read& tx) { return load(tx, actor, id); });
}

template <class T>
Result<T> Exports::noting_denial(const base::Actor& actor, ExportId id, Result<T> result) {
  if (result.ok() || result.error().code != base::Code::forbidden) return result;
  ASSIGN_OR_RETURN(const Export e, load(actor, id));
  RETURN_IF_ERROR(db_.write([&](db::Write& tx) {
    return audit::append(tx, actor, clock_(), "access.denied", object_of(e), Object{{"required_role", "administrator"}});
  }));
  return result;
}

// Whatever a save brings must fit: name, tables, columns, settings of the type.
Result<void> Exports::check(db::Read& tx, const base::Actor&, Export& e) {
  ASSIGN_OR_RETURN(e.display_name, rules::check_name(e.display_name));
  const manifest::Connector* connector = connections_.registry().find(e.type);
  if (connector == nullptr)
    return Error{.code = base::Code::conflict,
                 .reason = "connection.unknown_type",
                 .detail = "This version does not know the connection type " + e.type + "."};
  ASSIGN_OR_RETURN(e.settings, manifest::check_settings(connector->export_fields, e.settings, "/settings"));
  std::vector<tables::ExportableTable> found;
  for (std::size_t i = 0; i < e.tables.size(); ++i) {
    auto table = tables_.find_exportable(tx, e.tables[i]);
    if (!table.ok()) {
      Error error = table.error();
      error.code = base::Code::invalid;
      error.fields = {{"/tables/" + std::to_string(i), "unknown", "is not a table or segment"}};
      return error;
    }
    e.tables[i] = table->name;  // as it is spelt
    found.push_back(*std::move(table));
  }
  RETURN_IF_ERROR(rules::check_contents(e.tables, e.columns, found));
  return rules::check_rows(*connector, e, found);
}

schedules::Subject Exports::subject_of(const Export& e) { return {"export", e.id.str(), e.display_name}; }

Result<Export> Exports::create(const base::Actor& actor, const ExportDraft& draft) {
  const base::Timestamp now = clock_();
  if (draft.schedule) RETURN_IF_ERROR(schedules::Schedules::check(*draft.schedule, "/schedule"));
  RETURN_IF_ERROR(check_guard_right(actor, Guard(), draft.guard));
  Export e{.id = ExportId::make(now), .display_name = draft.display_name};
  e.tables = draft.tables;
  e.columns = draft.columns;
  e.settings = draft.settings;
  e.mapping = draft.mapping;
  e.mode = draft.mode;
  e.guard = draft.guard;
  e.created_at = e.updated_at = now;
  e.created_by = {actor.id, actor.display_name};
  return db_.write([&](db::Write& tx) -> Result<Export> {
    auto usable = connections_.load_usable(tx, actor, draft.connection_id);
    if (!usable.ok()) {
      if (usable.error().code != base::Code::not_found) return usable.error();
      return Error{.code = base::Code::invalid,
                   .reason = "export.unknown_connection",
                   .detail = "There is no such connection that you may use. Choose another one, or ask an administrator to share it.",
                   .fields = {{"/connection_id", "unknown", "is not a connection that you may use"}}};
    }
    e.type = usable->type;
    e.connection = *usable;
    RETURN_IF_ERROR(check(tx, actor, e));
    RETURN_IF_ERROR(store::insert(tx, e));
    if (draft.schedule) RETURN_IF_ERROR(schedules_.set(tx, subject_of(e), *draft.schedule, true));
    RETURN_IF_ERROR(audit::append(tx, actor, now, "export.created", object_of(e),
                                  Object{{"connection", usable->display_name},
                                         {"connection_id", usable->id.str()},
                                         {"tables", json_of(e.tables)},
                                         {"columns", json_of(e.columns)},
                                         {"settings", Value(e.settings)},
                                         {"mapping", Value(e.mapping)},
                                         {"mode", base::to_name(e.mode)}}));
    return load(tx, actor, e.id);
  });
}

Result<Export> Exports::update(const base::Actor& actor, ExportId id, std::int64_t version, const ExportChange& change) {
  const base::Timestamp now = clock_();
  if (change.schedule && change.schedule.value) RETURN_IF_ERROR(schedules::Schedules::check(*change.schedule.value, "/schedule"));
  return noting_denial(actor, id, db_.write([&](db::Write& tx) -> Result<Export> {
    ASSIGN_OR_RETURN(const Export before, load(tx, actor, id));
    if (!has_verb(before, "update")) return forbidden("change");
    Export e = before;
    if (change.guard) e.guard = change.guard.value.value_or(Guard());
    RETURN_IF_ERROR(check_guard_right(actor, before.guard, e.guard));
    if (change.display_name) e.display_name = change.display_name.value.value_or("");
    if (change.tables) e.tables = change.tables.value.value_or(std::vector<std::string>());
    if (change.columns) e.columns = change.columns.value.value_or(Columns());
    if (change.settings) e.settings = change.settings.value.value_or(Object());
    if (change.mapping) e.mapping = change.mapping.value.value_or(Object());
    if (change.mode) e.mode = change.mode.value.value_or(Mode::full);
    if (change.connection_id && change.connection_id.value) {
      auto usable = connections_.load_usable(tx, actor, *change.connection_id.value);
      if (!usable.ok()) {
        return Error{.code = base::Code::invalid,
                     .reason = "export.unknown_connection",
                     .detail = "There is no such connection that you may use. Choose another one, or ask an administrator to share it.",
                     .fields = {{"/connection_id", "unknown", "is not a connection that you may use"}}};
      }
      if (usable->type != e.type) {
        return Error{.code = base::Code::invalid,
                     .reason = "export.type_mismatch",
                     .detail = "The export was made for connections of the type " + e.type_title + "; this one is of the type " +
                               usable->type_title + ". Make a new export for it.",
                     .fields = {{"/connection_id", "type_mismatch", "is a connection of another type"}}};
      }
      e.connection = *usable;
    }
    e.updated_at = now;
    // Columns of a table that was taken out go with it.
    std::erase_if(e.columns, [&](const auto& entry) {
      return std::find(e.tables.begin(), e.tables.end(), entry.first) == e.tables.end() && before.columns.contains(entry.first);
    });
    RETURN_IF_ERROR(check(tx, actor, e));
    ASSIGN_OR_RETURN(const bool saved, store::update(tx, e, version));
    if (!saved) return stale();
    if (change.schedule)
      RETURN_IF_ERROR(schedules_.set(tx, subject_of(e), change.schedule.value.value_or(schedules::ScheduleChange()), true));
    // Attached again it goes on with its own schedule, from the next occurrence on (SCH-27).
    if (!before.connection && e.connection) RETURN_IF_ERROR(schedules_.set_active(tx, subject_of(e), true));
    ASSIGN_OR_RETURN(Export after, load(tx, actor, id));
    Object changes = changes_of(before, e);
    if (before.schedule.summary != after.schedule.summary)
      changes.set("schedule", Object{{"old", before.schedule.summary}, {"new", after.schedule.summary}});
    RETURN_IF_ERROR(audit::append(tx, actor, now, "export.updated", object_of(e), changes));
    return after;
  }));
}

Result<void> Exports::remove(const base::Actor& actor, ExportId id, std::int64_t version) {
  return noting_denial(actor, id, db_.write([&](db::Write& tx) -> Result<void> {
    ASSIGN_OR_RETURN(const Export e, load(tx, actor, id));
    if (!has_verb(e, "remove")) return forbidden("remove");
    ASSIGN_OR_RETURN(const auto active, runs_.active_of(tx, id.str()));
    if (active) return running("remove");
    ASSIGN_OR_RETURN(const bool removed, store::remove(tx, id, version));
    if (!removed) return stale();
    RETURN_IF_ERROR(schedules_.remove(tx, "export", id.str()));
    return audit::append(tx, actor, clock_(), "export.removed", object_of(e),
                         Object{{"connection", e.connection ? e.connection->display_name : std::string()}, {"tables", json_of(e.tables)}});
  }));
}

Result<Export> Exports::disconnect(const base::Actor& actor, ExportId id, std::optional<std::int64_t> version) {
  const base::Timestamp now = clock_();
  return db_.write([&](db::Write& tx) -> Result<Export> {
    ASSIGN_OR_RETURN(Export e, load(tx, actor, id));
    if (!e.connection) return e;
    ASSIGN_OR_RETURN(const auto active, runs_.active_of(tx, id.str()));
    if (active) return running("disconnect");
    const std::string connection = e.connection->display_name;
    e.connection.reset();
    e.updated_at = now;
    ASSIGN_OR_RETURN(const bool saved, store::update(tx, e, version.value_or(e.version)));
    if (!saved) return stale();
    RETURN_IF_ERROR(schedules_.set_active(tx, subject_of(e), false));
    RETURN_IF_ERROR(audit::append(tx, actor, now, "export.disconnected", object_of(e), Object{{"connection", connection}}));
    return load(tx, actor, id);
  });
}

Exports::Plan Exports::plan_of(const Export& e) {
  return {e.id.str(), e.display_name, e.connection->id.str(), e.tables, e.columns, e.settings, e.mapping, e.mode, e.guard, {}};
}

Result<runs::Request> Exports::request_of(db::Read& tx, const Export& e, runs::Trigger trigger) {
  if (!e.connection)
    return Error{.code = base::Code::conflict,
                 .reason = "export.inactive",
                 .detail = "This export has no connection, so nothing can start it. Choose a connection for it first."};
  const Value plan_value = json_of(plan_of(e));
  std::int64_t expected = 0;
  for (const std::string& name : e.tables) {
    const auto table = tables_.find_exportable(tx, name);
    if (table.ok()) expected += table->rows;
  }
  runs::Request request{.kind = "export",
                        .subject = {e.id.str(), e.display_name},
                        .connection = runs::ConnectionRef{e.connection->id.str(), e.connection->display_name, e.type},
                        .defined_by = e.created_by,
                        .trigger = trigger,
                        .plan = *plan_value.as_object(),
                        .expected_rows = expected,
                        .waits_for = {}};
  const manifest::Connector* connector = connections_.registry().find(e.type);
  if (connector != nullptr) request.parallel = connector->parallel;
  // Work on what it contains comes first; how that ends does not matter to somebody who asked for a run (EXP-62, SCH-23).
  std::vector<std::string> upstream;
  ASSIGN_OR_RETURN(const auto sources, tables_.sources_of(tx, e.tables));
  for (const auto& [kind, id] : sources) upstream.push_back(id);
  ASSIGN_OR_RETURN(const auto active, runs_.active_among(tx, upstream));
  for (const runs::RunId id : active) request.waits_for.push_back({id, false});
  return request;
}

Result<runs::Runs::Enqueued> Exports::run(const base::Actor& actor, ExportId id) {
  ASSIGN_OR_RETURN(auto enqueued, noting_denial(actor, id, db_.write([&](db::Write& tx) -> Result<runs::Runs::Enqueued> {
                     ASSIGN_OR_RETURN(const Export e, load(tx, actor, id));
                     if (!rules::may_edit(actor, e)) return forbidden("run");
                     ASSIGN_OR_RETURN(const runs::Request request, request_of(tx, e, runs::Trigger::manual));
                     return runs_.enqueue(tx, actor, request);
                   })));
  if (enqueued.created) runs_.wake();
  return enqueued;
}

runs::Kind Exports::export_kind() {
  runs::Kind kind;
  kind.execute = [this](runs::Execution& execution) { return execute(execution); };
  kind.ended = [](db::Write& tx, const runs::Run& run) -> Result<void> {
    if (!runs::is_delivery(run.state) || !run.ended_at) return {};
    return store::set_refreshed(tx, run.subject.id, *run.ended_at);
  };
  kind.may_cancel = [this](const base::Actor& actor, const runs::Run& run) {
    if (actor.role >= base::Role::administrator) return true;
    const auto id = ExportId::parse(run.subject.id);
    if (!id) return false;
    const auto e = load(actor, *id);
    return e.ok() && rules::may_edit(actor, *e);
  };
  kind.can_after = [this](const base::Actor& actor, const runs::Run& run) {
    std::vector<std::string> verbs;
    const manifest::Connector* connector = run.connection ? connections_.registry().find(run.connection->type) : nullptr;
    if (connector == nullptr || connector->payload != manifest::Payload::segments) return verbs;
    if (actor.may(base::Permission::connections_manage)) verbs.emplace_back("requests");
    const auto id = ExportId::parse(run.subject.id);
    if (!id || run.counts.rows_rejected + run.counts.rows_omitted == 0) return verbs;
    const auto e = load(actor, *id);
    if (!e.ok() || !rules::may_edit(actor, *e) || !has_rejects(run.id.str())) return verbs;
    verbs.emplace_back("rejected");
    if (e->connection) verbs.emplace_back("resend");
    return verbs;
  };
  return kind;
}

}  // namespace sluice::exports
