// Events as JSON lines in files, one for each category and hour, in the layout that readers of Azure's diagnostic logs know
// (SYS-36): <folder>/insight-logs-audit/y=2026/m=01/d=31/h=23/m=00/PT1H.json, and insight-logs-operational likewise. The hour
// is in UTC. Each batch is synchronised to the disk. Files are appended to and never removed.
#pragma once

#include <map>
#include <span>
#include <string>

#include "base/result.h"
#include "features/diagnostics/event.h"
#include "features/diagnostics/forwarder.h"

namespace sluice::diagnostics {

// Relative to the folder.
std::string file_of(Category category, base::Timestamp at);

// One thread.
class Files {
 public:
  explicit Files(std::string folder) : folder_(std::move(folder)) {}
  // All of it or none: after an error the whole batch comes again.
  Delivered deliver(std::span<const Event> events);

 private:
  std::string folder_;
};

}  // namespace sluice::diagnostics
