#include <algorithm>

#include "drivers/http_json/pointer.h"
#include "drivers/http_json/session.h"

namespace sluice::drivers::http_json {

using base::Error;
using base::json::Value;
using manifest::Means;
using std::chrono::milliseconds;

namespace {

constexpr int kMostTries = 5;
constexpr int kMostLimits = 30;  // refusals for the rate of one and the same call
constexpr milliseconds kMostWait = std::chrono::seconds(60);

}  // namespace

void Session::finish(Caller::Done done) {
  const auto at = std::find_if(sent_.begin(), sent_.end(), [&](const auto& one) { return one.first == done.tag; });
  BASE_ASSERT(at != sent_.end());
  BatchPtr batch = std::move(at->second);
  sent_.erase(at);
  if ((done.answer.ok() || done.is_sent) && events_.sent) events_.sent(static_cast<std::int64_t>(batch->call.body.size()));
  if (done.answer.ok()) {
    finish_answer(std::move(batch), done);
  } else {
    finish_error(std::move(batch), done);
  }
}

void Session::finish_error(BatchPtr batch, const Caller::Done& done) {
  batch->may_have_arrived = batch->may_have_arrived || done.is_sent;
  const Error& error = done.answer.error();
  if (!is_ending_ && error.code == base::Code::upstream_unavailable) return retry(std::move(batch), error);
  fail(error);
  forget(std::move(batch));
}

void Session::finish_answer(BatchPtr batch, const Caller::Done& done) {
  const net::HttpAnswer& answer = *done.answer;
  const manifest::HttpStep& rule = *batch->current().rule;
  const bool is_read = batch->stage != Batch::Stage::send || !rule.rejected.empty() || rule.ids || rule.job || !rule.rejected_count.empty();
  const bool is_2xx = answer.status >= 200 && answer.status < 300;
  auto parsed = is_2xx && !is_read && service_->errors.empty() ? base::Result<Value>(Value()) : parse_body(answer);
  const Value nothing;
  const Value& body = parsed.ok() ? *parsed : nothing;
  const Verdict verdict = judge(*service_, answer, body, caller_.mask());
  if (verdict.is_success) {
    if (parsed.ok() || !is_read) return accept(std::move(batch), answer, body);
    batch->may_have_arrived = true;
    return retry(std::move(batch), parsed.error());
  }
  if (is_ending_) {
    batch->may_have_arrived = batch->may_have_arrived || verdict.means == Means::transient || batch->stage != Batch::Stage::send;
    return forget(std::move(batch));
  }
  Error error = error_of(verdict, answer, base::system_now());
  switch (verdict.means) {
    case Means::rate_limited:
      return wait_for_rate(std::move(batch), error);
    case Means::transient:
      batch->may_have_arrived = true;
      return retry(std::move(batch), std::move(error));
    case Means::credentials:
      if (batch->renewals++ == 0 && caller_.auth().renew(done.generation)) return ready_.push_front(std::move(batch));
      break;
    case Means::rows:
      if (batch->stage != Batch::Stage::send) break;
      if (reject_named(*batch, body, batch->current().rule->rejected, verdict.code)) {
        if (batch->rows.empty()) return close_part(batch->split);
        return ready_.push_front(std::move(batch));
      }
      return refuse(std::move(batch), {verdict.code, verdict.words});
    case Means::missing:
      // A job may take a moment to be found.
      if (batch->stage == Batch::Stage::poll) return retry(std::move(batch), std::move(error));
      break;
    case Means::permission:
    case Means::refused:
    case Means::partial:
      break;
  }
  fail(std::move(error));
  if (batch->stage != Batch::Stage::send) batch->may_have_arrived = true;
  forget(std::move(batch));
}

void Session::accept(BatchPtr batch, const net::HttpAnswer& answer, const Value& body) {
  batch->tries = batch->limits = batch->renewals = 0;
  if (batch->stage == Batch::Stage::poll) return finish_poll(std::move(batch), body);
  if (batch->stage == Batch::Stage::collect) return finish_collect(std::move(batch), body);
  const manifest::HttpStep& rule = *batch->current().rule;
  reject_named(*batch, body, rule.rejected, "http." + std::to_string(answer.status));
  if (!rule.rejected_count.empty()) {
    const std::string count = text_at(body, rule.rejected_count);
    if (!count.empty() && count != "0")
      warn("service.rows_not_valid", "The service says that " + count + " rows of a call were not valid. It does not say which.");
  }
  if (rule.job) return begin_job(std::move(batch), answer, body);
  if (rule.ids) drop_without_id(*batch, body);
  advance(std::move(batch));
}

// Answers the rows that the service says no to, and takes them out. True when there was one.
bool Session::reject_named(Batch& batch, const Value& body, std::span<const manifest::Rejected> rules, const std::string& status) {
  Rejections found;
  for (const manifest::Rejected& rule : rules) {
    if (!rule.request) find_rejected(rule, body, batch.rows, plan_.columns, caller_.mask(), found);
  }
  if (found.unmatched > 0) tell_unmatched(found);
  if (found.rows.empty()) return false;
  std::vector<RowAnswer> answers;
  std::vector<bool> kept(batch.rows.size(), true);
  for (const RejectedRow& one : found.rows) {
    kept[one.row] = false;
    const std::string_view reason = one.reason.empty() ? std::string_view(status) : std::string_view(one.reason);
    answers.push_back({batch.rows[one.row].block, batch.rows[one.row].row, RowState::rejected, reason, one.detail});
  }
  answer(answers);
  keep_rows(batch, kept);
  return true;
}

void Session::tell_unmatched(const Rejections& rejections) {
  warn("service.rejected_others", "The service says no to " + std::to_string(rejections.unmatched) +
                                      " rows that it does not name so that they could be found. About one: " + rejections.example);
}

// Keeps the ids that the answer gives. A row without one is done when it is removed (it is not there), and rejected otherwise.
void Session::drop_without_id(Batch& batch, const Value& body) {
  const manifest::Ids& rule = *batch.current().rule->ids;
  batch.ids = find_ids(rule, body, batch.rows, plan_.columns);
  std::vector<RowAnswer> answers;
  std::vector<bool> kept(batch.rows.size(), true);
  const bool is_done = batch.operation->removes || rule.skip_missing;
  for (std::size_t i = 0; i < batch.rows.size(); ++i) {
    if (!batch.ids[i].empty()) continue;
    kept[i] = false;
    answers.push_back({batch.rows[i].block, batch.rows[i].row, is_done ? RowState::acknowledged : RowState::rejected,
                       is_done ? "" : "not_found", is_done ? "" : "The service does not know this row."});
  }
  if (!answers.empty()) {
    answer(answers);
    keep_rows(batch, kept);
  }
}

// The rows that are left made it through the step.
void Session::advance(BatchPtr batch) {
  note_accepted(batch->split);
  const bool is_last = batch->step + 1 == batch->operation->steps.size();
  if (batch->rows.empty() || is_last) {
    answer_rows(*batch, RowState::acknowledged, "", "");
    return close_part(batch->split);
  }
  if (is_ending_) {
    batch->may_have_arrived = true;
    return forget(std::move(batch));
  }
  ++batch->step;
  batch->stage = Batch::Stage::send;
  batch->call = {};
  batch->rows_text.clear();
  batch->job_id.clear();
  const std::size_t most = batch->current().most_rows;
  const std::size_t parts = (batch->rows.size() + most - 1) / most;
  if (batch->split) batch->split->open += parts - 1;
  for (std::size_t part = parts; part-- > 0;) {
    auto next = part_of(*batch, part * most, std::min(batch->rows.size(), (part + 1) * most));
    // A search changes nothing at the service; anything else may have.
    next->may_have_arrived = true;
    ready_.push_front(std::move(next));
  }
}

void Session::wait_in_line(BatchPtr batch, Instant until) {
  batch->not_before = until;
  waiting_.push_back(std::move(batch));
}

void Session::retry(BatchPtr batch, Error error) {
  const milliseconds asked = error.retry_after.value_or(milliseconds(0));
  if (is_ending_ || ++batch->tries > kMostTries || asked > kMostWait) {
    // Whatever kept the answers away, this is what the run is to know.
    if (error.reason.starts_with("net.") && batch->tries > kMostTries) {
      error.reason = "service.unavailable";
      error.detail += " It was tried " + std::to_string(batch->tries) + " times.";
    }
    fail(std::move(error));
    return forget(std::move(batch));
  }
  const Instant again = std::chrono::steady_clock::now() + std::max(asked, caller_.pause(batch->tries));
  wait_in_line(std::move(batch), again);
}

void Session::wait_for_rate(BatchPtr batch, const Error& error) {
  const int limits = ++batch->limits;
  const milliseconds asked = error.retry_after.value_or(caller_.pause(limits + 1));
  const Instant until = std::chrono::steady_clock::now() + asked;
  caller_.budget().hold(until);
  if (asked > kMostWait || limits > kMostLimits) {
    Error last = error;
    last.retry_after = std::max(asked, milliseconds(1));
    fail(std::move(last));
    return forget(std::move(batch));
  }
  ready_.push_front(std::move(batch));
}

}  // namespace sluice::drivers::http_json
