#include "http/io_thread.h"

#include <poll.h>
#include <sys/socket.h>

#include <exception>

#include "base/log.h"
#include "base/time.h"
#include "http/connection.h"
#include "http/wire.h"

namespace sluice::http {

namespace {

constexpr std::chrono::milliseconds kTick{250};
constexpr std::size_t kTurnedAwayAtOnce = 256;

// Keeps a connection alive for its coroutine, and ends it.
struct Ended {
  IoThread& io;
  std::shared_ptr<Connection> connection;

  void operator()(const std::exception_ptr& exception) const {
    try {
      if (exception) std::rethrow_exception(exception);
    } catch (const std::exception& e) {
      base::log::error("connection.threw", {{"what", e.what()}});
    }
    io.remove(*connection);
  }
};

struct TaskEnded {
  void operator()(const std::exception_ptr& exception) const {
    try {
      if (exception) std::rethrow_exception(exception);
    } catch (const std::exception& e) {
      base::log::error("io_thread.threw", {{"what", e.what()}});
    }
  }
};

}  // namespace

IoThread::IoThread(Shared& shared) : shared_(shared), work_(asio::make_work_guard(context_)), acceptor_(context_), timer_(context_) {
  update_date();
}
IoThread::~IoThread() = default;

base::Result<std::uint16_t> IoThread::listen(const std::string& address, std::uint16_t port) {
  error_code ec;
  const auto ip = asio::ip::make_address(address, ec);
  if (ec)
    return base::Error{
        .code = base::Code::invalid, .reason = "server.bad_address", .detail = "\"" + address + "\" is not an IP address to listen on."};
  const asio::ip::tcp::endpoint endpoint(ip, port);
  acceptor_.open(endpoint.protocol(), ec);
  if (!ec) acceptor_.set_option(Acceptor::reuse_address(true), ec);
  // Several acceptors share the port; the kernel spreads connections over them.
  const int on = 1;
  if (!ec && ::setsockopt(acceptor_.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0)
    ec = error_code(errno, boost::system::system_category());
  if (!ec) acceptor_.bind(endpoint, ec);
  if (!ec) acceptor_.listen(4096, ec);
  const auto bound = ec ? endpoint : acceptor_.local_endpoint(ec);
  if (ec) {
    return base::Error{.code = base::Code::conflict,
                       .reason = "server.cannot_listen",
                       .detail = "Cannot listen on " + address + " port " + std::to_string(port) + ": " + ec.message() + "."};
  }
  return bound.port();
}

void IoThread::run() {
  asio::co_spawn(context_, accept_all(), TaskEnded());
  asio::co_spawn(context_, tick(), TaskEnded());
  for (;;) {
    try {
      context_.run();
      return;
    } catch (const std::exception& e) {
      // Memory ran out, most likely; the other connections go on.
      base::log::error("io_thread.threw", {{"what", e.what()}});
    }
  }
}

Task<void> IoThread::accept_all() {
  while (acceptor_.is_open()) {
    error_code ec;
    Socket socket = co_await acceptor_.async_accept(asio::redirect_error(kAwait, ec));
    if (!ec) {
      serve(std::move(socket));
    } else if (acceptor_.is_open() && ec != asio::error::operation_aborted) {
      // Out of descriptors, most often: asking again at once would spin.
      base::log::error("server.accept_failed", {{"what", ec.message()}});
      Timer pause(context_, std::chrono::milliseconds(100));
      co_await pause.async_wait(asio::redirect_error(kAwait, ec));
    }
  }
}

void IoThread::serve(Socket socket) {
  error_code ec;
  const auto remote = socket.remote_endpoint(ec);
  if (ec || stopping_) return;
  socket.set_option(asio::ip::tcp::no_delay(true), ec);
  socket.non_blocking(true, ec);
  const std::size_t others = shared_.connections.fetch_add(1);
  if (others >= shared_.options.max_connections + kTurnedAwayAtOnce) {
    shared_.connections.fetch_sub(1);
    return;
  }
  auto connection = std::make_shared<Connection>(*this, std::move(socket), remote.address().to_string());
  add(*connection);
  auto task = others >= shared_.options.max_connections ? connection->turn_away() : connection->serve();
  asio::co_spawn(context_, std::move(task), Ended{*this, connection});
}

void IoThread::add(Connection& connection) {
  connection.index = connections_.size();
  connections_.push_back(&connection);
}

void IoThread::remove(Connection& connection) {
  connections_.back()->index = connection.index;
  connections_[connection.index] = connections_.back();
  connections_.pop_back();
  shared_.connections.fetch_sub(1);
  if (stopping_) shared_.connection_ended();
}

Task<void> IoThread::tick() {
  error_code ec;
  while (!finishing_) {
    timer_.expires_after(kTick);
    co_await timer_.async_wait(asio::redirect_error(kAwait, ec));
    update_date();
    look_for_timeouts();
    look_for_gone_clients();
  }
}

void IoThread::update_date() { date_ = http_date(base::to_micros(base::system_now()) / 1'000'000); }

void IoThread::look_for_timeouts() {
  const auto now = SteadyClock::now();
  std::vector<std::shared_ptr<Connection>> to_wake;
  for (Connection* connection : connections_) {
    if (connection->deadline() > now) continue;
    // For an event stream this is the time of its heartbeat.
    if (connection->phase() == Connection::Phase::events)
      to_wake.push_back(connection->shared_from_this());
    else
      connection->expire();
  }
  for (const auto& connection : to_wake) connection->wake();
}

// While a handler runs nobody reads the socket, so an ended connection is asked for. Data that waits does not hide it.
void IoThread::look_for_gone_clients() {
  std::vector<pollfd> sockets;
  std::vector<Connection*> waiting;
  for (Connection* connection : connections_) {
    if (connection->phase() != Connection::Phase::handler || connection->has_left()) continue;
    sockets.push_back({connection->descriptor(), POLLRDHUP, 0});
    waiting.push_back(connection);
  }
  if (sockets.empty() || ::poll(sockets.data(), sockets.size(), 0) <= 0) return;
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    if (sockets[i].revents != 0) waiting[i]->client_left();
  }
}

void IoThread::queue_call(Lane lane, Connection& connection) {
  calls_[static_cast<std::size_t>(lane)].push_back(&connection);
  if (is_pushing_) return;
  is_pushing_ = true;
  // Behind whatever else the last look at the sockets brought.
  asio::post(context_, [this] { push_calls(); });
}

void IoThread::push_calls() {
  is_pushing_ = false;
  for (const Lane lane : {Lane::quick, Lane::slow}) {
    std::vector<Connection*>& calls = calls_[static_cast<std::size_t>(lane)];
    if (calls.empty()) continue;
    const std::size_t taken = shared_.lanes.push(lane, calls);
    const std::vector<Connection*> refused(calls.begin() + static_cast<std::ptrdiff_t>(taken), calls.end());
    calls.clear();
    for (Connection* connection : refused) connection->refuse_call();
  }
}

void IoThread::set_signal(Signal& signal) {
  {
    const std::lock_guard lock(inbox_mutex_);
    inbox_.push_back(&signal);
    if (is_scheduled_) return;
    is_scheduled_ = true;
  }
  asio::post(context_, [this] { drain(); });
}

void IoThread::wake_listeners() {
  {
    const std::lock_guard lock(inbox_mutex_);
    has_news_ = true;
    if (is_scheduled_) return;
    is_scheduled_ = true;
  }
  asio::post(context_, [this] { drain(); });
}

// One wake-up of this thread serves whatever the pools finished meanwhile.
void IoThread::drain() {
  bool news = false;
  {
    const std::lock_guard lock(inbox_mutex_);
    drained_.swap(inbox_);
    std::swap(news, has_news_);
    is_scheduled_ = false;
  }
  for (Signal* signal : drained_) signal->set();
  drained_.clear();
  if (!news) return;
  std::vector<std::shared_ptr<Connection>> listeners;
  for (Connection* connection : connections_) {
    if (connection->phase() == Connection::Phase::events)
      listeners.push_back(connection->shared_from_this());
    else if (connection->is_slow_listener())
      connection->expire();
  }
  for (const auto& listener : listeners) listener->wake();
}

void IoThread::begin_stop() {
  asio::post(context_, [this] {
    error_code ec;
    acceptor_.close(ec);
    stopping_ = true;
    std::vector<std::shared_ptr<Connection>> all;
    for (Connection* connection : connections_) all.push_back(connection->shared_from_this());
    for (const auto& connection : all) {
      const auto phase = connection->phase();
      if (phase == Connection::Phase::events) connection->wake();
      if (phase == Connection::Phase::idle || phase == Connection::Phase::ending) connection->close();
    }
    shared_.connection_ended();
  });
}

void IoThread::force_close() {
  asio::post(context_, [this] {
    std::vector<std::shared_ptr<Connection>> all;
    for (Connection* connection : connections_) all.push_back(connection->shared_from_this());
    for (const auto& connection : all) connection->close();
  });
}

void IoThread::finish() {
  asio::post(context_, [this] {
    finishing_ = true;
    timer_.cancel();
    work_.reset();
  });
}

}  // namespace sluice::http
