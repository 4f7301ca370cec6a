// The answer of GET /api/v1/events: a stream that lasts until the client leaves, does not keep up, or has to sign in anew.
#include <array>

#include "http/connection.h"
#include "http/events_state.h"
#include "http/wire.h"

namespace sluice::http {

namespace {

constexpr std::chrono::seconds kHeartbeat{15};
constexpr std::chrono::minutes kLongestStream{5};
constexpr std::size_t kPiece = 64 * 1024;
constexpr std::string_view kFirst = "retry: 1000\n\n";

class Listening {
 public:
  Listening(EventHub::State& hub, IoThread& io) : hub_(hub), io_(io) { hub_.add_listener(io_); }
  ~Listening() { hub_.remove_listener(io_); }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;

 private:
  EventHub::State& hub_;
  IoThread& io_;
};

std::string hex_size(std::size_t size) {
  std::array<char, 20> text{};
  const int count = std::snprintf(text.data(), text.size(), "%zx\r\n", size);
  return {text.data(), static_cast<std::size_t>(count)};
}

}  // namespace

// Notices the end of a client that has nothing more to say.
struct Connection::WatchListener {
  std::shared_ptr<Connection> connection;

  void operator()(error_code ec) {
    std::array<char, 1024> scrap{};
    while (!ec) connection->socket_.read_some(asio::buffer(scrap), ec);
    if (ec == asio::error::would_block) {
      connection->watch_listener();
      return;
    }
    if (ec == asio::error::operation_aborted || connection->has_left()) return;
    connection->client_left();
    if (connection->phase_ == Phase::events)
      connection->wake();
    else
      connection->expire();
  }
};

void Connection::watch_listener() { socket_.async_wait(Socket::wait_read, WatchListener{shared_from_this()}); }

bool Connection::is_slow_listener() const {
  return is_listener_ && phase_ == Phase::writing && io_.shared().hub.state().is_too_slow(place_);
}

Task<void> Connection::stream_events() {
  response_.content_type = "text/event-stream";
  response_.headers.emplace_back("X-Accel-Buffering", "no");
  out_.clear();
  append_head(
      out_, response_,
      {.date = io_.date(), .request_id = call_.request_id, .http11 = http11_, .keep_alive = http11_, .chunked = http11_, .length = 0});
  if (is_head_) {
    co_await write_all(out_, {});
    co_return;
  }
  EventHub::State& hub = io_.shared().hub.state();
  const Listening listening(hub, io_);
  bool missed = false;
  place_ = hub.begin(call_.header("last-event-id"), missed);
  std::string text(kFirst);
  if (missed) text += hub.reset_text(place_);
  call_.headers = {};
  is_listener_ = true;
  watch_listener();
  if (co_await write_all(out_, {}) && co_await write_piece(text)) co_await send_events();
  is_listener_ = false;
  if (!has_left() && !expired_ && http11_) co_await write_all("0\r\n\r\n", {});
  error_code ec;
  socket_.shutdown(Socket::shutdown_both, ec);
  socket_.close(ec);
}

Task<void> Connection::send_events() {
  EventHub::State& hub = io_.shared().hub.state();
  const auto end = io_.now() + kLongestStream;
  std::string text;
  while (!io_.stopping() && !has_left() && io_.now() < end) {
    text.clear();
    if (!hub.take(place_, call_.actor, kPiece, text)) co_return;
    if (text.empty() && hub.is_last(place_)) {
      enter(Phase::events, kHeartbeat);
      co_await news_.wait();
      if (has_left() || io_.stopping()) co_return;
      if (io_.now() < deadline_) continue;
      text = ":\n\n";
    }
    if (text.empty()) continue;
    const bool written = co_await write_piece(text);
    if (!written) co_return;
  }
}

Task<bool> Connection::write_piece(std::string_view text) {
  if (!http11_) co_return co_await write_all(text, {});
  out_ = hex_size(text.size());
  out_ += text;
  out_ += "\r\n";
  co_return co_await write_all(out_, {});
}

}  // namespace sluice::http
