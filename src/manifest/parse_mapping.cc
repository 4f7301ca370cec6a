#include <algorithm>
#include <string>
#include <vector>

#include "manifest/parts.h"
#include "manifest/vocabulary.h"

namespace sluice::manifest {

namespace {

using base::absent_ok;

struct AttributeFile {
  std::string name;
  std::string title;
  bool required = false;
  std::string as;
  std::string normalise;
  bool hashed = false;
  std::optional<std::string> hint;

  template <class V, class S>
  static void describe(V& v, S& s) {
    v("name", s.name, base::length(1, 60));
    v("title", s.title, base::length(1, 80));
    v("required", s.required, absent_ok());
    v("as", s.as, absent_ok(base::length(1, 100)));
    v("normalise", s.normalise, absent_ok());
    v("hashed", s.hashed, absent_ok());
    v("hint", s.hint, absent_ok(base::length(1, 500)));
  }
};

struct MappingFile {
  std::vector<AttributeFile> attributes;
  std::vector<std::string> identifier;
  std::vector<KeyIdentifier> key_identifiers;
  bool free = false;

  template <class V, class S>
  static void describe(V& v, S& s) {
    v("attributes", s.attributes, absent_ok(base::length(1, 200)));
    v("identifier", s.identifier, absent_ok(base::length(1, 10)));
    v("key_identifiers", s.key_identifiers, absent_ok(base::length(1, 20)));
    v("free", s.free, absent_ok());
  }
};

struct LimitsFile {
  std::optional<std::int64_t> most_rows;
  Counted counted = Counted::exports;
  bool strict = true;
  std::optional<std::int64_t> fewest_rows;
  std::optional<std::string> duration;

  template <class V, class S>
  static void describe(V& v, S& s) {
    v("most_rows", s.most_rows, absent_ok(base::range(1, INT64_MAX)));
    v("counted", s.counted, absent_ok());
    v("strict", s.strict, absent_ok());
    v("fewest_rows", s.fewest_rows, absent_ok(base::range(1, INT64_MAX)));
    v("duration", s.duration, absent_ok(base::length(1, 200)));
  }
};

const Attribute* find_attribute(const Mapping& mapping, std::string_view name) {
  for (const Attribute& attribute : mapping.attributes) {
    if (attribute.name == name) return &attribute;
  }
  return nullptr;
}

const Field* find_export_field(const Connector& connector, std::string_view name) {
  for (const Field& field : connector.export_fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

// A name means the same in every type, so that a mapping can be proposed and one row can go to several services.
base::Result<void> check_name(const Source& source, const std::string& at, const Connector& connector, const std::string& name) {
  std::string own = connector.id + "_";
  std::replace(own.begin(), own.end(), '-', '_');
  const bool snake = is_name(name) && name.find('-') == std::string::npos;
  if (snake && (contains(kAttributeNames, name) || (name.starts_with(own) && name.size() > own.size()))) return {};
  std::string known;
  for (const std::string_view one : kAttributeNames) known += (known.empty() ? "" : ", ") + std::string(one);
  return source.fault(at, "must be one of " + known + ", or begin with \"" + own + "\"");
}

base::Result<void> add_attribute(const Source& source, const std::string& at, AttributeFile&& in, const Connector& connector,
                                 Mapping& mapping) {
  RETURN_IF_ERROR(check_name(source, at + "/name", connector, in.name));
  if (!in.normalise.empty() && !contains(kNormaliseRules, in.normalise))
    return source.fault(at + "/normalise", "is not a rule of src/data/normalise.h: \"" + in.normalise + "\"");
  if (in.hashed && in.normalise.empty())
    return source.fault(at + "/hashed", "needs `normalise`, since a hash of a value that was not made canonical matches nobody");
  if (in.as.empty()) in.as = in.name;
  for (const Attribute& earlier : mapping.attributes) {
    if (earlier.name == in.name) return source.fault(at + "/name", "appears twice");
    if (earlier.as == in.as) return source.fault(at + "/as", "is the name of another attribute on the wire already");
  }
  mapping.attributes.push_back({.name = std::move(in.name),
                                .title = std::move(in.title),
                                .required = in.required,
                                .as = std::move(in.as),
                                .normalise = std::move(in.normalise),
                                .hashed = in.hashed,
                                .hint = std::move(in.hint)});
  return {};
}

// Who a row is at the service: exactly one of the three ways.
base::Result<void> check_identity(const Source& source, const Connector& connector, const Mapping& mapping) {
  const std::string at = "/mapping";
  if (mapping.free) {
    if (!mapping.attributes.empty() || !mapping.identifier.empty() || !mapping.key_identifiers.empty())
      return source.fault(at + "/free", "stands instead of attributes, identifier and key_identifiers");
    const Field* field = find_export_field(connector, "identifier");
    if (field == nullptr || field->type != FieldType::attribute)
      return source.fault(at + "/free", "needs a field `identifier` of type attribute in export.fields, which says who a row is");
    return {};
  }
  if (mapping.attributes.empty()) return source.fault(at, "needs attributes, or free: true");
  if (mapping.identifier.empty() == mapping.key_identifiers.empty())
    return source.fault(at, "needs either identifier or key_identifiers, which say who a row is at the service");
  bool demanded = mapping.identifier.empty();
  for (const std::string& name : mapping.identifier) {
    const Attribute* attribute = find_attribute(mapping, name);
    if (attribute == nullptr) return source.fault(at + "/identifier", "names \"" + name + "\", which is not an attribute");
    demanded = demanded || attribute->required;
  }
  if (!demanded) return source.fault(at + "/identifier", "needs at least one attribute that is required: true");
  std::vector<std::string_view> values;
  for (const KeyIdentifier& key : mapping.key_identifiers) {
    const std::string here = at + "/key_identifiers/" + std::to_string(values.size());
    if (!is_name(key.value) || std::find(values.begin(), values.end(), key.value) != values.end())
      return source.fault(here + "/value", "must be a lower-case word that is there once");
    values.push_back(key.value);
    if (key.attributes.empty() || key.title.empty()) return source.fault(here, "needs a title and attributes");
    for (const std::string& name : key.attributes) {
      if (find_attribute(mapping, name) == nullptr)
        return source.fault(here + "/attributes", "names \"" + name + "\", which is not an attribute");
    }
  }
  return {};
}

// Settings of an export that the data path reads by name.
base::Result<void> check_settings_of_the_data_path(const Source& source, const Connector& connector, const Mapping& mapping) {
  const bool phones = std::any_of(mapping.attributes.begin(), mapping.attributes.end(),
                                  [](const Attribute& one) { return one.normalise.starts_with("phone"); });
  const Field* country = find_export_field(connector, "default_country");
  if (phones && country == nullptr)
    return source.fault("/export/fields", "needs a field `default_country`, since phone numbers without a country code are made canonical");
  if (country != nullptr && country->type != FieldType::string && country->type != FieldType::choice)
    return source.fault("/export/fields/default_country", "must have the type string or choice");
  const bool hashes = std::any_of(mapping.attributes.begin(), mapping.attributes.end(), [](const Attribute& one) { return one.hashed; });
  const Field* hashed = find_export_field(connector, "already_hashed");
  if (hashes && hashed == nullptr)
    return source.fault("/export/fields",
                        "needs a field `already_hashed`, since attributes are hashed and a column may hold hashes already");
  if (hashed != nullptr && hashed->type != FieldType::boolean)
    return source.fault("/export/fields/already_hashed", "must have the type boolean");
  return {};
}

// The person chooses one in the form of the export like any other setting.
base::Result<void> add_key_identifier_field(const Source& source, Connector& connector) {
  if (const Field* written = find_export_field(connector, "key_identifier")) {
    const auto same = [](const Choice& choice, const KeyIdentifier& key) { return choice.value == key.value; };
    if (std::equal(written->choices.begin(), written->choices.end(), connector.mapping.key_identifiers.begin(),
                   connector.mapping.key_identifiers.end(), same))
      return {};
    return source.fault("/export/fields/key_identifier", "must offer exactly the values of mapping.key_identifiers, or be left out");
  }
  if (connector.mapping.key_identifiers.empty()) return {};
  Field field{.name = "key_identifier", .type = FieldType::choice, .title = "Key identifier", .required = true};
  field.hint = "What says who a person is at the service. Its attributes have to be mapped.";
  field.initial = connector.mapping.key_identifiers.front().value;
  for (const KeyIdentifier& key : connector.mapping.key_identifiers) field.choices.push_back({key.value, key.title});
  connector.export_fields.push_back(std::move(field));
  return {};
}

}  // namespace

base::Result<void> read_mapping(const Source& source, const base::json::Value& part, Connector& connector) {
  ASSIGN_OR_RETURN(MappingFile file, source.read<MappingFile>(part, "/mapping"));
  Mapping mapping;
  std::size_t place = 0;
  for (AttributeFile& attribute : file.attributes) {
    const std::string at = "/mapping/attributes/" + std::to_string(place++);
    RETURN_IF_ERROR(add_attribute(source, at, std::move(attribute), connector, mapping));
  }
  mapping.identifier = std::move(file.identifier);
  mapping.key_identifiers = std::move(file.key_identifiers);
  mapping.free = file.free;
  RETURN_IF_ERROR(check_identity(source, connector, mapping));
  RETURN_IF_ERROR(check_settings_of_the_data_path(source, connector, mapping));
  connector.mapping = std::move(mapping);
  return add_key_identifier_field(source, connector);
}

base::Result<Limits> read_limits(const Source& source, const base::json::Value& part) {
  ASSIGN_OR_RETURN(LimitsFile file, source.read<LimitsFile>(part, "/limits"));
  return Limits{.most_rows = file.most_rows,
                .counted = file.counted,
                .strict = file.strict,
                .fewest_rows = file.fewest_rows,
                .duration = std::move(file.duration)};
}

}  // namespace sluice::manifest
