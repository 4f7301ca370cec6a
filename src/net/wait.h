// Waiting for a descriptor without ever waiting longer than somebody is willing to: a deadline and a stop token end it.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>

#include "base/time.h"

namespace sluice::net {

// A descriptor that becomes readable when stop is requested, for poll(2). Keep one for as long as waits happen.
class StopSignal {
 public:
  explicit StopSignal(std::stop_token stop);
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  int fd() const { return fd_; }  // -1 when the token can never be stopped
  bool stopped() const { return stop_.stop_requested(); }

 private:
  std::stop_token stop_;
  int fd_ = -1;
  std::optional<std::stop_callback<std::function<void()>>> callback_;
};

enum class Waited { ready, timed_out, stopped };

// Until `fd` has one of `events` (POLLIN, POLLOUT) or an error to report. A stop is noticed at once.
Waited wait_for(int fd, short events, base::Deadline deadline, const StopSignal& stop);

}  // namespace sluice::net
