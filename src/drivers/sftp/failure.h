// Errors of this driver, and what to do about them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace sluice::drivers::sftp {

// Status codes of SFTP version 3, and those of later versions that servers send nevertheless.
enum class Status : std::uint32_t {
  ok = 0,
  eof = 1,
  no_such_file = 2,
  permission_denied = 3,
  failure = 4,
  bad_message = 5,
  no_connection = 6,
  connection_lost = 7,
  unsupported = 8,
  no_such_path = 10,
  already_exists = 11,
  write_protect = 12,
  no_space = 14,
  quota_exceeded = 15,
};

// The server's answer to a request.
struct Refusal {
  Status status = Status::failure;
  std::string message;  // the server's words, not yet scrubbed
};

// `doing` completes "not allowed to …" and names the path: "write 'a.csv'".
base::Error refused(const Refusal& refusal, const std::string& doing);
base::Error connection_lost(std::string_view doing, std::string_view why);
base::Error protocol_error(std::string detail, std::string internal);
base::Error cancelled(std::string_view doing);

// For a person who verifies; nullopt when the detail says it all.
std::optional<std::string> advice_for(const base::Error& error);

// "'path'", made fit for a message.
std::string quoted(std::string_view path);
// "1 GiB", "512 KiB", "17 bytes".
std::string size_words(std::uint64_t bytes);

}  // namespace sluice::drivers::sftp
