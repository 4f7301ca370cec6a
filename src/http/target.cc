#include "base/text.h"
#include "http/request_parser.h"

namespace sluice::http {

namespace {

base::Error bad_target(std::string detail) {
  return {.code = base::Code::invalid, .reason = "request.bad_target", .detail = std::move(detail)};
}

bool is_text(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return false;
  }
  return base::is_valid_utf8(text);
}

// A browser and a proxy would read such a path as another one.
bool has_dots(std::string_view path) {
  if (path.find("/.") == std::string_view::npos) return false;
  for (const std::string_view segment : base::split(path, '/')) {
    if (segment == "." || segment == "..") return true;
  }
  return false;
}

bool read_query(std::string_view text, std::vector<Header>& query) {
  for (const std::string_view part : base::split(text, '&')) {
    if (part.empty()) continue;
    const std::size_t equals = part.find('=');
    auto name = base::percent_decode(part.substr(0, equals), true);
    auto value = base::percent_decode(equals == std::string_view::npos ? "" : part.substr(equals + 1), true);
    if (!name || !value || !base::is_valid_utf8(*name) || !base::is_valid_utf8(*value)) return false;
    query.emplace_back(std::move(*name), std::move(*value));
  }
  return true;
}

}  // namespace

std::optional<base::Error> read_target(Call& call, std::string_view& raw_path) {
  std::string_view target = call.target;
  // The absolute form, which proxies use (RFC 9112 section 3.2.2): the authority is not looked at, like Host.
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!base::equals_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
    const std::size_t slash = target.find_first_of("/?", scheme.size());
    target = slash == std::string_view::npos ? "/" : target.substr(slash);
    break;
  }
  if (!target.starts_with('/')) return bad_target("The request target must be a path.");
  if (target.find('#') != std::string_view::npos) return bad_target("The request target must not have a fragment.");
  const std::size_t question = target.find('?');
  raw_path = target.substr(0, question);
  auto decoded = base::percent_decode(raw_path, false);
  if (!decoded || !is_text(*decoded)) return bad_target("The path is not percent-encoded UTF-8 text.");
  if (has_dots(*decoded)) return bad_target("The path must not have segments of dots.");
  call.path = std::move(*decoded);
  if (question == std::string_view::npos || read_query(target.substr(question + 1), call.query)) return std::nullopt;
  return bad_target("The query is not percent-encoded UTF-8 text.");
}

}  // namespace sluice::http
