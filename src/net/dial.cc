#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "net/guard.h"
#include "net/wait.h"

namespace sluice::net {

namespace {

std::string place(const std::string& host, std::uint16_t port) {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port);
}

base::Error failure(base::Code code, std::string reason, std::string detail, const std::string& address, std::string_view why) {
  return {
      .code = code, .reason = std::move(reason), .detail = std::move(detail), .internal = "dialling " + address + ": " + std::string(why)};
}

void set_option(int fd, int level, int name, int value) { (void)setsockopt(fd, level, name, &value, sizeof value); }

base::Error connect_error(const std::string& where, const std::string& address, int error) {
  const std::string why = strerrordesc_np(error) != nullptr ? strerrordesc_np(error) : "unknown error";
  if (error == ECONNREFUSED) {
    return failure(base::Code::upstream_unavailable, "net.refused",
                   "Nothing listens at " + where + " (connection refused by " + address + "). Check host and port.", address, why);
  }
  if (error == ETIMEDOUT) {
    return failure(base::Code::upstream_unavailable, "net.timeout", where + " did not answer in time.", address, why);
  }
  return failure(base::Code::upstream_unavailable, "net.unreachable", where + " cannot be reached: " + why + ".", address, why);
}

base::Result<int> dial_one(const std::string& where, const std::string& address, std::uint16_t port, base::Deadline deadline,
                           const StopSignal& stop) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) {
    return connect_error(where, address, EADDRNOTAVAIL);
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  const int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return connect_error(where, address, errno);
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 30);
  set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 10);
  set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);

  if (connect(fd, found->ai_addr, found->ai_addrlen) == 0) return fd;
  int error = errno;
  if (error == EINPROGRESS) {
    const Waited waited = wait_for(fd, POLLOUT, deadline, stop);
    if (waited == Waited::stopped) {
      close(fd);
      return failure(base::Code::cancelled, "net.cancelled", "Stopped while connecting to " + where + ".", address, "stop requested");
    }
    socklen_t size = sizeof error;
    if (waited == Waited::timed_out)
      error = ETIMEDOUT;
    else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
      error = errno;
    if (error == 0) return fd;
  }
  close(fd);
  return connect_error(where, address, error);
}

}  // namespace

base::Result<int> dial(const Guard& guard, const std::string& host, std::uint16_t port, const Resolved& resolved, base::Deadline deadline,
                       std::stop_token stop) {
  if (port == 0) {
    return base::Error{
        .code = base::Code::invalid, .reason = "net.unreachable", .detail = "Port 0 cannot be reached. Enter a port between 1 and 65535."};
  }
  const std::string where = place(host, port);
  std::vector<std::string> allowed;
  std::copy_if(resolved.addresses.begin(), resolved.addresses.end(), std::back_inserter(allowed),
               [&](const std::string& address) { return guard.allows(host, port, address); });
  if (allowed.empty()) {
    const std::string address = resolved.addresses.empty() ? "no address" : resolved.addresses.front();
    return failure(
        base::Code::forbidden, "net.blocked",
        where + " leads to " + address + ", which is not a public address. An operator can allow it in the egress rules of this server.",
        address, "not allowed by the egress rules");
  }
  const StopSignal signal(stop);
  base::Error last;
  for (std::size_t i = 0; i < allowed.size(); ++i) {
    // One dead address must not use up the time of the others.
    const auto share = deadline.remaining() / static_cast<long>(allowed.size() - i);
    auto fd = dial_one(where, allowed[i], port, deadline.at_most(share), signal);
    if (fd.ok() || fd.error().reason == "net.cancelled") return fd;
    last = std::move(fd).error();
  }
  return last;
}

}  // namespace sluice::net
