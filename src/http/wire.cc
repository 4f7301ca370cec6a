#include "http/wire.h"

#include <array>
#include <ctime>

#include "base/log.h"
#include "base/text.h"

namespace sluice::http {

namespace {

constexpr std::string_view kSecurity =
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: same-origin\r\n"
    "X-Frame-Options: DENY\r\n";
constexpr std::string_view kHtmlPolicy =
    "Content-Security-Policy: default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'\r\n";

void append_header(std::string& out, std::string_view name, std::string_view value) {
  // A value that came from data must not be able to begin another header.
  if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos ||
      name.find_first_of("\r\n: ") != std::string_view::npos) {
    base::log::error("response.header_dropped", {{"name", name}});
    return;
  }
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

bool has(const Response& response, std::string_view name) {
  for (const Header& header : response.headers) {
    if (base::equals_ignoring_case(header.first, name)) return true;
  }
  return false;
}

}  // namespace

bool is_bodiless(int status) { return status == 204 || status == 304 || status < 200; }

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    case 507:
      return "Insufficient Storage";
    default:
      return "Answer";
  }
}

std::string http_date(std::int64_t unix_seconds) {
  static constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = unix_seconds;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  const int size = std::snprintf(
      text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT", kDays[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
      kMonths[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
  return {text.data(), static_cast<std::size_t>(size)};
}

void append_head(std::string& out, const Response& response, const HeadOptions& options) {
  out += options.http11 ? "HTTP/1.1 " : "HTTP/1.0 ";
  out += std::to_string(response.status);
  out += ' ';
  out += reason_phrase(response.status);
  out += "\r\nDate: ";
  out += options.date;
  out += "\r\n";
  append_header(out, "X-Request-Id", options.request_id);
  if (!response.content_type.empty() && response.status != 304) append_header(out, "Content-Type", response.content_type);
  if (options.chunked) {
    out += "Transfer-Encoding: chunked\r\n";
  } else if (!is_bodiless(response.status)) {
    append_header(out, "Content-Length", std::to_string(options.length));
  }
  out += kSecurity;
  if (response.content_type.starts_with("text/html") && !has(response, "content-security-policy")) out += kHtmlPolicy;
  for (const auto& [name, value] : response.headers) append_header(out, name, value);
  if (!options.keep_alive) {
    out += "Connection: close\r\n";
  } else if (!options.http11) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
}

}  // namespace sluice::http
