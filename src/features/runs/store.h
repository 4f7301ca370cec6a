// SQL of runs; private to this folder.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "db/db.h"
#include "db/page.h"
#include "features/runs/run.h"
#include "features/runs/runs.h"

namespace sluice::runs::store {

inline constexpr std::chrono::seconds kLease{15};

struct Claimed {
  Run run;
  base::json::Object plan;
  std::int64_t lease_token = 0;
};

base::Result<void> insert(db::Write& tx, const Run& run, const base::json::Object& plan);
base::Result<std::optional<Run>> find(db::Read& tx, RunId id);
base::Result<std::optional<Run>> find_active(db::Read& tx, const std::string& kind, const std::string& subject_id);
base::Result<std::vector<Run>> list(db::Read& tx, const ListQuery& query, const db::Page& page, std::optional<std::string>& next_cursor);
base::Result<std::optional<RunBrief>> last_of(db::Read& tx, const std::string& subject_id);
// The oldest queued run, now running under a lease of `owner`.
base::Result<std::optional<Claimed>> claim(db::Write& tx, const std::string& owner, base::Timestamp now, bool is_postgres);
base::Result<std::optional<Claimed>> claim_one(db::Write& tx, RunId id, const std::string& owner, base::Timestamp now);
// Writes the counts and renews the lease. Empty: the lease is lost. Else: whether somebody asked to cancel.
base::Result<std::optional<bool>> write_progress(db::Write& tx, const Run& run, std::int64_t lease_token, base::Timestamp now);
base::Result<std::optional<bool>> renew(db::Write& tx, RunId id, std::int64_t lease_token, base::Timestamp now);
// False: the lease is lost and nothing was written.
base::Result<bool> write_end(db::Write& tx, const Run& run, std::int64_t lease_token, base::Timestamp now);
// Back to the queue, keeping its place.
base::Result<bool> requeue(db::Write& tx, RunId id, std::int64_t lease_token, base::Timestamp now);
base::Result<void> request_cancel(db::Write& tx, RunId id, base::Timestamp now);
base::Result<bool> cancel_queued(db::Write& tx, RunId id, base::Timestamp now);
// Running runs whose lease ran out, or all of them.
base::Result<std::vector<Run>> lost(db::Read& tx, base::Timestamp now, bool all);
base::Result<bool> take_back(db::Write& tx, const Run& run, State state, base::Timestamp now, bool all);

}  // namespace sluice::runs::store
