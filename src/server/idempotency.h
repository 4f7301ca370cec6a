// Idempotency-Key: a repeated create gets the first answer instead of a second object (CON-48). A key belongs to the actor
// who used it and to one request; it is kept for a day.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "db/db.h"
#include "http/call.h"

namespace sluice::server {

class Idempotency {
 public:
  Idempotency(db::Db& db, base::Clock clock) : db_(db), clock_(std::move(clock)) {}

  // Reasons: "request.key_reused" (another body), "request.in_progress".
  base::Result<std::optional<http::Response>> earlier(const http::Call& call, std::string_view key);
  void keep(const http::Call& call, std::string_view key, const http::Response& response);
  void forget(const http::Call& call, std::string_view key);

 private:
  db::Db& db_;
  base::Clock clock_;
};

}  // namespace sluice::server
