#include "drivers/http_json/pointer.h"

#include <algorithm>

#include "base/text.h"

namespace sluice::drivers::http_json {

using base::json::Value;

namespace {

std::string unescape(std::string_view token) {
  std::string out;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] == '~' && i + 1 < token.size() && (token[i + 1] == '0' || token[i + 1] == '1')) {
      out += token[++i] == '0' ? '~' : '/';
    } else {
      out += token[i];
    }
  }
  return out;
}

using Visit = std::function<bool(const Value&)>;

// False when the visitor wants no more.
bool walk(const Value& value, std::string_view rest, const Visit& visit) {
  if (rest.empty()) return visit(value);
  rest.remove_prefix(1);  // '/'
  const std::size_t end = std::min(rest.find('/'), rest.size());
  const std::string_view token = rest.substr(0, end);
  rest.remove_prefix(end);
  if (const base::json::Array* items = value.as_array()) {
    if (token == "*") return std::all_of(items->begin(), items->end(), [&](const Value& item) { return walk(item, rest, visit); });
    const auto place = base::parse_int(token);
    if (!place || *place < 0 || static_cast<std::size_t>(*place) >= items->size()) return true;
    return walk((*items)[static_cast<std::size_t>(*place)], rest, visit);
  }
  const base::json::Object* object = value.as_object();
  if (object == nullptr) return true;
  if (token == "*") return std::all_of(object->begin(), object->end(), [&](const auto& member) { return walk(member.value, rest, visit); });
  const Value* found = object->find(unescape(token));
  return found == nullptr || walk(*found, rest, visit);
}

std::string scalar_text(const Value& value) {
  if (const std::string* text = value.as_string()) return *text;
  return value.is_null() || value.as_array() != nullptr || value.as_object() != nullptr ? std::string() : base::json::write(value);
}

}  // namespace

void visit_all(const Value& root, std::string_view pointer, const Visit& visit) {
  if (pointer.empty() || pointer.front() == '/') walk(root, pointer, visit);
}

const Value* find_at(const Value& root, std::string_view pointer) {
  const Value* found = nullptr;
  visit_all(root, pointer, [&](const Value& value) {
    found = &value;
    return false;
  });
  return found;
}

std::string text_at(const Value& root, std::string_view pointer) {
  const Value* found = find_at(root, pointer);
  return found == nullptr ? std::string() : scalar_text(*found);
}

bool holds(const Value& root, std::string_view pointer, const std::vector<std::string>& wanted) {
  bool found = false;
  visit_all(root, pointer, [&](const Value& value) {
    if (wanted.empty()) {
      found = !value.is_null();
    } else {
      const std::string text = scalar_text(value);
      found = std::any_of(wanted.begin(), wanted.end(), [&](const std::string& one) {
        return one.ends_with('*') ? text.starts_with(std::string_view(one).substr(0, one.size() - 1)) : text == one;
      });
    }
    return !found;
  });
  return found;
}

}  // namespace sluice::drivers::http_json
