// Any bytes as a manifest, a text with substitutions, an icon: reading ends, with a value or with a fault that names file and line.
// What is accepted keeps its promises: every text of the calls can be taken apart again, and settings can be checked.
// Build with -DSLUICE_FUZZ=ON, run: manifest_fuzz -dict=tests/fuzz/manifest.dict -max_len=6000 CORPUS, with the manifests of
// connectors/ in the corpus.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "manifest/connector.h"
#include "manifest/icon.h"
#include "manifest/yaml.h"

namespace {

using namespace sluice;
using manifest::HttpCall;

void demand(bool condition) {
  if (!condition) std::abort();
}

void take_apart(const std::string& text) {
  const auto parts = manifest::parse_text(text);
  demand(parts.ok());
  std::string whole;
  for (const manifest::TextPart& part : *parts) {
    whole += part.literal;
    if (part.name.empty()) continue;
    whole += "${" + part.name;
    for (const manifest::Filter filter : part.filters) whole += "|" + std::string(base::to_name(filter));
    whole += "}";
  }
  demand(whole == text);
}

void take_apart(const base::json::Value& value) {
  if (value.as_string() != nullptr) take_apart(*value.as_string());
  if (const base::json::Array* items = value.as_array()) {
    for (const base::json::Value& item : *items) take_apart(item);
  }
  if (const base::json::Object* object = value.as_object()) {
    for (const auto& [name, member] : *object) take_apart(member);
  }
}

void take_apart(const HttpCall& call) {
  take_apart(call.path);
  for (const auto* pairs : {&call.query, &call.headers}) {
    for (const auto& [name, value] : *pairs) take_apart(value);
  }
  take_apart(call.body);
}

void take_apart(const manifest::HttpOperation& operation) {
  demand(!operation.steps.empty() && operation.rows > 0);
  for (const manifest::HttpStep& step : operation.steps) {
    take_apart(step.request);
    take_apart(step.row);
    if (!step.job) continue;
    take_apart(step.job->poll);
    demand(!step.job->done.empty() && step.job->id.empty() != step.job->header.empty());
    if (step.job->rejected && step.job->rejected->request) take_apart(*step.job->rejected->request);
  }
}

void read_manifest(std::string_view bytes) {
  const auto connector = manifest::parse_manifest("x/manifest.yaml", bytes);
  if (!connector.ok()) {
    demand(connector.error().detail.starts_with("x/manifest.yaml:"));
    return;
  }
  demand((connector->driver == "http_json") == (connector->http != nullptr));
  demand(base::json::parse(base::to_json(connector->mapping)).ok());
  // Settings that were accepted are accepted again, unchanged.
  const auto settings = manifest::check_settings(connector->export_fields, {}, "/settings");
  if (settings.ok()) {
    const auto again = manifest::check_settings(connector->export_fields, *settings, "/settings");
    demand(again.ok() && *again == *settings);
  }
  if (!connector->http) return;
  take_apart(connector->http->base);
  for (const manifest::VerifyCall& call : connector->http->verify) take_apart(call.request);
  take_apart(connector->http->upsert);
  if (connector->http->remove) take_apart(*connector->http->remove);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (bytes.starts_with("<")) {
    (void)manifest::check_icon(bytes);
  } else if (bytes.starts_with("text:")) {
    const std::string text(bytes.substr(5));
    if (manifest::parse_text(text).ok()) take_apart(text);
    (void)manifest::line_of(text, text);
  } else {
    read_manifest(bytes);
  }
  return 0;
}
