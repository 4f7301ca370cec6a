// The egress guard: every outgoing connection is dialled here. A name is resolved once, each address is classified, and the
// socket is connected to that very address, so that a name cannot change its mind between check and use (CON-87, C-141).
// Private, loopback, link-local, multicast and metadata addresses are refused unless the operator allowed them.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace sluice::net {

// What the operator allows besides public addresses: "10.1.0.0/16", "::1", "files.internal", "files.internal:22", "*".
class Guard {
 public:
  // Comma- or space-separated; Error invalid "egress.bad_rule" names the entry.
  static base::Result<Guard> parse(std::string_view allow);
  Guard() = default;

  // Whether an address (textual IPv4/IPv6) reached under `host`:`port` may be dialled.
  bool allows(std::string_view host, std::uint16_t port, std::string_view address) const;

 private:
  struct Rule {
    std::string host;  // empty: a network
    int family = 0;
    std::vector<unsigned char> network;
    int prefix = 0;
    std::uint16_t port = 0;  // 0: any
  };
  std::vector<Rule> rules_;
};

// True for addresses on the public internet.
bool is_public_address(std::string_view address);

struct Resolved {
  std::vector<std::string> addresses;
};
// An address is returned as it is. Never later than the deadline, though the system's lookup may go on in the background.
// Reasons: "net.unknown_host", "net.resolve_timeout", "net.cancelled".
base::Result<Resolved> resolve(const std::string& host, base::Deadline deadline, std::stop_token stop = {});

// A connected TCP socket (non-blocking, no delay, keep-alive), owned by the caller: close(2) it. Tries the addresses in
// order, each for its share of the time that is left.
// Reasons: "net.blocked" (forbidden), "net.refused", "net.timeout", "net.unreachable", "net.cancelled".
base::Result<int> dial(const Guard& guard, const std::string& host, std::uint16_t port, const Resolved& resolved, base::Deadline deadline,
                       std::stop_token stop);

}  // namespace sluice::net
