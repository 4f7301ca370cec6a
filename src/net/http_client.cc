#include "net/http_client.h"

#include <algorithm>

#include "base/text.h"
#include "net/received.h"
#include "net/transfer.h"

namespace sluice::net {

namespace {

using base::Error;
using base::Result;

Error bad_url(std::string_view why) {
  return {.code = base::Code::invalid, .reason = "net.bad_url", .detail = "The URL " + std::string(why) + "."};
}

std::string part(CURLU* url, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, flags) != CURLUE_OK) return {};
  std::string out(text);
  curl_free(text);
  return out;
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
}

}  // namespace

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* out) {
  auto& receiving = *static_cast<Receiving*>(out);
  if (receiving.answer.body.size() + size * count > receiving.most_bytes) {
    receiving.is_too_large = true;
    return 0;
  }
  receiving.answer.body.append(data, size * count);
  return size * count;
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* out) {
  auto& headers = static_cast<Receiving*>(out)->answer.headers;
  const std::string_view line(data, size * count);
  if (line.starts_with("HTTP/")) headers.clear();  // behind a 100 Continue
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos && headers.size() < 200)
    headers.emplace_back(base::ascii_lower(line.substr(0, colon)), base::trim(line.substr(colon + 1)));
  return size * count;
}

Error answer_too_large(const std::string& host, std::size_t most_bytes) {
  return {.code = base::Code::upstream_rejected,
          .reason = "net.answer_too_large",
          .detail = host + " answered with more than " + std::to_string(most_bytes) + " bytes."};
}

Result<void> check_headers(const std::vector<HttpHeader>& headers) {
  for (const auto& [name, value] : headers) {
    if (name.empty() || !is_printable(name) || !is_printable(value) || name.find_first_of(": ;") != std::string::npos)
      return Error{.code = base::Code::invalid, .reason = "net.bad_header", .detail = "A header has characters that none may have."};
  }
  return {};
}

Result<HttpUrl> parse_http_url(const std::string& url, std::size_t most_characters) {
  if (url.size() > most_characters) return bad_url("is longer than " + std::to_string(most_characters) + " characters");
  if (!std::all_of(url.begin(), url.end(), [](char c) { return c > 0x20 && c < 0x7f; }))
    return bad_url("has blanks or characters that a URL must percent-encode");
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parsed(curl_url(), &curl_url_cleanup);
  BASE_ASSERT(parsed != nullptr);
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
    return bad_url("is not an absolute URL such as https://hooks.example.com/sluice");
  HttpUrl out{.scheme = part(parsed.get(), CURLUPART_SCHEME), .host = part(parsed.get(), CURLUPART_HOST)};
  if (out.scheme != "http" && out.scheme != "https") return bad_url("must begin with https:// or http://");
  if (!part(parsed.get(), CURLUPART_USER).empty() || !part(parsed.get(), CURLUPART_PASSWORD).empty())
    return bad_url("must not hold a user name or password");
  if (!part(parsed.get(), CURLUPART_FRAGMENT).empty()) return bad_url("must not have a fragment (#…)");
  if (out.host.starts_with('[')) out.host = out.host.substr(1, out.host.size() - 2);
  const auto port = base::parse_int(part(parsed.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT));
  if (out.host.empty() || !port || *port < 1 || *port > 65535) return bad_url("needs a host, and a port between 1 and 65535 if any");
  out.port = static_cast<std::uint16_t>(*port);
  return out;
}

std::optional<std::string_view> HttpAnswer::header(std::string_view lower_case_name) const {
  for (const auto& [name, value] : headers) {
    if (name == lower_case_name) return value;
  }
  return std::nullopt;
}

Result<HttpAnswer> call(const Guard& guard, const Trust& trust, const HttpRequest& request, base::Deadline deadline, std::stop_token stop) {
  ASSIGN_OR_RETURN(const HttpUrl url, parse_http_url(request.url));
  RETURN_IF_ERROR(check_headers(request.headers));
  ASSIGN_OR_RETURN(const auto transfer, Transfer::open(guard, trust, url.host, url.port, deadline, std::move(stop)));
  Receiving receiving{.answer = {}, .most_bytes = request.most_answer_bytes};
  transfer->set(CURLOPT_URL, request.url.c_str());
  transfer->set(CURLOPT_PROTOCOLS_STR, "http,https");
  transfer->set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  transfer->set(CURLOPT_WRITEFUNCTION, &take_body);
  transfer->set(CURLOPT_WRITEDATA, &receiving);
  transfer->set(CURLOPT_HEADERFUNCTION, &take_header);
  transfer->set(CURLOPT_HEADERDATA, &receiving);
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT" || request.method == "PATCH") {
    transfer->set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    transfer->set(CURLOPT_POSTFIELDS, request.body.data());
    transfer->add_header("Expect:");  // a wait for nothing
  }
  transfer->set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  if (request.method == "HEAD") transfer->set(CURLOPT_NOBODY, 1L);
  for (const auto& [name, value] : request.headers) transfer->add_header(name + ": " + value);
  const auto done = transfer->perform();
  if (receiving.is_too_large) return answer_too_large(url.host, request.most_answer_bytes);
  RETURN_IF_ERROR(done);
  receiving.answer.status = transfer->status();
  return std::move(receiving.answer);
}

Result<void> check_connection(const Guard& guard, const Trust& trust, const std::string& url_text, base::Deadline deadline,
                              std::stop_token stop) {
  ASSIGN_OR_RETURN(const HttpUrl url, parse_http_url(url_text));
  ASSIGN_OR_RETURN(const auto transfer, Transfer::open(guard, trust, url.host, url.port, deadline, std::move(stop)));
  transfer->set(CURLOPT_URL, url_text.c_str());
  transfer->set(CURLOPT_PROTOCOLS_STR, "http,https");
  transfer->set(CURLOPT_CONNECT_ONLY, 1L);
  return transfer->perform();
}

}  // namespace sluice::net
