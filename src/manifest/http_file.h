// `http:` of a manifest as it is written; docs/manifest.md says what each key means. Read by parse_http.cc, nobody else.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/describe.h"
#include "manifest/http_service.h"

namespace sluice::manifest::http_file {

using base::absent_ok;
using base::length;
using base::json::Value;
using Values = std::vector<Value>;  // of texts, numbers and flags

enum class Method : std::uint8_t { get, post, put, patch, remove };
constexpr auto enum_names(Method) {
  using namespace std::string_view_literals;
  return std::array{"GET"sv, "POST"sv, "PUT"sv, "PATCH"sv, "DELETE"sv};
}

struct Call {
  Method method = Method::get;
  std::string path;
  base::json::Object query, headers;
  Value body;
  std::optional<BodyForm> form;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("method", s.method);
    v("path", s.path, length(1, 1000));
    v("query", s.query, absent_ok(length(1, 50)));
    v("headers", s.headers, absent_ok(length(1, 50)));
    v("body", s.body, absent_ok());
    v("form", s.form, absent_ok());
  }
};

struct Condition {
  std::string pointer;
  Values equals;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("pointer", s.pointer);
    v("equals", s.equals, absent_ok(length(1, 50)));
  }
};

struct Verify {
  std::string title;
  Call request;
  std::optional<Condition> expect;
  std::optional<std::string> advice;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("title", s.title, length(1, 80));
    v("request", s.request);
    v("expect", s.expect, absent_ok());
    v("advice", s.advice, absent_ok(length(1, 300)));
  }
};

struct Auth {
  AuthKind kind = AuthKind::none;
  std::optional<std::string> header, parameter, value, username, password, url, client_id, client_secret, scope, token, lasts, secret;
  std::optional<bool> in_header;
  std::optional<Call> request;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("kind", s.kind);
    v("header", s.header);
    v("parameter", s.parameter);
    v("value", s.value);
    v("username", s.username);
    v("password", s.password);
    v("url", s.url);
    v("client_id", s.client_id);
    v("client_secret", s.client_secret);
    v("scope", s.scope);
    v("in_header", s.in_header);
    v("request", s.request);
    v("token", s.token);
    v("lasts", s.lasts);
    v("secret", s.secret);
  }
};

struct Rate {
  Value per_second;
  std::optional<std::int64_t> parallel;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("per_second", s.per_second, absent_ok());
    v("parallel", s.parallel, base::range(1, 64));
  }
};

struct Failure {
  std::vector<std::int64_t> status;
  std::optional<std::string> pointer;
  Values equals;
  Means means = Means::refused;
  std::optional<std::string> advice;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("status", s.status, absent_ok(length(1, 50)));
    v("pointer", s.pointer);
    v("equals", s.equals, absent_ok(length(1, 50)));
    v("means", s.means);
    v("advice", s.advice, length(1, 300));
  }
};

struct Rejected {
  std::optional<Call> request;
  std::string each;
  std::optional<std::string> next, row, by, attribute, reason, detail;
  std::optional<Condition> when;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("request", s.request);
    v("next", s.next, length(2, 200));
    v("each", s.each);
    v("row", s.row);
    v("by", s.by);
    v("attribute", s.attribute);
    v("reason", s.reason);
    v("detail", s.detail);
    v("when", s.when);
  }
};

enum class Missing : std::uint8_t { reject, skip };
constexpr auto enum_names(Missing) {
  using namespace std::string_view_literals;
  return std::array{"reject"sv, "skip"sv};
}

struct Ids {
  std::string each;
  std::optional<std::string> row, by, attribute;
  std::string id;
  std::optional<Missing> missing;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("each", s.each);
    v("row", s.row);
    v("by", s.by);
    v("attribute", s.attribute);
    v("id", s.id);
    v("missing", s.missing);
  }
};

struct Counts {
  std::string rejected;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("rejected", s.rejected);
  }
};

struct Answer {
  Value rejected;  // one or a list
  std::optional<Ids> ids;
  std::optional<Counts> counts;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("rejected", s.rejected, absent_ok());
    v("ids", s.ids);
    v("counts", s.counts);
  }
};

struct Poll {
  std::optional<std::string> id, header;
  Call poll;
  std::int64_t every = 2;
  std::int64_t within = 10'800;
  std::string state;
  Values done, failed;
  std::optional<Rejected> rejected;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("id", s.id);
    v("header", s.header, length(1, 80));
    v("poll", s.poll);
    v("every", s.every, absent_ok(base::range(1, 300)));
    v("within", s.within, absent_ok(base::range(10, 172'800)));
    v("state", s.state);
    v("done", s.done, length(1, 50));
    v("failed", s.failed, absent_ok(length(0, 50)));
    v("rejected", s.rejected);
  }
};

struct Step {
  Call request;
  Value row;
  std::optional<std::int64_t> rows;
  std::optional<Answer> answer;
  std::optional<Poll> job;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("request", s.request);
    v("row", s.row, absent_ok());
    v("rows", s.rows, base::range(1, 1'000'000));
    v("answer", s.answer);
    v("job", s.job);
  }
};

struct Operation {
  std::int64_t rows = 0;
  std::int64_t bytes = 5'000'000;
  std::vector<Step> steps;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("rows", s.rows, base::range(1, 1'000'000));
    v("bytes", s.bytes, absent_ok(base::range(1'000, 200'000'000)));
    v("steps", s.steps, length(1, 10));
  }
};

struct Find {
  Call request;
  std::string each, name, id;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("request", s.request);
    v("each", s.each);
    v("name", s.name);
    v("id", s.id);
  }
};

struct Create {
  Call request;
  std::string id;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("request", s.request);
    v("id", s.id);
  }
};

struct Audience {
  std::string setting;
  std::optional<Find> find;
  Create create;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("setting", s.setting);
    v("find", s.find);
    v("create", s.create);
  }
};

struct Service {
  std::string base;
  base::json::Object headers;
  Auth auth;
  std::optional<Rate> rate;
  std::int64_t timeout = 60;
  std::vector<Verify> verify;
  std::vector<Failure> errors;
  std::optional<Audience> audience;
  Operation upsert;
  std::optional<Operation> remove;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("base", s.base, length(8, 500));
    v("headers", s.headers, absent_ok(length(1, 50)));
    v("auth", s.auth);
    v("rate", s.rate);
    v("timeout", s.timeout, absent_ok(base::range(1, 600)));
    v("verify", s.verify, absent_ok(length(1, 10)));
    v("errors", s.errors, absent_ok(length(1, 100)));
    v("audience", s.audience);
    v("upsert", s.upsert);
    v("remove", s.remove);
  }
};

}  // namespace sluice::manifest::http_file
