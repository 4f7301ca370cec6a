#include "net/wait.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>

namespace sluice::net {

StopSignal::StopSignal(std::stop_token stop) : stop_(std::move(stop)) {
  if (!stop_.stop_possible()) return;
  fd_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd_ < 0) return;  // out of descriptors: wait_for falls back to looking every 100 ms
  callback_.emplace(stop_, [fd = fd_] {
    const std::uint64_t one = 1;
    (void)!write(fd, &one, sizeof one);
  });
}

StopSignal::~StopSignal() {
  callback_.reset();  // before the descriptor: a callback in progress is waited for
  if (fd_ >= 0) close(fd_);
}

Waited wait_for(int fd, short events, base::Deadline deadline, const StopSignal& stop) {
  for (;;) {
    if (stop.stopped()) return Waited::stopped;
    std::array<pollfd, 2> fds = {pollfd{.fd = fd, .events = events, .revents = 0}, pollfd{.fd = stop.fd(), .events = POLLIN, .revents = 0}};
    // The remaining time is cut to whole milliseconds; one more keeps the last fraction from spinning.
    const auto left = deadline.remaining().count();
    const auto slice = stop.fd() < 0 ? std::min<std::int64_t>(left, 100) : std::min<std::int64_t>(left, 60'000);
    const int count = poll(fds.data(), fds.size(), static_cast<int>(slice) + (slice > 0 ? 1 : 0));
    if (count < 0 && errno != EINTR) return Waited::ready;  // the next call on the descriptor says what is wrong
    if (stop.stopped()) return Waited::stopped;
    if (count > 0 && fds[0].revents != 0) return Waited::ready;
    if (deadline.passed()) return Waited::timed_out;
  }
}

}  // namespace sluice::net
