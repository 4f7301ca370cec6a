#include "http/call.h"

#include "base/assert.h"
#include "base/text.h"

namespace sluice::http {

namespace {

std::optional<std::string_view> find_value(const std::vector<Header>& pairs, std::string_view name) {
  for (const auto& [key, value] : pairs) {
    if (key == name) return std::string_view(value);
  }
  return std::nullopt;
}

}  // namespace

std::string_view name_of(Method method) {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::post:
      return "POST";
    case Method::put:
      return "PUT";
    case Method::patch:
      return "PATCH";
    case Method::del:
      return "DELETE";
  }
  return "GET";
}

std::optional<std::string_view> Call::header(std::string_view lower_case_name) const { return find_value(headers, lower_case_name); }
std::optional<std::string_view> Call::query_value(std::string_view name) const { return find_value(query, name); }

std::string_view Call::path_value(std::string_view name) const {
  const auto value = find_value(path_values, name);
  BASE_ASSERT(value.has_value());
  return *value;
}

std::optional<std::string_view> Call::cookie(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key != "cookie") continue;
    for (const std::string_view part : base::split(value, ';')) {
      const std::string_view pair = base::trim(part);
      const std::size_t equals = pair.find('=');
      if (equals != std::string_view::npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
    }
  }
  return std::nullopt;
}

base::Result<std::int64_t> Call::if_match() const {
  const auto given = header("if-match");
  if (!given) {
    return base::Error{.code = base::Code::invalid,
                       .reason = "request.if_match_required",
                       .detail = "Send the version you have seen in If-Match, so that nobody's change is lost."};
  }
  std::string_view text = base::trim(*given);
  if (text.starts_with("W/")) text.remove_prefix(2);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  const auto version = base::parse_int(text);
  if (!version || *version < 0) {
    return base::Error{.code = base::Code::invalid,
                       .reason = "request.bad_if_match",
                       .detail = "If-Match must be one version as ETag gave it, such as \"3\"."};
  }
  return *version;
}

base::Result<void> Call::check_json() const {
  const auto type = header("content-type");
  const std::string_view media = type ? base::trim(type->substr(0, type->find(';'))) : std::string_view();
  if (base::equals_ignoring_case(media, "application/json")) return {};
  return base::Error{
      .code = base::Code::invalid, .reason = "request.not_json", .detail = "Send the body as JSON, with Content-Type: application/json."};
}

base::Result<std::int64_t> Call::limit() const {
  constexpr std::int64_t kUsual = 50;
  constexpr std::int64_t kMost = 200;
  const auto given = query_value("limit");
  if (!given) return kUsual;
  const auto number = base::parse_int(*given);
  if (!number || *number < 1 || *number > kMost) {
    return base::Error{.code = base::Code::invalid, .reason = "request.bad_limit", .detail = "limit must be a number from 1 to 200."};
  }
  return *number;
}

base::Result<std::optional<base::Timestamp>> Call::time_value(std::string_view name) const {
  const auto text = query_value(name);
  if (!text) return std::optional<base::Timestamp>();
  const auto time = base::parse_rfc3339(*text);
  if (!time) return bad_query(std::string(name) + " must be an RFC 3339 time such as 2026-01-02T03:04:05Z.");
  return time;
}

base::Result<bool> Call::wants_csv() const {
  const std::string_view format = query_value("format").value_or("json");
  if (format != "json" && format != "csv") return bad_query("format must be json or csv.");
  return format == "csv";
}

base::Error bad_query(std::string detail) {
  return {.code = base::Code::invalid, .reason = "request.bad_query", .detail = std::move(detail)};
}

}  // namespace sluice::http
