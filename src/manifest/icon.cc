#include "manifest/icon.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/text.h"
#include "manifest/vocabulary.h"

namespace sluice::manifest {

namespace {

using base::Result;
using namespace std::string_view_literals;

constexpr std::array kElements = {"svg"sv,  "g"sv,        "path"sv,    "rect"sv,  "circle"sv,         "ellipse"sv,
                                  "line"sv, "polyline"sv, "polygon"sv, "defs"sv,  "linearGradient"sv, "radialGradient"sv,
                                  "stop"sv, "clipPath"sv, "mask"sv,    "title"sv, "desc"sv,           "use"sv};

base::Error fault(const std::string& what) {
  return base::Error{.code = base::Code::invalid, .reason = "manifest.bad_icon", .detail = "icon.svg " + what};
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Reads the little XML that drawings need. Whatever it does not know it refuses.
class IconReader {
 public:
  explicit IconReader(std::string_view text) : rest_(text) {}

  Result<void> run() {
    skip_blanks();
    if (!rest_.starts_with("<svg")) return fault("must begin with <svg");
    while (!rest_.empty()) {
      if (rest_.starts_with("<!--")) {
        const std::size_t end = rest_.find("-->", 4);
        if (end == std::string_view::npos) return fault("has a comment without an end");
        rest_.remove_prefix(end + 3);
      } else if (rest_.front() == '<') {
        RETURN_IF_ERROR(tag());
      } else {
        RETURN_IF_ERROR(check_value(rest_.substr(0, rest_.find('<'))));
        rest_.remove_prefix(std::min(rest_.find('<'), rest_.size()));
      }
    }
    return open_.empty() ? Result<void>{} : fault("does not close <" + open_.back() + ">");
  }

 private:
  void skip_blanks() {
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
  }

  std::string_view name() {
    std::size_t size = 0;
    while (size < rest_.size()) {
      const char c = rest_[size];
      const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == ':';
      if (!good) break;
      ++size;
    }
    const std::string_view found = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return found;
  }

  Result<void> tag() {
    rest_.remove_prefix(1);
    const bool closes = rest_.starts_with('/');
    if (closes) rest_.remove_prefix(1);
    const std::string element(name());
    if (!contains(kElements, element)) return fault("may not hold <" + element + ">; it may be paths, shapes, gradients and groups");
    if (closes) {
      skip_blanks();
      if (open_.empty() || open_.back() != element || !rest_.starts_with('>'))
        return fault("closes <" + element + "> where it is not open");
      open_.pop_back();
      rest_.remove_prefix(1);
      return {};
    }
    if (open_.empty() && (element != "svg" || has_root_)) return fault("must be one <svg>");
    has_root_ = true;
    if (open_.size() >= 32) return fault("is nested too deeply");
    return attributes(element);
  }

  Result<void> attributes(const std::string& element) {
    while (true) {
      skip_blanks();
      if (rest_.starts_with("/>")) {
        rest_.remove_prefix(2);
        return {};
      }
      if (rest_.starts_with('>')) {
        rest_.remove_prefix(1);
        open_.push_back(element);
        return {};
      }
      const std::string attribute = base::ascii_lower(name());
      if (attribute.empty() || !rest_.starts_with('=')) return fault("has a tag that is not well-formed");
      rest_.remove_prefix(1);
      if (!rest_.starts_with('"') && !rest_.starts_with('\'')) return fault("has an attribute without quotes");
      const std::size_t end = rest_.find(rest_.front(), 1);
      if (end == std::string_view::npos) return fault("has an attribute without an end");
      const std::string_view value = rest_.substr(1, end - 1);
      rest_.remove_prefix(end + 1);
      if (attribute.starts_with("on")) return fault("may not have the handler " + attribute);
      if (attribute == "style") return fault("may not have style; write fill and stroke as attributes");
      const bool refers = attribute == "href" || attribute.ends_with(":href") || attribute == "src";
      if (refers && !value.starts_with('#')) return fault("may only refer to its own parts: href=\"#…\"");
      if (attribute == "xmlns" ? value != "http://www.w3.org/2000/svg"
                               : attribute.starts_with("xmlns:") && value != "http://www.w3.org/1999/xlink")
        return fault("has an unknown name space");
      if (!attribute.starts_with("xmlns")) RETURN_IF_ERROR(check_value(value));
    }
  }

  // Text and values: no entities (they could spell anything), no markup, no address.
  static Result<void> check_value(std::string_view value) {
    const std::string text = base::ascii_lower(value);
    if (text.find_first_of("&<\\") != std::string::npos) return fault("may not hold entities and escapes");
    for (const std::string_view bad : {"javascript:"sv, "data:"sv, "//"sv, "@import"sv, "expression("sv}) {
      if (text.find(bad) != std::string::npos) return fault("may not hold \"" + std::string(bad) + "\"");
    }
    for (std::size_t at = text.find("url("); at != std::string::npos; at = text.find("url(", at + 4)) {
      if (text.compare(at + 4, 1, "#") != 0) return fault("may only refer to its own parts: url(#…)");
    }
    return {};
  }

  std::string_view rest_;
  std::vector<std::string> open_;
  bool has_root_ = false;
};

}  // namespace

Result<void> check_icon(std::string_view svg) {
  if (!base::is_valid_utf8(svg)) return fault("is not UTF-8");
  return IconReader(svg).run();
}

}  // namespace sluice::manifest
