#include "features/runs/store.h"

namespace sluice::runs::store {

namespace {

using base::Result;

// What outlives its time: the newest run of a subject; of an export's deliveries to a connection the newest of each state,
// because a table that failed in the newest one is compared with the one before; and a run since the last delivery that left
// files behind, which the next run removes.
constexpr std::string_view kIsKept = R"sql(
    NOT EXISTS (SELECT 1 FROM runs n WHERE n.kind = r.kind AND n.subject_id = r.subject_id AND n.id > r.id)
     OR (r.state IN ('succeeded', 'completed_with_warnings', 'completed_with_errors')
         AND NOT EXISTS (SELECT 1 FROM runs n WHERE n.kind = r.kind AND n.subject_id = r.subject_id AND n.id > r.id AND n.state = r.state
                                                AND COALESCE(n.connection_id, '') = COALESCE(r.connection_id, '')))
     OR (r.state IN ('failed', 'canceled') AND r.files <> '[]'
         AND NOT EXISTS (SELECT 1 FROM runs n WHERE n.kind = r.kind AND n.subject_id = r.subject_id AND n.id > r.id
                                                AND n.state IN ('succeeded', 'completed_with_warnings', 'completed_with_errors'))))sql";

}  // namespace

Result<Swept> remove_old(db::Write& tx, base::Timestamp before, base::Timestamp after_ended_at, const std::string& after_id,
                         std::int64_t most) {
  ASSIGN_OR_RETURN(const auto rows, tx.all("SELECT r.id, r.ended_at, CASE WHEN " + std::string(kIsKept) +
                                               R"sql( THEN 1 ELSE 0 END FROM runs r
       WHERE r.ended_at IS NOT NULL AND r.ended_at < ?1 AND (r.ended_at, r.id) > (?2, ?3)
       ORDER BY r.ended_at, r.id LIMIT ?4)sql",
                                           before, after_ended_at, after_id, most));
  Swept swept{.seen = static_cast<std::int64_t>(rows.size())};
  for (const db::Row& row : rows) {
    swept.last_id = row.get<std::string>(0);
    swept.last_ended_at = row.get<base::Timestamp>(1);
    if (row.get<std::int64_t>(2) != 0) continue;
    RETURN_IF_ERROR(tx.execute("DELETE FROM runs WHERE id = ?1", swept.last_id));
    ++swept.removed;
  }
  return swept;
}

Result<std::int64_t> remove_old_jobs(db::Write& tx, base::Timestamp before, std::int64_t most) {
  return tx.execute(R"sql(
      DELETE FROM jobs WHERE id IN (SELECT j.id FROM jobs j WHERE j.ended_at IS NOT NULL AND j.ended_at < ?1
                                       AND NOT EXISTS (SELECT 1 FROM runs r WHERE r.job_id = j.id) ORDER BY j.ended_at, j.id LIMIT ?2))sql",
                    before, most);
}

}  // namespace sluice::runs::store
