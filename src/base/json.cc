#include "base/json.h"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace sluice::base::json {

Object::Object() = default;
Object::Object(std::initializer_list<Member> members) : members_(members) {}
Object::Object(const Object&) = default;
Object::Object(Object&&) noexcept = default;
Object& Object::operator=(const Object&) = default;
Object& Object::operator=(Object&&) noexcept = default;
Object::~Object() = default;

std::size_t Object::size() const { return members_.size(); }
const Member* Object::begin() const { return members_.data(); }
const Member* Object::end() const { return members_.data() + members_.size(); }

const Value* Object::find(std::string_view name) const {
  for (const Member& member : members_) {
    if (member.name == name) return &member.value;
  }
  return nullptr;
}

Value* Object::find(std::string_view name) {
  for (Member& member : members_) {
    if (member.name == name) return &member.value;
  }
  return nullptr;
}

const Value& Object::get(std::string_view name) const {
  static const Value kNull;
  const Value* found = find(name);
  return found != nullptr ? *found : kNull;
}

void Object::set(std::string_view name, Value value) {
  if (Value* found = find(name)) {
    *found = std::move(value);
  } else {
    members_.push_back({std::string(name), std::move(value)});
  }
}

bool Object::erase(std::string_view name) {
  return std::erase_if(members_, [&](const Member& member) { return member.name == name; }) != 0;
}

bool Object::operator==(const Object& other) const {
  if (members_.size() != other.members_.size()) return false;
  for (const Member& member : members_) {
    const Value* twin = other.find(member.name);
    if (twin == nullptr || !(*twin == member.value)) return false;
  }
  return true;
}

std::string_view Value::text() const {
  const std::string* text = as_string();
  return text != nullptr ? std::string_view(*text) : std::string_view();
}

std::string_view Value::kind() const {
  constexpr std::string_view kKinds[] = {"null", "true or false", "a whole number", "a number", "text", "a list", "an object"};
  return kKinds[state_.index()];
}

bool Value::operator==(const Value& other) const { return state_ == other.state_; }

namespace {

// Builds our values from nlohmann's events, so that limits and duplicate members are checked while reading.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Builder(Limits limits) : limits_(limits) {}

  bool null() override { return add(Value()); }
  bool boolean(bool v) override { return add(Value(v)); }
  bool number_integer(number_integer_t v) override { return add(Value(static_cast<std::int64_t>(v))); }
  bool number_unsigned(number_unsigned_t v) override {
    if (v > static_cast<number_unsigned_t>(INT64_MAX) && limits_.big_as_text) return add(Value(std::to_string(v)));
    if (v > static_cast<number_unsigned_t>(INT64_MAX)) return fail("a whole number is too large (at most 9223372036854775807)");
    return add(Value(static_cast<std::int64_t>(v)));
  }
  bool number_float(number_float_t v, const string_t& text) override {
    if (limits_.big_as_text && text.find_first_of(".eE") == string_t::npos) return add(Value(text));
    if (!std::isfinite(v)) return fail("a number is too large");
    return add(Value(v));
  }
  bool string(string_t& v) override { return add(Value(std::move(v))); }
  bool binary(binary_t&) override { return fail("binary values are not JSON"); }
  bool start_object(std::size_t) override { return open(Value(Object())); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(Value(Array())); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    if (stack_.back().value.as_object()->find(name) != nullptr) return fail("the member \"" + name + "\" appears twice");
    stack_.back().key = std::move(name);
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    position_ = position;
    return false;
  }

  Value take() { return std::move(root_); }
  const std::string& problem() const { return problem_; }
  std::size_t position() const { return position_; }

 private:
  struct Frame {
    Value value;
    std::string key;
  };

  bool fail(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }

  bool place(Value value) {
    if (stack_.empty()) {
      root_ = std::move(value);
    } else if (Array* array = stack_.back().value.as_array()) {
      array->push_back(std::move(value));
    } else {
      stack_.back().value.as_object()->set(stack_.back().key, std::move(value));
    }
    return true;
  }

  bool add(Value value) {
    if (++count_ > limits_.values) return fail("it has too many values");
    return place(std::move(value));
  }

  bool open(Value value) {
    if (stack_.size() >= limits_.depth) return fail("it is nested too deeply");
    if (++count_ > limits_.values) return fail("it has too many values");
    stack_.push_back({std::move(value), {}});
    return true;
  }

  bool close() {
    Value done = std::move(stack_.back().value);
    stack_.pop_back();
    return place(std::move(done));
  }

  Limits limits_;
  Value root_;
  std::vector<Frame> stack_;
  std::size_t count_ = 0;
  std::string problem_;
  std::size_t position_ = 0;
};

Error invalid(std::string detail) { return Error{.code = Code::invalid, .reason = "json.invalid", .detail = std::move(detail)}; }

std::string place_of(std::string_view text, std::size_t position) {
  std::size_t line = 1;
  std::size_t column = 1;
  for (std::size_t i = 0; i + 1 < position && i < text.size(); ++i) {
    if (text[i] == '\n') {
      ++line;
      column = 1;
    } else {
      ++column;
    }
  }
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

void append_indent(std::string& out, std::size_t depth) { out.append(1, '\n').append(depth * 2, ' '); }

void append_value(std::string& out, const Value& value, bool pretty, std::size_t depth) {
  struct Visitor {
    std::string& out;
    bool pretty;
    std::size_t depth;
    void operator()(std::monostate) const { out += "null"; }
    void operator()(bool v) const { out += v ? "true" : "false"; }
    void operator()(std::int64_t v) const { out += std::to_string(v); }
    void operator()(double v) const { append_number(out, v); }
    void operator()(const std::string& v) const { append_quoted(out, v); }
    void operator()(const Array& v) const {
      out += '[';
      bool first = true;
      for (const Value& item : v) {
        if (!first) out += ',';
        first = false;
        if (pretty) append_indent(out, depth + 1);
        append_value(out, item, pretty, depth + 1);
      }
      if (pretty && !v.empty()) append_indent(out, depth);
      out += ']';
    }
    void operator()(const Object& v) const {
      out += '{';
      bool first = true;
      for (const auto& [name, item] : v) {
        if (!first) out += ',';
        first = false;
        if (pretty) append_indent(out, depth + 1);
        append_quoted(out, name);
        out += pretty ? ": " : ":";
        append_value(out, item, pretty, depth + 1);
      }
      if (pretty && !v.empty()) append_indent(out, depth);
      out += '}';
    }
  };
  std::visit(Visitor{out, pretty, depth}, value.state());
}

}  // namespace

Result<Value> parse(std::string_view text, Limits limits) {
  if (text.size() > limits.bytes)
    return Error{.code = Code::too_large,
                 .reason = "json.too_large",
                 .detail = "The JSON text is larger than " + std::to_string(limits.bytes) + " bytes."};
  Builder builder(limits);
  const bool ok = nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
  if (ok) return builder.take();
  if (!builder.problem().empty()) return invalid("The JSON text cannot be used: " + builder.problem() + ".");
  return invalid("The JSON text is broken at " + place_of(text, builder.position()) + ".");
}

void append(std::string& out, const Value& value) { append_value(out, value, false, 0); }

std::string write(const Value& value) {
  std::string out;
  append(out, value);
  return out;
}

std::string write_pretty(const Value& value) {
  std::string out;
  append_value(out, value, true, 0);
  out += '\n';
  return out;
}

void append_number(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, number);
  if (error == std::errc()) out.append(buffer, end);
}

void append_quoted(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  const bool valid = is_valid_utf8(text);
  out += '"';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (c < 0x20 || c == 0x7F) {
          out += "\\u00";
          out += kHex[c >> 4];
          out += kHex[c & 15];
        } else if (c >= 0x80 && !valid) {
          out += "\xEF\xBF\xBD";
        } else {
          out += static_cast<char>(c);
        }
    }
  }
  out += '"';
}

}  // namespace sluice::base::json
