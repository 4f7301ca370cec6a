// What starts of itself, and when. A schedule belongs to a subject: the system refresh, or an export. This feature knows
// neither: wiring registers a kind with what starts it. Each occurrence starts at most once, whatever the number of nodes,
// restarts and clock jumps (SCH-28): the row names the next one, and whoever moves it on in the database starts it.
//
// An occurrence that comes late (the server was down) starts once when it is at most kMissedAge old, else it is recorded as
// missed (SCH-12). However many were missed, one run makes up for all.
//
// Threads: any may call the use cases; start() begins one thread that looks once a second.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/authz.h"
#include "base/result.h"
#include "db/db.h"
#include "features/schedules/rule.h"

namespace sluice::schedules {

enum class Mode : std::uint8_t { system, own, off };  // with the system refresh; by its own rule; only by hand
constexpr auto enum_names(Mode) { return std::array{"system"sv, "own"sv, "off"sv}; }

struct Subject {
  std::string kind;
  std::string id;
  std::string name;
};

// A schedule as its subject shows it. The rule is kept while it is not followed, so that switching on again restores it.
struct Schedule {
  Mode kind = Mode::system;
  std::optional<Rule> rule;
  std::string summary;  // "Every day at 06:30", "System refresh", "Off"
  std::optional<base::Timestamp> next_at;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("kind", s.kind);
    v("rule", s.rule);
    v("summary", s.summary);
    v("next_at", s.next_at);
  }
};

// What a client sends to change one. `own` needs a rule.
struct ScheduleChange {
  Mode kind = Mode::system;
  std::optional<Rule> rule;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("kind", s.kind);
    v("rule", s.rule, base::absent_ok());
  }
};

struct Missed {
  std::string kind;
  base::Timestamp due_at{};
  std::string reason;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("kind", s.kind);
    v("due_at", s.due_at);
    v("reason", s.reason);
  }
};

// The system refresh's schedule as a page shows it.
struct RefreshSchedule {
  bool is_on = false;
  std::optional<Rule> rule;
  std::vector<std::string> words;
  std::vector<base::Timestamp> next;
  std::int64_t own_schedules = 0;  // of other things, which a change does not move (SCH-09)
  std::vector<Missed> missed;
  std::int64_t version = 0;
  std::vector<std::string> can;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("is_on", s.is_on);
    v("rule", s.rule);
    v("words", s.words);
    v("next", s.next);
    v("own_schedules", s.own_schedules);
    v("missed", s.missed);
    v("version", s.version);
    v("can", s.can);
  }
};

struct RefreshChange {
  bool is_on = false;
  std::optional<Rule> rule;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("is_on", s.is_on);
    v("rule", s.rule, base::absent_ok());
  }
};

struct Preview {
  std::vector<std::string> words;
  std::vector<base::Timestamp> next;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("words", s.words);
    v("next", s.next);
  }
};

// Starts one occurrence, in the transaction that moves the schedule on. The text says why nothing was started; empty: it was.
using Starter = std::function<base::Result<std::string>(db::Write&, const std::string& subject_id)>;

inline constexpr std::string_view kRefresh = "refresh";  // the kind of the system refresh, whose subject id is empty

class Schedules {
 public:
  Schedules(db::Db& db, base::Clock clock);
  ~Schedules();

  // `started`: called after a start committed.
  void register_kind(const std::string& kind, Starter starter, std::function<void()> started);

  // Reason "schedule.invalid" with fields under `pointer`.
  static base::Result<void> check(const ScheduleChange& change, std::string_view pointer);
  // From the columns of the view schedule_labels; `refresh_next`: of the system refresh.
  static Schedule shown(std::optional<Mode> mode, const std::optional<std::string>& rule, std::optional<base::Timestamp> next_at);

  // In the caller's transaction; check() first. A subject without an own schedule follows the system refresh.
  base::Result<void> set(db::Write& tx, const Subject& subject, const ScheduleChange& change, bool is_active);
  // An inactive subject keeps its schedule; when it is active again, the next occurrence is one after now (SCH-27).
  base::Result<void> set_active(db::Write& tx, const Subject& subject, bool is_active);
  base::Result<void> remove(db::Write& tx, const std::string& kind, const std::string& subject_id);
  base::Result<Schedule> find(db::Read& tx, const std::string& kind, const std::string& subject_id);

  base::Result<RefreshSchedule> load_refresh(const base::Actor& actor);
  // Reasons: "schedule.invalid", "request.stale".
  base::Result<RefreshSchedule> update_refresh(const base::Actor& actor, std::int64_t version, const RefreshChange& change);
  base::Result<Preview> preview(const Rule& rule);
  // Some of the occurrences that were missed before this time are forgotten; more with the next call.
  base::Result<void> forget_missed(db::Write& tx, base::Timestamp before);

  void start();
  void stop();
  // One look: starts what is due; how many. For tests with their own clock.
  base::Result<int> tick();
  // Puts next occurrences right after a clock that was wrong, or new time zone rules; at start.
  base::Result<void> recompute();

 private:
  struct Kind {
    Starter start;
    std::function<void()> started;
  };
  struct Row;
  base::Result<bool> fire(const Row& row);
  base::Result<void> write(db::Write& tx, const Row& row);
  base::Result<std::optional<Row>> find_row(db::Read& tx, const std::string& kind, const std::string& subject_id);

  db::Db& db_;
  base::Clock clock_;
  std::map<std::string, Kind> kinds_;
  std::jthread thread_;
};

}  // namespace sluice::schedules
