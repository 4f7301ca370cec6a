// Carries events to one destination on a thread of its own: whoever gives an event never waits. Up to kMost events are kept
// while the destination cannot be reached; then the newest are dropped and counted (SYS-44). An event leaves the queue when
// the destination has it for certain, so that after an error it may come twice, and never not at all.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "features/diagnostics/event.h"

namespace sluice::diagnostics {

// How many of the events are delivered for certain, and what stopped the next one.
struct Delivered {
  std::size_t count = 0;
  base::Result<void> outcome = {};
};
using Deliver = std::function<Delivered(std::span<const Event>)>;

class Forwarder {
 public:
  static constexpr std::size_t kMost = 10'000;

  Forwarder(std::string name, Deliver deliver);
  ~Forwarder();

  void start();
  // Tries once more to deliver what is left.
  void stop();
  void add(const Event& event);

  struct Figures {
    std::uint64_t delivered = 0;
    std::uint64_t dropped = 0;
    std::size_t waiting = 0;
    bool is_healthy = true;
  };
  const std::string& name() const { return name_; }
  Figures figures() const;

 private:
  void work(std::stop_token stop);
  // False when the destination does not take any more now.
  bool deliver_some();

  std::string name_;
  Deliver deliver_;
  mutable std::mutex mutex_;  // guards queue_, figures_
  std::condition_variable_any wake_;
  std::deque<Event> queue_;
  Figures figures_;
  std::jthread thread_;
};

}  // namespace sluice::diagnostics
