#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "manifest/parts.h"
#include "manifest/vocabulary.h"

namespace sluice::manifest {

namespace {

using base::Result;
using base::json::Value;
using Words = std::vector<std::string_view>;

constexpr std::array kMoments = {"rows"sv, "columns"sv, "audience"sv,  "audience_id"sv, "run_id"sv, "batch_id"sv, "job_id"sv,
                                 "now"sv,  "token"sv,   "operation"sv, "attributes"sv,  "values"sv, "id"sv};
// They are lists and objects, so a text must be nothing but one of them.
constexpr std::array kWhole = {"columns"sv, "attributes"sv, "values"sv};

// What a text may name where it stands.
struct Scope {
  Words moments;
  bool exports = false;  // fields of the export
  const std::set<std::string, std::less<>>* attributes = nullptr;
  bool secrets = true;      // fields that are secret
  bool in_address = false;  // path, query, base: secrets only through `datacenter`
};

const Field* find_field(const std::vector<Field>& fields, std::string_view name) {
  for (const Field& field : fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

bool has(const Words& words, std::string_view word) { return std::find(words.begin(), words.end(), word) != words.end(); }

class HttpLint {
 public:
  HttpLint(const Source& source, const Connector& connector) : source_(source), connector_(connector), http_(*connector.http) {
    for (const Attribute& attribute : connector.mapping.attributes) attributes_.insert(attribute.name);
    identifying_.insert(connector.mapping.identifier.begin(), connector.mapping.identifier.end());
    for (const KeyIdentifier& key : connector.mapping.key_identifiers) identifying_.insert(key.attributes.begin(), key.attributes.end());
  }

  Result<void> run();
  // After run(): calls that send rows name the segment, or the audience that was made for it.
  bool names_segment() const { return names_segment_; }
  bool names_audience() const { return names_audience_; }

 private:
  Result<void> hidden_names();
  Result<void> auth();
  Result<void> audience();
  Result<void> operation(const HttpOperation& in, const std::string& at, bool removes);
  Result<void> step(const HttpStep& in, std::int64_t rows, const std::string& at, bool removes, bool has_id);
  Result<void> rows_of(const HttpStep& in, bool alone, const std::string& at);
  Result<void> attribute_of_answer(const std::string& name, const std::string& at, bool removes);

  // Texts. They count what they use in rows_ and row_values_.
  Result<void> text(const std::string& in, const std::string& at, const Scope& scope);
  Result<void> substitution(const TextPart& part, bool whole, const std::string& at, const Scope& scope);
  Result<void> pairs(const Pairs& in, const std::string& at, const Scope& scope);
  Result<void> body(const Value& in, const std::string& at, const Scope& scope);
  Result<void> address(const std::string& in, const std::string& at, const Scope& scope);
  Result<void> call(const HttpCall& in, const std::string& at, const Scope& scope);

  const Source& source_;
  const Connector& connector_;
  const HttpService& http_;
  std::set<std::string, std::less<>> attributes_, identifying_;
  int rows_ = 0;             // uses of `rows` since it was set to 0
  int row_values_ = 0;       // uses of attributes of one row
  bool sends_rows_ = false;  // within upsert or remove
  bool names_segment_ = false;
  bool names_audience_ = false;
};

Result<void> HttpLint::substitution(const TextPart& part, bool whole, const std::string& at, const Scope& scope) {
  const std::string named = "names \"" + part.name + "\", which ";
  const bool datacenter = std::find(part.filters.begin(), part.filters.end(), Filter::datacenter) != part.filters.end();
  if (has(scope.moments, part.name)) {
    rows_ += part.name == "rows" ? 1 : 0;
    names_segment_ = names_segment_ || (part.name == "audience" && sends_rows_);
    names_audience_ = names_audience_ || part.name == "audience_id";
    row_values_ += part.name == "attributes" || part.name == "values" || part.name == "id" ? 1 : 0;
    const bool alone = contains(kWhole, part.name);
    if (alone && !whole) return source_.fault(at, named + "is a list or an object and must be the whole text");
    if ((alone || part.name == "rows") && !part.filters.empty()) return source_.fault(at, named + "takes no filter");
    return {};
  }
  const Field* field = find_field(connector_.connection_fields, part.name);
  if (field == nullptr && scope.exports) field = find_field(connector_.export_fields, part.name);
  if (field != nullptr) {
    if (!field->secret) return {};
    if (scope.in_address && !datacenter)
      return source_.fault(at, named + "is a secret; addresses are written to logs, so secrets belong under auth, headers or a body");
    if (!scope.secrets) return source_.fault(at, named + "is a secret and has no place in a row");
    return {};
  }
  if (scope.attributes != nullptr && scope.attributes->contains(part.name)) {
    ++row_values_;
    return {};
  }
  if (contains(kMoments, part.name)) return source_.fault(at, named + "has no value at this place");
  if (attributes_.contains(part.name))
    return source_.fault(at, named + (scope.attributes != nullptr ? "is not known of a row that is removed; only what identifies it is"
                                                                  : "is an attribute: it has a value only inside `row`, or with rows: 1"));
  if (find_field(connector_.export_fields, part.name) != nullptr)
    return source_.fault(at, named + "is a field of the export; this call is made without one");
  return source_.fault(at, named + "is neither a field nor an attribute nor a value of the moment");
}

Result<void> HttpLint::text(const std::string& in, const std::string& at, const Scope& scope) {
  auto parts = parse_text(in);
  if (!parts.ok()) return source_.fault(at, parts.error().detail);
  const bool whole = parts->size() == 1 && parts->front().literal.empty();
  for (const TextPart& part : *parts) {
    if (!part.name.empty()) RETURN_IF_ERROR(substitution(part, whole, at, scope));
  }
  return {};
}

Result<void> HttpLint::pairs(const Pairs& in, const std::string& at, const Scope& scope) {
  for (const auto& [name, value] : in) {
    if (name.empty() || name.find_first_of(": \t\r\n") != std::string::npos)
      return source_.fault(at + "/" + name, "must be a name without blanks and colons");
    if (value.find_first_of("\r\n") != std::string::npos) return source_.fault(at + "/" + name, "must be one line");
    RETURN_IF_ERROR(text(value, at + "/" + name, scope));
  }
  return {};
}

Result<void> HttpLint::body(const Value& in, const std::string& at, const Scope& scope) {
  if (const std::string* one = in.as_string()) return text(*one, at, scope);
  if (const base::json::Array* items = in.as_array()) {
    for (std::size_t i = 0; i < items->size(); ++i) RETURN_IF_ERROR(body((*items)[i], at + "/" + std::to_string(i), scope));
  }
  if (const base::json::Object* object = in.as_object()) {
    for (const auto& [name, value] : *object) {
      if (name.find("${") != std::string::npos)
        return source_.fault(at, "has a substitution in the name of a member; only values may have one");
      RETURN_IF_ERROR(body(value, at + "/" + name, scope));
    }
  }
  return {};
}

// "https://host/…", or "${field of type url}/…". The host comes from the author or from a field that is marked as a target.
Result<void> HttpLint::address(const std::string& in, const std::string& at, const Scope& scope) {
  RETURN_IF_ERROR(text(in, at, scope));
  const auto parts = parse_text(in);
  const auto type_of = [&](const TextPart& part) {
    const Field* field = find_field(connector_.connection_fields, part.name);
    return field == nullptr ? FieldType::string : field->type;
  };
  if (parts->front().literal.empty() && type_of(parts->front()) == FieldType::url && parts->front().filters.empty()) {
    const bool ends_host = parts->size() == 1 || (*parts)[1].literal.starts_with('/');
    if (ends_host) return {};
    return source_.fault(at, "must go on with '/' after the address \"" + parts->front().name + "\"");
  }
  if (!in.starts_with("https://") && !in.starts_with("http://"))
    return source_.fault(at, "must begin with https://, or with a field of type url");
  std::size_t behind_scheme = in.find("://") + 3;
  for (const TextPart& part : *parts) {
    if (part.literal.find_first_of("/?#", behind_scheme) != std::string::npos) return {};
    behind_scheme = 0;
    if (part.name.empty()) break;
    const FieldType type = type_of(part);
    const bool datacenter = !part.filters.empty() && part.filters.back() == Filter::datacenter;
    if (datacenter || type == FieldType::host || type == FieldType::port) continue;
    if (type != FieldType::choice)
      return source_.fault(
          at, "lets \"" + part.name + "\" choose the host; only a field of type host, choice or url may, or the filter datacenter");
    for (const Choice& choice : find_field(connector_.connection_fields, part.name)->choices) {
      if (choice.value.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") != std::string::npos)
        return source_.fault(at,
                             "takes its host from \"" + part.name + "\", whose choice \"" + choice.value + "\" is not part of a host name");
    }
  }
  return {};
}

Result<void> HttpLint::call(const HttpCall& in, const std::string& at, const Scope& scope) {
  Scope plain = scope;
  plain.in_address = true;
  std::erase(plain.moments, "rows"sv);
  std::erase(plain.moments, "columns"sv);
  if (in.path.starts_with("http")) {
    RETURN_IF_ERROR(address(in.path, at + "/path", plain));
  } else {
    RETURN_IF_ERROR(text(in.path, at + "/path", plain));
  }
  Scope query = scope;
  query.in_address = true;
  std::erase(query.moments, "columns"sv);
  RETURN_IF_ERROR(pairs(in.query, at + "/query", query));
  plain.in_address = false;
  RETURN_IF_ERROR(pairs(in.headers, at + "/headers", plain));
  return body(in.body, at + "/body", scope);
}

// A name must mean one thing, or the order in which names are looked up would decide silently.
Result<void> HttpLint::hidden_names() {
  const auto check = [&](const Field& field, const std::string& at) -> Result<void> {
    const bool is_audience = field.name == "audience_id" && (!http_.audience || http_.audience->setting == "audience_id");
    if (contains(kMoments, field.name) && !is_audience) return source_.fault(at, "has the name of a value of the moment; choose another");
    if (attributes_.contains(field.name)) return source_.fault(at, "has the name of an attribute; choose another");
    return {};
  };
  for (const Field& field : connector_.connection_fields) RETURN_IF_ERROR(check(field, "/connection/fields/" + field.name));
  for (const Field& field : connector_.export_fields) {
    RETURN_IF_ERROR(check(field, "/export/fields/" + field.name));
    if (find_field(connector_.connection_fields, field.name) != nullptr)
      return source_.fault("/export/fields/" + field.name, "has the name of a field of the connection; choose another");
  }
  return {};
}

Result<void> HttpLint::auth() {
  const HttpAuth& in = http_.auth;
  const std::string at = "/http/auth";
  const Scope plain;
  Scope value = plain;
  if (in.kind == AuthKind::login) value.moments = {"token"};
  RETURN_IF_ERROR(text(in.value, at + "/value", value));
  RETURN_IF_ERROR(text(in.username, at + "/username", plain));
  RETURN_IF_ERROR(text(in.password, at + "/password", plain));
  RETURN_IF_ERROR(text(in.client_id, at + "/client_id", plain));
  RETURN_IF_ERROR(text(in.client_secret, at + "/client_secret", plain));
  RETURN_IF_ERROR(text(in.scope, at + "/scope", plain));
  RETURN_IF_ERROR(text(in.secret, at + "/secret", plain));
  if (in.kind == AuthKind::client_credentials) {
    RETURN_IF_ERROR(address(in.url, at + "/url", Scope{.in_address = true}));
  }
  if (in.kind == AuthKind::login) RETURN_IF_ERROR(call(in.request, at + "/request", Scope{.moments = {"now"}}));
  return {};
}

Result<void> HttpLint::audience() {
  if (!http_.audience) return {};
  const std::string at = "/http/audience";
  if (find_field(connector_.export_fields, http_.audience->setting) == nullptr)
    return source_.fault(at + "/setting", "names \"" + http_.audience->setting + "\", which is not a field of the export");
  const Scope scope{.moments = {"audience", "run_id", "now"}, .exports = true};
  if (http_.audience->find) RETURN_IF_ERROR(call(*http_.audience->find, at + "/find/request", scope));
  return call(http_.audience->create, at + "/create/request", scope);
}

Result<void> HttpLint::attribute_of_answer(const std::string& name, const std::string& at, bool removes) {
  if (name.empty()) return {};
  if (!attributes_.contains(name)) return source_.fault(at + "/attribute", "names \"" + name + "\", which is not an attribute");
  if (removes && !identifying_.contains(name))
    return source_.fault(at + "/attribute", "names \"" + name + "\", but of a row that is removed only what identifies it is known");
  return {};
}

// Rows go out exactly once in a step: as the list `rows`, or one alone by its attributes.
Result<void> HttpLint::rows_of(const HttpStep& in, bool alone, const std::string& at) {
  if (rows_ > 1) return source_.fault(at + "/request", "sends ${rows} more than once");
  if (rows_ == 1 && in.row.is_null()) return source_.fault(at, "sends ${rows} and needs `row`, which says what one looks like");
  if (rows_ == 0 && !in.row.is_null()) return source_.fault(at + "/row", "is never sent: put \"${rows}\" into the body or the query");
  if (rows_ == 0 && (!alone || row_values_ == 0))
    return source_.fault(at + "/request", alone ? "sends nothing of the row: name ${rows}, or an attribute"
                                                : "sends no rows: put \"${rows}\" into the body or the query, or say rows: 1");
  if (in.request.form == BodyForm::csv && in.row.as_object() == nullptr)
    return source_.fault(at + "/row", "must be an object, whose members become columns, with form: csv");
  const bool in_query = std::any_of(in.request.query.begin(), in.request.query.end(),
                                    [](const auto& pair) { return pair.second.find("${rows}") != std::string::npos; });
  if (in_query && in.row.as_string() == nullptr)
    return source_.fault(at + "/row", "must be a text when ${rows} stands in the query, where rows are joined with commas");
  return {};
}

Result<void> HttpLint::step(const HttpStep& in, std::int64_t rows, const std::string& at, bool removes, bool has_id) {
  const bool alone = in.rows.value_or(rows) == 1;
  Scope scope{.moments = {"audience", "run_id", "batch_id", "now", "operation"}, .exports = true};
  if (http_.audience) scope.moments.emplace_back("audience_id");
  Scope request = scope;
  request.moments.insert(request.moments.end(), {"rows", "columns"});
  Scope row = scope;
  row.moments.insert(row.moments.end(), {"attributes", "values"});
  if (has_id) row.moments.emplace_back("id");
  row.attributes = removes ? &identifying_ : &attributes_;
  row.secrets = false;
  if (alone) {
    request.attributes = row.attributes;
    request.moments.emplace_back("attributes");
    if (has_id) request.moments.emplace_back("id");
  }
  rows_ = row_values_ = 0;
  RETURN_IF_ERROR(call(in.request, at + "/request", request));
  RETURN_IF_ERROR(rows_of(in, alone, at));
  RETURN_IF_ERROR(body(in.row, at + "/row", row));
  for (std::size_t i = 0; i < in.rejected.size(); ++i)
    RETURN_IF_ERROR(attribute_of_answer(in.rejected[i].attribute, at + "/answer/rejected", removes));
  if (in.ids) RETURN_IF_ERROR(attribute_of_answer(in.ids->attribute, at + "/answer/ids", removes));
  if (!in.job) return {};
  scope.moments.emplace_back("job_id");
  RETURN_IF_ERROR(call(in.job->poll, at + "/job/poll", scope));
  if (!in.job->rejected) return {};
  if (in.job->rejected->request) RETURN_IF_ERROR(call(*in.job->rejected->request, at + "/job/rejected/request", scope));
  return attribute_of_answer(in.job->rejected->attribute, at + "/job/rejected", removes);
}

Result<void> HttpLint::operation(const HttpOperation& in, const std::string& at, bool removes) {
  bool has_id = false;
  for (std::size_t i = 0; i < in.steps.size(); ++i) {
    RETURN_IF_ERROR(step(in.steps[i], in.rows, at + "/steps/" + std::to_string(i), removes, has_id));
    has_id = has_id || in.steps[i].ids;
  }
  return {};
}

Result<void> HttpLint::run() {
  RETURN_IF_ERROR(hidden_names());
  const Scope connection;
  RETURN_IF_ERROR(address(http_.base, "/http/base", Scope{.in_address = true}));
  RETURN_IF_ERROR(pairs(http_.headers, "/http/headers", connection));
  RETURN_IF_ERROR(auth());
  for (std::size_t i = 0; i < http_.verify.size(); ++i)
    RETURN_IF_ERROR(call(http_.verify[i].request, "/http/verify/" + std::to_string(i) + "/request", Scope{.moments = {"now"}}));
  if (http_.verify.empty() != (connector_.verify == Verify::none))
    return source_.fault("/verify",
                         http_.verify.empty() ? "must be none, or http.verify must say how" : "is none, yet http.verify says how");
  RETURN_IF_ERROR(audience());
  sends_rows_ = true;
  RETURN_IF_ERROR(operation(http_.upsert, "/http/upsert", false));
  if (http_.remove) return operation(*http_.remove, "/http/remove", true);
  return {};
}

}  // namespace

base::Result<void> lint_http(const Source& source, Connector& connector) {
  HttpLint lint(source, connector);
  RETURN_IF_ERROR(lint.run());
  connector.per_segment = lint.names_segment() || lint.names_audience();
  if (!lint.names_segment() && lint.names_audience() && connector.http->audience) connector.shared_by = connector.http->audience->setting;
  return {};
}

}  // namespace sluice::manifest
