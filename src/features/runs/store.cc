#include "features/runs/store.h"

namespace sluice::runs::store {

namespace {

using base::Result;

constexpr std::string_view kColumns = R"sql(id, kind, subject_id, subject_name, connection_id, connection_name, connection_type, state,
    trigger_kind, requested_by, requested_by_name, defined_by, defined_by_name, queued_at, started_at, ended_at, attempt,
    expected_rows, counts, tables, files, error_reason, error_detail, version)sql";
constexpr std::size_t kColumnCount = 24;

template <class T>
T parsed(const db::Row& row, std::size_t i) {
  auto value = base::read_json<T>(row.get<std::string>(i), {.bytes = std::size_t{16} << 20, .depth = 8, .values = 1'000'000});
  BASE_ASSERT(value.ok());  // only ever written by insert() and write_progress()
  return *std::move(value);
}

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
  return run;
}

Claimed to_claimed(const db::Row& row) {
  return {.run = to_run(row), .plan = row.get<base::json::Object>(kColumnCount), .lease_token = row.get<std::int64_t>(kColumnCount + 1)};
}

std::optional<std::string> reason_of(const Run& run) { return run.error ? std::optional(run.error->reason) : std::nullopt; }
std::optional<std::string> detail_of(const Run& run) { return run.error ? std::optional(run.error->detail) : std::nullopt; }

// No alias: SQLite knows none in RETURNING.
constexpr std::string_view kClaimSet = R"sql(
    UPDATE runs
       SET state = 'running', started_at = ?2, attempt = attempt + 1, lease_owner = ?1, lease_token = lease_token + 1, lease_until = ?3,
           updated_at = ?2, version = version + 1 )sql";

}  // namespace

Result<void> insert(db::Write& tx, const Run& run, const base::json::Object& plan) {
  const auto text = [](const auto& member, auto pick) { return member ? std::optional(pick(*member)) : std::nullopt; };
  RETURN_IF_ERROR(tx.execute(
      R"sql(
      INSERT INTO runs (id, kind, subject_id, subject_name, connection_id, connection_name, connection_type, state, trigger_kind, requested_by,
                        requested_by_name, defined_by, defined_by_name, plan, attempt, lease_token, is_cancel_requested, expected_rows, counts, tables, files,
                        queued_at, updated_at)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, 0, 0, ?15, ?16, ?17, ?18, ?19, ?20, ?20))sql",
      run.id, run.kind, run.subject.id, run.subject.display_name, text(run.connection, [](const auto& c) { return c.id; }),
      text(run.connection, [](const auto& c) { return c.display_name; }), text(run.connection, [](const auto& c) { return c.type; }),
      run.state, run.trigger, run.requested_by.id ? run.requested_by.id->str() : std::string(), run.requested_by.display_name,
      text(run.defined_by, [](const auto& u) { return u.id ? u.id->str() : std::string(); }),
      text(run.defined_by, [](const auto& u) { return u.display_name; }), plan, false, run.expected_rows, base::to_json(run.counts),
      base::to_json(run.tables), base::to_json(run.files), run.queued_at));
  return {};
}

Result<std::optional<Run>> find(db::Read& tx, RunId id) {
  ASSIGN_OR_RETURN(const auto row, tx.maybe_one("SELECT " + std::string(kColumns) + " FROM runs r WHERE r.id = ?1", id));
  return row ? std::optional<Run>(to_run(*row)) : std::optional<Run>();
}

Result<std::optional<Run>> find_active(db::Read& tx, const std::string& kind, const std::string& subject_id) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.maybe_one(
          "SELECT " + std::string(kColumns) +
              " FROM runs r WHERE r.kind = ?1 AND r.subject_id = ?2 AND r.state IN ('queued', 'running', 'retrying', 'needs_approval')",
          kind, subject_id));
  return row ? std::optional<Run>(to_run(*row)) : std::optional<Run>();
}

Result<std::vector<Run>> list(db::Read& tx, const ListQuery& query, const db::Page& page, std::optional<std::string>& next_cursor) {
  std::vector<db::Value> parameters;
  std::string sql = "SELECT " + std::string(kColumns) + ", " + page.sort_expression() + " FROM runs r WHERE 1 = 1";
  const auto equals = [&](std::string_view column, std::string value) {
    parameters.emplace_back(std::move(value));
    sql += " AND r." + std::string(column) + " = ?" + std::to_string(parameters.size());
  };
  if (query.subject_id) equals("subject_id", *query.subject_id);
  if (query.kind) equals("kind", *query.kind);
  if (query.state) equals("state", std::string(base::to_name(*query.state)));
  sql += page.condition(parameters) + page.order();
  ASSIGN_OR_RETURN(auto rows, tx.all_with(sql, parameters));
  next_cursor = page.cut(rows);
  std::vector<Run> runs;
  for (const db::Row& row : rows) runs.push_back(to_run(row));
  return runs;
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

Result<std::optional<Claimed>> claim(db::Write& tx, const std::string& owner, base::Timestamp now, bool is_postgres) {
  // The one query that differs between the backends: SQLite has a single writer, PostgreSQL skips what others are claiming.
  const std::string pick = std::string("(SELECT id FROM runs WHERE state = 'queued' ORDER BY queued_at, id LIMIT 1") +
                           (is_postgres ? " FOR UPDATE SKIP LOCKED)" : ")");
  ASSIGN_OR_RETURN(const auto row, tx.maybe_one(std::string(kClaimSet) + "WHERE id = " + pick + " AND state = 'queued' RETURNING " +
                                                    std::string(kColumns) + ", plan, lease_token",
                                                owner, now, now + kLease));
  return row ? std::optional<Claimed>(to_claimed(*row)) : std::optional<Claimed>();
}

Result<std::optional<Claimed>> claim_one(db::Write& tx, RunId id, const std::string& owner, base::Timestamp now) {
  ASSIGN_OR_RETURN(const auto row, tx.maybe_one(std::string(kClaimSet) + "WHERE id = ?4 AND state = 'queued' RETURNING " +
                                                    std::string(kColumns) + ", plan, lease_token",
                                                owner, now, now + kLease, id));
  return row ? std::optional<Claimed>(to_claimed(*row)) : std::optional<Claimed>();
}

Result<std::optional<bool>> write_progress(db::Write& tx, const Run& run, std::int64_t lease_token, base::Timestamp now) {
  ASSIGN_OR_RETURN(const auto row, tx.maybe_one(R"sql(
      UPDATE runs SET counts = ?3, tables = ?4, files = ?5, expected_rows = ?6, lease_until = ?7, updated_at = ?8, version = version + 1
       WHERE id = ?1 AND lease_token = ?2 AND state = 'running'
   RETURNING is_cancel_requested)sql",
                                                run.id, lease_token, base::to_json(run.counts), base::to_json(run.tables),
                                                base::to_json(run.files), run.expected_rows, now + kLease, now));
  return row ? std::optional<bool>(row->get<bool>(0)) : std::optional<bool>();
}

Result<std::optional<bool>> renew(db::Write& tx, RunId id, std::int64_t lease_token, base::Timestamp now) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.maybe_one(
          "UPDATE runs SET lease_until = ?3 WHERE id = ?1 AND lease_token = ?2 AND state = 'running' RETURNING is_cancel_requested", id,
          lease_token, now + kLease));
  return row ? std::optional<bool>(row->get<bool>(0)) : std::optional<bool>();
}

Result<bool> write_end(db::Write& tx, const Run& run, std::int64_t lease_token, base::Timestamp now) {
  ASSIGN_OR_RETURN(const auto changed, tx.execute(R"sql(
      UPDATE runs SET state = ?3, counts = ?4, tables = ?5, files = ?6, expected_rows = ?7, error_reason = ?8, error_detail = ?9, ended_at = ?10, updated_at = ?10,
                      lease_owner = NULL, lease_until = NULL, version = version + 1
       WHERE id = ?1 AND lease_token = ?2 AND state = 'running')sql",
                                                  run.id, lease_token, run.state, base::to_json(run.counts), base::to_json(run.tables),
                                                  base::to_json(run.files), run.expected_rows, reason_of(run), detail_of(run), now));
  return changed == 1;
}

Result<bool> requeue(db::Write& tx, RunId id, std::int64_t lease_token, base::Timestamp now) {
  ASSIGN_OR_RETURN(const auto changed, tx.execute(R"sql(
      UPDATE runs SET state = 'queued', started_at = NULL, attempt = attempt - 1, lease_owner = NULL, lease_until = NULL, updated_at = ?3, version = version + 1
       WHERE id = ?1 AND lease_token = ?2 AND state = 'running')sql",
                                                  id, lease_token, now));
  return changed == 1;
}

Result<void> request_cancel(db::Write& tx, RunId id, base::Timestamp now) {
  RETURN_IF_ERROR(tx.execute("UPDATE runs SET is_cancel_requested = ?2, updated_at = ?3 WHERE id = ?1", id, true, now));
  return {};
}

Result<bool> cancel_queued(db::Write& tx, RunId id, base::Timestamp now) {
  ASSIGN_OR_RETURN(const auto changed, tx.execute("UPDATE runs SET state = 'canceled', ended_at = ?2, updated_at = ?2, version = version + "
                                                  "1 WHERE id = ?1 AND state IN ('queued', 'retrying', 'needs_approval')",
                                                  id, now));
  return changed == 1;
}

Result<std::vector<Run>> lost(db::Read& tx, base::Timestamp now, bool all) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.all("SELECT " + std::string(kColumns) + " FROM runs r WHERE r.state = 'running' AND (r.lease_until < ?1 OR ?2 = 1)",
                          now, all ? 1 : 0));
  std::vector<Run> runs;
  for (const db::Row& row : rows) runs.push_back(to_run(row));
  return runs;
}

Result<bool> take_back(db::Write& tx, const Run& run, State state, base::Timestamp now, bool all) {
  const std::optional<base::Timestamp> ended = is_active(state) ? std::nullopt : std::optional(now);
  ASSIGN_OR_RETURN(const auto changed, tx.execute(R"sql(
      UPDATE runs SET state = ?2, lease_token = lease_token + 1, lease_owner = NULL, lease_until = NULL, error_reason = ?3, error_detail = ?4, ended_at = ?5,
                      updated_at = ?6, version = version + 1
       WHERE id = ?1 AND state = 'running' AND (lease_until < ?6 OR ?7 = 1))sql",
                                                  run.id, state, reason_of(run), detail_of(run), ended, now, all ? 1 : 0));
  return changed == 1;
}

}  // namespace sluice::runs::store
