// Calls over HTTP to services outside, through the egress guard. One request, one answer, both in memory; redirects are
// answers like others, since following one would send what was meant for one host to another.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "net/guard.h"
#include "net/trust.h"

namespace sluice::net {

struct HttpUrl {
  std::string scheme;  // "http", "https"
  std::string host;    // without brackets
  std::uint16_t port = 0;
};
// An absolute http or https URL with a host and without user, password and fragment. Reason "net.bad_url".
base::Result<HttpUrl> parse_http_url(const std::string& url, std::size_t most_characters = 2000);

using HttpHeader = std::pair<std::string, std::string>;

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::vector<HttpHeader> headers;
  std::string body;
  std::size_t most_answer_bytes = 1 << 20;
};

struct HttpAnswer {
  long status = 0;
  std::vector<HttpHeader> headers;  // names in lower case
  std::string body;

  std::optional<std::string_view> header(std::string_view lower_case_name) const;
};

// Any status is an answer. Reasons: those of parse_http_url(), resolve(), dial(), and "net.tls", "net.timeout", "net.cancelled",
// "net.broken_off", "net.answer_too_large", "net.bad_header".
base::Result<HttpAnswer> call(const Guard& guard, const Trust& trust, const HttpRequest& request, base::Deadline deadline,
                              std::stop_token stop = {});

// Connects, and with https shakes hands, and sends nothing. Reasons as of call().
base::Result<void> check_connection(const Guard& guard, const Trust& trust, const std::string& url, base::Deadline deadline,
                                    std::stop_token stop = {});

}  // namespace sluice::net
