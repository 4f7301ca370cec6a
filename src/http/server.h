// The listener: HTTP/1.1 over TCP on a few io threads, handlers on two pools.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/events.h"
#include "http/router.h"

namespace sluice::http {

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8420;  // 0 picks a free one
  std::size_t io_threads = 2;
  std::size_t quick_threads = 4;
  std::size_t slow_threads = 4;
  std::size_t quick_queue = 2048;  // requests that may wait for a thread; beyond it 503
  std::size_t slow_queue = 256;
  std::string spool_folder;                    // must exist; bodies of spooling routes are written there
  std::chrono::seconds header_timeout{30};     // for a whole head, and between the requests of a connection
  std::chrono::seconds body_idle_timeout{30};  // without a byte moving, in either direction; four times it for a whole body
                                               // that is not spooled
  std::size_t max_connections = 10'000;
};

class Server {
 public:
  // Binds and starts accepting. The router and the hub must outlive the server.
  static base::Result<std::unique_ptr<Server>> start(const ServerOptions& options, const Router& router, EventHub& hub);
  virtual ~Server() = default;
  virtual std::uint16_t port() const = 0;
  // Stops accepting, ends event streams, lets running requests finish for at most `grace`, closes the rest and waits for
  // their handlers, whose call.gone is requested. Twice is fine; never from a handler.
  virtual void stop(std::chrono::seconds grace) = 0;
};

}  // namespace sluice::http
