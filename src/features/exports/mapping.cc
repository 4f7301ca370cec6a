// What an export of rows may say, against its type.
#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"
#include "features/exports/rules.h"

namespace sluice::exports::rules {

namespace {

using base::Error;
using base::FieldError;
using base::Result;

Result<void> refused(std::vector<FieldError> faults) {
  if (faults.empty()) return {};
  Error error{.code = base::Code::invalid,
              .reason = "export.bad_mapping",
              .detail = "What the export sends does not fit the type of its connection; see errors."};
  if (faults.size() == 1) error.detail = faults.front().pointer.substr(1) + " " + faults.front().detail + ".";
  error.fields = std::move(faults);
  return error;
}

// The attributes that must be mapped: the mandatory ones, and those of the chosen key identifier (EXP-36).
std::vector<std::string> demanded(const manifest::Connector& connector, const base::json::Object& settings) {
  std::vector<std::string> names;
  for (const manifest::Attribute& attribute : connector.mapping.attributes) {
    if (attribute.required) names.push_back(attribute.name);
  }
  for (const manifest::KeyIdentifier& one : connector.mapping.key_identifiers) {
    if (one.value == settings.get("key_identifier").text()) names.insert(names.end(), one.attributes.begin(), one.attributes.end());
  }
  if (connector.mapping.free) names.emplace_back(settings.get("identifier").text());
  return names;
}

std::string title_of(const manifest::Connector& connector, const std::string& name) {
  for (const manifest::Attribute& attribute : connector.mapping.attributes) {
    if (attribute.name == name) return attribute.title;
  }
  return name;
}

void check_free_name(const std::string& name, std::set<std::string>& seen, std::vector<FieldError>& faults) {
  const bool has_control = std::any_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (name.empty() || base::utf8_length(name) > 63 || has_control || base::trim(name) != name)
    faults.push_back({"/mapping/" + name, "invalid", "must be a name of 1 to 63 characters without blanks around it"});
  else if (!seen.insert(base::fold_case(name)).second)
    faults.push_back({"/mapping/" + name, "twice", "is named twice"});
}

void check_names(const manifest::Connector& connector, const Export& e, const std::vector<tables::Column>& customer,
                 std::vector<FieldError>& faults) {
  std::set<std::string> seen;
  for (const auto& [name, column] : e.mapping) {
    const std::string pointer = "/mapping/" + name;
    if (connector.mapping.free)
      check_free_name(name, seen, faults);
    else if (std::none_of(connector.mapping.attributes.begin(), connector.mapping.attributes.end(),
                          [&, n = name](const manifest::Attribute& a) { return a.name == n; }))
      faults.push_back({pointer, "unknown", "is not an attribute of " + connector.title});
    if (column.as_string() == nullptr)
      faults.push_back({pointer, "invalid", "must be the name of a column"});
    else if (std::none_of(customer.begin(), customer.end(), [&, c = column.text()](const tables::Column& one) { return one.name == c; }))
      faults.push_back({pointer, "unknown", "must be a column of the Customer table; there is none named " + std::string(column.text())});
  }
  for (const std::string& name : demanded(connector, e.settings)) {
    if (e.mapping.find(name) != nullptr) continue;
    const bool is_setting = connector.mapping.free;
    faults.push_back({is_setting ? "/settings/identifier" : "/mapping/" + name, "required",
                      is_setting ? "must be one of the mapped names" : title_of(connector, name) + " must be mapped to a column"});
  }
}

}  // namespace

Result<void> check_rows(const manifest::Connector& connector, const Export& e, const std::vector<tables::ExportableTable>& found) {
  std::vector<FieldError> faults;
  if (connector.payload == manifest::Payload::tables) {
    if (!e.mapping.empty()) faults.push_back({"/mapping", "unsupported", "is for types that take rows; this one takes whole tables"});
    if (e.mode != Mode::full) faults.push_back({"/mode", "unsupported", "must be full: this type takes whole tables"});
    return refused(std::move(faults));
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    const std::string pointer = "/tables/" + std::to_string(i);
    if (found[i].kind != "segment")
      faults.push_back({pointer, "not_a_segment", "is a table; " + connector.title + " takes segments only"});
    else if (connector.limits.fewest_rows && found[i].rows < *connector.limits.fewest_rows)
      faults.push_back({pointer, "too_small",
                        "has " + std::to_string(found[i].rows) + " members; " + connector.title + " takes a segment of at least " +
                            std::to_string(*connector.limits.fewest_rows)});
  }
  if (!e.columns.empty()) faults.push_back({"/columns", "unsupported", "is for types that take tables; map attributes instead"});
  if (e.mode == Mode::mirror && !connector.can_remove)
    faults.push_back({"/mode", "unsupported", "cannot be mirror: " + connector.title + " offers no way to take rows away"});
  static const std::vector<tables::Column> kNone;
  check_names(connector, e, found.empty() ? kNone : found.front().columns, faults);
  return refused(std::move(faults));
}

}  // namespace sluice::exports::rules
