// Signing in and being recognised. A session is a random token in a cookie, of which only the hash is kept; it ends after an
// hour without a request, after twelve hours in any case, and at sign-out. An API key is a random token in a header.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <semaphore>
#include <string>
#include <string_view>

#include "base/authz.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "db/db.h"

namespace sluice::auth {

inline constexpr std::chrono::minutes kIdleTime{60};
inline constexpr std::chrono::hours kAbsoluteTime{12};

struct Session {
  base::Actor actor;
  std::string email;
  std::string csrf_token;
  std::string token_hash;
};

struct SignedIn {
  std::string token;  // for the cookie; told once
  Session session;
};

class Sessions {
 public:
  Sessions(db::Db& db, base::Clock clock);

  // Reasons: "session.sign_in_refused" (the same for every cause), "session.too_many_attempts" (rate_limited; extra has
  // retry_after, in seconds). Takes some 60 ms and 64 MiB; at most two at a time.
  base::Result<SignedIn> sign_in(const std::string& email, const base::Secret& password, const std::string& address);
  // Empty when the token is unknown or the session is over.
  base::Result<std::optional<Session>> find(const base::Secret& token);
  base::Result<std::optional<base::Actor>> find_api_key(const base::Secret& key);
  base::Result<void> sign_out(const std::string& token_hash, const base::Actor& actor);

 private:
  base::Result<void> check_brake(const std::string& bucket, std::int64_t free_attempts, base::Timestamp now);
  base::Result<void> count_failure(const std::string& bucket, base::Timestamp now);

  db::Db& db_;
  base::Clock clock_;
  std::counting_semaphore<2> hashing_{2};
};

}  // namespace sluice::auth
