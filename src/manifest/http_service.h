// The calls of a service that speaks JSON over HTTP, as its manifest says them (docs/manifest.md). Plain values, checked when
// the manifest is read; the driver http_json compiles and performs them. Texts with ${…} were parsed once, so that a driver
// need not expect faults in them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace sluice::manifest {

enum class Filter : std::uint8_t { url, base64, lower, upper, number, md5, datacenter };
constexpr auto enum_names(Filter) {
  using namespace std::string_view_literals;
  return std::array{"url"sv, "base64"sv, "lower"sv, "upper"sv, "number"sv, "md5"sv, "datacenter"sv};
}

// A text with substitutions: "/lists/${list_id|url}".
struct TextPart {
  std::string literal;  // before the substitution
  std::string name;     // empty: the literal ends the text
  std::vector<Filter> filters;
};
// Error invalid "manifest.invalid"; the detail is what is wrong with the text.
base::Result<std::vector<TextPart>> parse_text(std::string_view text);

using Pairs = std::vector<std::pair<std::string, std::string>>;

enum class BodyForm : std::uint8_t { json, form, csv };
constexpr auto enum_names(BodyForm) {
  using namespace std::string_view_literals;
  return std::array{"json"sv, "form"sv, "csv"sv};
}

struct HttpCall {
  std::string method = "GET";
  std::string path;  // below the base, or an absolute address
  Pairs query;
  Pairs headers;
  base::json::Value body;  // null: none; texts in it hold substitutions
  BodyForm form = BodyForm::json;
};

// What an answer must say, beyond a status of 2xx.
struct Expect {
  std::string pointer;
  std::vector<std::string> equals;  // one of them; empty: anything that is there
};

struct VerifyCall {
  std::string title;
  HttpCall request;
  std::optional<Expect> expect;
  std::optional<std::string> advice;
};

enum class AuthKind : std::uint8_t { none, header, query, basic, bearer, client_credentials, login, signature };
constexpr auto enum_names(AuthKind) {
  using namespace std::string_view_literals;
  return std::array{"none"sv, "header"sv, "query"sv, "basic"sv, "bearer"sv, "client_credentials"sv, "login"sv, "signed"sv};
}

struct HttpAuth {
  AuthKind kind = AuthKind::none;
  std::string header;                                // header, login, signed
  std::string parameter;                             // query
  std::string value;                                 // header, query, bearer, login: with ${token}
  std::string username, password;                    // basic
  std::string url, client_id, client_secret, scope;  // client_credentials
  bool in_header = false;                            // client_credentials: id and secret as Basic instead of in the form
  HttpCall request;                                  // login
  std::string token, lasts;                          // login: pointers
  std::string secret;                                // signed
};

enum class Means : std::uint8_t { credentials, permission, missing, rate_limited, transient, rows, refused, partial };
constexpr auto enum_names(Means) {
  using namespace std::string_view_literals;
  return std::array{"credentials"sv, "permission"sv, "missing"sv, "rate_limited"sv, "transient"sv, "rows"sv, "refused"sv, "partial"sv};
}

struct HttpError {
  std::vector<std::int64_t> status;  // empty: any
  std::string pointer;               // empty: the body does not matter
  std::vector<std::string> equals;
  Means means = Means::refused;
  std::optional<std::string> advice;
};

struct Rejected {
  std::optional<HttpCall> request;  // of a job: where the list is fetched
  std::string next;                 // then: pointer to the address of its next page; empty: there is one page
  std::string each;
  std::optional<std::string> row;  // pointer to the place in the request
  std::optional<std::string> by;   // pointer to a value that the row's attribute has
  std::string attribute;
  std::string reason, detail;  // pointers; empty: none
  std::string when_pointer;    // only items where this pointer holds one of `when_equals` (statuses in the order of rows)
  std::vector<std::string> when_equals;
};

struct Ids {
  std::string each;
  std::optional<std::string> row;
  std::optional<std::string> by;
  std::string attribute;
  std::string id;
  bool skip_missing = false;  // an upsert of a row without id is done, not rejected
};

struct Job {
  std::string id;      // pointer, or
  std::string header;  // a header of the answer
  HttpCall poll;
  std::int64_t every_seconds = 2;
  std::int64_t within_seconds = 10'800;
  std::string state;  // pointer
  std::vector<std::string> done, failed;
  std::optional<Rejected> rejected;
};

struct HttpStep {
  HttpCall request;
  base::json::Value row;             // template of one row
  std::optional<std::int64_t> rows;  // of one call, when fewer than the operation's
  std::vector<Rejected> rejected;
  std::optional<Ids> ids;
  std::string rejected_count;  // pointer
  std::optional<Job> job;
};

struct HttpOperation {
  std::int64_t rows = 100;
  std::int64_t bytes = 5'000'000;
  std::vector<HttpStep> steps;
};

struct HttpAudience {
  std::string setting;
  std::optional<HttpCall> find;
  std::string each, name, found_id;
  HttpCall create;
  std::string created_id;
};

struct HttpService {
  std::string base;
  Pairs headers;
  HttpAuth auth;
  double per_second = 0;      // calls; 0: as fast as it takes them
  std::int64_t parallel = 4;  // calls in flight of one connection
  std::int64_t timeout_seconds = 60;
  std::vector<VerifyCall> verify;
  std::vector<HttpError> errors;
  std::optional<HttpAudience> audience;
  HttpOperation upsert;
  std::optional<HttpOperation> remove;
};

}  // namespace sluice::manifest
