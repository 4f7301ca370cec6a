// How a connection takes in the body of a request that fits into memory. The route decides the limit before the first byte is
// read.
#include "base/text.h"
#include "http/connection.h"

namespace sluice::http {

namespace {

constexpr std::size_t kFirstRoom = 64 * 1024;

base::Error too_large(std::uint64_t limit) {
  return {.code = base::Code::too_large,
          .reason = "request.body_too_large",
          .detail = "The body is larger than " + std::to_string(limit) + " bytes."};
}

}  // namespace

Task<Connection::Step> Connection::read_body() {
  const RouteOptions& options = io_.shared().router.info(*row_).options;
  const auto expect = call_.header("expect");
  if (expect && !base::equals_ignoring_case(*expect, "100-continue")) {
    co_return fail({.code = base::Code::invalid,
                    .reason = "request.bad_expectation",
                    .detail = "The only expectation that is understood is 100-continue."});
  }
  const auto length = parser_->length();
  if (length && *length > options.body_limit) co_return fail(too_large(options.body_limit));
  chunks_ = ChunkDecoder(options.body_limit);
  if (options.spool) {
    const Step admitted = co_await admit();
    if (admitted != Step::go_on) co_return admitted;
  }
  if (expect && http11_ && parser_->has_body() && buffer_.empty()) {
    const bool sent = co_await write_all("HTTP/1.1 100 Continue\r\n\r\n", {});
    if (!sent) co_return Step::hang_up;
  }
  Step step = Step::go_on;
  // A spooled body may take as long as it likes while it moves.
  body_deadline_ = options.spool ? SteadyClock::time_point::max() : io_.now() + 4 * io_.shared().options.body_idle_timeout;
  if (options.spool)
    step = co_await spool_body();
  else if (length)
    step = co_await read_sized(*length);
  else if (parser_->has_body())
    step = co_await read_chunked();
  if (step == Step::go_on) body_pending_ = false;
  co_return step;
}

void Connection::expect_body_bytes() {
  enter(Phase::body, io_.shared().options.body_idle_timeout);
  deadline_ = std::min(deadline_, body_deadline_);
}

Connection::Step Connection::body_ended_early() {
  if (left_) return Step::hang_up;
  if (expired_) return fail({.code = base::Code::invalid, .reason = "request.body_timeout", .detail = "The body took too long to arrive."});
  return fail({.code = base::Code::invalid, .reason = "request.incomplete_body", .detail = "The body ended early."});
}

Task<Connection::Step> Connection::read_sized(std::uint64_t length) {
  std::string& body = call_.body;
  const std::size_t wanted = static_cast<std::size_t>(length);
  const std::size_t here = std::min(wanted, buffer_.size());
  body.assign(buffer_.view().substr(0, here));
  buffer_.consume(here);
  std::size_t filled = here;
  while (filled < wanted) {
    // Room grows with what arrives: a length alone, which costs a client nothing, must not take memory.
    if (filled == body.size()) body.resize(std::min(wanted, std::max(kFirstRoom, 2 * filled)));
    expect_body_bytes();
    const std::size_t count = co_await read_some(body.data() + filled, body.size() - filled);
    if (count == 0) co_return body_ended_early();
    filled += count;
  }
  co_return Step::go_on;
}

Task<Connection::Step> Connection::read_chunked() {
  for (;;) {
    const Step step = take_chunks(call_.body);
    if (step != Step::go_on || chunks_.state() == ChunkDecoder::State::done) co_return step;
    expect_body_bytes();
    const std::size_t count = co_await read_more(ReadBuffer::kSmall);
    if (count == 0) co_return body_ended_early();
  }
}

// Takes apart what came; the data of the chunks goes to `sink`.
Connection::Step Connection::take_chunks(std::string& sink) {
  buffer_.consume(chunks_.take(buffer_.view(), sink));
  switch (chunks_.state()) {
    case ChunkDecoder::State::more:
    case ChunkDecoder::State::done:
      return Step::go_on;
    case ChunkDecoder::State::too_large:
      return fail(too_large(io_.shared().router.info(*row_).options.body_limit));
    case ChunkDecoder::State::broken:
      break;
  }
  return fail({.code = base::Code::invalid, .reason = "request.bad_chunk", .detail = "The chunks of the body are not well-formed."});
}

}  // namespace sluice::http
