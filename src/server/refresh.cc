#include "server/refresh.h"

namespace sluice::server {

using base::Result;

void register_refresh(runs::Runs& runs, schedules::Schedules& schedules, tables::Tables& tables, exports::Exports& exports) {
  runs.register_job("refresh", [&](db::Write& tx) -> Result<std::vector<runs::Task>> {
    // In the order of the stages, each after what it depends on (SCH-05).
    ASSIGN_OR_RETURN(std::vector<runs::Task> tasks, tables.plan_refresh(tx));
    ASSIGN_OR_RETURN(std::vector<runs::Task> last, exports.plan_refresh(tx));
    for (runs::Task& task : last) tasks.push_back(std::move(task));
    return tasks;
  });
  schedules.register_kind(
      std::string(schedules::kRefresh),
      [&runs](db::Write& tx, const std::string&) -> Result<std::string> {
        ASSIGN_OR_RETURN(const auto started, runs.start_job(tx, base::Actor::system(), "refresh", runs::Trigger::schedule, true));
        return started.created ? std::string() : std::string("A refresh waited already.");
      },
      [&runs] { runs.plan_jobs(); });
  schedules.register_kind(
      "export", [&exports](db::Write& tx, const std::string& id) { return exports.start_scheduled(tx, id); }, [&runs] { runs.wake(); });
}

}  // namespace sluice::server
