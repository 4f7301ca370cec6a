#include "drivers/sftp/failure.h"

#include <array>
#include <utility>

#include "base/text.h"
#include "drivers/paths.h"

namespace sluice::drivers::sftp {

using base::Code;
using base::Error;

std::string quoted(std::string_view path) { return "'" + scrub(path) + "'"; }

std::string size_words(std::uint64_t bytes) {
  constexpr std::array<std::pair<std::uint64_t, std::string_view>, 3> kUnits = {
      {{1ull << 30, " GiB"}, {1ull << 20, " MiB"}, {1ull << 10, " KiB"}}};
  for (const auto& [size, name] : kUnits) {
    if (bytes >= size) return std::to_string(bytes / size) + std::string(name);
  }
  return std::to_string(bytes) + " bytes";
}

namespace {

// Servers report a full disk as a plain failure; some say more in the message.
bool speaks_of_space(std::string_view message) {
  const std::string words = base::ascii_lower(message);
  return words.find("space") != std::string::npos || words.find("quota") != std::string::npos ||
         words.find("disk full") != std::string::npos;
}

}  // namespace

Error refused(const Refusal& refusal, const std::string& doing) {
  const std::string words = scrub(refusal.message);
  const std::string says = words.empty() ? "" : " The server says: " + words;
  Error error{.code = Code::upstream_rejected,
              .internal = doing + ": status " + std::to_string(static_cast<std::uint32_t>(refusal.status)) + " " + words};
  switch (refusal.status) {
    case Status::no_such_file:
    case Status::no_such_path:
      error.reason = "sftp.folder_missing";
      error.detail = "The server does not find what is needed to " + doing + ": a folder does not exist." + says;
      return error;
    case Status::permission_denied:
    case Status::write_protect:
      error.reason = "sftp.permission_denied";
      error.detail = "The user is not allowed to " + doing + "." + says;
      return error;
    case Status::no_space:
    case Status::quota_exceeded:
      error.reason = "sftp.no_space_or_quota";
      error.detail = "The disk is full, or the quota is used up; the server refused to " + doing + "." + says;
      return error;
    case Status::ok:
    case Status::eof:
    case Status::failure:
    case Status::bad_message:
    case Status::no_connection:
    case Status::connection_lost:
    case Status::unsupported:
    case Status::already_exists:
      break;
  }
  if (speaks_of_space(refusal.message)) {
    error.reason = "sftp.no_space_or_quota";
    error.detail = "The disk is full, or the quota is used up; the server refused to " + doing + "." + says;
    return error;
  }
  error.code = Code::upstream_unavailable;
  error.reason = "sftp.write_failed";
  error.detail = "The server refused to " + doing + " and gave no clear reason." + says;
  return error;
}

Error connection_lost(std::string_view doing, std::string_view why) {
  return {.code = Code::upstream_unavailable,
          .reason = "sftp.connection_lost",
          .detail = "The connection broke off while " + std::string(doing) + ".",
          .internal = std::string(doing) + ": " + scrub(why)};
}

Error protocol_error(std::string detail, std::string internal) {
  return {.code = Code::upstream_rejected, .reason = "sftp.protocol", .detail = std::move(detail), .internal = std::move(internal)};
}

Error cancelled(std::string_view doing) {
  return {.code = Code::cancelled, .reason = "net.cancelled", .detail = "Stopped while " + std::string(doing) + "."};
}

std::optional<std::string> advice_for(const Error& error) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kAdvice = {{
      {"net.unknown_host", "Check the spelling of the host; write it without sftp:// and without a path."},
      {"net.resolve_timeout", "Try again. If it stays so, an operator should look at the name server of this system."},
      {"net.blocked", "Ask an operator to allow this address in the egress rules, or name another host."},
      {"net.refused", "Check the port, and ask whether the SFTP server is running."},
      {"net.timeout", "A firewall may drop the connection: ask for this system's address to be allowed."},
      {"net.unreachable", "Check the host, and ask an operator whether this system may reach that network."},
      {"sftp.handshake_timeout", "Check that the port belongs to an SFTP server and that it does not block this system's address."},
      {"sftp.host_key_unknown", "Compare the fingerprint with the one from the server's administrator, then pin it."},
      {"sftp.host_key_changed",
       "Compare the new fingerprint with the server's administrator, then pin it. If nobody changed the key, somebody else may "
       "be answering."},
      {"sftp.refused_credentials", "Check the user name and the password or key, and which ways to sign in the server allows."},
      {"sftp.bad_key", "Paste the whole text of the private key file, and its passphrase when it is encrypted."},
      {"sftp.folder_missing", "Correct the folder (paths are case-sensitive), or let it be created."},
      {"sftp.permission_denied", "Ask the server's administrator for the right to write, rename and remove files in the folder."},
      {"sftp.no_space_or_quota", "Ask for space on the server."},
      {"sftp.stalled", "Try again. If it stays so, ask the server's administrator what holds it up."},
      {"sftp.connection_lost", "Try again. If it stays so, the server's log tells why it closed the connection."},
  }};
  for (const auto& [reason, advice] : kAdvice) {
    if (reason == error.reason) return std::string(advice);
  }
  return std::nullopt;
}

}  // namespace sluice::drivers::sftp
