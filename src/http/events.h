// Server-sent events: whoever has something to tell publishes; every open GET /api/v1/events gets it. Any thread.
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

  // `visible` decides per listener; empty means everybody who is signed in. A listener that does not keep up (more than
  // 1,000 events or 4 MiB behind) is disconnected, and reconnects with Last-Event-ID: the last 1,000 events are kept.
  void publish(std::string_view event, std::string_view json, std::function<bool(const base::Actor&)> visible = {});
  std::size_t listeners() const;

  struct State;
  State& state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

}  // namespace sluice::http
