// Diagnostics events (SYS-34..42) as they leave: one JSON object each, with the member names that other systems know from
// Azure's diagnostic logs. They never hold secrets, bodies, query strings or rows: an API event says who called what with
// which result, a workflow event what became of a run or job. Pure: time and place are parameters.
#pragma once

#include <string>
#include <string_view>

#include "base/describe.h"
#include "base/time.h"
#include "features/runs/job.h"
#include "features/runs/run.h"
#include "http/router.h"

namespace sluice::diagnostics {

enum class Category : std::uint8_t { audit, operational };
constexpr auto enum_names(Category) {
  using namespace std::string_view_literals;
  return std::array{"audit"sv, "operational"sv};
}

enum class Level : std::uint8_t { informational, warning, error };

struct Event {
  Category category = Category::operational;
  Level level = Level::informational;
  base::Timestamp at{};
  std::string json;  // one line
};

struct Environment {
  std::string id;
  std::string display_name;
  std::string public_url;  // empty: as the caller named the host
};

// Changes are Audit, everything else is Operational (SYS-35).
Event api_event(const http::Served& served, const Environment& environment, base::Timestamp now);

enum class Scope : std::uint8_t { workflow, task };
enum class Moment : std::uint8_t { started, completed };
// A run is a task; one without a job is a workflow of one task too.
Event run_event(const runs::Run& run, Scope scope, Moment moment, const Environment& environment, base::Timestamp now);
Event job_event(const runs::Job& job, Moment moment, const Environment& environment, base::Timestamp now);

}  // namespace sluice::diagnostics
