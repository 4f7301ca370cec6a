#include <optional>
#include <string>

#include "base/describe.h"
#include "base/text.h"
#include "manifest/http_service.h"
#include "manifest/vocabulary.h"

namespace sluice::manifest {

namespace {

base::Error fault(std::string what) {
  return base::Error{.code = base::Code::invalid, .reason = "manifest.invalid", .detail = std::move(what)};
}

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

// What stands between "${" and "}".
base::Result<TextPart> parse_substitution(std::string_view inside) {
  TextPart part;
  bool first = true;
  for (const std::string_view word : base::split(inside, '|')) {
    if (first) {
      if (!is_name(word)) return fault("substitutes " + quoted(word) + ", which is not a name; write ${name} or ${name|filter}");
      part.name = word;
      first = false;
      continue;
    }
    const auto filter = base::from_name<Filter>(word);
    if (!filter) {
      std::string known;
      for (const std::string_view name : enum_names(Filter{})) known += (known.empty() ? "" : ", ") + std::string(name);
      return fault("has an unknown filter " + quoted(word) + "; there are: " + known);
    }
    part.filters.push_back(*filter);
  }
  return part;
}

}  // namespace

bool is_name(std::string_view text) {
  if (text.empty() || text[0] < 'a' || text[0] > 'z') return false;
  for (const char c : text) {
    const bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    if (!good) return false;
  }
  return true;
}

base::Result<std::vector<TextPart>> parse_text(std::string_view text) {
  std::vector<TextPart> parts;
  while (!text.empty()) {
    const std::size_t open = text.find("${");
    if (open == std::string_view::npos) {
      parts.push_back({std::string(text), {}, {}});
      break;
    }
    const std::size_t close = text.find('}', open);
    if (close == std::string_view::npos) return fault("has a ${ without its }");
    ASSIGN_OR_RETURN(TextPart part, parse_substitution(text.substr(open + 2, close - open - 2)));
    part.literal = text.substr(0, open);
    parts.push_back(std::move(part));
    text.remove_prefix(close + 1);
  }
  return parts;
}

}  // namespace sluice::manifest
