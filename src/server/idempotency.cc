#include "server/idempotency.h"

#include "base/log.h"
#include "crypto/crypto.h"

namespace sluice::server {

using base::Error;
using base::Result;

Result<std::optional<http::Response>> Idempotency::earlier(const http::Call& call, std::string_view key) {
  const base::Timestamp now = clock_();
  const std::string fingerprint = crypto::sha256_hex(std::string(http::name_of(call.method)) + " " + call.path + "\n" + call.body);
  return db_.write([&](db::Write& tx) -> Result<std::optional<http::Response>> {
    RETURN_IF_ERROR(tx.execute("DELETE FROM idempotency_keys WHERE created_at < ?1", now - std::chrono::hours(24)));
    // One that never got its answer was cut off by a crash; after a while it may be tried again.
    RETURN_IF_ERROR(
        tx.execute("DELETE FROM idempotency_keys WHERE actor_id = ?1 AND idempotency_key = ?2 AND status IS NULL AND created_at < ?3",
                   call.actor.id, key, now - std::chrono::minutes(2)));
    ASSIGN_OR_RETURN(const auto added, tx.execute(R"sql(
        INSERT INTO idempotency_keys (actor_id, idempotency_key, fingerprint, created_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING)sql",
                                                  call.actor.id, key, fingerprint, now));
    if (added == 1) return std::optional<http::Response>();
    ASSIGN_OR_RETURN(const auto row,
                     tx.one("SELECT fingerprint, status, headers, body FROM idempotency_keys WHERE actor_id = ?1 AND idempotency_key = ?2",
                            call.actor.id, key));
    if (row.get<std::string>(0) != fingerprint) {
      return Error{.code = base::Code::conflict,
                   .reason = "request.key_reused",
                   .detail = "This Idempotency-Key was used for another request. Use a new key for each request."};
    }
    if (row.is_null(1))
      return Error{.code = base::Code::conflict,
                   .reason = "request.in_progress",
                   .detail = "The first request with this Idempotency-Key is still being worked on. Repeat it in a moment."};
    http::Response response{.status = static_cast<int>(row.get<std::int64_t>(1)), .body = row.get<std::string>(3)};
    const auto headers = row.get<base::json::Object>(2);
    for (const auto& [name, value] : headers) response.headers.emplace_back(name, std::string(value.text()));
    response.headers.emplace_back("Idempotency-Replayed", "true");
    return std::optional<http::Response>(std::move(response));
  });
}

void Idempotency::keep(const http::Call& call, std::string_view key, const http::Response& response) {
  base::json::Object headers;
  for (const auto& [name, value] : response.headers) {
    if (name != "Set-Cookie") headers.set(name, value);
  }
  const auto kept = db_.write([&](db::Write& tx) {
    return tx.execute("UPDATE idempotency_keys SET status = ?3, headers = ?4, body = ?5 WHERE actor_id = ?1 AND idempotency_key = ?2",
                      call.actor.id, key, response.status, headers, response.body);
  });
  if (!kept.ok()) base::log::error("idempotency.not_kept", {{"request_id", call.request_id}, {"why", kept.error().internal}});
}

void Idempotency::forget(const http::Call& call, std::string_view key) {
  const auto forgotten = db_.write([&](db::Write& tx) {
    return tx.execute("DELETE FROM idempotency_keys WHERE actor_id = ?1 AND idempotency_key = ?2 AND status IS NULL", call.actor.id, key);
  });
  if (!forgotten.ok())
    base::log::error("idempotency.not_forgotten", {{"request_id", call.request_id}, {"why", forgotten.error().internal}});
}

}  // namespace sluice::server
