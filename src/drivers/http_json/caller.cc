#include "drivers/http_json/caller.h"

#include <algorithm>
#include <thread>

#include "base/assert.h"
#include "base/random.h"
#include "drivers/http_json/answer.h"

namespace sluice::drivers::http_json {

using base::Error;
using base::Result;
using manifest::Means;
using std::chrono::milliseconds;

namespace {

constexpr std::int64_t kRecordedWhole = 50;  // later calls without bodies, unless they failed
constexpr std::size_t kMostBody = 2048;
constexpr std::size_t kMostUrl = 2000;
constexpr std::size_t kMostAnswer = 32 << 20;
constexpr int kMostTries = 5;
constexpr milliseconds kMostWait = std::chrono::seconds(60);

int connections_of(const manifest::HttpService& service) { return static_cast<int>(std::clamp<std::int64_t>(service.parallel, 1, 64)); }

}  // namespace

Caller::Caller(const Context& context, const Target& target, const manifest::HttpService& service,
               std::function<void(RequestRecord&&)> called)
    : context_(context),
      service_(service),
      called_(std::move(called)),
      mask_(target),
      auth_(context, target, service, mask_),
      budget_(Budget::of(target.connection_id)),
      pool_(*context.guard, *context.trust, {.connections = connections_of(service), .connect = context.patience.handshake}, context.stop) {
  auth_.called = called_;
  budget_->join();
}

Caller::~Caller() {
  for (std::size_t i = 0; i < calls_.size(); ++i) budget_->finish();
  budget_->leave();
}

milliseconds Caller::pause(int tries) const {
  const milliseconds first = context_.patience.retry;
  const milliseconds whole = std::min(first * (1 << std::clamp(tries - 1, 0, 10)), first * 60);
  // Spread, so that several sessions do not come back at the same instant.
  return std::chrono::duration_cast<milliseconds>(whole * (0.75 + 0.5 * base::random_fraction()));
}

Result<Caller::Begun> Caller::begin(const Prepared& call, std::uint64_t tag, std::int64_t rows) {
  // The token first: fetching one is a call of its own and may take a while.
  RETURN_IF_ERROR(auth_.sign_in(base::Deadline::after(context_.patience.stall)));
  const Budget::Permit permit =
      budget_->begin(std::chrono::steady_clock::now(), service_.per_second, connections_of(service_), static_cast<int>(calls_.size()));
  if (permit.why != Budget::Why::go) return Begun{Kind::later, permit};
  Open open{.tag = tag, .rows = rows, .call = &call, .at = base::system_now()};
  Prepared head{.method = call.method, .url = call.url, .headers = call.headers};
  if (service_.auth.kind == manifest::AuthKind::signature) head.body = call.body;
  open.generation = auth_.sign(head);
  const net::PoolRequest request{.method = call.method,
                                 .url = head.url,
                                 .headers = head.headers,
                                 .body = call.body,
                                 .has_body = call.has_body,
                                 .timeout = std::chrono::seconds(service_.timeout_seconds),
                                 .most_answer_bytes = kMostAnswer};
  auto started = pool_.start(request, tag);
  if (!started.ok()) {
    budget_->finish();
    return std::move(started).error();
  }
  open.url = std::move(head.url);
  open.headers = std::move(head.headers);
  calls_.push_back(std::move(open));
  return Begun{};
}

std::vector<Caller::Done> Caller::wait(base::Deadline deadline) { return take(pool_.wait(deadline)); }
std::vector<Caller::Done> Caller::look() { return take(pool_.look()); }
std::vector<Caller::Done> Caller::break_off() { return take(pool_.break_off()); }

std::vector<Caller::Done> Caller::take(std::vector<net::PoolDone> done) {
  std::vector<Done> out;
  for (net::PoolDone& one : done) {
    const auto at = std::find_if(calls_.begin(), calls_.end(), [&](const Open& open) { return open.tag == one.tag; });
    BASE_ASSERT(at != calls_.end());
    budget_->finish();
    if (one.answer.ok()) budget_->note(*one.answer, std::chrono::steady_clock::now(), base::system_now());
    if (called_) record(*at, one);
    out.push_back({one.tag, std::move(one.answer), one.is_sent, at->generation});
    calls_.erase(at);
  }
  return out;
}

std::string Caller::header_lines(const std::vector<net::HttpHeader>& headers) const {
  std::string out;
  for (const auto& [name, value] : headers) {
    if (!is_secret_header(name)) out += name + ": " + value + "\n";
  }
  return mask_.text(out, kMostBody);
}

void Caller::record(const Open& open, const net::PoolDone& done) {
  RequestRecord record{.at = open.at,
                       .method = open.call->method,
                       .url = mask_.text(open.url, kMostUrl),
                       .duration_ms = done.took.count(),
                       .rows = open.rows,
                       .request_bytes = static_cast<std::int64_t>(open.call->body.size())};
  bool whole = ++recorded_ <= kRecordedWhole;
  if (done.answer.ok()) {
    record.status = done.answer->status;
    record.answer_bytes = static_cast<std::int64_t>(done.answer->body.size());
    whole = whole || record.status >= 300;
  } else {
    record.error = mask_.text(done.answer.error().detail, 500);
    whole = true;
  }
  if (whole) {
    record.request_headers = header_lines(open.headers);
    record.request_body = mask_.text(open.call->body, kMostBody);
    if (done.answer.ok()) {
      record.answer_headers = header_lines(done.answer->headers);
      record.answer_body = mask_.text(done.answer->body, kMostBody);
    }
  }
  called_(std::move(record));
}

Error Caller::cancelled() {
  return {.code = base::Code::cancelled, .reason = "net.cancelled", .detail = "Stopped while calling the service."};
}

// Makes one try. Empty when it could not be begun yet.
Result<std::optional<Caller::Done>> Caller::attempt(const Prepared& call, base::Deadline deadline) {
  ASSIGN_OR_RETURN(const Begun begun, begin(call, 0, 0));
  auto until = deadline;
  if (begun.kind == Kind::later) {
    const bool is_rate = begun.permit.why == Budget::Why::rate;
    const auto left = is_rate ? std::chrono::ceil<milliseconds>(begun.permit.at - std::chrono::steady_clock::now()) : milliseconds(20);
    if (left > kMostWait || left > deadline.remaining()) return rate_limited(left);
    until = deadline.at_most(left);
  }
  auto done = wait(until);
  if (context_.stop.stop_requested()) {
    break_off();
    return cancelled();
  }
  if (done.empty() && begun.kind == Kind::begun) {
    break_off();
    return Error{.code = base::Code::upstream_unavailable, .reason = "net.timeout", .detail = "The service did not answer in time."};
  }
  if (done.empty()) return std::optional<Done>();
  return std::optional(std::move(done.front()));
}

Result<net::HttpAnswer> Caller::perform(const Prepared& call, base::Deadline deadline) {
  int tries = 0, renewals = 0;
  for (;;) {
    ASSIGN_OR_RETURN(std::optional<Done> done, attempt(call, deadline));
    if (!done) continue;
    Error error;
    if (done->answer.ok()) {
      const auto body = parse_body(*done->answer);
      const base::json::Value nothing;
      const Verdict verdict = judge(service_, *done->answer, body.ok() ? *body : nothing, mask_);
      if (verdict.is_success) return *std::move(done->answer);
      if (verdict.means == Means::credentials && renewals++ == 0 && auth_.renew(done->generation)) continue;
      if (verdict.means != Means::transient && verdict.means != Means::rate_limited) return *std::move(done->answer);
      error = error_of(verdict, *done->answer, base::system_now());
    } else {
      error = std::move(done->answer).error();
      if (error.code != base::Code::upstream_unavailable) return error;
    }
    const milliseconds asked = error.retry_after.value_or(milliseconds(0));
    if (++tries > kMostTries || asked > kMostWait) return error;
    const milliseconds pausing = std::max(asked, pause(tries));
    if (pausing > deadline.remaining()) return error;
    const Instant again = std::chrono::steady_clock::now() + pausing;
    if (error.code == base::Code::rate_limited) budget_->hold(again);
    wait(base::Deadline::after(std::chrono::ceil<milliseconds>(again - std::chrono::steady_clock::now())));
    if (context_.stop.stop_requested()) return cancelled();
  }
}

Error Caller::rate_limited(milliseconds wait) {
  Error error = error_of({.means = Means::rate_limited}, {.status = 429}, base::system_now());
  error.retry_after = wait;
  return error;
}

}  // namespace sluice::drivers::http_json
