#include "server/web.h"

#include <algorithm>
#include <string>

#include "base/embedded.h"

namespace sluice::server {

namespace {

std::string_view type_of(std::string_view path) {
  constexpr std::pair<std::string_view, std::string_view> kTypes[] = {{".html", "text/html; charset=utf-8"},
                                                                      {".js", "text/javascript; charset=utf-8"},
                                                                      {".css", "text/css; charset=utf-8"},
                                                                      {".svg", "image/svg+xml"},
                                                                      {".png", "image/png"},
                                                                      {".ico", "image/x-icon"},
                                                                      {".woff2", "font/woff2"},
                                                                      {".json", "application/json"},
                                                                      {".txt", "text/plain; charset=utf-8"},
                                                                      {".webmanifest", "application/manifest+json"}};
  for (const auto& [ending, type] : kTypes) {
    if (path.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

const base::EmbeddedFile* find(std::string_view path) {
  for (const base::EmbeddedFile& file : embedded::web()) {
    if (file.path == path) return &file;
  }
  return nullptr;
}

}  // namespace

base::Result<http::Response> serve_web(http::Call& call) {
  const std::string_view path = call.path.size() > 1 ? std::string_view(call.path).substr(1) : std::string_view("index.html");
  const base::EmbeddedFile* file = find(path);
  const bool is_page = file == nullptr && path.find('.') == std::string_view::npos;
  if (is_page) file = find("index.html");
  if (file == nullptr)
    return base::Error{.code = base::Code::not_found, .reason = "request.not_found", .detail = "There is nothing at this address."};
  http::Response response;
  response.content_type = type_of(file->path);
  const auto accepted = call.header("accept-encoding");
  const bool gzip = !file->gzipped.empty() && accepted && accepted->find("gzip") != std::string_view::npos;
  response.static_body = gzip ? file->gzipped : file->bytes;
  if (gzip) response.headers.emplace_back("Content-Encoding", "gzip");
  if (!file->gzipped.empty()) response.headers.emplace_back("Vary", "Accept-Encoding");
  // Files under assets/ have their content's hash in the name.
  response.headers.emplace_back("Cache-Control", file->path.starts_with("assets/") ? "public, max-age=31536000, immutable" : "no-cache");
  return response;
}

}  // namespace sluice::server
