#include "features/schedules/schedules.h"

#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "base/log.h"
#include "features/audit/audit.h"

namespace sluice::schedules {

namespace {

using base::Error;
using base::Result;
using base::Timestamp;
using base::json::Object;

struct MissedTag;
using MissedId = base::Id<MissedTag>;

Result<Rule> parse_rule(const std::string& text) { return base::read_json<Rule>(text, {.bytes = 65'536, .depth = 4, .values = 1'000}); }

std::optional<Timestamp> next_of(const Rule& rule, Timestamp after, Timestamp anchor) {
  const auto zone = Zone::load(rule.time_zone);
  return zone.ok() ? next(rule, *zone, after, anchor) : std::nullopt;
}

Error stale() {
  return Error{
      .code = base::Code::stale, .reason = "request.stale", .detail = "Someone else saved the schedule first. Reload it and try again."};
}

Error invalid(std::string_view pointer, std::string reason, std::string detail) {
  return Error{.code = base::Code::invalid,
               .reason = "schedule.invalid",
               .detail = detail,
               .fields = {{std::string(pointer), std::move(reason), std::move(detail)}}};
}

}  // namespace

struct Schedules::Row {
  Subject subject;
  Mode mode = Mode::system;
  std::optional<std::string> rule;
  bool is_active = true;
  Timestamp anchor_at{};
  std::optional<Timestamp> next_at;
  std::optional<Timestamp> last_due_at;
  std::int64_t version = 0;

  static constexpr std::string_view kColumns =
      "kind, subject_id, subject_name, mode, rule, is_active, anchor_at, next_at, last_due_at, version";
  static Row from(const db::Row& row) {
    return {.subject = {row.get<std::string>(0), row.get<std::string>(1), row.get<std::string>(2)},
            .mode = row.get<Mode>(3),
            .rule = row.get<std::optional<std::string>>(4),
            .is_active = row.get<bool>(5),
            .anchor_at = row.get<Timestamp>(6),
            .next_at = row.get<std::optional<Timestamp>>(7),
            .last_due_at = row.get<std::optional<Timestamp>>(8),
            .version = row.get<std::int64_t>(9)};
  }
  // The first occurrence after `after` that has not been due yet.
  std::optional<Timestamp> following(Timestamp after) const {
    if (mode != Mode::own || !is_active || !rule) return std::nullopt;
    const auto parsed = parse_rule(*rule);
    if (!parsed.ok()) return std::nullopt;
    return next_of(*parsed, std::max(after, last_due_at.value_or(after)), anchor_at);
  }
};

Schedules::Schedules(db::Db& db, base::Clock clock) : db_(db), clock_(std::move(clock)) {}

Schedules::~Schedules() { stop(); }

void Schedules::register_kind(const std::string& kind, Starter starter, std::function<void()> started) {
  kinds_[kind] = {std::move(starter), std::move(started)};
}

Result<void> Schedules::check(const ScheduleChange& change, std::string_view pointer) {
  const std::string at = std::string(pointer) + "/rule";
  if (change.kind == Mode::own && !change.rule) return invalid(at, "required", "A schedule of its own needs a rule.");
  return change.rule ? schedules::check(*change.rule, at) : Result<void>();
}

Schedule Schedules::shown(std::optional<Mode> mode, const std::optional<std::string>& rule, std::optional<Timestamp> next_at) {
  Schedule schedule{.kind = mode.value_or(Mode::system), .rule = {}, .summary = {}, .next_at = next_at};
  if (rule) {
    if (auto parsed = parse_rule(*rule); parsed.ok()) schedule.rule = *std::move(parsed);
  }
  switch (schedule.kind) {
    case Mode::system:
      schedule.summary = "System refresh";
      break;
    case Mode::own:
      schedule.summary = schedule.rule ? summary(*schedule.rule) : "";
      break;
    case Mode::off:
      schedule.summary = "Off";
      break;
  }
  return schedule;
}

Result<std::optional<Schedules::Row>> Schedules::find_row(db::Read& tx, const std::string& kind, const std::string& subject_id) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.maybe_one("SELECT " + std::string(Row::kColumns) + " FROM schedules WHERE kind = ?1 AND subject_id = ?2", kind, subject_id));
  return row ? std::optional(Row::from(*row)) : std::optional<Row>();
}

Result<void> Schedules::write(db::Write& tx, const Row& row) {
  RETURN_IF_ERROR(tx.execute(R"sql(
      INSERT INTO schedules (kind, subject_id, subject_name, mode, rule, is_active, anchor_at, next_at, last_due_at, updated_at)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
      ON CONFLICT (kind, subject_id) DO UPDATE SET subject_name = ?3, mode = ?4, rule = ?5, is_active = ?6, anchor_at = ?7, next_at = ?8,
        last_due_at = ?9, updated_at = ?10, version = schedules.version + 1)sql",
                             row.subject.kind, row.subject.id, row.subject.name, row.mode, row.rule, row.is_active, row.anchor_at,
                             row.next_at, row.last_due_at, clock_()));
  return {};
}

Result<void> Schedules::set(db::Write& tx, const Subject& subject, const ScheduleChange& change, bool is_active) {
  const Timestamp now = clock_();
  ASSIGN_OR_RETURN(const auto before, find_row(tx, subject.kind, subject.id));
  Row row = before.value_or(Row{.subject = subject, .anchor_at = now});
  row.subject = subject;
  row.mode = change.kind;
  row.is_active = is_active;
  const std::optional<std::string> rule = change.rule ? std::optional(base::to_json(*change.rule)) : row.rule;
  if (rule != row.rule) row.anchor_at = now;
  row.rule = rule;
  row.next_at = row.following(now);
  return write(tx, row);
}

Result<void> Schedules::set_active(db::Write& tx, const Subject& subject, bool is_active) {
  ASSIGN_OR_RETURN(auto row, find_row(tx, subject.kind, subject.id));
  if (!row) return {};
  row->is_active = is_active;
  row->next_at = row->following(clock_());
  return write(tx, *row);
}

Result<void> Schedules::remove(db::Write& tx, const std::string& kind, const std::string& subject_id) {
  RETURN_IF_ERROR(tx.execute("DELETE FROM schedules WHERE kind = ?1 AND subject_id = ?2", kind, subject_id));
  return {};
}

Result<Schedule> Schedules::find(db::Read& tx, const std::string& kind, const std::string& subject_id) {
  ASSIGN_OR_RETURN(const auto row, find_row(tx, kind, subject_id));
  return row ? shown(row->mode, row->rule, row->next_at) : shown({}, {}, {});
}

Result<RefreshSchedule> Schedules::load_refresh(const base::Actor& actor) {
  RefreshSchedule out;
  const Timestamp now = clock_();
  RETURN_IF_ERROR(db_.read([&](db::Read& tx) -> Result<void> {
    ASSIGN_OR_RETURN(const auto row, find_row(tx, std::string(kRefresh), ""));
    if (row) {
      out.version = row->version;
      out.is_on = row->mode == Mode::own;
      if (row->rule) {
        ASSIGN_OR_RETURN(out.rule, parse_rule(*row->rule));
        const auto zone = Zone::load(out.rule->time_zone);
        if (zone.ok()) {
          out.words = words(*out.rule, *zone, now);
          if (out.is_on) out.next = next_n(*out.rule, *zone, now, row->anchor_at, 5);
        }
      }
    }
    ASSIGN_OR_RETURN(const auto own, tx.one("SELECT count(*) FROM schedules WHERE mode = 'own' AND kind <> ?1", kRefresh));
    out.own_schedules = own.get<std::int64_t>(0);
    ASSIGN_OR_RETURN(const auto missed,
                     tx.all("SELECT kind, due_at, reason FROM missed_occurrences WHERE kind = ?1 ORDER BY noted_at DESC, id "
                            "DESC LIMIT 10",
                            kRefresh));
    for (const db::Row& one : missed) out.missed.push_back({one.get<std::string>(0), one.get<Timestamp>(1), one.get<std::string>(2)});
    return {};
  }));
  if (actor.may(base::Permission::system_manage)) out.can = {"update"};
  return out;
}

Result<RefreshSchedule> Schedules::update_refresh(const base::Actor& actor, std::int64_t version, const RefreshChange& change) {
  RETURN_IF_ERROR(check({change.is_on ? Mode::own : Mode::off, change.rule}, ""));
  if (change.rule && change.rule->recurrence != Recurrence::daily && change.rule->recurrence != Recurrence::weekly)
    return invalid("/rule/recurrence", "unsupported", "The system refresh is daily or weekly.");
  RETURN_IF_ERROR(db_.write([&](db::Write& tx) -> Result<void> {
    ASSIGN_OR_RETURN(const auto before, find_row(tx, std::string(kRefresh), ""));
    if ((before ? before->version : 0) != version) return stale();
    RETURN_IF_ERROR(set(tx, {std::string(kRefresh), "", "System refresh"}, {change.is_on ? Mode::own : Mode::off, change.rule}, true));
    ASSIGN_OR_RETURN(const auto after, find_row(tx, std::string(kRefresh), ""));
    const auto told = [](const std::optional<Row>& row) {
      if (!row || row->mode != Mode::own || !row->rule) return std::string("Off");
      const auto rule = parse_rule(*row->rule);
      return rule.ok() ? summary(*rule) + ", " + rule->time_zone : std::string();
    };
    return audit::append(tx, actor, clock_(), "schedule.updated", {"schedule", "", "System refresh"},
                         Object{{"schedule", Object{{"old", told(before)}, {"new", told(after)}}}});
  }));
  return load_refresh(actor);
}

Result<Preview> Schedules::preview(const Rule& rule) {
  RETURN_IF_ERROR(schedules::check(rule));
  ASSIGN_OR_RETURN(const Zone zone, Zone::load(rule.time_zone));
  const Timestamp now = clock_();
  return Preview{words(rule, zone, now), next_n(rule, zone, now, now, 5)};
}

Result<bool> Schedules::fire(const Row& due) {
  const auto kind = kinds_.find(due.subject.kind);
  if (kind == kinds_.end()) return false;
  const Timestamp now = clock_();
  bool started = false;
  RETURN_IF_ERROR(db_.write([&](db::Write& tx) -> Result<void> {
    started = false;
    Row row = due;
    row.last_due_at = due.next_at;
    row.next_at = row.following(now);
    // Whoever moves it on starts it; another node, or a change meanwhile, has been first when nothing is moved.
    ASSIGN_OR_RETURN(const auto moved,
                     tx.execute("UPDATE schedules SET next_at = ?4, last_due_at = ?3 WHERE kind = ?1 AND subject_id = ?2 AND "
                                "next_at = ?3 AND version = ?5",
                                due.subject.kind, due.subject.id, due.next_at, row.next_at, due.version));
    if (moved != 1) return {};
    std::string reason;
    if (now - *due.next_at > kMissedAge) {
      reason = "Sluice was not running, and came back more than " + std::to_string(kMissedAge.count()) + " hours later.";
    } else {
      ASSIGN_OR_RETURN(reason, kind->second.start(tx, due.subject.id));
      started = reason.empty();
    }
    if (started) return {};
    RETURN_IF_ERROR(tx.execute(
        "INSERT INTO missed_occurrences (id, kind, subject_id, subject_name, due_at, reason, noted_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        MissedId::make(now), due.subject.kind, due.subject.id, due.subject.name, due.next_at, reason, now));
    return audit::append(tx, base::Actor::system(), now, "schedule.missed", {due.subject.kind, due.subject.id, due.subject.name},
                         Object{{"due_at", base::format_rfc3339(*due.next_at)}, {"reason", reason}});
  }));
  if (started && kind->second.started) kind->second.started();
  return started;
}

Result<int> Schedules::tick() {
  ASSIGN_OR_RETURN(const auto rows, db_.read([&](db::Read& tx) {
    return tx.all("SELECT " + std::string(Row::kColumns) + " FROM schedules WHERE next_at <= ?1 ORDER BY next_at LIMIT 200", clock_());
  }));
  int count = 0;
  for (const db::Row& row : rows) {
    const Row due = Row::from(row);
    const auto started = fire(due);
    if (!started.ok()) {
      base::log::error("schedule.not_started",
                       {{"kind", due.subject.kind},
                        {"subject_id", due.subject.id},
                        {"why", started.error().internal.empty() ? started.error().detail : started.error().internal}});
      continue;
    }
    if (*started) ++count;
  }
  return count;
}

Result<void> Schedules::recompute() {
  const Timestamp now = clock_();
  ASSIGN_OR_RETURN(const auto rows, db_.read([&](db::Read& tx) {
    return tx.all("SELECT " + std::string(Row::kColumns) +
                      " FROM schedules WHERE mode = 'own' AND is_active = TRUE AND (next_at IS NULL OR next_at > ?1)",
                  now);
  }));
  for (const db::Row& one : rows) {
    const Row row = Row::from(one);
    const auto next_at = row.following(now);
    if (next_at == row.next_at) continue;
    RETURN_IF_ERROR(db_.write([&](db::Write& tx) {
      return tx.execute("UPDATE schedules SET next_at = ?3 WHERE kind = ?1 AND subject_id = ?2 AND version = ?4", row.subject.kind,
                        row.subject.id, next_at, row.version);
    }));
  }
  return {};
}

Result<void> Schedules::forget_missed(db::Write& tx, Timestamp before) {
  RETURN_IF_ERROR(
      tx.execute("DELETE FROM missed_occurrences WHERE id IN (SELECT id FROM missed_occurrences WHERE noted_at < ?1 "
                 "ORDER BY noted_at LIMIT 500)",
                 before));
  return {};
}

void Schedules::start() {
  if (const auto done = recompute(); !done.ok()) base::log::error("schedule.recompute_failed", {{"why", done.error().internal}});
  thread_ = std::jthread([this](std::stop_token stop) {
    std::mutex mutex;
    std::condition_variable_any wait;
    while (!stop.stop_requested()) {
      if (const auto ticked = tick(); !ticked.ok()) base::log::error("schedule.tick_failed", {{"why", ticked.error().internal}});
      std::unique_lock lock(mutex);
      wait.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; });
    }
  });
  pthread_setname_np(thread_.native_handle(), "schedules");
}

void Schedules::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace sluice::schedules
