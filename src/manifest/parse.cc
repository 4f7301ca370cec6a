#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/text.h"
#include "manifest/connector.h"
#include "manifest/parts.h"
#include "manifest/vocabulary.h"
#include "manifest/yaml.h"

namespace sluice::manifest {

namespace {

using base::json::Object;
using base::json::Value;

// The file as it is written; describe() makes unknown keys errors, which keeps the vocabulary closed.
struct FieldFile {
  std::string name;
  FieldType type = FieldType::string;
  std::string title;
  std::optional<bool> required;
  bool target = false;
  bool fixed_after_create = false;
  std::optional<std::string> placeholder;
  std::optional<std::string> hint;
  std::optional<std::string> prefix;
  Value initial;
  std::vector<Choice> choices;
  std::optional<std::int64_t> min;
  std::optional<std::int64_t> max;
  std::optional<When> when;

  template <class V, class S>
  static void describe(V& v, S& s) {
    using base::absent_ok;
    v("name", s.name, base::length(1, 60));
    v("type", s.type);
    v("title", s.title, base::length(1, 80));
    v("required", s.required, absent_ok());
    v("target", s.target, absent_ok());
    v("fixed_after_create", s.fixed_after_create, absent_ok());
    v("placeholder", s.placeholder, absent_ok(base::length(1, 200)));
    v("hint", s.hint, absent_ok(base::length(1, 500)));
    v("prefix", s.prefix, absent_ok(base::length(1, 40)));
    v("default", s.initial, absent_ok());
    v("choices", s.choices, absent_ok(base::length(0, 50)));
    v("min", s.min, absent_ok());
    v("max", s.max, absent_ok());
    v("when", s.when, absent_ok());
  }
};

struct FieldsFile {
  std::vector<FieldFile> fields;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("fields", s.fields, base::absent_ok(base::length(0, 60)));
  }
};

struct FilesFile {
  std::int64_t per_table = 1;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("per_table", s.per_table, base::range(1, 1000));
  }
};

struct ManifestFile {
  std::int64_t manifest = 0;
  std::string id, title, subtitle, summary, category, status, driver;
  std::vector<Serves> serves;
  Verify verify = Verify::optional;
  bool vault = false;
  Payload payload = Payload::tables;
  bool columns = false;
  std::optional<FilesFile> files;
  Consent consent;
  FieldsFile connection;
  FieldsFile exports;
  std::int64_t parallel = 4;
  std::optional<Value> mapping, limits, http;  // read by their own files
  bool removes = false;
  template <class V, class S>
  static void describe(V& v, S& s) {
    using base::absent_ok;
    using base::length;
    v("manifest", s.manifest, base::range(1, 1));
    v("id", s.id, length(2, 40));
    v("title", s.title, length(1, 80));
    v("subtitle", s.subtitle, length(1, 80));
    v("summary", s.summary, length(1, 400));
    v("category", s.category, length(1, 40));
    v("serves", s.serves, length(1, 1));
    v("status", s.status);
    v("driver", s.driver, length(1, 40));
    v("verify", s.verify);
    v("vault", s.vault, absent_ok());
    v("payload", s.payload, absent_ok());
    v("columns", s.columns, absent_ok());
    v("files", s.files, absent_ok());
    v("parallel", s.parallel, absent_ok(base::range(1, 64)));
    v("consent", s.consent);
    v("connection", s.connection);
    v("export", s.exports, absent_ok());
    v("mapping", s.mapping);
    v("limits", s.limits);
    v("removes", s.removes, absent_ok());
    v("http", s.http);
  }
};

constexpr std::array kCategories = {"ads_automation"sv, "marketing_automation"sv, "export_destination"sv, "omnichannel_marketing"sv,
                                    "custom_data"sv,    "company_data"sv,         "demographics"sv,       "location"sv,
                                    "identity"sv};

// A plain field that is named like a secret is one whose author forgot the type (C-019).
bool sounds_secret(const FieldFile& field) {
  const std::string words = base::ascii_lower(field.name + " " + field.title);
  constexpr std::array kWords = {"password"sv, "secret"sv,      "token"sv,      "api_key"sv,
                                 "api key"sv,  "private key"sv, "credential"sv, "passphrase"sv};
  const bool exempt = field.type == FieldType::choice || field.type == FieldType::fingerprint;
  return !exempt && std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) { return words.find(word) != std::string::npos; });
}

Field to_field(FieldFile&& in) {
  Field field{.name = std::move(in.name), .type = in.type, .title = std::move(in.title)};
  field.secret = in.type == FieldType::secret || in.type == FieldType::secret_text;
  field.required = in.required.value_or(in.type != FieldType::boolean);
  field.target = in.target;
  field.fixed_after_create = in.fixed_after_create;
  field.placeholder = std::move(in.placeholder);
  field.hint = std::move(in.hint);
  field.prefix = std::move(in.prefix);
  field.initial = std::move(in.initial);
  field.choices = std::move(in.choices);
  field.min = in.min;
  field.max = in.max;
  field.when = std::move(in.when);
  return field;
}

base::Result<std::vector<Field>> to_fields(const Source& source, const std::string& pointer, std::vector<FieldFile>&& in) {
  std::vector<Field> fields;
  for (FieldFile& file : in) {
    const std::string at = pointer + "/" + file.name;
    if (!is_name(file.name)) return source.fault(pointer, "has a field named \"" + file.name + "\"; names are lower-case words with '_'");
    const bool is_secret = file.type == FieldType::secret || file.type == FieldType::secret_text;
    if (!is_secret && sounds_secret(file)) return source.fault(at, "sounds like a secret: give it the type secret or secret_text");
    if (is_secret && !file.initial.is_null()) return source.fault(at, "is a secret and cannot have a default");
    const bool names_host = file.type == FieldType::host || file.type == FieldType::url;
    if (names_host && !file.target) return source.fault(at, "says where data goes and must be marked target: true");
    if ((file.type == FieldType::choice) != !file.choices.empty())
      return source.fault(at, "must have choices exactly when its type is choice");
    for (const Field& earlier : fields) {
      if (earlier.name == file.name) return source.fault(at, "appears twice");
    }
    if (file.when && std::none_of(fields.begin(), fields.end(), [&](const Field& f) { return f.name == file.when->field; })) {
      return source.fault(at, "depends on \"" + file.when->field + "\", which is not a field before it");
    }
    fields.push_back(to_field(std::move(file)));
  }
  return fields;
}

// What is beyond files and forms: the mapping, the limits, and the calls of a service.
base::Result<void> read_rows(const Source& source, const ManifestFile& file, Connector& connector) {
  const bool segments = connector.payload == Payload::segments;
  if (segments != file.mapping.has_value())
    return source.fault("/payload", segments ? "is segments and needs a mapping" : "is tables, which are not mapped: leave mapping out");
  for (const Field& field : connector.connection_fields) {
    if (field.type == FieldType::attribute)
      return source.fault("/connection/fields/" + field.name, "has the type attribute, which is for fields of an export");
  }
  for (const Field& field : connector.export_fields) {
    if (field.type == FieldType::attribute && !segments)
      return source.fault("/export/fields/" + field.name, "has the type attribute, which needs a mapping");
  }
  if (file.mapping) RETURN_IF_ERROR(read_mapping(source, *file.mapping, connector));
  if (file.limits) {
    ASSIGN_OR_RETURN(connector.limits, read_limits(source, *file.limits));
  }
  const bool calls = connector.driver == "http_json";
  if (calls != file.http.has_value())
    return source.fault(
        "/driver", calls ? "is http_json and needs `http`, the calls" : "makes no calls of its own: `http` is for the driver http_json");
  connector.can_remove = file.removes;
  if (!file.http) return {};
  if (!segments) return source.fault("/payload", "must be segments with the driver http_json");
  if (file.removes) return source.fault("/removes", "follows from http.remove; leave it out");
  ASSIGN_OR_RETURN(HttpService service, read_http(source, *file.http));
  connector.can_remove = service.remove.has_value();
  connector.http = std::make_shared<const HttpService>(std::move(service));
  return lint_http(source, connector);
}

}  // namespace

const Field* Connector::find_connection_field(std::string_view name) const {
  for (const Field& field : connection_fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

base::Result<Connector> parse_manifest(std::string_view path, std::string_view yaml) {
  const Source source{path, yaml};
  ASSIGN_OR_RETURN(const Value value, parse_yaml(path, yaml));
  ASSIGN_OR_RETURN(ManifestFile file, source.read<ManifestFile>(value, ""));
  if (!is_name(file.id)) return source.fault("/id", "must be lower-case letters, digits, '_' or '-'");
  if (file.status != "stable" && file.status != "preview") return source.fault("/status", "must be stable or preview");
  if (std::find(kCategories.begin(), kCategories.end(), file.category) == kCategories.end())
    return source.fault("/category", "is not a known category");
  Connector connector{.id = file.id, .title = file.title, .subtitle = file.subtitle, .summary = file.summary, .category = file.category};
  connector.serves = file.serves.front();
  connector.status = file.status;
  connector.driver = file.driver;
  connector.verify = file.verify;
  connector.vault = file.vault;
  connector.payload = file.payload;
  connector.columns = file.columns;
  connector.files_per_table = file.files ? file.files->per_table : 0;
  connector.parallel = file.parallel;
  connector.consent = file.consent;
  ASSIGN_OR_RETURN(connector.connection_fields, to_fields(source, "/connection/fields", std::move(file.connection.fields)));
  ASSIGN_OR_RETURN(connector.export_fields, to_fields(source, "/export/fields", std::move(file.exports.fields)));
  RETURN_IF_ERROR(read_rows(source, file, connector));
  return connector;
}

}  // namespace sluice::manifest
