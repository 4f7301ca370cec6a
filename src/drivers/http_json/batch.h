// Rows on their way to a service: a batch is what goes out in one call, and goes through the steps of an operation.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "drivers/http_json/answer.h"
#include "drivers/http_json/budget.h"
#include "drivers/http_json/request.h"

namespace sluice::drivers::http_json {

// What a step of an operation needs, compiled.
struct OperationStep {
  const manifest::HttpStep* rule = nullptr;
  Call call;
  std::optional<Call> poll, collect;  // of its job
  std::size_t most_rows = 1;
  bool names_batch = false;  // the batch id has to be computed
};

struct Operation {
  bool removes = false;
  std::size_t most_bytes = 0;
  std::vector<OperationStep> steps;
};

// `base` outlives the operation; nothing of `names` is kept.
Operation compile(const manifest::HttpService& service, const manifest::HttpOperation& operation, const Names& names, bool removes);

// The parts of a batch that was refused as a whole and halved (BEY-15). Shared by them.
struct Split {
  std::size_t calls_left = 0;  // extra ones that may still be made
  std::size_t open = 1;        // parts without an answer
  bool accepted = false;       // some part was
};

struct Batch {
  enum class Stage : std::uint8_t { send, poll, collect };

  const Operation* operation = nullptr;
  std::size_t step = 0;
  Stage stage = Stage::send;
  std::vector<RowRef> rows;
  std::vector<std::shared_ptr<const RowBlock>> blocks;  // keep the rows alive
  std::vector<std::string> ids;                         // of the rows, once a step found them
  std::string rows_text;                                // as the step sends them; empty until rendered
  bool after_all = false;                               // a row repeats an earlier one: waits for everything before it
  Prepared call;                                        // empty URL: to be made
  Instant not_before{};
  int tries = 0, renewals = 0, limits = 0;
  bool may_have_arrived = false;  // it was sent, and no answer says that it was not taken
  std::shared_ptr<Split> split;
  std::string job_id;
  Instant job_ends{};
  std::chrono::milliseconds poll_pause{};

  const OperationStep& current() const { return operation->steps[step]; }
};

// Renders the rows for the current step.
void render_rows(Batch& batch);
// The same for the same rows of the same run, whenever they are sent.
std::string batch_id_of(std::string_view run_id, const Batch& batch);
// Takes rows [from, to) into a new batch at the same step.
std::unique_ptr<Batch> part_of(const Batch& batch, std::size_t from, std::size_t to);
// Only these rows stay, in their order; the text is rendered anew.
void keep_rows(Batch& batch, const std::vector<bool>& kept);

// Fills batches with rows, cut by count and bytes.
class Filler {
 public:
  // `empty_bytes`: of a body without rows.
  Filler(const Operation& operation, std::vector<std::size_t> identifying, std::size_t empty_bytes);

  enum class Fit : std::uint8_t { fits, full, too_large };
  // `full`: take() first, then add it again. `too_large`: it fits nowhere.
  Fit add(const std::shared_ptr<const RowBlock>& block, std::size_t row);
  bool empty() const { return batch_->rows.empty(); }
  std::unique_ptr<Batch> take();

 private:
  void reset(bool after_all);

  const Operation& operation_;
  std::vector<std::size_t> identifying_;
  std::size_t empty_bytes_;
  std::size_t bytes_ = 0;
  std::unique_ptr<Batch> batch_;
  std::unordered_set<std::uint64_t> seen_;
  bool next_after_all_ = false;
};

}  // namespace sluice::drivers::http_json
