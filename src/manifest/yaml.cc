#include "manifest/yaml.h"

#include <yaml-cpp/yaml.h>

#include <string>

#include "base/text.h"

namespace sluice::manifest {

namespace {

using base::json::Value;

struct Broken {
  int line;
  std::string what;
};

// Throws Broken; caught in parse_yaml, within this file.
class Converter {
 public:
  Value convert(const YAML::Node& node, int depth) {
    if (depth > 16) fail(node, "nested too deeply");
    if (++count_ > 20'000) fail(node, "too many values");
    if (!node.Tag().empty() && node.Tag() != "!" && node.Tag() != "?") fail(node, "tags are not allowed");
    switch (node.Type()) {
      case YAML::NodeType::Null:
        return Value();
      case YAML::NodeType::Scalar:
        return scalar(node);
      case YAML::NodeType::Sequence: {
        base::json::Array items;
        for (const auto& item : node) items.push_back(convert(item, depth + 1));
        return Value(std::move(items));
      }
      case YAML::NodeType::Map: {
        base::json::Object object;
        for (const auto& member : node) {
          if (!member.first.IsScalar()) fail(node, "a key must be plain text");
          const std::string& key = member.first.Scalar();
          if (key == "<<") fail(member.first, "merge keys are not allowed");
          if (object.find(key) != nullptr) fail(member.first, "the key \"" + key + "\" appears twice");
          object.set(key, convert(member.second, depth + 1));
        }
        return Value(std::move(object));
      }
      case YAML::NodeType::Undefined:
        break;
    }
    fail(node, "not understood");
  }

 private:
  [[noreturn]] static void fail(const YAML::Node& node, std::string what) { throw Broken{node.Mark().line + 1, std::move(what)}; }

  static Value scalar(const YAML::Node& node) {
    const std::string& text = node.Scalar();
    if (!base::is_valid_utf8(text)) fail(node, "not UTF-8");
    if (node.Tag() == "!") return Value(text);  // quoted
    if (text == "true") return Value(true);
    if (text == "false") return Value(false);
    if (text == "null" || text == "~") return Value();
    if (const auto number = base::parse_int(text); number && (text == "0" || text[text[0] == '-' ? 1 : 0] != '0')) return Value(*number);
    return Value(text);
  }

  int count_ = 0;
};

base::Error invalid(std::string_view path, int line, const std::string& what) {
  return base::Error{
      .code = base::Code::invalid, .reason = "yaml.invalid", .detail = std::string(path) + ":" + std::to_string(line) + ": " + what};
}

}  // namespace

base::Result<Value> parse_yaml(std::string_view path, std::string_view text) {
  if (text.size() > 256 * 1024) return invalid(path, 1, "larger than 256 KiB");
  // An alias shares its node, so a small file could grow without bound; none of ours needs one.
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(text));
    if (documents.size() != 1) return invalid(path, 1, "must hold exactly one document");
    return Converter().convert(documents.front(), 0);
  } catch (const YAML::Exception& e) {
    return invalid(path, e.mark.line + 1, e.msg);
  } catch (const Broken& broken) {
    return invalid(path, broken.line, broken.what);
  }
}

int line_of(std::string_view text, std::string_view pointer) {
  // Good enough for a message: the first line that holds the last named key of the pointer, after its parents.
  std::size_t at = 0;
  for (const std::string_view part : base::split(pointer, '/')) {
    if (part.empty() || base::parse_int(part)) continue;
    std::size_t found = text.find(std::string(part) + ":", at);
    // "title:" is not the end of "subtitle:".
    while (found != std::string_view::npos && found > 0 && std::string_view(" \n{,\"'").find(text[found - 1]) == std::string_view::npos) {
      found = text.find(std::string(part) + ":", found + 1);
    }
    if (found == std::string_view::npos) break;
    at = found;
  }
  int line = 1;
  for (std::size_t i = 0; i < at; ++i) line += text[i] == '\n' ? 1 : 0;
  return line;
}

}  // namespace sluice::manifest
