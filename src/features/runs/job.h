// A job is a set of runs that belong together and wait for one another by stages: the system refresh. Its state follows from
// those of its runs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/describe.h"
#include "features/runs/run.h"

namespace sluice::runs {

using JobId = base::Id<struct JobTag>;

// The stages in the order they depend on one another (SCH-05).
struct StageTitle {
  std::string_view name;
  std::string_view title;
};
inline constexpr std::array kStages = {StageTitle{"data_sources", "Data sources"}, StageTitle{"segments", "Segments"},
                                       StageTitle{"enrichments", "Enrichments"}, StageTitle{"exports", "Export destinations"}};

struct Stage {
  std::string name;
  std::string title;
  State state = State::queued;
  std::int64_t total = 0;
  std::int64_t done = 0;  // ended, however
  std::int64_t failed = 0;
  std::int64_t skipped = 0;
  std::optional<std::int64_t> duration_ms;
  std::vector<Run> tasks;  // only where one job is shown
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("name", s.name);
    v("title", s.title);
    v("state", s.state);
    v("total", s.total);
    v("done", s.done);
    v("failed", s.failed);
    v("skipped", s.skipped);
    v("duration_ms", s.duration_ms);
    v("tasks", s.tasks);
  }
};

struct Job {
  JobId id;
  std::string kind;
  Trigger trigger = Trigger::manual;
  State state = State::queued;
  base::UserRef requested_by;
  base::Timestamp queued_at{};
  std::optional<base::Timestamp> started_at;
  std::optional<base::Timestamp> ended_at;
  std::optional<std::int64_t> duration_ms;
  std::vector<Stage> stages;
  std::int64_t version = 0;
  std::vector<std::string> can;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("id", s.id);
    v("kind", s.kind);
    v("trigger", s.trigger);
    v("state", s.state);
    v("requested_by", s.requested_by);
    v("queued_at", s.queued_at);
    v("started_at", s.started_at);
    v("ended_at", s.ended_at);
    v("duration_ms", s.duration_ms);
    v("stages", s.stages);
    v("version", s.version);
    v("can", s.can);
  }
};

}  // namespace sluice::runs
