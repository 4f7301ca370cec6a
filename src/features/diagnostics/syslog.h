// Events as messages of syslog (RFC 5424), over UDP or to a socket of this host. What UDP loses on its way is lost; what
// cannot be sent at all waits.
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "features/diagnostics/event.h"
#include "features/diagnostics/forwarder.h"

namespace sluice::diagnostics {

struct SyslogAddress {
  std::string host;  // of UDP
  std::string port;
  std::string path;  // of a socket; then the others are empty
};
// "udp://logs.example:514", "udp://[::1]:514" or "/dev/log". Reason "config.bad_value".
base::Result<SyslogAddress> parse_syslog(std::string_view text);

// The message; facility log audit (13) for Audit, local0 (16) for the rest.
std::string syslog_message(const Event& event, std::string_view host, std::int64_t process);

// One thread.
class Syslog {
 public:
  explicit Syslog(SyslogAddress address);
  Syslog(const Syslog&) = delete;
  Syslog& operator=(const Syslog&) = delete;
  ~Syslog();
  Delivered deliver(std::span<const Event> events);

 private:
  base::Result<void> connect();
  void close();

  SyslogAddress address_;
  std::string host_;
  int fd_ = -1;
};

}  // namespace sluice::diagnostics
