#include "drivers/http_json/session.h"

#include <algorithm>

#include "drivers/http_json/audience.h"
#include "drivers/http_json/http_json.h"

namespace sluice::drivers::http_json {

using base::Error;
using base::Result;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kMostRateWait = std::chrono::seconds(60);  // longer: the run comes back later
constexpr milliseconds kTold = std::chrono::seconds(1);           // shorter waits are not worth telling
constexpr milliseconds kBusyLook = milliseconds(10);              // for a call that another session has in flight
constexpr std::size_t kMostWaiting = 64;                          // batches that wait: for jobs, for another try

}  // namespace

Session::Session(Context context, const Target& target, RowsPlan plan, RowEvents events)
    : context_(std::move(context)),
      service_(target.connector->http),
      plan_(std::move(plan)),
      events_(std::move(events)),
      caller_(context_, target, *service_, events_.called) {
  const Names names(target, &plan_, "upsert");
  upsert_ = compile(*service_, service_->upsert, names, false);
  if (service_->remove) remove_ = compile(*service_, *service_->remove, Names(target, &plan_, "remove"), true);
  if (service_->audience) {
    audience_id_ = text_of(plan_.settings.get(service_->audience->setting));
    if (service_->audience->find) find_ = Call(*service_, *service_->audience->find, {}, names);
    create_ = Call(*service_, service_->audience->create, {}, names);
  }
  for (std::size_t i = 0; i < plan_.columns.size(); ++i) {
    if (plan_.columns[i].identifies) identifying_.push_back(i);
  }
}

Result<void> Session::open() {
  RETURN_IF_ERROR(caller_.auth().sign_in(context_.deadline.at_most(context_.patience.stall)));
  if (!service_->audience || !audience_id_.empty()) return {};
  ASSIGN_OR_RETURN(audience_id_, find_or_make_audience(caller_, *service_->audience, find_ ? &*find_ : nullptr, *create_, plan_.audience,
                                                       context_.deadline));
  return {};
}

Result<void> Session::upsert(std::shared_ptr<const RowBlock> rows) { return take(rows, false); }
Result<void> Session::remove(std::shared_ptr<const RowBlock> rows) { return take(rows, true); }

Result<void> Session::take(const std::shared_ptr<const RowBlock>& block, bool removes) {
  if (error_) return *error_;
  if (removes && !remove_)
    return Error{.code = base::Code::unsupported, .reason = "service.cannot_remove", .detail = "The service takes no rows away again."};
  if (!filler_ || fills_removes_ != removes) {
    RETURN_IF_ERROR(seal());
    const Operation& operation = removes ? *remove_ : upsert_;
    const std::string id(32, '0');
    const std::size_t empty = operation.steps.front().call.prepare({.audience_id = audience_id_, .batch_id = id}).body.size();
    filler_.emplace(operation, identifying_, empty);
    fills_removes_ = removes;
  }
  for (std::size_t row = 0; row < block->size();) {
    switch (filler_->add(block, row)) {
      case Filler::Fit::fits:
        ++row;
        break;
      case Filler::Fit::full:
        RETURN_IF_ERROR(seal());
        break;
      case Filler::Fit::too_large: {
        const RowAnswer one{block.get(), row, RowState::rejected, "row.too_large",
                            "The row alone is larger than a call to this service may be."};
        answer({one});
        ++row;
        break;
      }
    }
  }
  return turn(false);
}

Result<void> Session::seal() {
  if (filler_ && !filler_->empty()) ready_.push_back(filler_->take());
  RETURN_IF_ERROR(turn(false));
  // A few batches wait their turn, so that a call that ends is followed by the next at once.
  while (ready_.size() > static_cast<std::size_t>(service_->parallel) || waiting_.size() > kMostWaiting) RETURN_IF_ERROR(turn(true));
  return {};
}

Result<void> Session::flush() {
  if (error_) return *error_;
  if (filler_ && !filler_->empty()) ready_.push_back(filler_->take());
  filler_.reset();
  while (!ready_.empty() || !waiting_.empty() || !sent_.empty()) RETURN_IF_ERROR(turn(true));
  tell_held();
  tell_waiting(std::nullopt);
  if (error_) return end(*std::exchange(error_, std::nullopt));
  return {};
}

// One look at everything: begins what may begin, and takes what is done.
Result<void> Session::turn(bool may_wait) {
  if (!error_ && context_.stop.stop_requested()) fail(Caller::cancelled());
  Instant wake = Instant::max();
  if (!error_) wake = begin_ready();
  if (!error_) {
    const auto now = std::chrono::steady_clock::now();
    const bool waits = may_wait && wake > now;
    const auto left = waits ? std::min<milliseconds>(std::chrono::ceil<milliseconds>(std::min(wake, now + std::chrono::hours(1)) - now),
                                                     std::chrono::minutes(1))
                            : milliseconds(0);
    for (Caller::Done& done : waits ? caller_.wait(base::Deadline::after(left)) : caller_.look()) finish(std::move(done));
  }
  if (error_) return end(*std::exchange(error_, std::nullopt));
  return {};
}

// A batch that waits for another try keeps its place among the calls in flight: a service that is down is not asked with ever new rows.
bool Session::is_blocked(const Batch& batch) const {
  if (batch.after_all && (!sent_.empty() || !waiting_.empty())) return true;
  if (batch.tries > 0 || batch.may_have_arrived) return false;
  const auto failing = std::count_if(waiting_.begin(), waiting_.end(), [](const BatchPtr& one) { return one->tries > 0; });
  return failing > 0 && static_cast<std::int64_t>(sent_.size()) + failing >= service_->parallel;
}

// The instant to look again, should nothing end before.
Instant Session::begin_ready() {
  const Instant now = std::chrono::steady_clock::now();
  Instant wake = Instant::max();
  for (std::size_t i = 0; i < waiting_.size();) {
    if (waiting_[i]->not_before > now) {
      wake = std::min(wake, waiting_[i]->not_before);
      ++i;
      continue;
    }
    ready_.push_front(std::move(waiting_[i]));
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
  }
  while (!ready_.empty() && !error_) {
    if (is_blocked(*ready_.front())) break;
    BatchPtr batch = std::move(ready_.front());
    ready_.pop_front();
    if (!begin_one(batch, wake)) {
      ready_.push_front(std::move(batch));
      break;
    }
  }
  return wake;
}

// False when the batch has to wait; `wake` says until when.
bool Session::begin_one(BatchPtr& batch, Instant& wake) {
  prepare(*batch);
  const std::uint64_t tag = next_tag_++;
  const auto rows = batch->stage == Batch::Stage::send ? static_cast<std::int64_t>(batch->rows.size()) : 0;
  auto begun = caller_.begin(batch->call, tag, rows);
  if (!begun.ok()) {
    fail(std::move(begun).error());
    return false;
  }
  if (begun->kind == Caller::Kind::begun) {
    tell_waiting(std::nullopt);
    sent_.emplace_back(tag, std::move(batch));
    return true;
  }
  const Instant now = std::chrono::steady_clock::now();
  if (begun->permit.why == Budget::Why::busy) {
    if (sent_.empty()) wake = std::min(wake, now + kBusyLook);
    return false;
  }
  const auto left = std::chrono::ceil<milliseconds>(begun->permit.at - now);
  wake = std::min(wake, begun->permit.at);
  if (sent_.empty() && left > kMostRateWait) fail(Caller::rate_limited(left));
  if (sent_.empty()) tell_waiting(left);
  return false;
}

void Session::prepare(Batch& batch) {
  if (!batch.call.url.empty()) return;
  const OperationStep& step = batch.current();
  Moment moment{.audience_id = audience_id_, .job_id = batch.job_id};
  std::string id;
  if (batch.stage == Batch::Stage::send) {
    if (batch.rows_text.empty()) render_rows(batch);
    if (step.names_batch) id = batch_id_of(plan_.run_id, batch);
    moment.rows = batch.rows_text;
    moment.batch_id = id;
    if (batch.rows.size() == 1) {
      moment.block = batch.rows[0].block;
      moment.row = batch.rows[0].row;
      if (!batch.ids.empty()) moment.id = batch.ids[0];
    }
    batch.call = step.call.prepare(moment);
    batch.rows_text = {};
    return;
  }
  const Call& call = batch.stage == Batch::Stage::poll ? *step.poll : *step.collect;
  batch.call = call.prepare(moment);
  if (batch.stage == Batch::Stage::poll && step.rule->job->poll.path == kJobAddress) batch.call.url = batch.job_id;
}

void Session::tell_waiting(std::optional<milliseconds> left) {
  const bool waits = left && *left >= kTold;
  if (waits == is_waiting_) return;
  is_waiting_ = waits;
  if (!events_.waiting) return;
  events_.waiting(waits ? std::optional(base::system_now() + *left) : std::nullopt);
}

// The first failure decides how the session ends; end() follows before the call returns.
void Session::fail(Error error) {
  if (!error_ && !is_ending_) error_ = std::move(error);
}

// Waits for what is in flight, answers what can be known, and is over.
Result<void> Session::end(Error error) {
  is_ending_ = true;
  const auto deadline = base::Deadline::after(std::chrono::seconds(service_->timeout_seconds) * 2);
  while (caller_.in_flight() > 0 && !context_.stop.stop_requested() && !deadline.passed()) {
    for (Caller::Done& done : caller_.wait(deadline)) finish(std::move(done));
  }
  for (Caller::Done& done : caller_.break_off()) finish(std::move(done));
  for (BatchPtr& batch : waiting_) forget(std::move(batch));
  for (BatchPtr& batch : ready_) forget(std::move(batch));
  waiting_.clear();
  ready_.clear();
  filler_.reset();
  if (error.reason != "service.refused") tell_held();
  held_.clear();
  tell_waiting(std::nullopt);
  error_ = std::move(error);
  return *error_;
}

// The session ends with these rows on the way.
void Session::forget(BatchPtr batch) {
  if (batch == nullptr || !batch->may_have_arrived) return;  // never sent, or not taken: left unanswered
  answer_rows(*batch, RowState::unknown, "service.no_answer", "The rows were sent, and no answer says what became of them.");
}

void Session::answer_rows(const Batch& batch, RowState state, std::string_view reason, std::string_view detail) {
  std::vector<RowAnswer> answers;
  answers.reserve(batch.rows.size());
  for (const RowRef& row : batch.rows) answers.push_back({row.block, row.row, state, reason, detail});
  answer(answers);
}

void Session::answer(const std::vector<RowAnswer>& answers) {
  if (answers.empty() || !events_.answered) return;
  auto heard = events_.answered(answers);
  if (!heard.ok()) fail(std::move(heard).error());
}

void Session::warn(std::string_view reason, std::string_view detail) {
  if (events_.warned) events_.warned(reason, detail);
}

Result<std::unique_ptr<RowSession>> open_rows(const Context& context, const Target& target, const RowsPlan& plan, RowEvents events) {
  auto session = std::make_unique<Session>(context, target, plan, std::move(events));
  RETURN_IF_ERROR(session->open());
  return std::unique_ptr<RowSession>(std::move(session));
}

}  // namespace sluice::drivers::http_json
