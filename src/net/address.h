// IP addresses as bytes, and what kind of place they point to. IPv4-mapped addresses (::ffff:a.b.c.d) become IPv4 here, so
// that a rule or a class for IPv4 cannot be walked around by another spelling.
#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::net {

struct Address {
  int family = 0;                    // AF_INET or AF_INET6
  std::vector<unsigned char> bytes;  // 4 or 16
};

// Textual IPv4 or IPv6; a zone ("%eth0") is ignored. Empty when it is anything else, a name for instance.
std::optional<Address> parse_address(std::string_view text);

// On the public internet: neither private, loopback, link-local, multicast, reserved, nor a tunnel into one of those.
bool is_public(const Address& address);

// Whether the first `prefix` bits are the same.
bool in_network(const Address& address, int family, const std::vector<unsigned char>& network, int prefix);

}  // namespace sluice::net
