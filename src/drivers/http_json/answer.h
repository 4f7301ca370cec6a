// What an answer means: for the call as a whole, and for single rows.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "drivers/driver.h"
#include "drivers/http_json/mask.h"
#include "manifest/http_service.h"
#include "net/http_client.h"

namespace sluice::drivers::http_json {

// A row of a block that somebody else keeps.
struct RowRef {
  const RowBlock* block = nullptr;
  std::uint32_t row = 0;
};

struct Verdict {
  bool is_success = false;
  manifest::Means means = manifest::Means::refused;  // unless it is a success
  std::string code;                                  // "http.422"
  std::string words;                                 // the service's own, cut and scrubbed; may be empty
  std::optional<std::string> advice;                 // of the manifest
};

// The manifest's rules first, then the defaults of docs/manifest.md.
Verdict judge(const manifest::HttpService& service, const net::HttpAnswer& answer, const base::json::Value& body, const Mask& mask);
// For a verdict that ends a run or a step.
base::Error error_of(const Verdict& verdict, const net::HttpAnswer& answer, base::Timestamp now);
// The message that a service put somewhere into its answer.
std::string words_of(const net::HttpAnswer& answer, const base::json::Value& body, const Mask& mask);

// An answer's body. A body that is no JSON is an Error "service.bad_answer"; an empty one is null.
base::Result<base::json::Value> parse_body(const net::HttpAnswer& answer);

struct RejectedRow {
  std::size_t row = 0;  // in the request
  std::string reason, detail;
};
struct Rejections {
  std::vector<RejectedRow> rows;  // each row once, in any order
  std::size_t unmatched = 0;      // said about rows that were not in the request
  std::string example;            // what was said about one of them
};
// Adds to `out`.
void find_rejected(const manifest::Rejected& rule, const base::json::Value& body, std::span<const RowRef> rows,
                   std::span<const RowColumn> columns, const Mask& mask, Rejections& out);

// The id that the answer gives each row; empty where it gives none.
std::vector<std::string> find_ids(const manifest::Ids& rule, const base::json::Value& body, std::span<const RowRef> rows,
                                  std::span<const RowColumn> columns);

}  // namespace sluice::drivers::http_json
