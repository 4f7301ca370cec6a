// describe(): one list of the fields of a struct, from which the JSON reader, the JSON writer and the OpenAPI schema come.
//
//   struct UserDraft {
//     std::string email;
//     std::optional<std::string> display_name;
//     base::Secret password;
//     template <class V, class S> static void describe(V& v, S& s) {
//       v("email", s.email, length(3, 254));
//       v("display_name", s.display_name, length(1, 100));
//       v("password", s.password, length(12, 256));
//     }
//   };
//
// Reading is strict: an unknown member is an error, a member that is not optional must be there, and all faults of a body
// are reported together as pointers. `std::optional<T>`: absent or null is empty. Patch<T>: absent, null and a value are
// three things. A Secret can be read and never written.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/id.h"
#include "base/json.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/time.h"

namespace sluice::base {

// What a field demands beside its type. Lengths count code points of text or items of a list.
struct Rule {
  std::size_t min_length = 0;
  std::size_t max_length = 10'000;
  std::int64_t minimum = INT64_MIN;
  std::int64_t maximum = INT64_MAX;
  bool may_be_absent = false;  // then the member keeps its default
  std::string_view note = {};  // for the documentation
};
constexpr Rule length(std::size_t least, std::size_t most) { return {.min_length = least, .max_length = most}; }
constexpr Rule range(std::int64_t least, std::int64_t most) { return {.minimum = least, .maximum = most}; }
constexpr Rule absent_ok(Rule rule = {}) {
  rule.may_be_absent = true;
  return rule;
}

// A member of a PATCH body.
template <class T>
struct Patch {
  bool present = false;
  std::optional<T> value;  // empty and present: the client sent null
  explicit operator bool() const { return present; }
};

struct NullVisitor {
  template <class T>
  void operator()(std::string_view, T&, Rule = {}) {}
};

template <class T>
concept Described = requires(NullVisitor& v, T& t) { std::remove_const_t<T>::describe(v, t); };

// Enumerators are wire values: declare `constexpr auto enum_names(Role) { return std::array{"viewer"sv, …}; }` in the
// namespace of the enum, in the order of the enumerators, which count from 0.
template <class T>
concept NamedEnum = std::is_enum_v<T> && requires(T t) { enum_names(t); };

template <NamedEnum E>
std::string_view to_name(E value) {
  const auto names = enum_names(value);
  return names[static_cast<std::size_t>(value)];
}
template <NamedEnum E>
std::optional<E> from_name(std::string_view name) {
  const auto names = enum_names(E{});
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<E>(i);
  }
  return std::nullopt;
}

namespace detail {
template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {
  using Inner = T;
};
template <class T>
struct IsPatch : std::false_type {};
template <class T>
struct IsPatch<Patch<T>> : std::true_type {
  using Inner = T;
};
template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {
  using Inner = T;
};
template <class T>
struct IsMap : std::false_type {};
template <class T>
struct IsMap<std::map<std::string, T>> : std::true_type {
  using Inner = T;
};
template <class T>
struct IsId : std::false_type {};
template <class T>
struct IsId<Id<T>> : std::true_type {};
}  // namespace detail

// ---- reading

class JsonReader {
 public:
  void fault(std::string reason, std::string detail) { faults_.push_back({path_, std::move(reason), std::move(detail)}); }
  std::vector<FieldError>& faults() { return faults_; }

  template <class T>
  void read(const json::Value& in, T& out, const Rule& rule) {
    if constexpr (detail::IsOptional<T>::value) {
      if (in.is_null()) {
        out.reset();
        return;
      }
      typename detail::IsOptional<T>::Inner inner{};
      read(in, inner, rule);
      out = std::move(inner);
    } else if constexpr (detail::IsPatch<T>::value) {
      out.present = true;
      if (in.is_null()) return;
      typename detail::IsPatch<T>::Inner inner{};
      read(in, inner, rule);
      out.value = std::move(inner);
    } else if constexpr (std::same_as<T, std::string>) {
      if (const std::string* text = in.as_string()) {
        out = *text;
        check_length(utf8_length(out), rule, "characters");
      } else
        wrong_kind("text", in);
    } else if constexpr (std::same_as<T, Secret>) {
      if (const std::string* text = in.as_string()) {
        out = Secret(*text);
        check_length(out.size(), rule, "bytes");
      } else
        wrong_kind("text", in);
    } else if constexpr (std::same_as<T, bool>) {
      if (const bool* flag = in.as_bool())
        out = *flag;
      else
        wrong_kind("true or false", in);
    } else if constexpr (std::integral<T>) {
      const std::int64_t* number = in.as_int();
      if (number == nullptr) {
        wrong_kind("a whole number", in);
        return;
      }
      const std::int64_t least = std::max<std::int64_t>(rule.minimum, sizeof(T) < 8 ? std::numeric_limits<T>::min() : INT64_MIN);
      const std::int64_t most = std::min<std::int64_t>(rule.maximum, sizeof(T) < 8 ? std::numeric_limits<T>::max() : INT64_MAX);
      if (*number < least || *number > most)
        fault("out_of_range", "must be between " + std::to_string(least) + " and " + std::to_string(most));
      else
        out = static_cast<T>(*number);
    } else if constexpr (std::floating_point<T>) {
      if (const double* number = in.as_double())
        out = *number;
      else if (const std::int64_t* whole = in.as_int())
        out = static_cast<T>(*whole);
      else
        wrong_kind("a number", in);
    } else if constexpr (std::same_as<T, Timestamp>) {
      const auto instant = parse_rfc3339(in.text());
      if (instant)
        out = *instant;
      else
        fault("not_a_time", "must be an RFC 3339 time such as 2026-01-02T03:04:05Z");
    } else if constexpr (detail::IsId<T>::value) {
      const auto id = T::parse(in.text());
      if (id)
        out = *id;
      else
        fault("not_an_id", "must be an id such as 0192f0c1-1111-7abc-8def-0123456789ab");
    } else if constexpr (NamedEnum<T>) {
      const auto value = from_name<T>(in.text());
      if (value) {
        out = *value;
        return;
      }
      std::string names;
      for (const std::string_view name : enum_names(T{})) names += (names.empty() ? "" : ", ") + std::string(name);
      fault("not_a_choice", "must be one of: " + names);
    } else if constexpr (std::same_as<T, json::Value>) {
      out = in;
    } else if constexpr (std::same_as<T, json::Object>) {
      if (const json::Object* object = in.as_object()) {
        out = *object;
        check_length(out.size(), rule, "members");
      } else
        wrong_kind("an object", in);
    } else if constexpr (detail::IsVector<T>::value) {
      const json::Array* items = in.as_array();
      if (items == nullptr) {
        wrong_kind("a list", in);
        return;
      }
      check_length(items->size(), rule, "items");
      for (std::size_t i = 0; i < items->size(); ++i) {
        typename T::value_type item{};
        at(std::to_string(i), [&] { read((*items)[i], item, {}); });
        out.push_back(std::move(item));
      }
    } else if constexpr (detail::IsMap<T>::value) {
      const json::Object* object = in.as_object();
      if (object == nullptr) {
        wrong_kind("an object", in);
        return;
      }
      check_length(object->size(), rule, "members");
      for (const auto& [name, member] : *object) {
        typename detail::IsMap<T>::Inner item{};
        at(name, [&] { read(member, item, {}); });
        out.emplace(name, std::move(item));
      }
    } else {
      static_assert(Described<T>, "give the type a describe()");
      const json::Object* object = in.as_object();
      if (object == nullptr) {
        wrong_kind("an object", in);
        return;
      }
      read_members(*object, out);
    }
  }

 private:
  // The visitor that describe() calls for each field.
  struct Members {
    JsonReader& reader;
    const json::Object& object;
    std::vector<std::string_view> known;

    template <class T>
    void operator()(std::string_view name, T& member, Rule rule = {}) {
      known.push_back(name);
      const json::Value* in = object.find(name);
      reader.at(name, [&] {
        if (in != nullptr)
          reader.read(*in, member, rule);
        else if constexpr (!detail::IsOptional<T>::value && !detail::IsPatch<T>::value) {
          if (!rule.may_be_absent) reader.fault("required", "is required");
        }
      });
    }
  };

  template <class T>
  void read_members(const json::Object& object, T& out) {
    Members members{*this, object, {}};
    T::describe(members, out);
    for (const auto& [name, value] : object) {
      if (std::find(members.known.begin(), members.known.end(), name) == members.known.end()) {
        at(name, [&] { fault("unknown", "is not a known member"); });
      }
    }
  }

  template <class F>
  void at(std::string_view name, F&& f) {
    const std::size_t before = path_.size();
    path_ += '/';
    for (const char c : name) {
      if (c == '~')
        path_ += "~0";
      else if (c == '/')
        path_ += "~1";
      else
        path_ += c;
    }
    f();
    path_.resize(before);
  }

  void wrong_kind(std::string_view wanted, const json::Value& in) {
    fault("wrong_kind", "must be " + std::string(wanted) + ", not " + std::string(in.kind()));
  }

  void check_length(std::size_t size, const Rule& rule, std::string_view unit) {
    if (size < rule.min_length) {
      if (size == 0)
        fault("required", "must not be empty");
      else
        fault("too_short", "must have at least " + std::to_string(rule.min_length) + " " + std::string(unit));
    }
    if (size > rule.max_length) fault("too_long", "must have at most " + std::to_string(rule.max_length) + " " + std::string(unit));
  }

  std::string path_;
  std::vector<FieldError> faults_;
};

// Reason "request.invalid" with every fault as a pointer.
template <class T>
Result<T> from_json(const json::Value& value) {
  T out{};
  JsonReader reader;
  reader.read(value, out, {});
  if (reader.faults().empty()) return out;
  Error error{.code = Code::invalid, .reason = "request.invalid", .detail = "Some fields need another value; see errors."};
  if (reader.faults().size() == 1) {
    const FieldError& only = reader.faults().front();
    error.detail = only.pointer.empty() ? "The body " + only.detail + "." : only.pointer.substr(1) + " " + only.detail + ".";
  }
  error.fields = std::move(reader.faults());
  return error;
}
template <class T>
Result<T> read_json(std::string_view text, json::Limits limits = {}) {
  ASSIGN_OR_RETURN(const json::Value value, json::parse(text, limits));
  return from_json<T>(value);
}

// ---- writing

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  template <class T>
  void write(const T& in) {
    if constexpr (detail::IsOptional<T>::value) {
      if (in)
        write(*in);
      else
        out_ += "null";
    } else if constexpr (std::same_as<T, std::string> || std::same_as<T, std::string_view>) {
      json::append_quoted(out_, in);
    } else if constexpr (std::same_as<T, bool>) {
      out_ += in ? "true" : "false";
    } else if constexpr (std::integral<T>) {
      out_ += std::to_string(in);
    } else if constexpr (std::floating_point<T>) {
      json::append_number(out_, in);
    } else if constexpr (std::same_as<T, Timestamp>) {
      json::append_quoted(out_, format_rfc3339(in));
    } else if constexpr (detail::IsId<T>::value) {
      json::append_quoted(out_, in.str());
    } else if constexpr (NamedEnum<T>) {
      json::append_quoted(out_, to_name(in));
    } else if constexpr (std::same_as<T, json::Value>) {
      json::append(out_, in);
    } else if constexpr (std::same_as<T, json::Object>) {
      json::append(out_, json::Value(in));
    } else if constexpr (detail::IsVector<T>::value) {
      out_ += '[';
      bool first = true;
      for (const auto& item : in) {
        if (!first) out_ += ',';
        first = false;
        write(item);
      }
      out_ += ']';
    } else if constexpr (detail::IsMap<T>::value) {
      out_ += '{';
      bool first = true;
      for (const auto& [name, item] : in) {
        if (!first) out_ += ',';
        first = false;
        json::append_quoted(out_, name);
        out_ += ':';
        write(item);
      }
      out_ += '}';
    } else {
      static_assert(!std::same_as<T, Secret>, "a secret is never written");
      out_ += '{';
      Members members{*this, true};
      T::describe(members, in);
      out_ += '}';
    }
  }

 private:
  struct Members {
    JsonWriter& writer;
    bool first;

    template <class T>
    void operator()(std::string_view name, const T& member, Rule rule = {}) {
      // An optional that may be absent is left out; any other empty optional is null.
      if constexpr (detail::IsOptional<T>::value) {
        if (!member && rule.may_be_absent) return;
      }
      if constexpr (detail::IsPatch<T>::value) {
        if (!member.present) return;
      }
      if (!first) writer.out_ += ',';
      first = false;
      json::append_quoted(writer.out_, name);
      writer.out_ += ':';
      if constexpr (detail::IsPatch<T>::value)
        writer.write(member.value);
      else
        writer.write(member);
    }
  };

  std::string& out_;
};

template <class T>
std::string to_json(const T& value) {
  std::string out;
  JsonWriter(out).write(value);
  return out;
}

// ---- OpenAPI 3.1 schema

template <class T>
json::Value schema_of(const Rule& rule = {});

namespace detail {
struct SchemaMembers {
  json::Object properties;
  json::Array required;

  template <class T>
  void operator()(std::string_view name, T&, Rule rule = {}) {
    using Plain = std::remove_cvref_t<T>;
    json::Value schema = schema_of<Plain>(rule);
    if (!rule.note.empty() && schema.as_object() != nullptr) schema.as_object()->set("description", rule.note);
    properties.set(name, std::move(schema));
    if (!rule.may_be_absent && !IsPatch<Plain>::value) required.push_back(json::Value(name));
  }
};
}  // namespace detail

template <class T>
json::Value schema_of(const Rule& rule) {
  using json::Object;
  using json::Value;
  if constexpr (detail::IsOptional<T>::value || detail::IsPatch<T>::value) {
    Value inner = [&] {
      if constexpr (detail::IsOptional<T>::value)
        return schema_of<typename detail::IsOptional<T>::Inner>(rule);
      else
        return schema_of<typename detail::IsPatch<T>::Inner>(rule);
    }();
    return Value(Object{{"anyOf", Value(json::Array{std::move(inner), Value(Object{{"type", "null"}})})}});
  } else if constexpr (std::same_as<T, std::string> || std::same_as<T, std::string_view>) {
    Object schema{{"type", "string"}};
    if (rule.min_length != 0) schema.set("minLength", static_cast<std::int64_t>(rule.min_length));
    if (rule.max_length != Rule{}.max_length) schema.set("maxLength", static_cast<std::int64_t>(rule.max_length));
    return schema;
  } else if constexpr (std::same_as<T, Secret>) {
    return Object{{"type", "string"}, {"format", "password"}, {"writeOnly", true}};
  } else if constexpr (std::same_as<T, bool>) {
    return Object{{"type", "boolean"}};
  } else if constexpr (std::integral<T>) {
    Object schema{{"type", "integer"}};
    if (rule.minimum != INT64_MIN) schema.set("minimum", rule.minimum);
    if (rule.maximum != INT64_MAX) schema.set("maximum", rule.maximum);
    return schema;
  } else if constexpr (std::floating_point<T>) {
    return Object{{"type", "number"}};
  } else if constexpr (std::same_as<T, Timestamp>) {
    return Object{{"type", "string"}, {"format", "date-time"}};
  } else if constexpr (detail::IsId<T>::value) {
    return Object{{"type", "string"}, {"format", "uuid"}};
  } else if constexpr (NamedEnum<T>) {
    json::Array names;
    for (const std::string_view name : enum_names(T{})) names.push_back(Value(name));
    return Object{{"type", "string"}, {"enum", Value(std::move(names))}};
  } else if constexpr (std::same_as<T, json::Value>) {
    return Object{};
  } else if constexpr (std::same_as<T, json::Object>) {
    return Object{{"type", "object"}};
  } else if constexpr (detail::IsVector<T>::value) {
    return Object{{"type", "array"}, {"items", schema_of<typename T::value_type>()}};
  } else if constexpr (detail::IsMap<T>::value) {
    return Object{{"type", "object"}, {"additionalProperties", schema_of<typename detail::IsMap<T>::Inner>()}};
  } else {
    T instance{};
    detail::SchemaMembers members;
    T::describe(members, instance);
    Object schema{{"type", "object"}, {"properties", Value(std::move(members.properties))}};
    if (!members.required.empty()) schema.set("required", Value(std::move(members.required)));
    schema.set("additionalProperties", false);
    return schema;
  }
}

}  // namespace sluice::base
