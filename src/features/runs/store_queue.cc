// The queue: who runs next, leases, and what waits for what.
#include "features/runs/store.h"

namespace sluice::runs::store {

namespace {

using base::Result;

constexpr std::size_t kPlan = 35, kLeaseToken = 36, kApprovedAt = 37;

Claimed to_claimed(const db::Row& row) {
  return {.run = to_run(row),
          .plan = row.get<base::json::Object>(kPlan),
          .lease_token = row.get<std::int64_t>(kLeaseToken),
          .is_approved = !row.is_null(kApprovedAt)};
}

std::optional<std::string> reason_of(const Run& run) { return run.error ? std::optional(run.error->reason) : std::nullopt; }
std::optional<std::string> detail_of(const Run& run) { return run.error ? std::optional(run.error->detail) : std::nullopt; }

// The lane that was served longest ago and has a free slot; of it, the run that is ready longest. What is queued is ready, also
// when the clock has been set back since. The subquery and CROSS JOIN make this a walk along the index on run_lanes that looks
// at one run of each lane, by the index runs_ready, and stops at the first hit; otherwise SQLite sorts all that waits.
const std::string kPick = R"sql(
    SELECT r.id, r.lane FROM run_lanes l CROSS JOIN runs r
     WHERE r.id = (SELECT w.id FROM runs w
                    WHERE w.lane = l.lane AND w.state IN ('queued', 'retrying') AND w.blockers = 0 AND (w.ready_at <= ?1 OR w.state = 'queued')
                    ORDER BY w.ready_at, w.id LIMIT 1)
       AND (SELECT count(*) FROM runs g WHERE g.lane = l.lane AND g.state = 'running') < l.parallel
     ORDER BY l.claimed_at, l.lane LIMIT 1)sql";

// Two of a subject cannot be queued; the one that had begun then comes first, as one that tries again.
const std::string kQueuedAgain = R"sql(
    CASE WHEN EXISTS (SELECT 1 FROM runs q WHERE q.kind = runs.kind AND q.subject_id = runs.subject_id AND q.state = 'queued')
         THEN 'retrying' ELSE 'queued' END)sql";

// No alias: SQLite knows none in RETURNING. The time of the first start stays: files are named by it and durations count from it.
const std::string kClaim = R"sql(
    UPDATE runs
       SET state = 'running', started_at = COALESCE(started_at, ?2), attempt = attempt + 1, lease_owner = ?1, lease_token = lease_token + 1,
           lease_until = ?3, updated_at = ?2, version = version + 1
     WHERE id = ?4 AND state IN ('queued', 'retrying')
 RETURNING )sql" + kRunColumns;

Result<std::vector<Run>> runs_from(const Result<std::vector<db::Row>>& rows) {
  if (!rows.ok()) return rows.error();
  std::vector<Run> runs;
  for (const db::Row& row : *rows) runs.push_back(to_run(row));
  return runs;
}

}  // namespace

Result<bool> has_ready(db::Read& tx, base::Timestamp now) {
  ASSIGN_OR_RETURN(const auto row, tx.maybe_one(kPick, now));
  return row.has_value();
}

Result<Queue> queue(db::Read& tx) {
  ASSIGN_OR_RETURN(const auto rows, tx.all("SELECT state, count(*), min(queued_at) FROM runs "
                                           "WHERE state IN ('queued', 'running', 'retrying', 'needs_approval') GROUP BY state"));
  Queue queue;
  for (const db::Row& row : rows) {
    const auto state = row.get<State>(0);
    const auto count = row.get<std::int64_t>(1);
    if (state == State::queued) {
      queue.queued = count;
      queue.oldest_queued_at = row.get<base::Timestamp>(2);
    } else if (state == State::running) {
      queue.running = count;
    } else if (state == State::retrying) {
      queue.retrying = count;
    } else {
      queue.needs_approval = count;
    }
  }
  return queue;
}

Result<std::optional<Claimed>> claim(db::Write& tx, const std::string& owner, base::Timestamp now, bool is_postgres) {
  // The one query that differs between the backends: SQLite has a single writer. On PostgreSQL what another node is claiming is
  // left for the next lane; when there is none, waiting for the other tells whether something is left.
  ASSIGN_OR_RETURN(auto picked, tx.maybe_one(is_postgres ? kPick + " FOR UPDATE OF r SKIP LOCKED" : kPick, now));
  if (!picked && is_postgres) {
    ASSIGN_OR_RETURN(picked, tx.maybe_one(kPick + " FOR UPDATE OF r", now));
  }
  if (!picked) return std::optional<Claimed>();
  ASSIGN_OR_RETURN(auto claimed, claim_one(tx, picked->get<RunId>(0), owner, now));
  RETURN_IF_ERROR(tx.execute("UPDATE run_lanes SET claimed_at = ?2 WHERE lane = ?1", picked->get<std::string>(1), now));
  return claimed;
}

Result<std::optional<Claimed>> claim_one(db::Write& tx, RunId id, const std::string& owner, base::Timestamp now) {
  ASSIGN_OR_RETURN(const auto row, tx.maybe_one(kClaim, owner, now, now + kLease, id));
  return row ? std::optional<Claimed>(to_claimed(*row)) : std::optional<Claimed>();
}

Result<std::optional<bool>> write_progress(db::Write& tx, const Run& run, std::int64_t lease_token, base::Timestamp now) {
  ASSIGN_OR_RETURN(const auto row, tx.maybe_one(R"sql(
      UPDATE runs SET counts = ?3, tables = ?4, files = ?5, expected_rows = ?6, lease_until = ?7, updated_at = ?8, waiting_until = ?9,
                      version = version + 1
       WHERE id = ?1 AND lease_token = ?2 AND state = 'running'
   RETURNING is_cancel_requested)sql",
                                                run.id, lease_token, base::to_json(run.counts), base::to_json(run.tables),
                                                base::to_json(run.files), run.expected_rows, now + kLease, now, run.waiting_until));
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
  const std::optional<base::Timestamp> ended = is_active(run.state) ? std::nullopt : std::optional(now);
  const std::optional<std::string> approval = run.approval ? std::optional(base::to_json(*run.approval)) : std::nullopt;
  ASSIGN_OR_RETURN(const auto changed, tx.execute(R"sql(
      UPDATE runs SET state = ?3, counts = ?4, tables = ?5, files = ?6, expected_rows = ?7, error_reason = ?8, error_detail = ?9, ended_at = ?10,
                      updated_at = ?11, failures = ?12, warnings = ?13, approval = ?14, ready_at = ?15, lease_owner = NULL, lease_until = NULL,
                      version = version + 1
       WHERE id = ?1 AND lease_token = ?2 AND state = 'running')sql",
                                                  run.id, lease_token, run.state, base::to_json(run.counts), base::to_json(run.tables),
                                                  base::to_json(run.files), run.expected_rows, reason_of(run), detail_of(run), ended, now,
                                                  run.failures, base::to_json(run.warnings), approval, run.retry_at.value_or(now)));
  return changed == 1;
}

Result<bool> requeue(db::Write& tx, RunId id, std::int64_t lease_token, base::Timestamp now) {
  ASSIGN_OR_RETURN(const auto changed, tx.execute("UPDATE runs SET state = " + kQueuedAgain + R"sql(,
                      attempt = attempt - 1, ready_at = ?3, lease_owner = NULL, lease_until = NULL, updated_at = ?3, version = version + 1
       WHERE id = ?1 AND lease_token = ?2 AND state = 'running')sql",
                                                  id, lease_token, now));
  return changed == 1;
}

Result<bool> approve(db::Write& tx, RunId id, base::Timestamp now) {
  ASSIGN_OR_RETURN(const auto changed, tx.execute("UPDATE runs SET state = " + kQueuedAgain + R"sql(,
                      approved_at = ?2, ready_at = ?2, updated_at = ?2, version = version + 1
       WHERE id = ?1 AND state = 'needs_approval')sql",
                                                  id, now));
  return changed == 1;
}

Result<void> request_cancel(db::Write& tx, RunId id, base::Timestamp now) {
  RETURN_IF_ERROR(
      tx.execute("UPDATE runs SET is_cancel_requested = ?2, cancel_requested_at = COALESCE(cancel_requested_at, ?3), updated_at = ?3, "
                 "version = version + 1 WHERE id = ?1",
                 id, true, now));
  return {};
}

Result<bool> is_cancel_requested(db::Read& tx, RunId id) {
  ASSIGN_OR_RETURN(const auto row, tx.maybe_one("SELECT is_cancel_requested FROM runs WHERE id = ?1", id));
  return row && row->get<bool>(0);
}

Result<bool> cancel_waiting(db::Write& tx, const Run& run, base::Timestamp now) {
  ASSIGN_OR_RETURN(const auto changed, tx.execute(R"sql(
      UPDATE runs SET state = ?2, tables = ?3, ended_at = ?4, updated_at = ?4, version = version + 1
       WHERE id = ?1 AND state IN ('queued', 'retrying', 'needs_approval'))sql",
                                                  run.id, run.state, base::to_json(run.tables), now));
  return changed == 1;
}

Result<std::vector<Claimed>> lost(db::Read& tx, base::Timestamp now, bool all) {
  ASSIGN_OR_RETURN(const auto rows, tx.all("SELECT " + kRunColumns +
                                               " FROM runs WHERE state = 'running' AND (lease_until < ?1 OR lease_until > ?3 OR ?2 = 1)",
                                           now, all ? 1 : 0, now + kLongestLease));
  std::vector<Claimed> found;
  for (const db::Row& row : rows) found.push_back(to_claimed(row));
  return found;
}

Result<bool> take_back(db::Write& tx, const Run& run, std::int64_t lease_token, base::Timestamp now, bool all) {
  ASSIGN_OR_RETURN(const auto changed,
                   tx.execute(R"sql(
      UPDATE runs SET state = ?2, lease_token = lease_token + 1, error_reason = ?3, error_detail = ?4, losses = ?5, ready_at = ?6,
                      ended_at = CASE WHEN ?8 = 1 THEN lease_until - ?9 ELSE NULL END, tables = ?10, lease_owner = NULL, lease_until = NULL,
                      updated_at = ?6, version = version + 1
       WHERE id = ?1 AND state = 'running' AND (lease_until < ?6 OR lease_until > ?13 OR ?7 = 1) AND lease_token = ?11 AND is_cancel_requested = ?12)sql",
                              run.id, run.state, reason_of(run), detail_of(run), run.losses, now, all ? 1 : 0, is_active(run.state) ? 0 : 1,
                              std::chrono::duration_cast<std::chrono::microseconds>(kLease).count(), base::to_json(run.tables), lease_token,
                              run.is_canceling, now + kLongestLease));
  return changed == 1;
}

Result<std::vector<Run>> overdue_cancels(db::Read& tx, base::Timestamp before) {
  return runs_from(tx.all("SELECT " + kRunColumns + " FROM runs WHERE state = 'running' AND cancel_requested_at < ?1", before));
}

Result<bool> force_cancel(db::Write& tx, const Run& run, base::Timestamp now) {
  ASSIGN_OR_RETURN(const auto changed, tx.execute(R"sql(
      UPDATE runs SET state = ?2, tables = ?3, lease_token = lease_token + 1, lease_owner = NULL, lease_until = NULL, ended_at = ?4,
                      updated_at = ?4, version = version + 1
       WHERE id = ?1 AND state = 'running')sql",
                                                  run.id, run.state, base::to_json(run.tables), now));
  return changed == 1;
}

Result<std::vector<Doomed>> doomed(db::Read& tx, std::optional<RunId> ended) {
  const std::string only = ended ? " AND d.upstream_id = ?1" : "";
  std::vector<db::Value> parameters;
  if (ended) parameters.emplace_back(ended->str());
  ASSIGN_OR_RETURN(const auto pairs,
                   tx.all_with("SELECT d.run_id, u.id, u.subject_name, u.kind FROM run_dependencies d JOIN runs u ON u.id = "
                               "d.upstream_id JOIN runs w ON w.id = d.run_id WHERE w.state = 'queued' AND d.must_succeed = "
                               "TRUE AND u.state IN ('failed', 'skipped', 'canceled')" +
                                   only + " ORDER BY d.run_id, u.id",
                               parameters));
  std::vector<Doomed> out;
  for (const db::Row& pair : pairs) {
    const auto id = pair.get<RunId>(0);
    if (!out.empty() && out.back().run.id == id) continue;  // one cause is enough
    ASSIGN_OR_RETURN(auto run, find(tx, id));
    if (run) out.push_back({*std::move(run), {pair.get<std::string>(1), pair.get<std::string>(2), pair.get<std::string>(3)}});
  }
  return out;
}

Result<bool> skip(db::Write& tx, const Run& run, base::Timestamp now) {
  const RunRef cause = run.skipped_because.value_or(RunRef());
  ASSIGN_OR_RETURN(const auto changed,
                   tx.execute(R"sql(
      UPDATE runs SET state = 'skipped', error_reason = ?2, error_detail = ?3, skipped_by = ?4, skipped_by_name = ?5, ended_at = ?6, updated_at = ?6,
                      tables = ?7, version = version + 1
       WHERE id = ?1 AND state = 'queued')sql",
                              run.id, reason_of(run), detail_of(run), cause.id, cause.display_name, now, base::to_json(run.tables)));
  return changed == 1;
}

Result<std::int64_t> unblock(db::Write& tx, std::optional<RunId> ended, base::Timestamp now) {
  std::vector<db::Value> parameters{now.time_since_epoch().count()};
  std::string only;
  if (ended) {
    parameters.emplace_back(ended->str());
    only = " AND id IN (SELECT run_id FROM run_dependencies WHERE upstream_id = ?2)";
  }
  ASSIGN_OR_RETURN(const auto rows, tx.all_with(R"sql(
      UPDATE runs SET blockers = 0, ready_at = ?1, version = version + 1
       WHERE state = 'queued' AND blockers > 0
         AND NOT EXISTS (SELECT 1 FROM run_dependencies d JOIN runs u ON u.id = d.upstream_id
                          WHERE d.run_id = runs.id AND u.state IN ('queued', 'running', 'retrying', 'needs_approval')))sql" +
                                                    only + " RETURNING id",
                                                parameters));
  return static_cast<std::int64_t>(rows.size());
}

Result<void> drop_idle_lanes(db::Write& tx, base::Timestamp before) {
  RETURN_IF_ERROR(
      tx.execute("DELETE FROM run_lanes WHERE claimed_at < ?1 AND NOT EXISTS (SELECT 1 FROM runs r WHERE r.lane = run_lanes.lane AND "
                 "r.state IN ('queued', 'running', 'retrying', 'needs_approval'))",
                 before));
  return {};
}

}  // namespace sluice::runs::store
