#include "features/diagnostics/syslog.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>
#include <utility>

#include "base/text.h"

namespace sluice::diagnostics {

namespace {

using base::Error;
using base::Result;

Error failed(std::string_view what, const std::string& why) {
  return {.code = base::Code::internal, .reason = "diagnostics.not_sent", .internal = std::string(what) + ": " + why};
}
Error failed(std::string_view what) { return failed(what, std::error_code(errno, std::generic_category()).message()); }

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "-";
  return name.data();
}

}  // namespace

Result<SyslogAddress> parse_syslog(std::string_view text) {
  const auto bad = [&] {
    return Error{
        .code = base::Code::invalid,
        .reason = "config.bad_value",
        .detail = "diagnostics_syslog must be udp://host:port or the path of a socket such as /dev/log, not " + std::string(text) + "."};
  };
  if (text.starts_with('/')) {
    if (text.size() >= sizeof(sockaddr_un::sun_path)) return bad();
    return SyslogAddress{.host = {}, .port = {}, .path = std::string(text)};
  }
  constexpr std::string_view kUdp = "udp://";
  const std::size_t colon = text.rfind(':');
  if (!text.starts_with(kUdp) || colon < kUdp.size() + 1) return bad();
  const auto port = base::parse_int(text.substr(colon + 1));
  if (!port || *port < 1 || *port > 65535) return bad();
  std::string host(text.substr(kUdp.size(), colon - kUdp.size()));
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return SyslogAddress{.host = std::move(host), .port = std::to_string(*port), .path = {}};
}

std::string syslog_message(const Event& event, std::string_view host, std::int64_t process) {
  const int facility = event.category == Category::audit ? 13 : 16;
  const int severity = event.level == Level::informational ? 6 : event.level == Level::warning ? 4 : 3;
  return "<" + std::to_string(facility * 8 + severity) + ">1 " + base::format_rfc3339(event.at) + " " + std::string(host) + " sluice " +
         std::to_string(process) + " " + std::string(base::to_name(event.category)) + " - \xEF\xBB\xBF" + event.json;
}

Syslog::Syslog(SyslogAddress address) : address_(std::move(address)), host_(host_name()) {}

Syslog::~Syslog() { close(); }

void Syslog::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

Result<void> Syslog::connect() {
  if (fd_ >= 0) return {};
  if (!address_.path.empty()) {
    fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::memcpy(static_cast<char*>(to.sun_path), address_.path.c_str(), address_.path.size() + 1);
    if (fd_ < 0 || ::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
      Error error = failed(address_.path);
      close();
      return error;
    }
  } else {
    addrinfo hints{};
    hints.ai_socktype = SOCK_DGRAM;
    addrinfo* found = nullptr;
    if (const int fault = ::getaddrinfo(address_.host.c_str(), address_.port.c_str(), &hints, &found); fault != 0)
      return failed(address_.host, ::gai_strerror(fault));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, &::freeaddrinfo);
    fd_ = ::socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd_ < 0 || ::connect(fd_, found->ai_addr, found->ai_addrlen) != 0) {
      Error error = failed(address_.host);
      close();
      return error;
    }
  }
  // A receiver that does not read fills its queue; then it counts as unreachable.
  const timeval patience{.tv_sec = 1, .tv_usec = 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  return {};
}

Delivered Syslog::deliver(std::span<const Event> events) {
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (auto connected = connect(); !connected.ok()) return {i, std::move(connected)};
    const std::string message = syslog_message(events[i], host_, ::getpid());
    // One that is too long for a datagram would stop all others for ever.
    if (::send(fd_, message.data(), message.size(), MSG_NOSIGNAL) < 0 && errno != EMSGSIZE) {
      Error error = failed(address_.path.empty() ? address_.host : address_.path);
      close();
      return {i, std::move(error)};
    }
  }
  return {events.size(), {}};
}

}  // namespace sluice::diagnostics
