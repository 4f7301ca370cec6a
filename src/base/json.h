// JSON values, for settings and bodies of requests. Objects keep the order in which members were added.
// Integers are exact to 64 bits; a number with a fraction or an exponent is a double. Parsing is strict: depth and size are
// limited, duplicate members and invalid UTF-8 are errors.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace sluice::base::json {

class Value;
using Array = std::vector<Value>;

struct Member;

// Few members, searched in order.
class Object {
 public:
  Object();
  Object(std::initializer_list<Member> members);
  Object(const Object&);
  Object(Object&&) noexcept;
  Object& operator=(const Object&);
  Object& operator=(Object&&) noexcept;
  ~Object();

  const Value* find(std::string_view name) const;
  Value* find(std::string_view name);
  // The member, or the null value.
  const Value& get(std::string_view name) const;
  // Adds or replaces.
  void set(std::string_view name, Value value);
  bool erase(std::string_view name);
  bool empty() const { return size() == 0; }
  std::size_t size() const;
  const Member* begin() const;
  const Member* end() const;
  // Members in any order.
  bool operator==(const Object& other) const;

 private:
  std::vector<Member> members_;
};

class Value {
 public:
  using State = std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object>;

  Value() = default;                                      // null
  Value(std::nullptr_t) {}                                // NOLINT(google-explicit-constructor)
  Value(bool v) : state_(v) {}                            // NOLINT(google-explicit-constructor)
  Value(int v) : state_(static_cast<std::int64_t>(v)) {}  // NOLINT(google-explicit-constructor)
  Value(std::int64_t v) : state_(v) {}                    // NOLINT(google-explicit-constructor)
  Value(double v) : state_(v) {}                          // NOLINT(google-explicit-constructor)
  Value(const char* v) : state_(std::string(v)) {}        // NOLINT(google-explicit-constructor)
  Value(std::string_view v) : state_(std::string(v)) {}   // NOLINT(google-explicit-constructor)
  Value(std::string v) : state_(std::move(v)) {}          // NOLINT(google-explicit-constructor)
  Value(Array v) : state_(std::move(v)) {}                // NOLINT(google-explicit-constructor)
  Value(Object v) : state_(std::move(v)) {}               // NOLINT(google-explicit-constructor)

  bool is_null() const { return std::holds_alternative<std::monostate>(state_); }
  // Null pointers when the value is of another kind.
  const bool* as_bool() const { return std::get_if<bool>(&state_); }
  const std::int64_t* as_int() const { return std::get_if<std::int64_t>(&state_); }
  const double* as_double() const { return std::get_if<double>(&state_); }
  const std::string* as_string() const { return std::get_if<std::string>(&state_); }
  const Array* as_array() const { return std::get_if<Array>(&state_); }
  const Object* as_object() const { return std::get_if<Object>(&state_); }
  Array* as_array() { return std::get_if<Array>(&state_); }
  Object* as_object() { return std::get_if<Object>(&state_); }
  std::string* as_string() { return std::get_if<std::string>(&state_); }
  const State& state() const { return state_; }

  // "" when it is not text.
  std::string_view text() const;
  // Name of the kind for messages: "text", "a list".
  std::string_view kind() const;
  bool operator==(const Value& other) const;

 private:
  State state_;
};

struct Member {
  std::string name;
  Value value;
};

struct Limits {
  std::size_t bytes = 1 << 20;
  std::size_t depth = 32;
  std::size_t values = 200'000;
  bool big_as_text = false;  // whole numbers beyond 64 bits become text, exactly as they are written, instead of a fault
};

// Error reason "json.invalid" with line and column in the detail.
Result<Value> parse(std::string_view text, Limits limits = {});
std::string write(const Value& value);
// Two spaces of indentation, a line per member; for files that people read.
std::string write_pretty(const Value& value);

void append(std::string& out, const Value& value);
// Invalid UTF-8 becomes U+FFFD, so that a log line or an answer is always valid JSON.
void append_quoted(std::string& out, std::string_view text);
void append_number(std::string& out, double number);

}  // namespace sluice::base::json
