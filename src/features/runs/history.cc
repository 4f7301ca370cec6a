// The history of runs: taken along as a file, and removed when it is old (SYS-15).
#include <utility>

#include "base/log.h"
#include "data/spreadsheet.h"
#include "features/runs/runs.h"
#include "features/runs/store.h"

namespace sluice::runs {

namespace {

using base::Result;

constexpr std::int64_t kDownloadPage = 500;
// A batch is one short transaction; the sweep goes on with each round of the keeper, and begins anew every hour.
constexpr std::int64_t kBatch = 200;
constexpr std::chrono::hours kSweepEvery{1};

const std::vector<std::string> kSheetNames = {"queued_at",    "started_at",
                                              "ended_at",     "duration_ms",
                                              "kind",         "subject",
                                              "connection",   "connection_type",
                                              "state",        "trigger",
                                              "requested_by", "defined_by",
                                              "attempt",      "rows_read",
                                              "rows_sent",    "rows_unchanged",
                                              "rows_omitted", "rows_rejected",
                                              "rows_removed", "bytes",
                                              "files",        "reason",
                                              "detail",       "subject_id",
                                              "job_id",       "id"};

std::string text_of(const std::optional<base::Timestamp>& at) { return at ? base::format_rfc3339(*at) : std::string(); }

std::vector<std::string> sheet_row(const Run& run) {
  const Counts& counts = run.counts;
  return {base::format_rfc3339(run.queued_at),
          text_of(run.started_at),
          text_of(run.ended_at),
          run.duration_ms ? std::to_string(*run.duration_ms) : std::string(),
          run.kind,
          run.subject.display_name,
          run.connection ? run.connection->display_name : std::string(),
          run.connection ? run.connection->type : std::string(),
          std::string(base::to_name(run.state)),
          std::string(base::to_name(run.trigger)),
          run.requested_by.display_name,
          run.defined_by ? run.defined_by->display_name : std::string(),
          std::to_string(run.attempt),
          std::to_string(counts.rows_read),
          std::to_string(counts.rows_sent),
          std::to_string(counts.rows_unchanged),
          std::to_string(counts.rows_omitted),
          std::to_string(counts.rows_rejected),
          std::to_string(counts.rows_removed),
          std::to_string(counts.bytes),
          std::to_string(counts.files),
          run.error ? run.error->reason : std::string(),
          run.error ? run.error->detail : std::string(),
          run.subject.id,
          run.job_id.value_or(""),
          run.id.str()};
}

}  // namespace

Result<std::function<Result<bool>(std::string&)>> Runs::download(const base::Actor& actor, ListQuery query) {
  query.cursor.reset();
  query.limit = kDownloadPage;
  // The first page now: an order that does not exist is refused before the answer has begun.
  ASSIGN_OR_RETURN(RunPage first, list(actor, query));
  return data::spreadsheet(kSheetNames,
                           [this, actor, query = std::move(query), page = std::move(first),
                            is_fresh = true](data::SpreadsheetRows& rows) mutable -> Result<bool> {
                             if (!is_fresh) {
                               const std::string cursor = *std::exchange(page.next_cursor, std::nullopt);
                               query.cursor = cursor;
                               auto next = list(actor, query);
                               query.cursor.reset();
                               if (!next.ok()) return next.error();
                               page = *std::move(next);
                             }
                             is_fresh = false;
                             for (const Run& run : page.items) rows.push_back(sheet_row(run));
                             page.items.clear();
                             return page.next_cursor.has_value();
                           });
}

void Runs::on_history(std::function<Result<void>(db::Write&, base::Timestamp)> listener) { history_listener_ = std::move(listener); }

Result<void> Runs::remove_history() {
  const base::Timestamp now = clock_();
  if (settings_.history == std::chrono::days(0)) return {};
  if (!is_sweeping_ && now - swept_ < kSweepEvery && now >= swept_) return {};
  const base::Timestamp before = now - settings_.history;
  std::int64_t jobs = 0;
  ASSIGN_OR_RETURN(const store::Swept swept, db_.write([&](db::Write& tx) -> Result<store::Swept> {
    ASSIGN_OR_RETURN(auto removed, store::remove_old(tx, before, swept_to_, swept_id_, kBatch));
    ASSIGN_OR_RETURN(jobs, store::remove_old_jobs(tx, before, kBatch));
    if (history_listener_) RETURN_IF_ERROR(history_listener_(tx, before));
    return removed;
  }));
  swept_ = now;
  is_sweeping_ = swept.seen == kBatch || jobs == kBatch;
  if (!is_sweeping_) {
    swept_to_ = {};
    swept_id_.clear();
  } else if (swept.seen > 0) {
    swept_to_ = swept.last_ended_at;
    swept_id_ = swept.last_id;
  }
  if (swept.removed + jobs > 0) base::log::info("run.history_removed", {{"runs", swept.removed}, {"jobs", jobs}});
  return {};
}

}  // namespace sluice::runs
