#include "http/connection.h"

#include <boost/asio/buffer.hpp>

#include "base/id.h"
#include "base/log.h"
#include "http/head_scan.h"
#include "http/spool.h"
#include "http/wire.h"

namespace sluice::http {

namespace {

constexpr std::size_t kHeadLimit = 16 * 1024;
constexpr std::chrono::seconds kLinger{5};
constexpr std::size_t kReadAtLeast = 2048;

base::Error bad_request(std::string reason, std::string detail) {
  return {.code = base::Code::invalid, .reason = std::move(reason), .detail = std::move(detail)};
}

}  // namespace

Connection::Connection(IoThread& io, Socket socket, std::string address)
    : io_(io), socket_(std::move(socket)), address_(std::move(address)) {
  enter(Phase::idle, io_.shared().options.header_timeout);
}

void Connection::enter(Phase phase, SteadyClock::duration limit) {
  phase_ = phase;
  expired_ = false;
  deadline_ = limit == SteadyClock::duration::max() ? SteadyClock::time_point::max() : io_.now() + limit;
}

void Connection::expire() {
  expired_ = true;
  deadline_ = SteadyClock::time_point::max();
  error_code ec;
  socket_.cancel(ec);
}

void Connection::client_left() { gone_.request_stop(); }

void Connection::close() {
  error_code ec;
  left_ = true;
  client_left();
  socket_.close(ec);
  if (phase_ == Phase::events) wake();
}

Task<void> Connection::serve() {
  while (co_await serve_one()) {}
  co_await end_politely();
}

Task<void> Connection::turn_away() {
  begin_call();
  fail(base::Error{
      .code = base::Code::rate_limited, .reason = "server.busy", .detail = "The server has too many connections. Try again soon."});
  if (co_await write_response(false)) co_await end_politely();
}

// A request of its own begins with its first byte: its id is of that time.
void Connection::begin_call() {
  call_.request_id = base::format_uuid(base::make_uuid_v7(base::system_now()));
  call_.address = address_;
  call_.started = SteadyClock::now();
  is_head_ = false;
  http11_ = true;
  body_pending_ = false;
  row_ = nullptr;
}

void Connection::end_call() {
  call_ = Call{};
  response_ = Response{};
  buffer_.shrink();
  if (out_.capacity() > ReadBuffer::kSmall) out_ = std::string();
}

Connection::Step Connection::fail(const base::Error& error) {
  response_ = io_.shared().router.refuse(error, call_);
  return Step::answer;
}

Task<bool> Connection::serve_one() {
  parser_.emplace(call_);
  Step step = co_await read_head();
  const bool understood = step == Step::go_on;
  if (understood) {
    step = find_row();
    if (step == Step::go_on) step = co_await read_body();
    if (step == Step::go_on) step = co_await run_handler();
    release_spool();
  }
  if (step == Step::hang_up) co_return false;
  if (response_.events) {
    co_await stream_events();
    co_return false;
  }
  // Only chunks tell HTTP/1.0's successor where a body ends that has no length; for HTTP/1.0 it is the end of the connection.
  const bool tells_end = http11_ || !response_.produce;
  const bool keep_alive = understood && tells_end && !body_pending_ && parser_->keep_alive() && !io_.stopping();
  const bool written = co_await write_response(keep_alive);
  if (!written) body_pending_ = left_ = true;
  if (written && keep_alive) end_call();
  co_return written&& keep_alive;
}

Task<Connection::Step> Connection::read_head() {
  HeadScan scan;
  bool begun = false;
  enter(Phase::idle, io_.shared().options.header_timeout);
  for (;;) {
    // Some clients end a body with an empty line too many (RFC 9112 section 2.2).
    while (!begun && buffer_.view().starts_with("\r\n")) buffer_.consume(2);
    if (!begun && !buffer_.empty() && buffer_.view() != "\r") {
      begun = true;
      begin_call();
      enter(Phase::head, io_.shared().options.header_timeout);
    }
    if (begun) {
      switch (scan.scan(buffer_.view(), kHeadLimit)) {
        case HeadScan::Found::more:
          break;
        case HeadScan::Found::end:
          co_return read_first_line(scan.size());
        case HeadScan::Found::bare_lf:
          co_return fail(bad_request("request.malformed", "Lines must end with CR LF."));
        case HeadScan::Found::folded:
          co_return fail(bad_request("request.folded_header", "A header must not go on in the next line."));
        case HeadScan::Found::not_http:
          co_return fail(bad_request("request.malformed", "This is not an HTTP request."));
        case HeadScan::Found::too_large:
          co_return fail(bad_request("request.head_too_large", "The headers are larger than 16 KiB."));
        case HeadScan::Found::target_too_long:
          co_return fail(bad_request("request.target_too_long", "The address is longer than 16 KiB."));
      }
    } else if (io_.stopping()) {
      co_return Step::hang_up;
    }
    if (co_await read_more(kReadAtLeast) != 0) continue;
    if (!begun || left_) co_return Step::hang_up;
    if (expired_) co_return fail(bad_request("request.head_timeout", "The request took too long to arrive."));
    co_return fail(bad_request("request.malformed", "The request ended within its head."));
  }
}

Connection::Step Connection::read_first_line(std::size_t head_size) {
  const auto error = parser_->read_head(buffer_.view().substr(0, head_size));
  buffer_.consume(head_size);
  if (error) return fail(*error);
  is_head_ = parser_->is_head();
  http11_ = parser_->is_http11();
  body_pending_ = parser_->has_body();
  return Step::go_on;
}

Connection::Step Connection::find_row() {
  const Router& router = io_.shared().router;
  std::string allowed;
  if (parser_->is_other_method())
    allowed = router.allowed(parser_->path());
  else
    row_ = router.find(call_.method, parser_->path(), call_.path_values, allowed);
  if (row_ != nullptr) return Step::go_on;
  if (allowed.empty())
    return fail({.code = base::Code::not_found, .reason = "request.unknown_path", .detail = "There is nothing at this path."});
  const Step step = fail(
      {.code = base::Code::unsupported, .reason = "request.method_not_allowed", .detail = "This path knows the methods " + allowed + "."});
  response_.headers.emplace_back("Allow", std::move(allowed));
  return step;
}

// On a thread of a pool. The signal is the last thing that touches the connection.
void Connection::run_job() {
  struct Finish {
    IoThread& io;
    Signal& signal;
    ~Finish() { io.set_signal(signal); }
  };
  const Finish finish{io_, done_};
  if (producing_) {
    produce_piece();
    return;
  }
  response_ = Response{.status = 500, .content_type = {}};
  if (admitting_) {
    auto refused = io_.shared().router.admit(*row_, call_);
    if (refused) response_ = std::move(*refused);
  } else {
    response_ = io_.shared().router.run(row_, call_);
  }
}

void Connection::refuse_call() {
  refused_ = true;
  done_.set();
}

// False: the answer is that there are too many.
Task<bool> Connection::run_on(Lane lane) {
  enter(Phase::handler, SteadyClock::duration::max());
  refused_ = false;
  io_.queue_call(lane, *this);
  co_await done_.wait();
  if (refused_) fail({.code = base::Code::rate_limited, .reason = "server.busy", .detail = "The server is busy. Try again soon."});
  co_return !refused_;
}

Task<Connection::Step> Connection::run_handler() {
  const RouteOptions& options = io_.shared().router.info(*row_).options;
  call_.deadline = base::Deadline::after(options.deadline);
  call_.gone = gone_.get_token();
  admitting_ = false;
  co_await run_on(options.lane);
  co_return Step::answer;
}

void Connection::produce_piece() {
  piece_.clear();
  has_more_ = false;
  is_broken_ = true;
  try {
    const auto more = response_.produce(piece_);
    if (!more.ok()) {
      base::log::warn("response.broken_off",
                      {{"request_id", call_.request_id}, {"reason", more.error().reason}, {"why", more.error().internal}});
      return;
    }
    has_more_ = *more;
    is_broken_ = false;
  } catch (const std::exception& e) {
    base::log::error("response.threw", {{"request_id", call_.request_id}, {"what", e.what()}});
  }
}

// One piece at a time: the next is made when the client has taken the last, so memory stays flat and a client that leaves
// stops the work.
Task<bool> Connection::write_produced(bool keep_alive) {
  out_.clear();
  append_head(
      out_, response_,
      {.date = io_.date(), .request_id = call_.request_id, .http11 = http11_, .keep_alive = keep_alive, .chunked = http11_, .length = 0});
  if (!co_await write_all(out_, {})) co_return false;
  if (is_head_) co_return true;
  has_more_ = true;
  while (has_more_) {
    producing_ = true;
    const bool ran = co_await run_on(Lane::slow);
    producing_ = false;
    if (!ran || is_broken_ || has_left() || io_.stopping()) co_return false;
    if (piece_.empty()) continue;
    if (!co_await write_piece(piece_)) co_return false;
  }
  co_return !http11_ || co_await write_all("0\r\n\r\n", {});
}

Task<bool> Connection::write_response(bool keep_alive) {
  if (response_.produce) {
    const bool whole = co_await write_produced(keep_alive);
    co_return whole;
  }
  const std::string_view body = response_.body.empty() ? response_.static_body : std::string_view(response_.body);
  out_.clear();
  append_head(out_, response_,
              {.date = io_.date(),
               .request_id = call_.request_id,
               .http11 = http11_,
               .keep_alive = keep_alive,
               .chunked = false,
               .length = body.size()});
  const bool with_body = !is_head_ && !is_bodiless(response_.status);
  co_return co_await write_all(out_, with_body ? body : std::string_view());
}

// Most answers fit into the socket's buffer and go out without a turn through the reactor.
Task<bool> Connection::write_all(std::string_view first, std::string_view second) {
  phase_ = Phase::writing;
  error_code ec;
  while (!first.empty() || !second.empty()) {
    const std::array<asio::const_buffer, 2> buffers = {asio::buffer(first), asio::buffer(second)};
    std::size_t written = socket_.write_some(buffers, ec);
    if (ec == asio::error::would_block) {
      enter(Phase::writing, io_.shared().options.body_idle_timeout);
      written = co_await socket_.async_write_some(buffers, asio::redirect_error(kAwait, ec));
    }
    if (ec) co_return false;
    const std::size_t of_first = std::min(written, first.size());
    first.remove_prefix(of_first);
    second.remove_prefix(written - of_first);
  }
  co_return true;
}

Task<std::size_t> Connection::read_some(char* data, std::size_t size) {
  error_code ec;
  const std::size_t count = co_await socket_.async_read_some(asio::buffer(data, size), asio::redirect_error(kAwait, ec));
  if (ec && ec != asio::error::eof && !expired_) left_ = true;
  co_return ec ? 0 : count;
}

Task<std::size_t> Connection::read_more(std::size_t least) {
  const auto [data, size] = buffer_.prepare(least);
  const std::size_t count = co_await read_some(data, size);
  buffer_.commit(count);
  co_return count;
}

// Closing a socket with unread bytes makes the kernel send a reset, which may overtake the answer: so say that nothing more
// comes, and listen until the client is through.
Task<void> Connection::end_politely() {
  error_code ec;
  if (!socket_.is_open() || left_) co_return;
  socket_.shutdown(Socket::shutdown_send, ec);
  if (ec || (io_.stopping() && !body_pending_)) co_return;
  enter(Phase::ending, kLinger);
  std::string scrap(16 * 1024, '\0');
  while (co_await read_some(scrap.data(), scrap.size()) != 0) {}
}

}  // namespace sluice::http
