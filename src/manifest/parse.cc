#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/text.h"
#include "manifest/connector.h"
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
  }
};

constexpr std::array kCategories = {"ads_automation"sv, "marketing_automation"sv, "export_destination"sv, "omnichannel_marketing"sv,
                                    "custom_data"sv,    "company_data"sv,         "demographics"sv,       "location"sv,
                                    "identity"sv};

base::Error fault(std::string_view path, std::string_view yaml, std::string_view pointer, const std::string& what) {
  return base::Error{.code = base::Code::invalid,
                     .reason = "manifest.invalid",
                     .detail = std::string(path) + ":" + std::to_string(line_of(yaml, pointer)) + ": " + std::string(pointer) + " " + what};
}

bool is_identifier(std::string_view text) {
  if (text.empty() || text[0] < 'a' || text[0] > 'z') return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; });
}

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

base::Result<std::vector<Field>> to_fields(std::string_view path, std::string_view yaml, const std::string& pointer,
                                           std::vector<FieldFile>&& in) {
  std::vector<Field> fields;
  for (FieldFile& file : in) {
    const std::string at = pointer + "/" + file.name;
    if (!is_identifier(file.name))
      return fault(path, yaml, pointer, "has a field named \"" + file.name + "\"; names are lower-case words with '_'");
    const bool is_secret = file.type == FieldType::secret || file.type == FieldType::secret_text;
    if (!is_secret && sounds_secret(file)) return fault(path, yaml, at, "sounds like a secret: give it the type secret or secret_text");
    if (is_secret && !file.initial.is_null()) return fault(path, yaml, at, "is a secret and cannot have a default");
    if ((file.type == FieldType::host) && !file.target) return fault(path, yaml, at, "is a host and must be marked target: true");
    if ((file.type == FieldType::choice) != !file.choices.empty())
      return fault(path, yaml, at, "must have choices exactly when its type is choice");
    for (const Field& earlier : fields) {
      if (earlier.name == file.name) return fault(path, yaml, at, "appears twice");
    }
    if (file.when && std::none_of(fields.begin(), fields.end(), [&](const Field& f) { return f.name == file.when->field; })) {
      return fault(path, yaml, at, "depends on \"" + file.when->field + "\", which is not a field before it");
    }
    fields.push_back(to_field(std::move(file)));
  }
  return fields;
}

}  // namespace

const Field* Connector::find_connection_field(std::string_view name) const {
  for (const Field& field : connection_fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

base::Result<Connector> parse_manifest(std::string_view path, std::string_view yaml) {
  ASSIGN_OR_RETURN(const Value value, parse_yaml(path, yaml));
  auto read = base::from_json<ManifestFile>(value);
  if (!read.ok()) {
    // A misspelt key is also a missing one; the spelling is what helps.
    const auto& faults = read.error().fields;
    const auto unknown = std::find_if(faults.begin(), faults.end(), [](const base::FieldError& f) { return f.reason == "unknown"; });
    const base::FieldError& first = unknown != faults.end() ? *unknown : faults.front();
    return fault(path, yaml, first.pointer, first.detail);
  }
  ManifestFile& file = *read;
  if (!is_identifier(file.id)) return fault(path, yaml, "/id", "must be lower-case letters, digits, '_' or '-'");
  if (file.status != "stable" && file.status != "preview") return fault(path, yaml, "/status", "must be stable or preview");
  if (std::find(kCategories.begin(), kCategories.end(), file.category) == kCategories.end())
    return fault(path, yaml, "/category", "is not a known category");
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
  ASSIGN_OR_RETURN(connector.connection_fields, to_fields(path, yaml, "/connection/fields", std::move(file.connection.fields)));
  ASSIGN_OR_RETURN(connector.export_fields, to_fields(path, yaml, "/export/fields", std::move(file.exports.fields)));
  return connector;
}

base::Result<Registry> Registry::from_files(std::span<const base::EmbeddedFile> files) {
  Registry registry;
  const auto find = [&](const std::string& path) -> std::string_view {
    for (const base::EmbeddedFile& file : files) {
      if (file.path == path) return file.bytes;
    }
    return {};
  };
  for (const base::EmbeddedFile& file : files) {
    if (!file.path.ends_with("/manifest.yaml")) continue;
    ASSIGN_OR_RETURN(Connector connector, parse_manifest(file.path, file.bytes));
    const std::string folder(file.path.substr(0, file.path.find('/')));
    if (connector.id != folder) return fault(file.path, file.bytes, "/id", "must be the name of its folder, \"" + folder + "\"");
    connector.help_markdown = find(folder + "/help.md");
    connector.icon_svg = find(folder + "/icon.svg");
    if (connector.help_markdown.empty() || connector.icon_svg.empty())
      return fault(file.path, file.bytes, "/id", "needs icon.svg and help.md beside the manifest");
    registry.connectors_.push_back(std::move(connector));
  }
  std::sort(registry.connectors_.begin(), registry.connectors_.end(),
            [](const Connector& a, const Connector& b) { return base::fold_case(a.title) < base::fold_case(b.title); });
  return registry;
}

const Connector* Registry::find(std::string_view id) const {
  for (const Connector& connector : connectors_) {
    if (connector.id == id) return &connector;
  }
  return nullptr;
}

}  // namespace sluice::manifest
