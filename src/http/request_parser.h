// The head of one request: Beast's parser, writing straight into a Call, with the stricter rules about framing that keep two
// servers in a row from seeing two different requests (RFC 9112 sections 6 and 11.2).
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/call.h"

namespace sluice::http {

class RequestParser final : public boost::beast::http::basic_parser<true> {
 public:
  explicit RequestParser(Call& call);

  // The whole head at once. Fills method, target, path, query and headers of the call.
  std::optional<base::Error> read_head(std::string_view head);

  std::string_view path() const { return path_; }  // percent-encoded; inside call.target
  bool is_head() const { return is_head_; }
  bool is_other_method() const { return other_method_; }
  bool has_body() const { return !is_done(); }
  bool is_chunked() const { return has_body() && !length().has_value(); }
  bool is_http11() const { return version_ == 11; }
  std::optional<std::uint64_t> length() const;

 private:
  using string_view = boost::beast::string_view;
  using error_code = boost::beast::error_code;
  using verb = boost::beast::http::verb;
  using field = boost::beast::http::field;

  void on_request_impl(verb method, string_view name, string_view target, int version, error_code& ec) override;
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_field_impl(field name, string_view name_text, string_view value, error_code& ec) override;
  void on_header_impl(error_code& ec) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  // Only heads are put into this parser.
  std::size_t on_body_impl(string_view, error_code&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view, error_code&) override { return 0; }
  void on_finish_impl(error_code&) override {}

  // Ends parsing with an Error of ours.
  void fail(std::string reason, std::string detail, error_code& ec);
  void check_single(field name, error_code& ec);

  Call& call_;
  std::string_view path_;
  std::optional<base::Error> error_;
  unsigned seen_ = 0;  // bits of the fields that may come once
  int version_ = 11;
  bool is_head_ = false;
  bool other_method_ = false;
};

// Splits a request target into path (decoded) and query; shared with tests.
std::optional<base::Error> read_target(Call& call, std::string_view& raw_path);

}  // namespace sluice::http
