// One thread that serves sockets: its io_context, its acceptor and the connections it accepted. Everything here runs on that
// thread unless it says "any thread". Limits of time are kept by one timer that looks at all connections four times a second:
// cheaper than a timer for each, and no limit needs to be more exact.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "http/asio.h"
#include "http/lanes.h"
#include "http/server.h"
#include "http/signal.h"

namespace sluice::http {

class Connection;

// What all io threads of a server share.
struct Shared {
  const ServerOptions& options;
  const Router& router;
  EventHub& hub;
  Lanes& lanes;
  std::function<void()> connection_ended;  // any thread; asked when the server stops
  std::atomic<std::size_t> connections{0};
};

class IoThread {
 public:
  explicit IoThread(Shared& shared);
  ~IoThread();

  // Before run(). The port that was bound.
  base::Result<std::uint16_t> listen(const std::string& address, std::uint16_t port);
  // Until finish() was called and nothing is left.
  void run();

  // Any thread.
  void set_signal(Signal& signal);  // soon, on this thread; the signal must live until then
  void wake_listeners();            // there are new events
  void begin_stop();                // no new connections; idle ones and event streams end
  void force_close();               // the rest too
  void finish();                    // run() returns when the last connection is gone

  // Hands the call to a lane with others of this turn. Its done signal is set when it ran, or at once with was_refused().
  void queue_call(Lane lane, Connection& connection);

  Shared& shared() { return shared_; }
  asio::io_context& context() { return context_; }
  bool stopping() const { return stopping_; }
  std::string_view date() const { return date_; }
  SteadyClock::time_point now() const { return SteadyClock::now(); }

  void add(Connection& connection);
  void remove(Connection& connection);

 private:
  Task<void> accept_all();
  void serve(Socket socket);
  Task<void> tick();
  void look_for_timeouts();
  void look_for_gone_clients();
  void drain();
  void push_calls();
  void update_date();

  Shared& shared_;
  asio::io_context context_{1};
  asio::executor_work_guard<Executor> work_;
  Acceptor acceptor_;
  Timer timer_;
  std::vector<Connection*> connections_;
  std::array<std::vector<Connection*>, 2> calls_;  // by lane, for push_calls()
  bool is_pushing_ = false;
  std::string date_;
  bool stopping_ = false;
  bool finishing_ = false;

  std::mutex inbox_mutex_;  // guards inbox_, is_scheduled_, has_news_
  std::vector<Signal*> inbox_;
  bool has_news_ = false;
  bool is_scheduled_ = false;
  std::vector<Signal*> drained_;
};

}  // namespace sluice::http
