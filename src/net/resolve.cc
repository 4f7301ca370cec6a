#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>

#include "net/guard.h"

namespace sluice::net {

namespace {

// getaddrinfo cannot be interrupted. A lookup that nobody waits for any more finishes in its own time; more than this many
// of them at once means that the name server is gone, and further threads would not bring it back.
constexpr int kMostLookups = 64;
std::atomic<int> g_lookups = 0;

struct Lookup {
  std::mutex mutex;  // guards done, status, addresses
  std::condition_variable_any wake;
  bool done = false;
  int status = 0;
  std::vector<std::string> addresses;
};

int ask(const std::string& host, int flags, std::vector<std::string>& addresses) {
  const bool ascii = std::all_of(host.begin(), host.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | (ascii ? 0 : AI_IDN);
  addrinfo* found = nullptr;
  const int status = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (status != 0) return status;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (getnameinfo(entry->ai_addr, entry->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) != 0) continue;
    std::string address(text.data());
    if (std::find(addresses.begin(), addresses.end(), address) == addresses.end()) addresses.push_back(std::move(address));
  }
  freeaddrinfo(found);
  return addresses.empty() ? EAI_NONAME : 0;
}

base::Error unknown_host(const std::string& host, int status) {
  std::string detail = "The name '" + host + "' is not known to the name server. Check its spelling.";
  if (status == EAI_AGAIN) detail = "No name server answered for '" + host + "'. Check its spelling and the network of this server.";
  return {.code = base::Code::upstream_unavailable,
          .reason = "net.unknown_host",
          .detail = std::move(detail),
          .internal = "resolving " + host + ": " + gai_strerror(status)};
}

base::Error resolve_timeout(const std::string& host, std::string_view why) {
  return {.code = base::Code::upstream_unavailable,
          .reason = "net.resolve_timeout",
          .detail = "The name server did not answer for '" + host + "' in time.",
          .internal = "resolving " + host + ": " + std::string(why)};
}

}  // namespace

base::Result<Resolved> resolve(const std::string& host_given, base::Deadline deadline, std::stop_token stop) {
  std::string host = host_given;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  if (host.empty() || host.find('\0') != std::string::npos || host.size() > 253) {
    return base::Error{.code = base::Code::invalid,
                       .reason = "net.unknown_host",
                       .detail = host.empty() ? "No host is given. Enter the name or the address of the server."
                                              : "The host is not a name. Enter the name or the address of the server."};
  }
  Resolved numeric;
  if (ask(host, AI_NUMERICHOST, numeric.addresses) == 0) return numeric;

  if (g_lookups.fetch_add(1) >= kMostLookups) {
    g_lookups.fetch_sub(1);
    return resolve_timeout(host, "too many lookups are waiting for an answer");
  }
  const auto lookup = std::make_shared<Lookup>();
  try {
    std::thread([lookup, host] {
      std::vector<std::string> addresses;
      const int status = ask(host, 0, addresses);
      g_lookups.fetch_sub(1);
      const std::lock_guard lock(lookup->mutex);
      lookup->status = status;
      lookup->addresses = std::move(addresses);
      lookup->done = true;
      lookup->wake.notify_all();
    }).detach();
  } catch (const std::system_error& error) {
    g_lookups.fetch_sub(1);
    return resolve_timeout(host, error.what());
  }
  std::unique_lock lock(lookup->mutex);
  if (!lookup->wake.wait_until(lock, stop, deadline.at(), [&] { return lookup->done; })) {
    if (stop.stop_requested()) {
      return base::Error{.code = base::Code::cancelled, .reason = "net.cancelled", .detail = "Stopped while looking up '" + host + "'."};
    }
    return resolve_timeout(host, "deadline passed");
  }
  if (lookup->status != 0) return unknown_host(host, lookup->status);
  return Resolved{lookup->addresses};
}

}  // namespace sluice::net
