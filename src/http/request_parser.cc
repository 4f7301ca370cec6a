#include "http/request_parser.h"

#include <algorithm>

#include "base/text.h"

namespace sluice::http {

namespace {

namespace beast = boost::beast;
using beast::http::field;

constexpr std::size_t kMostFields = 128;

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Fields whose repetition would let two readers take different ones.
unsigned single_bit(field name) {
  switch (name) {
    case field::host:
      return 1;
    case field::content_length:
      return 2;
    case field::transfer_encoding:
      return 4;
    case field::content_type:
      return 8;
    case field::authorization:
      return 16;
    case field::expect:
      return 32;
    default:
      return 0;
  }
}

base::Error malformed(std::string reason, std::string detail) {
  return {.code = base::Code::invalid, .reason = std::move(reason), .detail = std::move(detail)};
}

}  // namespace

RequestParser::RequestParser(Call& call) : call_(call) {
  // Limits are ours: the head is measured before it gets here, and the route decides about the body.
  header_limit(1 << 20);
  body_limit(boost::none);
}

std::optional<std::uint64_t> RequestParser::length() const {
  const auto length = content_length();
  if (!length) return std::nullopt;
  return *length;
}

void RequestParser::fail(std::string reason, std::string detail, error_code& ec) {
  error_ = malformed(std::move(reason), std::move(detail));
  ec = beast::http::error::bad_field;
}

std::optional<base::Error> RequestParser::read_head(std::string_view head) {
  error_code ec;
  const std::size_t used = put(boost::asio::const_buffer(head.data(), head.size()), ec);
  if (error_) return std::move(error_);
  if (ec == beast::http::error::bad_version) {
    return malformed("request.bad_version", "This server speaks HTTP/1.1 and HTTP/1.0.");
  }
  if (ec || used != head.size() || !is_header_done()) {
    return malformed("request.malformed",
                     "The request is not well-formed HTTP: " + (ec ? ec.message() : std::string("incomplete head")) + ".");
  }
  return std::nullopt;
}

void RequestParser::on_request_impl(verb method, string_view, string_view target, int version, error_code& ec) {
  version_ = version;
  switch (method) {
    case verb::get:
      call_.method = Method::get;
      break;
    case verb::head:
      call_.method = Method::get;
      is_head_ = true;
      break;
    case verb::post:
      call_.method = Method::post;
      break;
    case verb::put:
      call_.method = Method::put;
      break;
    case verb::patch:
      call_.method = Method::patch;
      break;
    case verb::delete_:
      call_.method = Method::del;
      break;
    default:
      other_method_ = true;
  }
  call_.target = view(target);
  if (auto error = read_target(call_, path_)) {
    error_ = std::move(error);
    ec = beast::http::error::bad_target;
  }
}

void RequestParser::check_single(field name, error_code& ec) {
  const unsigned bit = single_bit(name);
  if ((seen_ & bit) != 0) fail("request.repeated_header", "A header appears twice that may appear once.", ec);
  seen_ |= bit;
}

void RequestParser::on_field_impl(field name, string_view name_text, string_view value, error_code& ec) {
  if (call_.headers.size() >= kMostFields) {
    fail("request.head_too_large", "The request has more than 128 headers.", ec);
    return;
  }
  check_single(name, ec);
  if (ec) return;
  if (name == field::content_length && !is_digits(view(value))) fail("request.bad_length", "Content-Length must be one number.", ec);
  if (name == field::transfer_encoding && (!base::equals_ignoring_case(view(value), "chunked") || version_ != 11)) {
    fail("request.bad_transfer_encoding", "The only Transfer-Encoding that is understood is chunked.", ec);
  }
  call_.headers.emplace_back(base::ascii_lower(view(name_text)), view(value));
}

void RequestParser::on_header_impl(error_code& ec) {
  const bool has_host = (seen_ & single_bit(field::host)) != 0;
  if (version_ == 11 && !has_host) fail("request.no_host", "HTTP/1.1 needs the header Host.", ec);
}

}  // namespace sluice::http
