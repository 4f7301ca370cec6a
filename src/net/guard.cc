#include "net/guard.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "net/address.h"

namespace sluice::net {

namespace {

struct HostPort {
  std::string_view host;
  std::uint16_t port = 0;
};

base::Error bad_rule(std::string_view entry, std::string_view why) {
  return {.code = base::Code::invalid,
          .reason = "egress.bad_rule",
          .detail = "'" + std::string(entry) + "' " + std::string(why) +
                    ". Write an address, a network such as 10.1.0.0/16, a host name, host:port, or *."};
}

// "host", "host:22", "[::1]:22", "::1". Empty when the port is not one.
std::optional<HostPort> split_port(std::string_view entry) {
  std::string_view port;
  HostPort out{.host = entry};
  if (entry.starts_with('[')) {
    const auto end = entry.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    out.host = entry.substr(1, end - 1);
    port = entry.substr(end + 1);
    if (port.empty()) return out;
    if (port.front() != ':') return std::nullopt;
    port.remove_prefix(1);
  } else {
    const auto colon = entry.find(':');
    if (colon == std::string_view::npos || entry.find(':', colon + 1) != std::string_view::npos) return out;
    out.host = entry.substr(0, colon);
    port = entry.substr(colon + 1);
  }
  const auto number = base::parse_int(port);
  if (!number || *number < 1 || *number > 65535) return std::nullopt;
  out.port = static_cast<std::uint16_t>(*number);
  return out;
}

bool is_host_name(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  });
}

std::string_view without_final_dot(std::string_view host) { return host.ends_with('.') ? host.substr(0, host.size() - 1) : host; }

}  // namespace

base::Result<Guard> Guard::parse(std::string_view allow) {
  Guard guard;
  std::size_t at = 0;
  while (at < allow.size()) {
    const auto end = std::min(allow.find_first_of(", \t\r\n", at), allow.size());
    const std::string_view entry = allow.substr(at, end - at);
    at = end + 1;
    if (entry.empty()) continue;

    Rule rule;
    const auto slash = entry.find('/');
    if (slash != std::string_view::npos) {
      const auto network = parse_address(entry.substr(0, slash));
      const auto prefix = base::parse_int(entry.substr(slash + 1));
      if (!network) return bad_rule(entry, "does not start with an address");
      if (!prefix || *prefix < 0 || *prefix > static_cast<std::int64_t>(network->bytes.size()) * 8) {
        return bad_rule(entry, "has a prefix length that does not fit");
      }
      rule.family = network->family;
      rule.network = network->bytes;
      rule.prefix = static_cast<int>(*prefix);
    } else {
      const auto parts = split_port(entry);
      if (!parts) return bad_rule(entry, "has a port that is not between 1 and 65535");
      rule.port = parts->port;
      if (const auto address = parse_address(parts->host)) {
        rule.family = address->family;
        rule.network = address->bytes;
        rule.prefix = static_cast<int>(address->bytes.size()) * 8;
      } else if (parts->host == "*" || is_host_name(parts->host)) {
        rule.host = base::ascii_lower(without_final_dot(parts->host));
      } else {
        return bad_rule(entry, "is neither an address nor a host name");
      }
    }
    guard.rules_.push_back(std::move(rule));
  }
  return guard;
}

bool Guard::allows(std::string_view host, std::uint16_t port, std::string_view address) const {
  const auto parsed = parse_address(address);
  if (!parsed) return false;
  if (is_public(*parsed)) return true;
  return std::any_of(rules_.begin(), rules_.end(), [&](const Rule& rule) {
    if (rule.port != 0 && rule.port != port) return false;
    if (rule.host.empty()) return in_network(*parsed, rule.family, rule.network, rule.prefix);
    return rule.host == "*" || base::equals_ignoring_case(rule.host, without_final_dot(host));
  });
}

bool is_public_address(std::string_view address) {
  const auto parsed = parse_address(address);
  return parsed && is_public(*parsed);
}

}  // namespace sluice::net
