#include "features/runs/store.h"

namespace sluice::runs::store {

namespace {

using base::Result;

template <class T>
T parsed(const db::Row& row, std::size_t i) {
  auto value = base::read_json<T>(row.get<std::string>(i), {.bytes = std::size_t{16} << 20, .depth = 8, .values = 1'000'000});
  BASE_ASSERT(value.ok());  // only ever written by this store
  return *std::move(value);
}

Result<std::optional<Run>> maybe(const Result<std::optional<db::Row>>& row) {
  if (!row.ok()) return row.error();
  return *row ? std::optional<Run>(to_run(**row)) : std::optional<Run>();
}

Result<void> add_dependencies(db::Write& tx, RunId id, const Request& request) {
  for (const Upstream& upstream : request.waits_for) {
    RETURN_IF_ERROR(tx.execute(
        "INSERT INTO run_dependencies (run_id, upstream_id, must_succeed) VALUES (?1, ?2, ?3) ON CONFLICT (run_id, upstream_id) DO NOTHING",
        id, upstream.id, upstream.must_succeed));
  }
  RETURN_IF_ERROR(tx.execute(R"sql(
      UPDATE runs SET blockers = (SELECT count(*) FROM run_dependencies d JOIN runs u ON u.id = d.upstream_id
                                   WHERE d.run_id = ?1 AND u.state IN ('queued', 'running', 'retrying', 'needs_approval'))
       WHERE id = ?1)sql",
                             id));
  return {};
}

std::optional<std::string> text_of(const std::optional<JobId>& id) { return id ? std::optional(id->str()) : std::nullopt; }

}  // namespace

Run to_run(const db::Row& row) {
  Run run{.id = row.get<RunId>(0), .kind = row.get<std::string>(1), .subject = {row.get<std::string>(2), row.get<std::string>(3)}};
  if (!row.is_null(4)) run.connection = ConnectionRef{row.get<std::string>(4), row.get<std::string>(5), row.get<std::string>(6)};
  run.state = row.get<State>(7);
  run.trigger = row.get<Trigger>(8);
  run.requested_by = {base::UserId::parse(row.get<std::string>(9)), row.get<std::string>(10)};
  if (!row.is_null(11)) run.defined_by = base::UserRef{base::UserId::parse(row.get<std::string>(11)), row.get<std::string>(12)};
  run.queued_at = row.get<base::Timestamp>(13);
  run.started_at = row.get<std::optional<base::Timestamp>>(14);
  run.ended_at = row.get<std::optional<base::Timestamp>>(15);
  if (run.started_at && run.ended_at)
    run.duration_ms = std::chrono::duration_cast<std::chrono::milliseconds>(*run.ended_at - *run.started_at).count();
  run.attempt = row.get<std::int64_t>(16);
  run.expected_rows = row.get<std::optional<std::int64_t>>(17);
  run.counts = parsed<Counts>(row, 18);
  run.tables = parsed<std::vector<TableResult>>(row, 19);
  run.files = parsed<std::vector<FileResult>>(row, 20);
  if (!row.is_null(21)) run.error = Failure{row.get<std::string>(21), row.get<std::optional<std::string>>(22).value_or("")};
  run.version = row.get<std::int64_t>(23);
  run.job_id = row.get<std::optional<std::string>>(24);
  run.stage = row.get<std::string>(25);
  if (run.state == State::retrying) run.retry_at = row.get<base::Timestamp>(26);
  run.failures = row.get<std::int64_t>(27);
  run.losses = row.get<std::int64_t>(28);
  run.is_canceling = run.state == State::running && row.get<bool>(29);
  if (!row.is_null(30)) run.skipped_because = RunRef{row.get<std::string>(30), row.get<std::optional<std::string>>(31).value_or(""), {}};
  run.warnings = parsed<std::vector<Failure>>(row, 32);
  if (!row.is_null(33)) run.approval = parsed<Approval>(row, 33);
  if (run.state == State::running) run.waiting_until = row.get<std::optional<base::Timestamp>>(34);
  return run;
}

Result<void> insert(db::Write& tx, const Run& run, const Request& request) {
  const auto text = [](const auto& member, auto pick) { return member ? std::optional(pick(*member)) : std::nullopt; };
  const std::string lane = run.connection ? run.connection->id : run.kind;
  // Nothing can be in the way that this transaction sees. What another one wrote meanwhile makes PostgreSQL begin again, which
  // then finds it; as a violated index it would be an error.
  ASSIGN_OR_RETURN(
      const auto inserted,
      tx.execute(
          R"sql(
      INSERT INTO runs (id, kind, subject_id, subject_name, connection_id, connection_name, connection_type, state, trigger_kind, requested_by,
                        requested_by_name, defined_by, defined_by_name, plan, attempt, lease_token, is_cancel_requested, expected_rows, counts, tables, files,
                        queued_at, updated_at, ready_at, lane, job_id, stage)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, 0, 0, ?15, ?16, ?17, ?18, ?19, ?20, ?20, ?20, ?21, ?22, ?23)
      ON CONFLICT DO NOTHING)sql",
          run.id, run.kind, run.subject.id, run.subject.display_name, text(run.connection, [](const auto& c) { return c.id; }),
          text(run.connection, [](const auto& c) { return c.display_name; }), text(run.connection, [](const auto& c) { return c.type; }),
          run.state, run.trigger, run.requested_by.id ? run.requested_by.id->str() : std::string(), run.requested_by.display_name,
          text(run.defined_by, [](const auto& u) { return u.id ? u.id->str() : std::string(); }),
          text(run.defined_by, [](const auto& u) { return u.display_name; }), request.plan, false, run.expected_rows,
          base::to_json(run.counts), base::to_json(run.tables), base::to_json(run.files), run.queued_at, lane, text_of(request.job_id),
          request.stage));
  BASE_ASSERT(inserted == 1);
  RETURN_IF_ERROR(
      tx.execute("INSERT INTO run_lanes (lane, parallel, claimed_at) VALUES (?1, ?2, 0) ON CONFLICT (lane) DO UPDATE SET parallel = ?2",
                 lane, request.parallel));
  return request.waits_for.empty() ? Result<void>() : add_dependencies(tx, run.id, request);
}

Result<void> join(db::Write& tx, RunId id, const Request& request) {
  if (request.job_id) {
    RETURN_IF_ERROR(tx.execute("UPDATE runs SET job_id = ?2, stage = ?3, version = version + 1 WHERE id = ?1 AND job_id IS NULL", id,
                               *request.job_id, request.stage));
  }
  return request.waits_for.empty() ? Result<void>() : add_dependencies(tx, id, request);
}

Result<std::optional<Run>> find(db::Read& tx, RunId id) {
  return maybe(tx.maybe_one("SELECT " + kRunColumns + " FROM runs WHERE id = ?1", id));
}

Result<std::optional<Run>> find_queued(db::Read& tx, const std::string& kind, const std::string& subject_id) {
  return maybe(
      tx.maybe_one("SELECT " + kRunColumns + " FROM runs WHERE kind = ?1 AND subject_id = ?2 AND state = 'queued'", kind, subject_id));
}

Result<std::optional<Run>> find_going(db::Read& tx, const std::string& kind, const std::string& subject_id) {
  return maybe(tx.maybe_one(
      "SELECT " + kRunColumns + " FROM runs WHERE kind = ?1 AND subject_id = ?2 AND state IN ('running', 'retrying', 'needs_approval')",
      kind, subject_id));
}

Result<std::vector<Run>> list(db::Read& tx, const ListQuery& query, const db::Page& page, std::optional<std::string>& next_cursor) {
  std::vector<db::Value> parameters;
  std::string sql = "SELECT " + kRunColumns + ", " + page.sort_expression() + " FROM runs r WHERE 1 = 1";
  const auto compare = [&](std::string_view column, std::string_view sign, db::Value value) {
    parameters.emplace_back(std::move(value));
    sql += " AND r." + std::string(column) + std::string(sign) + "?" + std::to_string(parameters.size());
  };
  if (query.subject_id) compare("subject_id", " = ", *query.subject_id);
  if (query.kind) compare("kind", " = ", *query.kind);
  if (query.state) compare("state", " = ", std::string(base::to_name(*query.state)));
  if (query.job_id) compare("job_id", " = ", *query.job_id);
  if (query.trigger) compare("trigger_kind", " = ", std::string(base::to_name(*query.trigger)));
  if (query.from) compare("queued_at", " >= ", query.from->time_since_epoch().count());
  if (query.to) compare("queued_at", " < ", query.to->time_since_epoch().count());
  sql += page.condition(parameters) + page.order();
  ASSIGN_OR_RETURN(auto rows, tx.all_with(sql, parameters));
  next_cursor = page.cut(rows);
  std::vector<Run> runs;
  for (const db::Row& row : rows) runs.push_back(to_run(row));
  return runs;
}

Result<std::vector<Run>> latest(db::Read& tx) {
  // Ids are made in the order of time, so the greatest one of a subject is its newest run.
  ASSIGN_OR_RETURN(const auto rows, tx.all("SELECT " + kRunColumns +
                                           " FROM runs WHERE id IN (SELECT max(id) FROM runs GROUP BY kind, subject_id) ORDER BY id"));
  std::vector<Run> runs;
  for (const db::Row& row : rows) runs.push_back(to_run(row));
  return runs;
}

Result<std::vector<RunId>> active_among(db::Read& tx, const std::vector<std::string>& subject_ids) {
  std::vector<RunId> found;
  for (const std::string& id : subject_ids) {
    ASSIGN_OR_RETURN(const auto rows,
                     tx.all("SELECT id FROM runs WHERE subject_id = ?1 AND state IN ('queued', 'running', 'retrying')", id));
    for (const db::Row& row : rows) found.push_back(row.get<RunId>(0));
  }
  return found;
}

Result<std::vector<RunRef>> upstream_of(db::Read& tx, RunId id) {
  ASSIGN_OR_RETURN(const auto rows, tx.all(R"sql(
      SELECT u.id, u.subject_name, u.kind FROM run_dependencies d JOIN runs u ON u.id = d.upstream_id
       WHERE d.run_id = ?1 AND u.state IN ('queued', 'running', 'retrying', 'needs_approval') ORDER BY u.id)sql",
                                           id));
  std::vector<RunRef> refs;
  for (const db::Row& row : rows) refs.push_back({row.get<std::string>(0), row.get<std::string>(1), row.get<std::string>(2)});
  return refs;
}

Result<std::optional<RunBrief>> last_of(db::Read& tx, const std::string& subject_id) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.maybe_one(
          "SELECT id, state, queued_at, started_at, ended_at FROM runs WHERE subject_id = ?1 ORDER BY queued_at DESC, id DESC LIMIT 1",
          subject_id));
  if (!row) return std::optional<RunBrief>();
  return std::optional(RunBrief{row->get<RunId>(0), row->get<State>(1), row->get<base::Timestamp>(2),
                                row->get<std::optional<base::Timestamp>>(3), row->get<std::optional<base::Timestamp>>(4)});
}

}  // namespace sluice::runs::store
