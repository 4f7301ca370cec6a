// OpenAPI 3.1 from the rows: what is documented is what is served.
#include <cctype>

#include "base/json.h"
#include "base/text.h"
#include "http/router.h"

namespace sluice::http {

namespace {

using base::json::Array;
using base::json::Object;
using base::json::Value;

Object reference(std::string_view to) { return Object{{"$ref", "#/components/" + std::string(to)}}; }

Value json_content(Value schema, std::string_view media = "application/json") {
  return Object{{std::string(media), Object{{"schema", std::move(schema)}}}};
}

std::vector<std::string_view> segments_of(std::string_view pattern) { return base::split(pattern.substr(1), '/'); }
bool is_parameter(std::string_view segment) { return segment.starts_with('{'); }

// "get_connections_connection_id": unique, because the pair of method and pattern is.
std::string operation_id(const RouteInfo& info) {
  std::string id = base::ascii_lower(name_of(info.method));
  for (const std::string_view segment : segments_of(info.pattern)) {
    if (segment == "api" || segment == "v1" || segment.empty()) continue;
    id += '_';
    for (const char c : segment) {
      if (std::isalnum(static_cast<unsigned char>(c)) != 0)
        id += c;
      else if (c != '{' && c != '}')
        id += '_';
    }
  }
  return id;
}

std::string tag_of(std::string_view pattern) {
  for (const std::string_view segment : segments_of(pattern)) {
    if (segment != "api" && segment != "v1" && !is_parameter(segment) && !segment.empty()) return std::string(segment);
  }
  return "system";
}

Value path_parameter(std::string_view name) {
  Object schema{{"type", "string"}};
  if (name.ends_with("_id")) schema.set("format", "uuid");
  return Object{{"name", name}, {"in", "path"}, {"required", true}, {"schema", std::move(schema)}};
}

Value query_parameter(std::string_view name) {
  Object schema{{"type", "string"}};
  if (name == "limit") schema = Object{{"type", "integer"}, {"minimum", 1}, {"maximum", 200}, {"default", 50}};
  return Object{{"name", name}, {"in", "query"}, {"required", false}, {"schema", std::move(schema)}};
}

Value key_parameter() {
  return Object{{"name", "Idempotency-Key"},
                {"in", "header"},
                {"required", false},
                {"description", "A repeat with the same key and body gets the first answer and creates nothing."},
                {"schema", Object{{"type", "string"}, {"minLength", 8}, {"maxLength", 200}}}};
}

Array parameters_of(const RouteInfo& info) {
  Array parameters;
  for (const std::string_view segment : segments_of(info.pattern)) {
    if (is_parameter(segment)) parameters.push_back(path_parameter(segment.substr(1, segment.size() - 2)));
  }
  for (const std::string_view word : base::split(info.options.query, ' ')) {
    if (!word.empty()) parameters.push_back(query_parameter(word));
  }
  if (info.options.idempotent_create) parameters.push_back(key_parameter());
  return parameters;
}

Object responses_of(const RouteInfo& info) {
  Object success{{"description", info.summary}};
  if (info.options.response != nullptr) success.set("content", json_content(info.options.response()));
  Object responses{{std::to_string(info.options.success), std::move(success)}};
  if (info.permission != base::Permission::anyone) {
    responses.set("401", reference("responses/Problem"));
    responses.set("403", reference("responses/Problem"));
  }
  responses.set("default", reference("responses/Problem"));
  return responses;
}

Value security_of(const RouteInfo& info) {
  if (info.permission == base::Permission::anyone) return Array{};
  Object cookie{{"cookie", Array{}}};
  if (info.method != Method::get) cookie.set("csrf", Array{});
  return Array{Value(std::move(cookie)), Value(Object{{"bearer", Array{}}})};
}

Value operation(const RouteInfo& info) {
  Object operation{{"operationId", operation_id(info)},
                   {"summary", info.summary},
                   {"tags", Array{Value(tag_of(info.pattern))}},
                   {"x-permission", base::to_name(info.permission)}};
  if (info.permission != base::Permission::anyone) operation.set("x-required-role", base::to_name(base::required_role(info.permission)));
  operation.set("security", security_of(info));
  Array parameters = parameters_of(info);
  if (!parameters.empty()) operation.set("parameters", std::move(parameters));
  if (info.options.request != nullptr) {
    operation.set("requestBody", Object{{"required", true}, {"content", json_content(info.options.request())}});
  } else if (info.options.spool) {
    Value file = Object{{"type", "string"}, {"contentMediaType", "application/octet-stream"}};
    operation.set("requestBody", Object{{"required", true}, {"content", json_content(std::move(file), "application/octet-stream")}});
  }
  operation.set("responses", responses_of(info));
  return operation;
}

Object problem_schema() {
  const auto text = [] { return Object{{"type", "string"}}; };
  Object field{{"type", "object"}, {"properties", Object{{"pointer", text()}, {"reason", text()}, {"detail", text()}}}};
  Object properties{{"type", text()},
                    {"title", text()},
                    {"status", Object{{"type", "integer"}}},
                    {"detail", text()},
                    {"instance", text()},
                    {"code", text()},
                    {"reason", text()},
                    {"errors", Object{{"type", "array"}, {"items", std::move(field)}}}};
  Array required;
  for (const auto& [name, schema] : properties) required.emplace_back(name);
  return Object{{"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(required)}};
}

Object components() {
  Object problem{{"description", "The request failed; reason tells why (RFC 9457)."},
                 {"content", json_content(reference("schemas/Problem"), "application/problem+json")}};
  Object schemes{{"cookie", Object{{"type", "apiKey"}, {"in", "cookie"}, {"name", "sluice_session"}}},
                 {"csrf", Object{{"type", "apiKey"}, {"in", "header"}, {"name", "X-Sluice-CSRF"}}},
                 {"bearer", Object{{"type", "http"}, {"scheme", "bearer"}}}};
  return Object{{"schemas", Object{{"Problem", problem_schema()}}},
                {"responses", Object{{"Problem", std::move(problem)}}},
                {"securitySchemes", std::move(schemes)}};
}

}  // namespace

std::string openapi(const Router& router, std::string_view version) {
  Object paths;
  for (const RouteInfo& info : router.routes()) {
    if (paths.find(info.pattern) == nullptr) paths.set(info.pattern, Object());
    paths.find(info.pattern)->as_object()->set(base::ascii_lower(name_of(info.method)), operation(info));
  }
  return base::json::write(Object{{"openapi", "3.1.0"},
                                  {"info", Object{{"title", "Sluice"}, {"version", version}}},
                                  {"paths", std::move(paths)},
                                  {"components", components()}});
}

}  // namespace sluice::http
