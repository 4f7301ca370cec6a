#include "drivers/http_json/batch.h"

#include <algorithm>

#include "base/assert.h"
#include "crypto/crypto.h"

namespace sluice::drivers::http_json {

namespace {

constexpr std::size_t kMostQueryBytes = 12'000;

// Of who a row is, whatever the case; nullopt when it does not say.
std::optional<std::uint64_t> identity(const RowBlock& block, std::size_t row, const std::vector<std::size_t>& columns) {
  std::uint64_t hash = 0xcbf29ce484222325ull;
  bool any = false;
  for (const std::size_t column : columns) {
    for (const char c : block.cell(row, column).text()) {
      any = true;
      hash = (hash ^ static_cast<unsigned char>(c >= 'A' && c <= 'Z' ? c + 32 : c)) * 0x100000001b3ull;
    }
    hash = (hash ^ 0xff) * 0x100000001b3ull;
  }
  return any ? std::optional(hash) : std::nullopt;
}

Moment row_moment(const Batch& batch, std::size_t row) {
  return {.block = batch.rows[row].block, .row = batch.rows[row].row, .id = batch.ids.empty() ? std::string_view() : batch.ids[row]};
}

}  // namespace

Operation compile(const manifest::HttpService& service, const manifest::HttpOperation& operation, const Names& names, bool removes) {
  Operation out{.removes = removes, .most_bytes = static_cast<std::size_t>(std::max<std::int64_t>(1, operation.bytes))};
  for (const manifest::HttpStep& rule : operation.steps) {
    OperationStep step{
        .rule = &rule,
        .call = Call(service, rule.request, rule.row, names),
        .most_rows = static_cast<std::size_t>(std::max<std::int64_t>(1, std::min(operation.rows, rule.rows.value_or(operation.rows))))};
    if (rule.job) {
      step.poll = Call(service, rule.job->poll, {}, names);
      if (rule.job->rejected && rule.job->rejected->request) step.collect = Call(service, *rule.job->rejected->request, {}, names);
    }
    step.names_batch = step.call.names(Source::batch_id);
    out.steps.push_back(std::move(step));
  }
  return out;
}

void render_rows(Batch& batch) {
  const Call& call = batch.current().call;
  batch.rows_text.clear();
  for (std::size_t i = 0; i < batch.rows.size(); ++i) {
    if (i > 0) batch.rows_text += call.separator();
    call.append_row(batch.rows_text, row_moment(batch, i));
  }
}

std::string batch_id_of(std::string_view run_id, const Batch& batch) {
  std::string all(run_id);
  for (const RowRef& row : batch.rows) {
    const std::string_view key = row.block->key(row.row);
    const std::uint64_t numbers[] = {key.size(), row.block->payload(row.row), batch.operation->removes ? 1u : 0u};
    all.append(key).append(reinterpret_cast<const char*>(numbers), sizeof numbers);
  }
  return crypto::sha256_hex(all).substr(0, 32);
}

std::unique_ptr<Batch> part_of(const Batch& batch, std::size_t from, std::size_t to) {
  auto part = std::make_unique<Batch>();
  part->operation = batch.operation;
  part->step = batch.step;
  part->rows.assign(batch.rows.begin() + static_cast<std::ptrdiff_t>(from), batch.rows.begin() + static_cast<std::ptrdiff_t>(to));
  part->blocks = batch.blocks;
  if (!batch.ids.empty())
    part->ids.assign(batch.ids.begin() + static_cast<std::ptrdiff_t>(from), batch.ids.begin() + static_cast<std::ptrdiff_t>(to));
  part->may_have_arrived = batch.may_have_arrived;
  part->split = batch.split;
  return part;
}

void keep_rows(Batch& batch, const std::vector<bool>& kept) {
  std::size_t to = 0;
  for (std::size_t i = 0; i < batch.rows.size(); ++i) {
    if (!kept[i]) continue;
    batch.rows[to] = batch.rows[i];
    if (!batch.ids.empty() && to != i) batch.ids[to] = std::move(batch.ids[i]);
    ++to;
  }
  batch.rows.resize(to);
  if (!batch.ids.empty()) batch.ids.resize(to);
  batch.rows_text.clear();
  batch.call = {};
}

Filler::Filler(const Operation& operation, std::vector<std::size_t> identifying, std::size_t empty_bytes)
    : operation_(operation), identifying_(std::move(identifying)), empty_bytes_(empty_bytes) {
  reset(false);
}

void Filler::reset(bool after_all) {
  batch_ = std::make_unique<Batch>();
  batch_->operation = &operation_;
  batch_->after_all = after_all;
  bytes_ = empty_bytes_;
  seen_.clear();
}

std::unique_ptr<Batch> Filler::take() {
  auto out = std::move(batch_);
  reset(std::exchange(next_after_all_, false));
  return out;
}

Filler::Fit Filler::add(const std::shared_ptr<const RowBlock>& block, std::size_t row) {
  const OperationStep& step = operation_.steps.front();
  Batch& batch = *batch_;
  if (batch.rows.size() >= step.most_rows) return Fit::full;
  const auto who = identity(*block, row, identifying_);
  if (who && seen_.contains(*who)) {
    // Services refuse a person who is in a call twice; the later row has to come later, too.
    next_after_all_ = true;
    return Fit::full;
  }
  const std::size_t before = batch.rows_text.size();
  if (before == 0) batch.rows_text.reserve(std::min<std::size_t>(operation_.most_bytes, 64 * 1024));
  if (!batch.rows.empty()) batch.rows_text += step.call.separator();
  step.call.append_row(batch.rows_text, {.block = block.get(), .row = row});
  const std::size_t limit = step.call.has_rows_in_query() ? kMostQueryBytes : operation_.most_bytes;
  bytes_ += step.call.wire_bytes(std::string_view(batch.rows_text).substr(before));
  if (bytes_ > limit) {
    batch.rows_text.resize(before);
    if (batch.rows.empty()) {
      bytes_ = empty_bytes_;
      return Fit::too_large;
    }
    return Fit::full;
  }
  if (who) seen_.insert(*who);
  batch.rows.push_back({block.get(), static_cast<std::uint32_t>(row)});
  if (batch.blocks.empty() || batch.blocks.back() != block) batch.blocks.push_back(block);
  return Fit::fits;
}

}  // namespace sluice::drivers::http_json
