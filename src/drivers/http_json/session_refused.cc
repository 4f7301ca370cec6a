#include <algorithm>
#include <bit>

#include "drivers/http_json/session.h"

namespace sluice::drivers::http_json {

using base::Error;

namespace {

constexpr std::size_t kBadRows = 8;  // so many of a batch are found for certain
constexpr int kAllRefused = 2;       // batches without a single row accepted, at the beginning: it is not the rows

std::size_t calls_for(std::size_t rows) { return 2 * static_cast<std::size_t>(std::bit_width(rows - 1)) * kBadRows; }

}  // namespace

// A row of the batch is to blame, and the service does not say which.
void Session::refuse(BatchPtr batch, const Refusal& refusal) {
  if (batch->rows.size() == 1) return reject_all(std::move(batch), refusal, true);
  if (!batch->split) {
    batch->split = std::make_shared<Split>();
    batch->split->calls_left = calls_for(batch->rows.size());
  }
  if (batch->split->calls_left < 2) return reject_all(std::move(batch), refusal, false);
  batch->split->calls_left -= 2;
  halve(std::move(batch));
}

void Session::halve(BatchPtr batch) {
  ++batch->split->open;
  const std::size_t middle = batch->rows.size() / 2;
  ready_.push_front(part_of(*batch, middle, batch->rows.size()));
  ready_.push_front(part_of(*batch, 0, middle));
}

void Session::reject_all(BatchPtr batch, const Refusal& refusal, bool is_alone) {
  Refusal told = refusal;
  if (!is_alone) told.words = "Refused together with other rows, among which the bad ones could not be told apart. " + told.words;
  for (const RowRef& row : batch->rows) {
    const auto block = std::find_if(batch->blocks.begin(), batch->blocks.end(), [&](const auto& one) { return one.get() == row.block; });
    held_.push_back({*block, row, told});
  }
  if (any_accepted_ || !batch->split) tell_held();
  close_part(batch->split);
}

// One part of a halved batch has its answer.
void Session::close_part(const std::shared_ptr<Split>& split) {
  if (!split || --split->open > 0 || split->accepted || any_accepted_) return;
  if (++all_refused_ < kAllRefused) return;
  fail(
      Error{.code = base::Code::upstream_rejected,
            .reason = "service.refused",
            .detail = "The service refuses every row, alone too. " +
                      (held_.empty() ? std::string() : "It says: " + held_.back().refusal.words + " (" + held_.back().refusal.code + ")")});
}

void Session::note_accepted(const std::shared_ptr<Split>& split) {
  if (split) split->accepted = true;
  any_accepted_ = true;
  if (!held_.empty()) tell_held();
}

void Session::tell_held() {
  std::vector<Held> held = std::exchange(held_, {});
  std::vector<RowAnswer> answers;
  for (const Held& one : held) answers.push_back({one.row.block, one.row.row, RowState::rejected, one.refusal.code, one.refusal.words});
  answer(answers);
}

}  // namespace sluice::drivers::http_json
