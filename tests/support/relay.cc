#include "support/relay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

namespace sluice::test {

namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(port);
  out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return out;
}

bool send_all(int fd, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t count = send(fd, data, size, MSG_NOSIGNAL);
    if (count <= 0) return false;
    data += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

void reset(int fd) {
  const linger now{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close(fd);
}

}  // namespace

Relay::Relay(std::uint16_t target_port) : target_port_(target_port) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at = loopback(0);
  socklen_t size = sizeof at;
  if (bind(listener_, reinterpret_cast<sockaddr*>(&at), size) != 0 || listen(listener_, 16) != 0) return;
  getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
  port_ = ntohs(at.sin_port);
  thread_ = std::jthread([this](const std::stop_token& stop) { listen_on(stop); });
}

Relay::~Relay() {
  thread_ = {};
  close(listener_);
}

void Relay::listen_on(const std::stop_token& stop) {
  std::vector<std::jthread> carriers;  // stopped and joined at the end
  while (!stop.stop_requested()) {
    pollfd ready{.fd = listener_, .events = POLLIN, .revents = 0};
    if (poll(&ready, 1, 20) != 1) continue;
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    ++connections_;
    carriers.emplace_back([this, client](const std::stop_token& carrier_stop) { carry(client, carrier_stop); });
  }
}

void Relay::carry(int client, const std::stop_token& stop) {
  const int cuts = cuts_;
  const int target = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in at = loopback(target_port_);
  bool open = connect(target, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
  std::vector<char> bytes(1 << 20);
  while (open && !stop.stop_requested() && cuts == cuts_) {
    if (frozen_) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      continue;
    }
    std::array<pollfd, 2> fds = {pollfd{.fd = client, .events = POLLIN, .revents = 0},
                                 pollfd{.fd = target, .events = POLLIN, .revents = 0}};
    if (poll(fds.data(), fds.size(), 20) <= 0) continue;
    const std::uint64_t rate = rate_;
    if (fds[0].revents != 0) {
      // A hundred slices a second when slowed.
      const std::size_t most = rate == 0 ? bytes.size() : std::clamp<std::size_t>(rate / 100, 1, bytes.size());
      const ssize_t count = recv(client, bytes.data(), most, 0);
      open = count > 0 && send_all(target, bytes.data(), static_cast<std::size_t>(count));
      if (open) forwarded_ += static_cast<std::uint64_t>(count);
      if (rate != 0) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    if (open && fds[1].revents != 0) {
      const ssize_t count = recv(target, bytes.data(), bytes.size(), 0);
      open = count > 0 && send_all(client, bytes.data(), static_cast<std::size_t>(count));
    }
  }
  if (cuts != cuts_) {
    reset(client);
    reset(target);
    return;
  }
  close(client);
  close(target);
}

}  // namespace sluice::test
