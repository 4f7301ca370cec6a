// What became of the tables and segments of a run, and of the run by that. Private to this folder.
#pragma once

#include <optional>

#include "base/error.h"
#include "features/runs/runs.h"

namespace sluice::exports {

// About the connection, so that it shows as failing; a table that is gone, or a list that the export names, says nothing of it.
bool blames_connection(const base::Error& error);

// The end of a run that cannot go on: what was under way has failed too.
runs::Ended failed(runs::Execution& execution, base::Error error);

// What went wrong with single tables; the others go on (EXP-68).
class Faults {
 public:
  explicit Faults(runs::Execution& execution) : execution_(execution) {}

  void note(runs::TableResult& result, const base::Error& error);
  // The end of the run, from those of the tables.
  runs::Ended ended() const;

 private:
  runs::Execution& execution_;
  std::optional<base::Error> first_;
};

}  // namespace sluice::exports
