#include <algorithm>
#include <string>

#include "base/text.h"
#include "manifest/connector.h"

namespace sluice::manifest {

namespace {

using base::json::Object;
using base::json::Value;

Value with_default(const Field& field, const Object& settings) {
  const Value* given = settings.find(field.name);
  return given != nullptr && !given->is_null() ? *given : field.initial;
}

std::string as_text(const Value& value) {
  if (const bool* flag = value.as_bool()) return *flag ? "true" : "false";
  if (const std::int64_t* number = value.as_int()) return std::to_string(*number);
  return std::string(value.text());
}

// A fault of one value, or empty text; trims and normalises `value` in place.
std::string check_text(const Field& field, std::string& text) {
  if (!base::is_valid_utf8(text)) return "must be UTF-8 text";
  if (text.find('\0') != std::string::npos) return "must not contain a NUL character";
  // A path keeps its bytes: 'Exports/Øst 2026/A b' is used as typed (C-052). Everything else is trimmed.
  if (field.type != FieldType::path) text = std::string(base::trim(text));
  if (text.size() > (field.type == FieldType::text ? 20'000U : 1'000U)) return "is too long";
  if (field.type != FieldType::text && text.find_first_of("\r\n") != std::string::npos) return "must be one line";
  if (field.type == FieldType::host && !text.empty()) {
    if (text.find("://") != std::string::npos) return "must be the host alone, without \"" + text.substr(0, text.find("://") + 3) + "\"";
    if (text.find_first_of(" /?#@\t") != std::string::npos) return "must be a host name or an address, without path or user";
    if (text.size() > 253) return "must have at most 253 characters";
    if (std::count(text.begin(), text.end(), ':') == 1) return "must be the host alone; the port has its own field";
  }
  if (field.type == FieldType::url && !text.empty()) {
    if (!text.starts_with("https://") && !text.starts_with("http://")) return "must begin with https://";
    if (text.find_first_of(" \t?#@\\") != std::string::npos) return "must be an address without user, question mark and #";
    const std::size_t host = text.find("://") + 3;
    if (text.size() == host || text[host] == '/' || text[host] == ':') return "must name a host";
    while (text.ends_with('/')) text.pop_back();
  }
  if (field.type == FieldType::fingerprint && !text.empty() && !text.starts_with("SHA256:"))
    return "must look like SHA256:…, as ssh-keygen -l prints it";
  return {};
}

// Gives the checked value, or an Error's text in `problem`.
Value check_value(const Field& field, const Value& given, std::string& problem) {
  switch (field.type) {
    case FieldType::boolean:
      if (given.as_bool() == nullptr) problem = "must be true or false";
      return given;
    case FieldType::integer:
    case FieldType::port: {
      const std::int64_t least = field.min.value_or(field.type == FieldType::port ? 1 : INT64_MIN);
      const std::int64_t most = field.max.value_or(field.type == FieldType::port ? 65535 : INT64_MAX);
      if (given.as_int() == nullptr)
        problem = "must be a whole number";
      else if (*given.as_int() < least || *given.as_int() > most)
        problem = "must be between " + std::to_string(least) + " and " + std::to_string(most);
      return given;
    }
    case FieldType::choice:
      if (std::none_of(field.choices.begin(), field.choices.end(), [&](const Choice& choice) { return choice.value == given.text(); }) ||
          given.as_string() == nullptr) {
        problem = "must be one of:";
        for (const Choice& choice : field.choices) problem += " " + choice.value;
      }
      return given;
    case FieldType::string:
    case FieldType::text:
    case FieldType::host:
    case FieldType::path:
    case FieldType::url:
    case FieldType::attribute:
    case FieldType::fingerprint: {
      if (given.as_string() == nullptr) {
        problem = "must be text";
        return given;
      }
      std::string text = *given.as_string();
      problem = check_text(field, text);
      return Value(std::move(text));
    }
    case FieldType::secret:
    case FieldType::secret_text:
      break;
  }
  problem = "is a secret and belongs under secrets";
  return given;
}

}  // namespace

bool applies(const Field& field, std::span<const Field> all, const Object& settings) {
  if (!field.when) return true;
  for (const Field& other : all) {
    if (other.name != field.when->field) continue;
    const std::string value = as_text(with_default(other, settings));
    return std::find(field.when->equals.begin(), field.when->equals.end(), value) != field.when->equals.end() &&
           applies(other, all, settings);
  }
  return false;
}

base::Result<Object> check_settings(std::span<const Field> fields, const Object& given, std::string_view pointer) {
  Object checked;
  std::vector<base::FieldError> faults;
  const auto add = [&](const std::string& name, std::string reason, std::string detail) {
    faults.push_back({std::string(pointer) + "/" + name, std::move(reason), std::move(detail)});
  };
  for (const auto& [name, value] : given) {
    const auto known = std::find_if(fields.begin(), fields.end(), [&, n = name](const Field& field) { return field.name == n; });
    if (known == fields.end())
      add(name, "unknown", "is not a field of this type");
    else if (known->secret)
      add(name, "secret", "is a secret and belongs under secrets");
  }
  for (const Field& field : fields) {
    if (field.secret || !applies(field, fields, given)) continue;
    const Value value = with_default(field, given);
    if (value.is_null() || (value.as_string() != nullptr && base::trim(value.text()).empty())) {
      if (field.required) add(field.name, "required", "is required");
      continue;
    }
    std::string problem;
    Value good = check_value(field, value, problem);
    if (problem.empty())
      checked.set(field.name, std::move(good));
    else
      add(field.name, "invalid", problem);
  }
  if (faults.empty()) return checked;
  base::Error error{.code = base::Code::invalid, .reason = "settings.invalid", .detail = "Some fields need another value; see errors."};
  if (faults.size() == 1) error.detail = faults.front().pointer.substr(pointer.size() + 1) + " " + faults.front().detail + ".";
  error.fields = std::move(faults);
  return error;
}

}  // namespace sluice::manifest
