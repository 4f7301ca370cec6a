// How fast a service may be called: one budget for a connection in this process, so that runs which share it stay within its
// limits together (C-087 … C-089). It holds calls a second, calls in flight, and what the service itself said: to wait, or how many
// calls are left until when. Any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/time.h"
#include "net/http_client.h"

namespace sluice::drivers::http_json {

using Instant = std::chrono::steady_clock::time_point;

class Budget {
 public:
  // The one of this connection; a draft, whose id is empty, gets its own.
  static std::shared_ptr<Budget> of(const std::string& connection_id);

  // A session that makes calls: while there are several, they share the calls in flight evenly.
  void join();
  void leave();

  enum class Why : std::uint8_t { go, rate, busy };
  struct Permit {
    Why why = Why::go;
    Instant at{};  // with rate: not before this instant. busy: somebody's call must end first
  };
  // With `go` the call is counted as begun, and finish() must follow. `mine`: calls that this session has in flight.
  Permit begin(Instant now, double per_second, int parallel, int mine);
  void finish();
  // What the headers of an answer say about the calls that are left.
  void note(const net::HttpAnswer& answer, Instant now, base::Timestamp wall);
  // Nobody calls before `until`.
  void hold(Instant until);
  Instant held_until() const;

 private:
  mutable std::mutex mutex_;  // guards everything below
  int sessions_ = 0;
  int in_flight_ = 0;
  double tokens_ = 0;
  Instant filled_{};
  Instant held_until_{};
  std::optional<std::int64_t> left_;  // calls that may still begin before window_ends_
  Instant window_ends_{};
};

// How long a refused call should wait by its answer: Retry-After in seconds or as a date, or a reset header; nullopt when it does
// not say. Never negative.
std::optional<std::chrono::milliseconds> wait_of(const net::HttpAnswer& answer, base::Timestamp wall);

}  // namespace sluice::drivers::http_json
