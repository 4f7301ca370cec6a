#include "net/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace sluice::net {

namespace {

struct Range {
  std::string_view network;
  int prefix;
};

// IANA special-purpose registries (RFC 6890 and its updates), as far as nothing public can live there. The documentation
// ranges are left out: they lead nowhere, and people use them to test what a dead host looks like.
constexpr std::array kPrivateV4 = {
    Range{"0.0.0.0", 8},      Range{"10.0.0.0", 8},    Range{"100.64.0.0", 10}, Range{"127.0.0.0", 8},
    Range{"169.254.0.0", 16}, Range{"172.16.0.0", 12}, Range{"192.0.0.0", 24},  Range{"192.168.0.0", 16},
    Range{"198.18.0.0", 15},  Range{"224.0.0.0", 4},   Range{"240.0.0.0", 4},
};
constexpr std::array kPrivateV6 = {
    Range{"::", 128},   Range{"::1", 128},   Range{"64:ff9b:1::", 48},  // local-use NAT64 (RFC 8215)
    Range{"fc00::", 7}, Range{"fe80::", 10}, Range{"fec0::", 10},       // site-local, deprecated but still routed by some
    Range{"ff00::", 8}, Range{"100::", 64},  Range{"2001::", 32},       // discard-only; Teredo
};

bool in_any(const Address& address, const auto& ranges) {
  return std::any_of(ranges.begin(), ranges.end(), [&](const Range& range) {
    const auto network = parse_address(range.network);
    return network && in_network(address, network->family, network->bytes, range.prefix);
  });
}

Address embedded_v4(const Address& address, std::size_t at) {
  const auto first = address.bytes.begin() + static_cast<std::ptrdiff_t>(at);
  return {AF_INET, std::vector<unsigned char>(first, first + 4)};
}

bool in_v6(const Address& address, std::string_view network, int prefix) {
  const auto parsed = parse_address(network);
  return parsed && in_network(address, parsed->family, parsed->bytes, prefix);
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  const std::string plain(text.substr(0, text.find('%')));
  if (plain.size() != std::min(text.size(), text.find('%')) || plain.find('\0') != std::string::npos) return std::nullopt;
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(AF_INET, plain.c_str(), bytes.data()) == 1) {
    return Address{AF_INET, {bytes.begin(), bytes.begin() + 4}};
  }
  if (inet_pton(AF_INET6, plain.c_str(), bytes.data()) != 1) return std::nullopt;
  constexpr std::array<unsigned char, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::equal(kMapped.begin(), kMapped.end(), bytes.begin())) {
    return Address{AF_INET, {bytes.begin() + 12, bytes.end()}};
  }
  return Address{AF_INET6, {bytes.begin(), bytes.end()}};
}

bool in_network(const Address& address, int family, const std::vector<unsigned char>& network, int prefix) {
  if (address.family != family || address.bytes.size() != network.size()) return false;
  for (std::size_t i = 0; i < network.size(); ++i) {
    const int bits = std::clamp(prefix - static_cast<int>(i) * 8, 0, 8);
    const int mask = 0xff & (0xff << (8 - bits));
    if (((address.bytes[i] ^ network[i]) & mask) != 0) return false;
  }
  return true;
}

bool is_public(const Address& address) {
  if (address.family == AF_INET) return !in_any(address, kPrivateV4);
  if (in_any(address, kPrivateV6)) return false;
  // Translators and tunnels deliver to the IPv4 address inside: NAT64 (RFC 6052), 6to4 (RFC 3056), IPv4-compatible.
  if (in_v6(address, "64:ff9b::", 96)) return is_public(embedded_v4(address, 12));
  if (in_v6(address, "2002::", 16)) return is_public(embedded_v4(address, 2));
  if (in_v6(address, "::", 96)) return is_public(embedded_v4(address, 12));
  return true;
}

}  // namespace sluice::net
