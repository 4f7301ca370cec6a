#include "features/exports/results.h"

#include <utility>
#include <vector>

namespace sluice::exports {

bool blames_connection(const base::Error& error) {
  if (error.reason == "service.missing" || error.reason == "service.refused") return false;
  return error.code == base::Code::upstream_rejected || error.code == base::Code::upstream_unavailable ||
         error.code == base::Code::timeout || error.reason.starts_with("net.");
}

runs::Ended failed(runs::Execution& execution, base::Error error) {
  for (runs::TableResult& table : execution.tables()) {
    if (table.state == runs::State::running) {
      table.state = runs::State::failed;
      table.error = error.detail;
    }
  }
  return {error.code == base::Code::cancelled ? runs::State::canceled : runs::State::failed, std::move(error)};
}

void Faults::note(runs::TableResult& result, const base::Error& error) {
  // A table that was deleted is left out and named (EXP-48); what cannot be read has failed.
  const bool is_gone = error.reason == "table.missing";
  result.state = is_gone ? runs::State::skipped : runs::State::failed;
  result.error = error.detail;
  if (is_gone) execution_.warn(error.reason, error.detail);
  if (!first_) first_ = error;
}

runs::Ended Faults::ended() const {
  std::vector<runs::State> states;
  for (const runs::TableResult& table : execution_.tables()) states.push_back(table.state);
  const runs::State state = runs::outcome::combined(states);
  // Nothing could be sent at all: that is a failure, whatever the tables are called.
  if (!runs::is_delivery(state)) return {runs::State::failed, first_};
  return {state, state == runs::State::completed_with_errors ? first_ : std::nullopt};
}

}  // namespace sluice::exports
