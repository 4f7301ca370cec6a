// An export: a saved definition that pushes tables and segments through a connection. Administrators decide where data may
// go by the connection; contributors decide what is sent here (ROL-21). Without a connection it is inactive, keeps all else,
// and nothing starts it (EXP-64).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/authz.h"
#include "base/describe.h"
#include "base/id.h"
#include "base/json.h"
#include "base/time.h"
#include "features/connections/connection.h"
#include "features/runs/run.h"
#include "features/schedules/schedules.h"

namespace sluice::exports {

using namespace std::string_view_literals;
using ExportId = base::Id<struct ExportTag>;

enum class ExportState : std::uint8_t { active, inactive };
constexpr auto enum_names(ExportState) { return std::array{"active"sv, "inactive"sv}; }

// What stops a run until an administrator approves it (BEY-10). Null: not guarded.
struct Guard {
  std::optional<std::int64_t> max_decrease_percent = 30;  // fewer rows of a table than were delivered last; an empty one always
  std::optional<std::int64_t> first_run_rows;             // more rows than this before anything was delivered
  bool operator==(const Guard&) const = default;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("max_decrease_percent", s.max_decrease_percent, base::range(0, 100));
    v("first_run_rows", s.first_run_rows, base::range(1, INT64_MAX));
  }
};

struct Attention {
  std::string reason;
  std::string detail;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("reason", s.reason);
    v("detail", s.detail);
  }
};

// What a run sends of the rows of a segment. Files are always sent in full.
enum class Mode : std::uint8_t {
  full,         // every row, each time
  incremental,  // what is new, changed or still owed
  mirror        // also takes away what left, but only what we ourselves put there
};
constexpr auto enum_names(Mode) { return std::array{"full"sv, "incremental"sv, "mirror"sv}; }

using Columns = std::map<std::string, std::vector<std::string>>;  // table -> chosen columns; absent: all

struct Export {
  ExportId id;
  std::string display_name;
  std::optional<connections::UsableConnection> connection;
  std::string type;
  std::string type_title;
  ExportState state = ExportState::active;
  std::vector<std::string> tables;
  Columns columns;
  base::json::Object settings;
  base::json::Object mapping;  // attribute of the service -> column of the Customer table, in the order chosen
  Mode mode = Mode::full;
  schedules::Schedule schedule;
  Guard guard;
  std::optional<runs::RunBrief> last_run;
  std::optional<base::Timestamp> refreshed_at;  // the last delivery (EXP-81)
  std::vector<Attention> needs_attention;
  std::int64_t version = 0;
  base::Timestamp created_at{};
  base::UserRef created_by;
  base::Timestamp updated_at{};
  std::vector<std::string> can;
  bool is_shared = false;  // its connection is shared with contributors; not told
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("id", s.id);
    v("display_name", s.display_name);
    v("connection", s.connection);
    v("type", s.type);
    v("type_title", s.type_title);
    v("state", s.state);
    v("tables", s.tables);
    v("columns", s.columns);
    v("settings", s.settings);
    v("mapping", s.mapping);
    v("mode", s.mode);
    v("schedule", s.schedule);
    v("guard", s.guard);
    v("last_run", s.last_run);
    v("refreshed_at", s.refreshed_at);
    v("needs_attention", s.needs_attention);
    v("version", s.version);
    v("created_at", s.created_at);
    v("created_by", s.created_by);
    v("updated_at", s.updated_at);
    v("can", s.can);
  }
};

struct ExportDraft {
  std::string display_name;
  connections::ConnectionId connection_id;
  std::vector<std::string> tables;
  Columns columns;
  base::json::Object settings;
  base::json::Object mapping;
  Mode mode = Mode::full;
  std::optional<schedules::ScheduleChange> schedule;  // absent: with the system refresh
  Guard guard;
  template <class V, class S>
  static void describe(V& v, S& s) {
    using base::absent_ok;
    v("display_name", s.display_name);
    v("connection_id", s.connection_id);
    v("tables", s.tables, base::length(1, 100));
    v("columns", s.columns, absent_ok(base::length(0, 100)));
    v("settings", s.settings, absent_ok(base::length(0, 100)));
    v("mapping", s.mapping, absent_ok(base::length(0, 200)));
    v("mode", s.mode, absent_ok());
    v("schedule", s.schedule, absent_ok());
    v("guard", s.guard, absent_ok());
  }
};

struct ExportChange {
  base::Patch<std::string> display_name;
  base::Patch<connections::ConnectionId> connection_id;
  base::Patch<std::vector<std::string>> tables;
  base::Patch<Columns> columns;
  base::Patch<base::json::Object> settings;
  base::Patch<base::json::Object> mapping;
  base::Patch<Mode> mode;
  base::Patch<schedules::ScheduleChange> schedule;
  base::Patch<Guard> guard;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("display_name", s.display_name);
    v("connection_id", s.connection_id);
    v("tables", s.tables, base::length(1, 100));
    v("columns", s.columns, base::length(0, 100));
    v("settings", s.settings, base::length(0, 100));
    v("mapping", s.mapping, base::length(0, 200));
    v("mode", s.mode);
    v("schedule", s.schedule);
    v("guard", s.guard);
  }
};

}  // namespace sluice::exports
