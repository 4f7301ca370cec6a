#include "features/runs/store.h"

namespace sluice::runs::store {

namespace {

using base::Result;

constexpr std::string_view kColumns =
    "id, kind, trigger_kind, state, requested_by, requested_by_name, queued_at, started_at, ended_at, version";

Job to_job(const db::Row& row) {
  Job job{.id = row.get<JobId>(0), .kind = row.get<std::string>(1), .trigger = row.get<Trigger>(2), .state = row.get<State>(3)};
  job.requested_by = {base::UserId::parse(row.get<std::string>(4)), row.get<std::string>(5)};
  job.queued_at = row.get<base::Timestamp>(6);
  job.started_at = row.get<std::optional<base::Timestamp>>(7);
  job.ended_at = row.get<std::optional<base::Timestamp>>(8);
  if (job.started_at && job.ended_at)
    job.duration_ms = std::chrono::duration_cast<std::chrono::milliseconds>(*job.ended_at - *job.started_at).count();
  job.version = row.get<std::int64_t>(9);
  return job;
}

Result<std::optional<Job>> maybe(const Result<std::optional<db::Row>>& row) {
  if (!row.ok()) return row.error();
  return *row ? std::optional<Job>(to_job(**row)) : std::optional<Job>();
}

const std::string kSelect = "SELECT " + std::string(kColumns) + " FROM jobs ";

}  // namespace

Result<void> insert_job(db::Write& tx, const Job& job) {
  // As with runs: what another node wrote meanwhile makes PostgreSQL begin again.
  ASSIGN_OR_RETURN(
      const auto inserted,
      tx.execute("INSERT INTO jobs (id, kind, trigger_kind, state, requested_by, requested_by_name, queued_at, updated_at) VALUES (?1, ?2, "
                 "?3, ?4, ?5, ?6, ?7, ?7) ON CONFLICT DO NOTHING",
                 job.id, job.kind, job.trigger, job.state, job.requested_by.id ? job.requested_by.id->str() : std::string(),
                 job.requested_by.display_name, job.queued_at));
  BASE_ASSERT(inserted == 1);
  return {};
}

Result<std::optional<Job>> find_job(db::Read& tx, JobId id) { return maybe(tx.maybe_one(kSelect + "WHERE id = ?1", id)); }

Result<std::optional<Job>> find_job(db::Read& tx, const std::string& kind, State state) {
  return maybe(tx.maybe_one(kSelect + "WHERE kind = ?1 AND state = ?2", kind, state));
}

Result<std::optional<Job>> next_job(db::Read& tx) {
  return maybe(tx.maybe_one(kSelect + "WHERE state = 'queued' AND NOT EXISTS (SELECT 1 FROM jobs g WHERE g.kind = jobs.kind AND g.state = "
                                      "'running') ORDER BY queued_at LIMIT 1"));
}

Result<std::vector<Job>> list_jobs(db::Read& tx, const db::Page& page, std::optional<std::string>& next_cursor) {
  std::vector<db::Value> parameters;
  std::string sql = "SELECT " + std::string(kColumns) + ", " + page.sort_expression() + " FROM jobs j WHERE 1 = 1";
  sql += page.condition(parameters) + page.order();
  ASSIGN_OR_RETURN(auto rows, tx.all_with(sql, parameters));
  next_cursor = page.cut(rows);
  std::vector<Job> jobs;
  for (const db::Row& row : rows) jobs.push_back(to_job(row));
  return jobs;
}

Result<std::optional<Job>> newest_job(db::Read& tx, bool is_running) {
  const std::string which = is_running ? "WHERE state IN ('queued', 'running') ORDER BY state DESC, queued_at"
                                       : "WHERE state NOT IN ('queued', 'running') ORDER BY queued_at DESC, id DESC";
  return maybe(tx.maybe_one(kSelect + which + " LIMIT 1"));
}

Result<std::vector<Run>> runs_of(db::Read& tx, JobId id) {
  ASSIGN_OR_RETURN(const auto rows, tx.all("SELECT " + kRunColumns + " FROM runs WHERE job_id = ?1 ORDER BY subject_name, id", id));
  std::vector<Run> runs;
  for (const db::Row& row : rows) runs.push_back(to_run(row));
  return runs;
}

Result<std::vector<Tally>> tally(db::Read& tx, JobId id) {
  ASSIGN_OR_RETURN(
      const auto rows,
      tx.all("SELECT stage, state, count(*), min(started_at), max(ended_at) FROM runs WHERE job_id = ?1 GROUP BY stage, state", id));
  std::vector<Tally> tallies;
  for (const db::Row& row : rows)
    tallies.push_back({row.get<std::string>(0), row.get<State>(1), row.get<std::int64_t>(2), row.get<std::optional<base::Timestamp>>(3),
                       row.get<std::optional<base::Timestamp>>(4)});
  return tallies;
}

Result<std::map<RunId, std::vector<RunRef>>> waits_of(db::Read& tx, JobId id) {
  ASSIGN_OR_RETURN(const auto rows, tx.all(R"sql(
      SELECT d.run_id, u.id, u.subject_name, u.kind FROM runs r JOIN run_dependencies d ON d.run_id = r.id JOIN runs u ON u.id = d.upstream_id
       WHERE r.job_id = ?1 AND r.state = 'queued' AND u.state IN ('queued', 'running', 'retrying', 'needs_approval') ORDER BY u.id)sql",
                                           id));
  std::map<RunId, std::vector<RunRef>> waits;
  for (const db::Row& row : rows)
    waits[row.get<RunId>(0)].push_back({row.get<std::string>(1), row.get<std::string>(2), row.get<std::string>(3)});
  return waits;
}

Result<bool> begin_job(db::Write& tx, JobId id, base::Timestamp now) {
  ASSIGN_OR_RETURN(
      const auto changed,
      tx.execute("UPDATE jobs SET state = 'running', started_at = ?2, updated_at = ?2, version = version + 1 WHERE id = ?1 AND "
                 "state = 'queued'",
                 id, now));
  return changed == 1;
}

Result<bool> end_job(db::Write& tx, JobId id, State state, base::Timestamp now) {
  ASSIGN_OR_RETURN(const auto changed, tx.execute("UPDATE jobs SET state = ?2, ended_at = ?3, updated_at = ?3, version = version + 1 WHERE "
                                                  "id = ?1 AND state IN ('queued', 'running')",
                                                  id, state, now));
  return changed == 1;
}

Result<std::vector<JobId>> finished_jobs(db::Read& tx) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.all("SELECT id FROM jobs WHERE state = 'running' AND NOT EXISTS (SELECT 1 FROM runs r WHERE r.job_id "
                          "= jobs.id AND r.state IN ('queued', 'running', 'retrying', 'needs_approval'))"));
  std::vector<JobId> ids;
  for (const db::Row& row : rows) ids.push_back(row.get<JobId>(0));
  return ids;
}

}  // namespace sluice::runs::store
