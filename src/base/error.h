// The one error type. An Error is a value: it travels by return, never by throw.
//
// Who reads what: machines and policy read `code` (status, exit status, whether a run retries); clients and translations
// read `reason`, which is stable; people read `detail`, a sentence that says what to do; `internal` is for the log and never
// leaves the process; `fields` points into the request body (RFC 6901 pointers).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::base {

// Closed list. A new code must change what a machine does; a new text for a person is a new reason instead.
enum class Code : std::uint8_t {
  invalid,          // the request or the settings are wrong; repeating it changes nothing
  unauthenticated,  // nobody is signed in
  forbidden,        // somebody is, without the right
  not_found,
  conflict,  // the state of things forbids it (a name is taken, an export is inactive)
  stale,     // somebody else saved first (If-Match)
  in_use,    // others depend on it
  too_large,
  rate_limited,
  unsupported,
  upstream_rejected,     // the far service said no: credentials, permission, its rules
  upstream_unavailable,  // the far service could not be reached or broke off
  timeout,
  cancelled,
  internal,  // ours: an operator must look
};

std::string_view name_of(Code code);

struct FieldError {
  std::string pointer;  // "/settings/host"
  std::string reason;   // "required", "too_long"
  std::string detail;   // a sentence for the person
};

struct Error {
  Code code = Code::internal;
  std::string reason;    // "<feature>.<what_is_wrong>"
  std::string detail;    // safe to show to whoever asked
  std::string internal;  // path of causes: "sending part 3: reading status: timed out after 30 s"
  std::vector<FieldError> fields;
  std::string extra;  // a JSON object whose members join the answer ("dependants"); empty when there is none
  // Of rate_limited and upstream_unavailable: the far service asked to be left alone this long.
  std::optional<std::chrono::milliseconds> retry_after;

  // Puts `where` in front of the internal path.
  Error&& at(std::string_view where) &&;
};

}  // namespace sluice::base
