// Sends the rows of a survey through one session and notes every answer in the ledger before anything else relies on it. Two
// threads: one reads and makes rows, the caller's sends them and hears the answers. Private to this folder.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "data/hand_over.h"
#include "drivers/driver.h"
#include "features/exports/rejects.h"
#include "features/exports/row_map.h"
#include "features/exports/row_survey.h"
#include "features/ledger/ledger.h"

namespace sluice::exports {

// What became of the rows, by part where that is known.
struct PartTally {
  std::int64_t sent = 0;
  std::int64_t rejected = 0;
  std::int64_t unknown = 0;
};
struct Tally {
  std::vector<PartTally> parts;
  std::int64_t removed = 0;
  std::int64_t removals_refused = 0;
  std::int64_t bytes = 0;
  std::string first_reason, first_answer;  // of the first row that was refused
};

class RowDelivery {
 public:
  struct Job {
    const RowMap& map;
    const std::vector<RowPart>& parts;
    const Survey& survey;
    const ledger::Rows& rows;  // as surveyed
    ledger::Ledger& ledger;
    Mode mode = Mode::full;
    bool is_partial = false;        // the rows are not all there are: nothing is removed
    std::function<bool()> is_mine;  // asked before anything is taken away: without the lease another node may be delivering
  };
  // `told` is called after each durable step, some fifty times a second: a person may look, and a stop may be heard.
  RowDelivery(Job job, ledger::Writer writer, std::stop_token stop, std::function<void()> told);

  // To be given to the session, which must not outlive this.
  drivers::RowEvents events();
  // Upserts, then removals with Mode::mirror. An error is one of the way, the service or the ledger; what was answered by then is
  // noted. Call commit() in any case.
  base::Result<void> run(drivers::RowSession& session);
  base::Result<ledger::Committed> commit();

  const Tally& tally() const { return tally_; }
  const Rejects& rejects() const { return rejects_; }

 private:
  using Blocks = data::HandOver<std::shared_ptr<const drivers::RowBlock>>;
  base::Result<void> make_rows(bool owed, Blocks& blocks, std::stop_token stop) const;
  base::Result<void> upsert(drivers::RowSession& session, bool owed);
  base::Result<void> remove(drivers::RowSession& session);
  base::Result<void> hear(std::span<const drivers::RowAnswer> answers);
  void count(const drivers::RowAnswer& answer);

  Job job_;
  ledger::Writer writer_;
  std::stop_token stop_;
  std::function<void()> told_;
  ledger::Operation operation_ = ledger::Operation::send;
  Tally tally_;
  Rejects rejects_;
  std::chrono::steady_clock::time_point next_checkpoint_{};
};

}  // namespace sluice::exports
