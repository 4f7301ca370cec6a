// One request as a handler sees it, and the answer it gives. Handlers are ordinary blocking functions: the router runs them on
// a pool of threads (Lane), never on the threads that serve sockets. See docs/adr/0005-blocking-handlers.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/authz.h"
#include "base/describe.h"
#include "base/result.h"
#include "base/time.h"

namespace sluice::http {

enum class Method : std::uint8_t { get, post, put, patch, del };
std::string_view name_of(Method method);  // "GET"

using Header = std::pair<std::string, std::string>;

struct Call {
  Method method = Method::get;
  std::string target;               // as it came, for the log
  std::string path;                 // decoded
  std::vector<Header> headers;      // names in lower case
  std::vector<Header> query;        // decoded, in order
  std::vector<Header> path_values;  // {"connection_id", "0192…"}
  std::string body;                 // empty when the route spools
  std::string spool_path;           // routes with `spool`: the body is in this file, which the router removes afterwards
  std::uint64_t spool_bytes = 0;    //   unless the handler moved it away
  std::string request_id;           // also the answer's X-Request-Id
  std::string address;              // of the client
  base::Actor actor;                // role viewer and a nil id when nobody is signed in and the route is public
  bool signed_in = false;
  std::string session_token_hash;  // of a cookie session; empty with an API key
  std::string csrf_token;          // of that session
  base::Deadline deadline = base::Deadline::after(std::chrono::seconds(30));
  std::stop_token gone;                             // the client left; long work may stop
  std::chrono::steady_clock::time_point started{};  // when the head had arrived
  bool admitted = false;                            // session, CSRF and permission were checked already (Router::admit)

  std::optional<std::string_view> header(std::string_view lower_case_name) const;
  std::optional<std::string_view> query_value(std::string_view name) const;
  std::string_view path_value(std::string_view name) const;  // the route guarantees it
  std::optional<std::string_view> cookie(std::string_view name) const;

  // An id of another kind or a malformed one is answered as 404, like an id that does not exist.
  template <class IdType>
  base::Result<IdType> path_id(std::string_view name) const {
    const auto id = IdType::parse(path_value(name));
    if (!id) return base::Error{.code = base::Code::not_found, .reason = "request.not_found", .detail = "There is no such object."};
    return *id;
  }
  // The version of If-Match: "3", W/"3" or 3. Missing: reason "request.if_match_required" (428).
  base::Result<std::int64_t> if_match() const;
  // The body as JSON; wrong Content-Type is "request.not_json".
  template <class T>
  base::Result<T> body_as() const {
    RETURN_IF_ERROR(check_json());
    return base::read_json<T>(body);
  }
  base::Result<void> check_json() const;
  // ?limit=, 1 to 200, 50 by default.
  base::Result<std::int64_t> limit() const;
  // An RFC 3339 time of the query; absent is empty.
  base::Result<std::optional<base::Timestamp>> time_value(std::string_view name) const;
  // ?format=csv, or json, the default: whether a list is wanted as a file.
  base::Result<bool> wants_csv() const;
};

// Reason "request.bad_query".
base::Error bad_query(std::string detail);

// What a list answers: the items, and where the next page begins.
template <class T>
struct Items {
  std::vector<T> items;
  std::optional<std::string> next_cursor;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("items", s.items);
    v("next_cursor", s.next_cursor);
  }
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<Header> headers;
  std::string_view static_body;  // bytes that live as long as the process (embedded files); used when body is empty
  bool events = false;           // answer with the server-sent events of the EventHub
  // A body of any size, made as the client takes it. Called on a thread of the slow lane until it says false; each call
  // appends some 256 KiB at the most. An Error breaks the answer off, which the client sees. What it holds on to is freed
  // with the answer.
  std::function<base::Result<bool>(std::string& out)> produce;

  Response&& etag(std::int64_t version) &&;
  Response&& with(std::string name, std::string value) &&;
};

Response ok(std::string json);
Response created(std::string json, std::string location);
Response accepted(std::string json);
Response no_content();
// A CSV file to be saved under this name.
Response csv_file(std::string_view filename, std::function<base::Result<bool>(std::string& out)> produce);

template <class T>
Response ok_json(const T& value) {
  return ok(base::to_json(value));
}

}  // namespace sluice::http
