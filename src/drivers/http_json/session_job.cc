#include <algorithm>

#include "base/text.h"
#include "drivers/http_json/pointer.h"
#include "drivers/http_json/session.h"

namespace sluice::drivers::http_json {

using base::Error;
using base::json::Value;

namespace {

constexpr std::chrono::milliseconds kMostPause = std::chrono::seconds(30);

bool contains(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

}  // namespace

void Session::begin_job(BatchPtr batch, const net::HttpAnswer& answer, const Value& body) {
  const manifest::Job& job = *batch->current().rule->job;
  batch->may_have_arrived = true;
  if (batch->rows.empty()) return advance(std::move(batch));
  std::string id = job.header.empty() ? text_at(body, job.id) : std::string(answer.header(base::ascii_lower(job.header)).value_or(""));
  if (job.poll.path == kJobAddress) {
    // Only an address at the same place: the poll is signed like every call.
    const std::string here = origin_of(batch->call.url);
    if (id.starts_with('/')) id = here + id;
    if (origin_of(id) != here) id.clear();
  } else if (!job.header.empty()) {
    id = id.substr(id.rfind('/') + 1);  // a Location is an address; the job's id is its last part
  }
  if (id.empty()) {
    fail(Error{.code = base::Code::upstream_rejected,
               .reason = "service.bad_answer",
               .detail = "The service took the rows and did not say under which id they are worked on."});
    return forget(std::move(batch));
  }
  if (is_ending_) return forget(std::move(batch));
  batch->job_id = std::move(id);
  batch->stage = Batch::Stage::poll;
  batch->call = {};
  batch->poll_pause = std::min<std::chrono::milliseconds>(std::chrono::seconds(std::max<std::int64_t>(job.every_seconds, 0)), kMostPause);
  const Instant now = std::chrono::steady_clock::now();
  batch->job_ends = now + std::chrono::seconds(job.within_seconds);
  const Instant first = now + batch->poll_pause;
  wait_in_line(std::move(batch), first);
}

void Session::finish_poll(BatchPtr batch, const Value& body) {
  const manifest::Job& job = *batch->current().rule->job;
  const std::string state = text_at(body, job.state);
  const bool is_done = contains(job.done, state);
  if (is_done || contains(job.failed, state)) {
    if (is_done && batch->current().collect && !is_ending_) {
      batch->stage = Batch::Stage::collect;
      batch->call = {};
      return ready_.push_front(std::move(batch));
    }
    if (is_done) return finish_job(std::move(batch), body);
    // The service gave up on the whole job. What it says about rows is taken; without a word, the rows are looked at one by one.
    batch->stage = Batch::Stage::send;
    batch->call = {};
    const std::string words = words_of({}, body, caller_.mask());
    if (job.rejected && !job.rejected->request && reject_named(*batch, body, {&*job.rejected, 1}, "job." + state)) {
      if (batch->rows.empty()) return close_part(batch->split);
      return ready_.push_front(std::move(batch));
    }
    if (is_ending_) return forget(std::move(batch));
    return refuse(std::move(batch), {"job." + state, words.empty() ? "The service's job ended as " + state + "." : words});
  }
  const Instant now = std::chrono::steady_clock::now();
  if (is_ending_) return forget(std::move(batch));
  if (now >= batch->job_ends) {
    answer_rows(*batch, RowState::unknown, "service.job_not_done", "The service did not finish its work on the rows in time.");
    warn("service.job_not_done", "The service did not finish its work on " + std::to_string(batch->rows.size()) + " rows in time.");
    return close_part(batch->split);
  }
  batch->poll_pause = std::min(batch->poll_pause * 3 / 2, kMostPause);
  const Instant next = std::min(now + batch->poll_pause, batch->job_ends);
  wait_in_line(std::move(batch), next);
}

// The list may come in pages; the rows that none of them names are done only with the last one.
void Session::finish_collect(BatchPtr batch, const Value& body) {
  std::string next = next_page(*batch, body);
  if (next.empty()) return finish_job(std::move(batch), body);
  Prepared call = batch->call;
  call.url = std::move(next);
  reject_of_job(*batch, body);
  if (batch->rows.empty()) return advance(std::move(batch));
  if (is_ending_) return forget(std::move(batch));
  batch->call = std::move(call);  // as before, elsewhere; a batch that lost rows has none
  ready_.push_front(std::move(batch));
}

// Empty when `body` is the last page, or names one that is elsewhere: the call is signed like every other.
std::string Session::next_page(const Batch& batch, const Value& body) const {
  const manifest::Rejected& rule = *batch.current().rule->job->rejected;
  if (rule.next.empty()) return {};
  const std::string here = origin_of(batch.call.url);
  std::string next = text_at(body, rule.next);
  if (next.starts_with('/')) next = here + next;
  return origin_of(next) == here && next != batch.call.url ? next : std::string();
}

// `body` is where rejected rows are named.
void Session::finish_job(BatchPtr batch, const Value& body) {
  if (batch->current().rule->job->rejected) reject_of_job(*batch, body);
  advance(std::move(batch));
}

void Session::reject_of_job(Batch& batch, const Value& body) {
  manifest::Rejected rule = *batch.current().rule->job->rejected;
  rule.request.reset();
  reject_named(batch, body, {&rule, 1}, "job.rejected");
}

}  // namespace sluice::drivers::http_json
