#include "drivers/postgresql/failure.h"

#include <algorithm>
#include <array>
#include <utility>

#include "drivers/paths.h"

namespace sluice::drivers::postgresql {

using base::Code;
using base::Error;

namespace {

constexpr std::size_t kShortestSecret = 3;  // bytes of a cell; shorter ones are in any sentence

bool in_class(const Refusal& refusal, std::string_view prefix) { return refusal.state.starts_with(prefix); }

// Where the SQLSTATE stands in "FATAL:  28P01: password authentication failed …", which is what verbose errors look like.
std::string state_in(std::string_view words) {
  for (std::size_t at = words.find(':'); at != std::string_view::npos; at = words.find(':', at + 1)) {
    std::string_view rest = words.substr(at + 1);
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    const std::string_view state = rest.substr(0, 5);
    // "FATAL" has five capital letters too; every SQLSTATE has a digit.
    if (state.size() == 5 && rest.substr(5).starts_with(':') && state.find_first_of("0123456789") != std::string_view::npos &&
        std::all_of(state.begin(), state.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); }))
      return std::string(state);
  }
  return {};
}

// libpq's texts without its prefix about the address and without the place in the server's source.
std::string essence(std::string_view words) {
  if (const auto at = words.find("failed: "); at != std::string_view::npos && words.starts_with("connection to server"))
    words = words.substr(at + 8);
  const std::string state = state_in(words);
  if (const auto at = words.find(state + ": "); !state.empty()) words = words.substr(at + state.size() + 2);
  if (const auto at = words.find("\nLOCATION:"); at != std::string_view::npos) words = words.substr(0, at);
  return scrub(words);
}

}  // namespace

bool blames_rows(const Refusal& refusal) {
  if (refusal.fatal) return false;
  // Data, constraints, a key twice in one statement, a trigger or a check option that says no, an index row that is too long.
  return in_class(refusal, "22") || in_class(refusal, "23") || in_class(refusal, "P0") || in_class(refusal, "44") ||
         refusal.state == "21000" || refusal.state == "54000";
}

bool passes(const Refusal& refusal) { return refusal.state == "40001" || refusal.state == "40P01"; }

std::string reason_of(const Refusal& refusal) { return "pg." + refusal.state; }

std::string words_about_row(const Refusal& refusal, std::span<const base::Cell> cells) {
  std::string words = refusal.message.substr(0, refusal.message.find(": \""));
  for (const base::Cell& cell : cells) {
    if (cell.null || cell.size < kShortestSecret) continue;
    for (auto at = words.find(cell.text()); at != std::string::npos; at = words.find(cell.text(), at)) words.replace(at, cell.size, "…");
  }
  if (!refusal.column.empty() && words.find(refusal.column) == std::string::npos) words += " (column " + refusal.column + ")";
  return scrub(words);
}

Error refused(const Refusal& refusal, std::string_view doing) {
  const std::string words = scrub(refusal.message.substr(0, refusal.message.find(": \"")));
  Error error{.code = Code::upstream_rejected,
              .reason = "service.refused",
              .detail = "The server refused to " + std::string(doing) + ": " + words + " (" + refusal.state + ").",
              .internal = std::string(doing) + ": " + refusal.state + " " + words};
  if (refusal.state == "42501") {
    error.reason = "service.permission";
  } else if (refusal.state.starts_with("28")) {
    error.reason = "service.credentials";
  } else if (refusal.state == "42P01" || refusal.state == "42703" || refusal.state == "3F000" || refusal.state == "3D000") {
    error.reason = "service.missing";
  } else if (refusal.fatal || refusal.state.starts_with("08") || refusal.state.starts_with("53") || refusal.state.starts_with("57") ||
             refusal.state.starts_with("58") || refusal.state.starts_with("40") || refusal.state == "55P03" || refusal.state == "25P04") {
    error.code = Code::upstream_unavailable;
    error.reason = "service.unavailable";
  }
  return error;
}

Error connection_lost(std::string_view doing, std::string_view why) {
  return {.code = Code::upstream_unavailable,
          .reason = "service.unavailable",
          .detail = "The connection broke off while " + std::string(doing) + ".",
          .internal = std::string(doing) + ": " + scrub(why)};
}

Error stalled(std::string_view doing) {
  return {.code = Code::upstream_unavailable,
          .reason = "service.unavailable",
          .detail = "The server did not answer in time while " + std::string(doing) + ".",
          .internal = std::string(doing) + ": nothing moved"};
}

Error cancelled(std::string_view doing) {
  return {.code = Code::cancelled, .reason = "net.cancelled", .detail = "Stopped while " + std::string(doing) + "."};
}

Error not_signed_in(std::string_view words) {
  const std::string state = state_in(words);
  Error error{.code = Code::upstream_unavailable,
              .reason = "service.unavailable",
              .detail = "The server did not let us in: " + essence(words),
              .internal = "signing in: " + state + " " + essence(words)};
  if (state.empty()) {
    // What libpq found itself; its texts are not translated here.
    if (words.find("certificate") != std::string_view::npos || words.find("SSL") != std::string_view::npos) {
      error.code = Code::upstream_rejected;
      error.reason = "service.refused";
      error.detail = "No encrypted connection came about: " + essence(words);
    } else if (words.find("no password supplied") != std::string_view::npos || words.find("authentication") != std::string_view::npos) {
      error.code = Code::upstream_rejected;
      error.reason = "service.credentials";
    }
    return error;
  }
  Error known = refused({.state = state, .message = essence(words)}, "let us in");
  error.code = known.code;
  error.reason = known.reason;
  if (state == "28P01" || state == "28000") error.reason = "service.credentials";
  return error;
}

std::optional<std::string> advice_for(const Error& error) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kAdvice = {{
      {"net.unknown_host", "Check the spelling of the host; write it without postgresql:// and without a path."},
      {"net.resolve_timeout", "Try again. If it stays so, an operator should look at the name server of this system."},
      {"net.blocked", "Ask an operator to allow this address in the egress rules, or name another host."},
      {"net.refused", "Check the port, and whether the database takes connections over the network (listen_addresses)."},
      {"net.timeout", "A firewall may drop the connection: ask for this system's address to be allowed."},
      {"net.unreachable", "Check the host, and ask an operator whether this system may reach that network."},
      {"service.credentials", "Check user name and password, and whether pg_hba.conf lets this user in from this system's address."},
      {"service.permission", "Ask the owner of the database for the right that the message names."},
      {"service.missing", "Check the spelling; names of databases and schemas are case-sensitive here."},
      {"service.refused",
       "The message is the server's. With TLS: choose the mode the server offers, and give its authority's certificate."},
      {"service.unavailable", "Try again. If it stays so, the server's log tells more."},
  }};
  for (const auto& [reason, advice] : kAdvice) {
    if (reason == error.reason) return std::string(advice);
  }
  return std::nullopt;
}

}  // namespace sluice::drivers::postgresql
