// Texts of a manifest with their substitutions: paths, headers, members of a body. Compiled once, then appended often.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "drivers/http_json/names.h"
#include "manifest/http_service.h"

namespace sluice::drivers::http_json {

// Into what a text is put: each substituted value is made harmless for it by itself.
enum class Inside : std::uint8_t {
  plain,    // a JSON text or a CSV field, which is escaped as a whole later, or a header
  address,  // base and path: values are percent-encoded, but a host or a URL of the connection stands as it is
  query     // what the author wrote is percent-encoded too
};

std::string apply(const std::vector<manifest::Filter>& filters, std::string text);

class Text {
 public:
  Text() = default;
  Text(std::string_view text, const Names& names, Inside inside);

  void append(std::string& out, const Moment& moment) const;
  std::string str(const Moment& moment = {}) const;
  // Nothing of the moment is in it.
  bool is_constant() const { return parts_.empty() || (parts_.size() == 1 && parts_[0].meaning.source == Source::constant); }
  bool names(Source source) const;

 private:
  struct Part {
    std::string literal;  // before the value; with a constant: all there is
    Meaning meaning;
    std::vector<manifest::Filter> filters;
  };
  std::vector<Part> parts_;
  Inside inside_ = Inside::plain;
};

// The value of a moment as text; rows, attributes and values have none here.
std::string moment_text(const Meaning& meaning, const Moment& moment);

}  // namespace sluice::drivers::http_json
