#include "features/exports/row_delivery.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace sluice::exports {

namespace {

using base::Error;
using base::Result;
using drivers::RowBlock;

constexpr std::size_t kBlocksInFlight = 4;
constexpr std::size_t kBlockRows = 1'000;
constexpr std::size_t kBlockBytes = std::size_t{512} << 10;
// A checkpoint waits for the disk, and what is answered between two of them a kill makes us send twice: so they come as often as
// leaves four fifths of the time for sending.
constexpr int kSendingPerCheckpoint = 4;
constexpr std::chrono::milliseconds kLeastBetween{2};
constexpr std::chrono::milliseconds kMostBetween{200};

bool is_full(const RowBlock& block) { return block.size() >= kBlockRows || block.bytes() >= kBlockBytes; }

ledger::Answer answer_of(drivers::RowState state) {
  switch (state) {
    case drivers::RowState::acknowledged:
      return ledger::Answer::acknowledged;
    case drivers::RowState::rejected:
      return ledger::Answer::rejected;
    case drivers::RowState::unknown:
      return ledger::Answer::unknown;
  }
  return ledger::Answer::unknown;
}

}  // namespace

RowDelivery::RowDelivery(Job job, ledger::Writer writer, std::stop_token stop, std::function<void()> told)
    : job_(std::move(job)), writer_(std::move(writer)), stop_(std::move(stop)), told_(std::move(told)) {
  tally_.parts.resize(job_.parts.size());
}

drivers::RowEvents RowDelivery::events() {
  drivers::RowEvents events;
  events.answered = [this](std::span<const drivers::RowAnswer> answers) { return hear(answers); };
  events.sent = [this](std::int64_t bytes) { tally_.bytes += bytes; };
  return events;
}

void RowDelivery::count(const drivers::RowAnswer& answer) {
  const bool is_refused = answer.state == drivers::RowState::rejected;
  if (is_refused && tally_.first_reason.empty()) {
    tally_.first_reason = answer.reason;
    tally_.first_answer = answer.detail;
  }
  if (operation_ == ledger::Operation::remove) {
    tally_.removed += answer.state == drivers::RowState::acknowledged ? 1 : 0;
    tally_.removals_refused += is_refused ? 1 : 0;
    return;
  }
  const std::int64_t number = answer.block->number(answer.row);
  PartTally& part = tally_.parts[part_of(number)];
  part.sent += answer.state == drivers::RowState::acknowledged ? 1 : 0;
  part.rejected += is_refused ? 1 : 0;
  part.unknown += answer.state == drivers::RowState::unknown ? 1 : 0;
  if (is_refused) rejects_.add(number, answer.reason, answer.detail);
}

Result<void> RowDelivery::hear(std::span<const drivers::RowAnswer> answers) {
  for (const drivers::RowAnswer& answer : answers) {
    RETURN_IF_ERROR(writer_.add({.key = answer.block->key(answer.row),
                                 .payload = answer.block->payload(answer.row),
                                 .operation = operation_,
                                 .answer = answer_of(answer.state),
                                 .reason = answer.reason.substr(0, ledger::kLongestReason)}));
    count(answer);
  }
  const auto begun = std::chrono::steady_clock::now();
  if (begun < next_checkpoint_) return {};
  RETURN_IF_ERROR(writer_.checkpoint());
  const auto ended = std::chrono::steady_clock::now();
  next_checkpoint_ =
      ended + std::clamp<std::chrono::steady_clock::duration>(kSendingPerCheckpoint * (ended - begun), kLeastBetween, kMostBetween);
  told_();
  return {};
}

Result<void> RowDelivery::make_rows(bool owed, Blocks& blocks, std::stop_token stop) const {
  RowMaker maker(job_.map);
  auto block = std::make_shared<RowBlock>(job_.map.columns().size());
  for (std::size_t i = 0; i < job_.parts.size(); ++i) {
    const std::vector<bool>& marked = owed ? job_.survey.parts[i].owed : job_.survey.parts[i].fresh;
    if (std::find(marked.begin(), marked.end(), true) == marked.end()) continue;
    ASSIGN_OR_RETURN(const NextRow next, job_.parts[i].open());
    for (std::size_t place = 0; place < marked.size(); ++place) {
      ASSIGN_OR_RETURN(const auto row, next());
      if (row.empty()) break;
      if (!marked[place]) continue;
      const RowMaker::Made& made = maker.make(row);
      if (!made.fault.empty()) continue;
      block->add(row_number(i, static_cast<std::int64_t>(place) + 1), made.key, job_.ledger.payload_hash(made.payload), made.cells);
      if (!is_full(*block)) continue;
      RETURN_IF_ERROR(blocks.push(std::move(block), stop));
      block = std::make_shared<RowBlock>(job_.map.columns().size());
    }
  }
  return block->size() == 0 ? Result<void>() : blocks.push(std::move(block), stop);
}

Result<void> RowDelivery::upsert(drivers::RowSession& session, bool owed) {
  Blocks blocks(kBlocksInFlight);
  std::stop_source halt;
  const std::stop_callback forward(stop_, [&] { halt.request_stop(); });
  std::jthread maker([&] {
    auto made = make_rows(owed, blocks, halt.get_token());
    if (made.ok())
      blocks.close();
    else
      blocks.fail(std::move(made).error());
  });
  const auto send = [&]() -> Result<void> {
    for (;;) {
      ASSIGN_OR_RETURN(auto block, blocks.pop(halt.get_token()));
      if (!block) return session.flush();
      RETURN_IF_ERROR(session.upsert(*std::move(block)));
    }
  };
  auto sent = send();
  halt.request_stop();
  return sent;
}

Result<void> RowDelivery::remove(drivers::RowSession& session) {
  if (!job_.is_mine()) return data::cancelled();
  operation_ = ledger::Operation::remove;
  auto block = std::make_shared<RowBlock>(job_.map.columns().size());
  const auto on_change = [&](const ledger::Change& change) -> Result<void> {
    if (stop_.stop_requested()) return data::cancelled();
    if (change.kind == ledger::Change::Kind::vanished)
      return writer_.add({.key = change.key, .operation = ledger::Operation::remove, .answer = ledger::Answer::acknowledged});
    if (change.kind != ledger::Change::Kind::removed) return {};
    block->add(0, change.key, change.payload, job_.map.cells_of_key(change.key));
    if (!is_full(*block)) return {};
    RETURN_IF_ERROR(session.remove(std::move(block)));
    block = std::make_shared<RowBlock>(job_.map.columns().size());
    return {};
  };
  RETURN_IF_ERROR(job_.ledger.diff(job_.rows, on_change));
  if (block->size() > 0) RETURN_IF_ERROR(session.remove(std::move(block)));
  return session.flush();
}

Result<void> RowDelivery::run(drivers::RowSession& session) {
  RETURN_IF_ERROR(upsert(session, false));
  if (job_.survey.owed > 0) RETURN_IF_ERROR(upsert(session, true));
  if (job_.mode == Mode::mirror && !job_.is_partial) RETURN_IF_ERROR(remove(session));
  return {};
}

Result<ledger::Committed> RowDelivery::commit() {
  RETURN_IF_ERROR(writer_.checkpoint());
  return job_.ledger.commit(writer_);
}

}  // namespace sluice::exports
