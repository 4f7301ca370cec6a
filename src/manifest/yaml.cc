#include "manifest/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <optional>
#include <sstream>
#include <string>
#include <utility>

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

// Only counts.
class Nothing : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

// Asks for two documents and no more: YAML::LoadAll() never ends on a text such as ",a", which it takes for empty documents.
bool is_one_document(std::string_view text) {
  std::istringstream stream{std::string(text)};
  YAML::Parser parser(stream);
  Nothing handler;
  return parser.HandleNextDocument(handler) && !parser.HandleNextDocument(handler);
}

// A part of a JSON pointer as it is meant.
std::string unescape(std::string_view part) {
  std::string out;
  for (std::size_t i = 0; i < part.size(); ++i) {
    const bool escaped = part[i] == '~' && i + 1 < part.size() && (part[i + 1] == '0' || part[i + 1] == '1');
    out += escaped ? (part[++i] == '0' ? '~' : '/') : part[i];
  }
  return out;
}

// The member or item of `node` and its line. An item of a list is named by its place or by its member `name`.
std::pair<std::optional<YAML::Node>, int> step_into(const YAML::Node& node, const std::string& part) {
  std::size_t place = 0;
  for (const auto& child : node) {
    if (node.IsMap()) {
      if (child.first.IsScalar() && child.first.Scalar() == part) return {child.second, child.first.Mark().line + 1};
      continue;
    }
    const YAML::Node name = child.IsMap() ? child["name"] : YAML::Node(YAML::NodeType::Undefined);
    if (std::to_string(place++) == part || (name.IsDefined() && name.IsScalar() && name.Scalar() == part))
      return {static_cast<const YAML::Node&>(child), child.Mark().line + 1};
  }
  return {std::nullopt, 0};
}

}  // namespace

base::Result<Value> parse_yaml(std::string_view path, std::string_view text) {
  if (text.size() > 256 * 1024) return invalid(path, 1, "larger than 256 KiB");
  // An alias shares its node, so a small file could grow without bound; none of ours needs one.
  try {
    if (!is_one_document(text)) return invalid(path, 1, "must hold exactly one document");
    return Converter().convert(YAML::Load(std::string(text)), 0);
  } catch (const YAML::Exception& e) {
    return invalid(path, e.mark.line + 1, e.msg);
  } catch (const Broken& broken) {
    return invalid(path, broken.line, broken.what);
  }
}

int line_of(std::string_view text, std::string_view pointer) {
  try {
    YAML::Node node = YAML::Load(std::string(text));
    int line = 1;
    for (const std::string_view part : base::split(pointer, '/')) {
      if (part.empty()) continue;
      const auto [found, at] = step_into(node, unescape(part));
      if (!found) break;
      node.reset(*found);
      line = at;
    }
    return line;
  } catch (const YAML::Exception&) {
    return 1;
  }
}

}  // namespace sluice::manifest
