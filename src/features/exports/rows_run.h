// A run of rows, from the plan to the end of the run: survey, guard, delivery, ledger, results. A dry run uses its first half.
// Private to this folder.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "features/exports/exports.h"
#include "features/exports/plan.h"
#include "features/exports/request_log.h"
#include "features/exports/results.h"
#include "features/exports/row_delivery.h"
#include "features/exports/row_survey.h"
#include "features/exports/store.h"

namespace sluice::exports {

// Rows that go to one place at the service, and the ledger of that place: one segment where each has its own audience, else all
// segments together, so that who is in two of them is sent once, and removed only on leaving both.
struct RowGroup {
  std::string audience;  // name of the segment, or of the export
  store::LedgerKey key;
  std::vector<RowPart> parts;
  std::optional<ledger::Ledger> ledger;
  std::optional<ledger::Rows> rows;
  Survey survey;
  std::string rebaselined;  // why the ledger began anew; empty: it did not
};

class RowsRun {
 public:
  // A segment of the export, whether it can be read or not.
  struct Segment {
    std::string name;
    std::int64_t rows = 0;
    std::optional<base::Error> fault;
  };

  RowsRun(Exports& exports, const Exports::Plan& plan, connections::ConnectionId connection_id,
          const connections::Connections::Opened& opened)
      : exports_(exports), plan_(plan), connection_id_(connection_id), opened_(opened) {}

  // The segments as they are now (EXP-63). Error "export.column_missing", "export.bad_mapping".
  base::Result<void> plan();
  // Limits of the service (EXP-32, EXP-33): of all, as an Error; of single segments as their faults.
  base::Result<void> check_limits();
  const std::vector<Segment>& segments() const { return segments_; }
  const RowMap& map() const { return *map_; }
  std::vector<RowGroup>& groups() { return groups_; }
  drivers::RowsPlan rows_plan(const RowGroup& group, std::string run_id) const;

  // Opens the ledgers, takes up what killed runs left there, and compares. Without a run it is a dry run, which changes nothing.
  base::Result<void> survey(const runs::Run* run, std::stop_token stop, const std::function<void()>& told);
  // Whether a person should look first (BEY-10, C-097).
  std::optional<runs::Approval> guard() const;

  runs::Ended execute(runs::Execution& execution);

 private:
  void add_part(RowPart part, std::size_t result);
  base::Result<void> survey(RowGroup& group, const runs::Run* run, std::stop_token stop, const std::function<void()>& told);
  base::Result<void> compare(RowGroup& group, const runs::Run* run, std::stop_token stop, const std::function<void()>& told);
  base::Result<void> open_ledger(RowGroup& group, const runs::Run* run);
  base::Result<void> deliver(RowGroup& group, runs::Execution& execution, Faults& faults, RequestLog& requests);
  void show(const RowGroup& group, const Tally& tally, runs::Execution& execution) const;
  void settle(const RowGroup& group, const Tally& tally, runs::Execution& execution, Faults& faults) const;
  base::Result<void> commit(RowGroup& group, RowDelivery& delivery, const runs::Run& run);
  void write_rejects(const RowGroup& group, const Rejects& rejects, const runs::Run& run);
  void warn(const RowGroup& group, runs::Execution& execution) const;

  Exports& exports_;
  const Exports::Plan& plan_;
  connections::ConnectionId connection_id_;
  const connections::Connections::Opened& opened_;
  std::optional<RowMap> map_;
  std::vector<Segment> segments_;
  std::vector<RowGroup> groups_;
};

}  // namespace sluice::exports
