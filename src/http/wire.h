// The head of an answer as bytes. Security headers are added here, so that no answer goes without them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/call.h"

namespace sluice::http {

struct HeadOptions {
  std::string_view date;  // "Sun, 06 Nov 1994 08:49:37 GMT"
  std::string_view request_id;
  bool http11 = true;
  bool keep_alive = true;
  bool chunked = false;  // instead of a length, for events
  std::uint64_t length = 0;
};

void append_head(std::string& out, const Response& response, const HeadOptions& options);
std::string_view reason_phrase(int status);
// Answers that never have a body (RFC 9110 section 6.4.1).
bool is_bodiless(int status);
std::string http_date(std::int64_t unix_seconds);

}  // namespace sluice::http
