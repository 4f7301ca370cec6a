#include "http/call.h"

namespace sluice::http {

Response&& Response::etag(std::int64_t version) && { return std::move(*this).with("ETag", "\"" + std::to_string(version) + "\""); }

Response&& Response::with(std::string name, std::string value) && {
  headers.emplace_back(std::move(name), std::move(value));
  return std::move(*this);
}

Response ok(std::string json) {
  Response response;
  response.body = std::move(json);
  return response;
}

Response created(std::string json, std::string location) {
  Response response = ok(std::move(json));
  response.status = 201;
  return std::move(response).with("Location", std::move(location));
}

Response accepted(std::string json) {
  Response response = ok(std::move(json));
  response.status = 202;
  return response;
}

Response no_content() {
  Response response;
  response.status = 204;
  response.content_type.clear();
  return response;
}

Response csv_file(std::string_view filename, std::function<base::Result<bool>(std::string&)> produce) {
  Response response;
  response.produce = std::move(produce);
  response.content_type = "text/csv; charset=utf-8";
  return std::move(response)
      .with("Content-Disposition", "attachment; filename=\"" + std::string(filename) + "\"")
      .with("Cache-Control", "no-store");
}

}  // namespace sluice::http
