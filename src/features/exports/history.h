// What earlier runs of an export did, which the next one has to know: read once. Private to this folder.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "features/exports/rules.h"
#include "features/runs/runs.h"

namespace sluice::exports {

class Deliveries {
 public:
  // The newest runs of the export, at most a hundred.
  Deliveries(runs::Runs& runs, const std::string& export_id);

  // Folders are named by the minute (EXP-49); a second run within it must not mix with the first, so it gets its own: "" or "_2".
  std::string minute_suffix(const runs::Run& run, base::Timestamp started_at) const;
  // Runs since the last delivery that could not remove what they had written; theirs to the connection of `run` only.
  std::vector<runs::Run> owing(const runs::Run& run) const;
  // Tables with the rows they have now, beside those of the last delivery of each to this connection.
  std::vector<rules::GuardedTable> compared(const std::string& connection_id,
                                            const std::vector<std::pair<std::string, std::int64_t>>& rows) const;

 private:
  runs::Runs& runs_;
  base::Result<runs::RunPage> earlier_;
};

}  // namespace sluice::exports
