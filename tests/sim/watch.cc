#include "sim/watch.h"

#include <utility>

namespace sluice::sim {

using runs::State;

namespace {

constexpr const char* kActive = "('queued', 'running', 'retrying', 'needs_approval')";

Seen to_seen(const db::Row& row) {
  return {.kind = row.get<std::string>(1),
          .subject = row.get<std::string>(2),
          .state = row.get<State>(3),
          .lane = row.get<std::string>(4),
          .version = row.get<std::int64_t>(5),
          .token = row.get<std::int64_t>(6),
          .owner = row.get<std::optional<std::string>>(7).value_or(""),
          .is_cancel_requested = row.get<bool>(8),
          .ended_at = row.get<std::optional<base::Timestamp>>(9),
          .ready_at = row.get<base::Timestamp>(10),
          .job_id = row.get<std::optional<std::string>>(11),
          .tables = row.get<std::string>(12)};
}

std::string name_of(const std::string& id, const Seen& run) { return run.kind + " " + run.subject + " (" + id + ")"; }

bool has_active_table(const std::string& tables) {
  for (const char* state : {R"("queued")", R"("running")", R"("retrying")"}) {
    if (tables.find(state) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

std::vector<std::string> Watch::active() const {
  std::vector<std::string> out;
  for (const auto& [id, run] : runs_) {
    if (runs::is_active(run.state)) out.push_back(id);
  }
  return out;
}

std::string Watch::look() {
  const auto rows = db_.read([](db::Read& tx) {
    return tx.all(
        "SELECT id, kind, subject_id, state, lane, version, lease_token, lease_owner, is_cancel_requested, ended_at, ready_at, job_id, "
        "tables FROM runs");
  });
  if (!rows.ok()) return "the database: " + rows.error().internal;
  std::map<std::string, Seen> now;
  for (const db::Row& row : *rows) now.emplace(row.get<std::string>(0), to_seen(row));
  std::set<std::pair<std::string, std::string>> going;
  std::set<std::pair<std::string, std::string>> queued;
  for (const auto& [id, after] : now) {
    const auto before = runs_.find(id);
    if (before == runs_.end()) {
      if (after.state != State::queued && after.state != State::skipped)
        return name_of(id, after) + " began as " + std::string(base::to_name(after.state));
    } else if (before->second != after) {
      if (auto wrong = check_step(id, before->second, after); !wrong.empty()) return name_of(id, after) + ": " + wrong;
    }
    if (!runs::is_active(after.state)) continue;
    auto& of_subject = after.state == State::queued ? queued : going;
    if (!of_subject.emplace(after.kind, after.subject).second) return "two of " + name_of(id, after) + " at a time";
  }
  for (const auto& [id, before] : runs_) {
    if (!now.contains(id)) return name_of(id, before) + " is gone";
  }
  runs_ = std::move(now);
  if (auto wrong = check_lanes(); !wrong.empty()) return wrong;
  return check_jobs();
}

std::string Watch::check_step(const std::string& id, const Seen& before, const Seen& after) {
  if (!runs::is_active(before.state)) return "it had ended and changed";
  if (before.state != after.state && !runs::may_become(before.state, after.state))
    return std::string(base::to_name(before.state)) + " became " + std::string(base::to_name(after.state));
  if (after.token < before.token) return "the token went back";
  if (runs::is_active(after.state) != !after.ended_at) return "its end and its state disagree";
  if (!runs::is_active(after.state) && has_active_table(after.tables))
    return "it ended as " + std::string(base::to_name(after.state)) + " with tables " + after.tables;
  if (before.is_cancel_requested && after.state != before.state && runs::is_active(after.state))
    return "somebody cancelled it, and it became " + std::string(base::to_name(after.state));
  if (before.state != State::running && after.state == State::running) return check_start(id);
  if (before.state != State::skipped && after.state == State::skipped) return check_skip(id);
  return {};
}

std::string Watch::check_start(const std::string& id) {
  const auto row = db_.read([&](db::Read& tx) {
    return tx.one("SELECT count(*), sum(CASE WHEN u.state IN " + std::string(kActive) +
                      " THEN 1 ELSE 0 END), sum(CASE WHEN d.must_succeed AND u.state IN ('failed', 'skipped', 'canceled') THEN 1 ELSE 0 "
                      "END) FROM run_dependencies d JOIN runs u ON u.id = d.upstream_id WHERE d.run_id = ?1",
                  id);
  });
  if (!row.ok()) return "the database: " + row.error().internal;
  if (row->get<std::int64_t>(0) == 0) return {};
  if (row->get<std::int64_t>(1) != 0) return "it started before what it waits for had ended";
  return row->get<std::int64_t>(2) != 0 ? "it started although what it needs was not delivered" : "";
}

std::string Watch::check_skip(const std::string& id) {
  const auto row = db_.read([&](db::Read& tx) {
    return tx.one(
        "SELECT count(*) FROM run_dependencies d JOIN runs u ON u.id = d.upstream_id WHERE d.run_id = ?1 AND d.must_succeed AND u.state IN "
        "('failed', 'skipped', 'canceled')",
        id);
  });
  if (!row.ok()) return "the database: " + row.error().internal;
  return row->get<std::int64_t>(0) == 0 ? "it was skipped without a cause" : "";
}

std::string Watch::check_lanes() {
  const auto rows = db_.read([](db::Read& tx) { return tx.all("SELECT lane, parallel FROM run_lanes"); });
  if (!rows.ok()) return "the database: " + rows.error().internal;
  std::map<std::string, std::int64_t> slots;
  for (const db::Row& row : *rows) slots[row.get<std::string>(0)] = row.get<std::int64_t>(1);
  std::map<std::string, std::int64_t> used;
  for (const auto& [id, run] : runs_) {
    if (!runs::is_active(run.state)) continue;
    if (!slots.contains(run.lane)) return "the lane of " + name_of(id, run) + " is gone";
    if (run.state == State::running && ++used[run.lane] > slots[run.lane]) return "too many at a time of the lane of " + name_of(id, run);
  }
  return {};
}

std::string Watch::check_jobs() {
  const auto rows = db_.read([](db::Read& tx) {
    return tx.all("SELECT j.id, j.state, (SELECT count(*) FROM runs r WHERE r.job_id = j.id AND r.state IN " + std::string(kActive) +
                  ") FROM jobs j");
  });
  if (!rows.ok()) return "the database: " + rows.error().internal;
  std::map<State, int> active;
  for (const db::Row& row : *rows) {
    const auto state = row.get<State>(1);
    const auto left = row.get<std::int64_t>(2);
    if (runs::is_active(state) && ++active[state] > 1) return "two jobs are " + std::string(base::to_name(state));
    if (state == State::running && left == 0) return "job " + row.get<std::string>(0) + " goes on although its runs have ended";
    if (state != State::running && left != 0) return "job " + row.get<std::string>(0) + " does not go on and its runs do";
  }
  return {};
}

std::string Watch::look_at_end() {
  if (auto wrong = look(); !wrong.empty()) return wrong;
  for (const auto& [id, run] : runs_) {
    if (runs::is_active(run.state)) return name_of(id, run) + " never ended: " + std::string(base::to_name(run.state));
  }
  const auto jobs = db_.read([](db::Read& tx) { return tx.one("SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')"); });
  if (!jobs.ok() || jobs->get<std::int64_t>(0) != 0) return "a job never ended";
  return check_audit();
}

// Each change has its entry: one request, and one end, which is a cancellation when a person's word ended it.
std::string Watch::check_audit() {
  const auto rows = db_.read([](db::Read& tx) { return tx.all("SELECT object_kind, object_id, event FROM audit_entries"); });
  if (!rows.ok()) return "the database: " + rows.error().internal;
  std::map<std::string, std::map<std::string, int>> told;
  for (const db::Row& row : *rows) ++told[row.get<std::string>(1)][row.get<std::string>(2)];
  for (const auto& [id, run] : runs_) {
    auto& events = told[id];
    if (events["run.requested"] != 1) return name_of(id, run) + " was not told of once";
    const int ends = events["run.ended"] + events["run.cancel_forced"];
    const bool is_by_word = run.state == State::canceled && events["run.cancel_requested"] != 0;
    if (ends > 1 || (ends == 0 && !is_by_word)) return "the end of " + name_of(id, run) + " was told of " + std::to_string(ends) + " times";
  }
  const auto jobs = db_.read([](db::Read& tx) { return tx.all("SELECT id FROM jobs"); });
  for (const db::Row& row : *jobs) {
    auto& events = told[row.get<std::string>(0)];
    if (events["job.requested"] != 1 || events["job.ended"] != 1)
      return "job " + row.get<std::string>(0) + " has not one request and one end";
  }
  return {};
}

}  // namespace sluice::sim
