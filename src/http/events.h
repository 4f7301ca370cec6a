// Server-sent events: whoever has something to tell publishes; every open GET /api/v1/events gets it. Any thread.
// A stream ends after five minutes, so that the reconnect is signed in anew. A client that comes back and has missed events
// that are no longer kept (or comes from before a restart) first gets an event "reset" with {} and should read everything.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/authz.h"

namespace sluice::http {

class EventHub {
 public:
  EventHub();
  ~EventHub();

  // `visible` decides per listener; empty means everybody who is signed in. It is asked on threads that serve sockets: it
  // must be quick, must not wait and may outlive this call. A listener that does not keep up (its socket is full and it is
  // more than 1,000 events or 4 MiB behind) is disconnected, and reconnects with Last-Event-ID: the last 1,000 events are
  // kept.
  void publish(std::string_view event, std::string_view json, std::function<bool(const base::Actor&)> visible = {});
  std::size_t listeners() const;

  struct State;
  State& state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

}  // namespace sluice::http
