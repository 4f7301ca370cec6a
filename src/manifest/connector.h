// A connector: what one service needs, read from connectors/<id>/manifest.yaml. Everything the forms, Discover, the help, the
// validation of settings, the secret slots and the retarget rule know of a service comes from here; the web app and the
// features know no connector by name (DIS-12). Immutable after start-up; shared by all threads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/describe.h"
#include "base/embedded.h"
#include "base/json.h"
#include "base/result.h"
#include "manifest/http_service.h"

namespace sluice::manifest {

using namespace std::string_view_literals;

enum class FieldType : std::uint8_t {
  string,
  text,
  host,
  port,
  integer,
  boolean,
  choice,
  path,
  fingerprint,
  secret,
  secret_text,
  url,
  attribute
};
constexpr auto enum_names(FieldType) {
  return std::array{"string"sv, "text"sv,        "host"sv,   "port"sv,        "integer"sv, "boolean"sv,  "choice"sv,
                    "path"sv,   "fingerprint"sv, "secret"sv, "secret_text"sv, "url"sv,     "attribute"sv};
}

enum class Verify : std::uint8_t { optional, required, none };
constexpr auto enum_names(Verify) { return std::array{"optional"sv, "required"sv, "none"sv}; }

enum class Payload : std::uint8_t { tables, segments };
constexpr auto enum_names(Payload) { return std::array{"tables"sv, "segments"sv}; }

enum class Serves : std::uint8_t { exports, enrichments };
constexpr auto enum_names(Serves) { return std::array{"export"sv, "enrichment"sv}; }

struct Choice {
  std::string value;
  std::string title;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("value", s.value);
    v("title", s.title);
  }
};

// The field is shown and demanded only while another one has one of these values.
struct When {
  std::string field;
  std::vector<std::string> equals;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("field", s.field);
    v("equals", s.equals);
  }
};

struct Field {
  std::string name;
  FieldType type = FieldType::string;
  std::string title;
  bool required = false;
  bool secret = false;  // from the type
  bool target = false;  // says where data goes: changing it voids kept secrets and the verification
  bool fixed_after_create = false;
  std::optional<std::string> placeholder;
  std::optional<std::string> hint;
  std::optional<std::string> prefix;  // shown before the input: "sftp://"
  base::json::Value initial;          // the default; null when there is none
  std::vector<Choice> choices;
  std::optional<std::int64_t> min;
  std::optional<std::int64_t> max;
  std::optional<When> when;

  template <class V, class S>
  static void describe(V& v, S& s) {
    v("name", s.name);
    v("type", s.type);
    v("title", s.title);
    v("required", s.required);
    v("secret", s.secret);
    v("target", s.target);
    v("fixed_after_create", s.fixed_after_create);
    v("placeholder", s.placeholder, base::absent_ok());
    v("hint", s.hint, base::absent_ok());
    v("prefix", s.prefix, base::absent_ok());
    v("default", s.initial);
    v("choices", s.choices);
    v("min", s.min, base::absent_ok());
    v("max", s.max, base::absent_ok());
    v("when", s.when, base::absent_ok());
  }
};

struct Consent {
  std::int64_t version = 1;
  std::string target;
  std::string text;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("version", s.version);
    v("target", s.target);
    v("text", s.text);
  }
};

// What a row of a segment is made of at the service; the person maps each to a column of the Customer table.
struct Attribute {
  std::string name;  // ours, snake_case
  std::string title;
  bool required = false;
  std::string as;         // its name on the wire
  std::string normalise;  // a rule of data/normalise.h; empty: the value as it is
  bool hashed = false;    // leaves only as SHA-256
  std::optional<std::string> hint;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("name", s.name);
    v("title", s.title);
    v("required", s.required);
    v("as", s.as);
    v("normalise", s.normalise);
    v("hashed", s.hashed);
    v("hint", s.hint, base::absent_ok());
  }
};

struct KeyIdentifier {
  std::string value;
  std::string title;
  std::vector<std::string> attributes;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("value", s.value);
    v("title", s.title);
    v("attributes", s.attributes);
  }
};

struct Mapping {
  std::vector<Attribute> attributes;
  std::vector<std::string> identifier;  // attributes that say who a row is; empty with key_identifiers and free
  std::vector<KeyIdentifier> key_identifiers;
  bool free = false;  // any target name; the export's setting "identifier" names the one that identifies
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("attributes", s.attributes);
    v("identifier", s.identifier);
    v("key_identifiers", s.key_identifiers);
    v("free", s.free);
  }
};

enum class Counted : std::uint8_t { exports, segment };
constexpr auto enum_names(Counted) { return std::array{"export"sv, "segment"sv}; }

struct Limits {
  std::optional<std::int64_t> most_rows;
  Counted counted = Counted::exports;  // what most_rows is a limit of
  bool strict = true;                  // false: advice
  std::optional<std::int64_t> fewest_rows;
  std::optional<std::string> duration;  // a sentence
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("most_rows", s.most_rows, base::absent_ok());
    v("counted", s.counted);
    v("strict", s.strict);
    v("fewest_rows", s.fewest_rows, base::absent_ok());
    v("duration", s.duration, base::absent_ok());
  }
};

struct Connector {
  std::string id;
  std::string title;
  std::string subtitle;
  std::string summary;
  std::string category;
  Serves serves = Serves::exports;
  std::string status;  // stable | preview
  std::string driver;
  Verify verify = Verify::optional;
  bool vault = false;
  Payload payload = Payload::tables;
  bool columns = false;              // an export may leave columns out
  std::int64_t files_per_table = 0;  // 0: not a file destination
  std::int64_t parallel = 4;         // runs over one connection at a time; 1: its target takes one after the other (EXP-66)
  Consent consent;
  std::vector<Field> connection_fields;
  std::vector<Field> export_fields;
  Mapping mapping;
  Limits limits;
  bool can_remove = false;                  // rows can be taken away again: the mode "mirror" is offered
  std::shared_ptr<const HttpService> http;  // of the driver http_json
  bool per_segment = false;                 // each segment has a place of its own at the service; else all go to the same one
  std::string shared_by;                    // an export setting: filled, all segments share a place after all; empty: none
  bool community = false;                   // from a folder of the operator
  std::string help_markdown;
  std::string icon_svg;

  const Field* find_connection_field(std::string_view name) const;
};

// Whether `when` holds for these settings (defaults count).
bool applies(const Field& field, std::span<const Field> all, const base::json::Object& settings);

// Settings as a person or a client gave them: fills defaults, trims, drops fields whose `when` does not hold, checks types,
// lengths, choices, hosts without a scheme (CON-43), and rejects members that the connector does not know or that are secret.
// Faults are pointers below `pointer` ("/settings"). Secrets are checked by the caller, who knows which are set.
base::Result<base::json::Object> check_settings(std::span<const Field> fields, const base::json::Object& given, std::string_view pointer);

// One manifest. Errors name file, line and key: "sftp/manifest.yaml:12: …".
base::Result<Connector> parse_manifest(std::string_view path, std::string_view yaml);

// Why a folder of the operator is no connection type.
struct FolderFault {
  std::string folder;
  std::string detail;  // begins with file and line where there is one
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("folder", s.folder);
    v("detail", s.detail);
  }
};

class Registry {
 public:
  // From files laid out as <id>/manifest.yaml, icon.svg, help.md. A broken built-in manifest is an Error.
  static base::Result<Registry> from_files(std::span<const base::EmbeddedFile> files);

  // Adds the types in the folders of a directory, marked as community. Before anybody holds a pointer from find(). They may not take
  // the id of another type, use a driver other than http_json, or have an icon that is more than a drawing. What is wrong with one
  // goes to faults() and keeps none of the others from being loaded.
  void add_folder(const std::string& directory);
  std::span<const FolderFault> faults() const { return faults_; }

  const Connector* find(std::string_view id) const;
  std::span<const Connector> all() const { return connectors_; }  // sorted by title (DIS-05)

 private:
  void sort();

  std::vector<Connector> connectors_;
  std::vector<FolderFault> faults_;
};

}  // namespace sluice::manifest
