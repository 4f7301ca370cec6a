#include "features/auth/sessions.h"

#include <algorithm>
#include <utility>

#include "base/random.h"
#include "base/text.h"
#include "crypto/crypto.h"
#include "features/audit/audit.h"

namespace sluice::auth {

namespace {

using base::Role;

// The role of a user row `u`: the highest of the own one and those of its groups, as 0, 1, 2, or null.
constexpr std::string_view kSessionSql = R"sql(
    SELECT u.id, u.display_name, u.email, s.csrf_token, s.seen_at, s.expires_at,
           CAST((SELECT max(CASE r.role WHEN 'administrator' THEN 2 WHEN 'contributor' THEN 1 ELSE 0 END)
                   FROM (SELECT u.role AS role
                         UNION ALL
                         SELECT g.role FROM user_groups g JOIN user_group_members m ON m.group_id = g.id WHERE m.user_id = u.id) r
                  WHERE r.role IS NOT NULL) AS BIGINT)
      FROM sessions s JOIN users u ON u.id = s.user_id
     WHERE s.token_hash = ?1)sql";

// Of a random password that was thrown away. Checked for unknown users, so that they take as long as known ones.
constexpr std::string_view kUnknownHash =
    "$argon2id$v=19$m=65536,t=2,p=1$UMdQOI99DMxynFQCpW+GwQ$0I9LAWvAKCOa1t7eReXQ3QdBlNBBGZ0AWDQ4fdiLsdw";

base::Error refused() {
  return base::Error{.code = base::Code::unauthenticated,
                     .reason = "session.sign_in_refused",
                     .detail = "The e-mail address or the password is not right."};
}

// After the free attempts each further failure doubles the wait, up to a quarter of an hour.
std::chrono::seconds wait_after(std::int64_t failures, std::int64_t free_attempts) {
  if (failures < free_attempts) return std::chrono::seconds(0);
  const std::int64_t doublings = std::min<std::int64_t>(failures - free_attempts, 10);
  return std::min(std::chrono::seconds(std::int64_t{2} << doublings), std::chrono::seconds(900));
}

class Hold {
 public:
  explicit Hold(std::counting_semaphore<2>& semaphore) : semaphore_(semaphore) { semaphore_.acquire(); }
  ~Hold() { semaphore_.release(); }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;

 private:
  std::counting_semaphore<2>& semaphore_;
};

}  // namespace

Sessions::Sessions(db::Db& db, base::Clock clock) : db_(db), clock_(std::move(clock)) {}

base::Result<void> Sessions::check_brake(const std::string& bucket, std::int64_t free_attempts, base::Timestamp now) {
  ASSIGN_OR_RETURN(const auto row, db_.read([&](db::Read& tx) {
    return tx.maybe_one("SELECT failures, last_at FROM sign_in_failures WHERE bucket = ?1", bucket);
  }));
  if (!row) return {};
  const auto until = row->get<base::Timestamp>(1) + wait_after(row->get<std::int64_t>(0), free_attempts);
  if (now >= until) return {};
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(until - now).count();
  return base::Error{.code = base::Code::rate_limited,
                     .reason = "session.too_many_attempts",
                     .detail = "Too many attempts. Try again in " + std::to_string(seconds) + " seconds.",
                     .extra = R"({"retry_after":)" + std::to_string(seconds) + "}"};
}

base::Result<void> Sessions::count_failure(const std::string& bucket, base::Timestamp now) {
  return db_.write([&](db::Write& tx) -> base::Result<void> {
    // An hour of peace starts the count again.
    RETURN_IF_ERROR(tx.execute(R"sql(
        INSERT INTO sign_in_failures (bucket, failures, last_at) VALUES (?1, 1, ?2)
            ON CONFLICT (bucket) DO UPDATE SET
               failures = CASE WHEN sign_in_failures.last_at < ?3 THEN 1 ELSE sign_in_failures.failures + 1 END, last_at = ?2)sql",
                               bucket, now, now - std::chrono::hours(1)));
    return {};
  });
}

base::Result<SignedIn> Sessions::sign_in(const std::string& email, const base::Secret& password, const std::string& address) {
  const base::Timestamp now = clock_();
  const std::string folded = base::fold_case(base::trim(email)).substr(0, 254);
  const std::string account_bucket = "account:" + folded;
  const std::string address_bucket = "address:" + address;
  RETURN_IF_ERROR(check_brake(account_bucket, 5, now));
  RETURN_IF_ERROR(check_brake(address_bucket, 50, now));

  ASSIGN_OR_RETURN(const auto row, db_.read([&](db::Read& tx) {
    return tx.maybe_one("SELECT id, display_name, password_hash FROM users WHERE email_folded = ?1", folded);
  }));
  const auto hash = row ? row->get<std::optional<std::string>>(2) : std::nullopt;
  bool matches = false;
  {
    const Hold hold(hashing_);
    matches = crypto::check_password(hash.value_or(std::string(kUnknownHash)), password) && hash.has_value();
  }
  if (!matches) {
    RETURN_IF_ERROR(count_failure(account_bucket, now));
    RETURN_IF_ERROR(count_failure(address_bucket, now));
    base::Actor nobody{.id = {}, .display_name = "nobody", .role = Role::viewer, .request_id = {}, .address = address};
    RETURN_IF_ERROR(
        db_.write([&](db::Write& tx) { return audit::append(tx, nobody, now, "session.sign_in_refused", {"session", "", folded}); }));
    return refused();
  }

  const std::string token = base::random_token(32);
  const std::string token_hash = crypto::token_hash(base::Secret(token));
  const base::UserId user_id = row->get<base::UserId>(0);
  RETURN_IF_ERROR(db_.write([&](db::Write& tx) -> base::Result<void> {
    RETURN_IF_ERROR(tx.execute("DELETE FROM sessions WHERE expires_at < ?1 OR seen_at < ?2", now, now - kIdleTime));
    RETURN_IF_ERROR(
        tx.execute("INSERT INTO sessions (token_hash, user_id, csrf_token, created_at, seen_at, expires_at, address) VALUES (?1, ?2, ?3, "
                   "?4, ?4, ?5, ?6)",
                   token_hash, user_id, base::random_token(24), now, now + kAbsoluteTime, address));
    RETURN_IF_ERROR(tx.execute("UPDATE users SET last_sign_in_at = ?2 WHERE id = ?1", user_id, now));
    RETURN_IF_ERROR(
        tx.execute("DELETE FROM sign_in_failures WHERE bucket = ?1 OR last_at < ?2", account_bucket, now - std::chrono::hours(24)));
    const base::Actor actor{
        .id = user_id, .display_name = row->get<std::string>(1), .role = Role::viewer, .request_id = {}, .address = address};
    return audit::append(tx, actor, now, "session.opened", {"user", user_id.str(), actor.display_name});
  }));
  ASSIGN_OR_RETURN(auto session, find(base::Secret(token)));
  if (!session) {
    return base::Error{.code = base::Code::forbidden,
                       .reason = "session.no_role",
                       .detail = "Your account has no role here. Ask an administrator for one."};
  }
  session->actor.address = address;
  return SignedIn{token, std::move(*session)};
}

base::Result<std::optional<Session>> Sessions::find(const base::Secret& token) {
  const base::Timestamp now = clock_();
  const std::string hash = crypto::token_hash(token);
  ASSIGN_OR_RETURN(const auto row, db_.read([&](db::Read& tx) { return tx.maybe_one(kSessionSql, hash); }));
  if (!row) return std::optional<Session>();
  const auto seen_at = row->get<base::Timestamp>(4);
  if (row->get<base::Timestamp>(5) <= now || seen_at + kIdleTime <= now || row->is_null(6)) return std::optional<Session>();
  // Once a minute is enough to know that somebody is there, and keeps reads from writing.
  if (now - seen_at > std::chrono::minutes(1)) {
    RETURN_IF_ERROR(
        db_.write([&](db::Write& tx) { return tx.execute("UPDATE sessions SET seen_at = ?2 WHERE token_hash = ?1", hash, now); }));
  }
  Session session{.actor = {.id = row->get<base::UserId>(0),
                            .display_name = row->get<std::string>(1),
                            .role = static_cast<Role>(row->get<std::int64_t>(6)),
                            .request_id = {},
                            .address = {}},
                  .email = row->get<std::string>(2),
                  .csrf_token = row->get<std::string>(3),
                  .token_hash = hash};
  return std::optional<Session>(std::move(session));
}

base::Result<std::optional<base::Actor>> Sessions::find_api_key(const base::Secret& key) {
  const base::Timestamp now = clock_();
  ASSIGN_OR_RETURN(const auto row, db_.read([&](db::Read& tx) {
    return tx.maybe_one("SELECT id, display_name, role, expires_at, used_at FROM api_keys WHERE key_hash = ?1", crypto::token_hash(key));
  }));
  if (!row) return std::optional<base::Actor>();
  const auto expires_at = row->get<std::optional<base::Timestamp>>(3);
  if (expires_at && *expires_at <= now) return std::optional<base::Actor>();
  const auto used_at = row->get<std::optional<base::Timestamp>>(4);
  if (!used_at || now - *used_at > std::chrono::minutes(1)) {
    RETURN_IF_ERROR(db_.write(
        [&](db::Write& tx) { return tx.execute("UPDATE api_keys SET used_at = ?2 WHERE id = ?1", row->get<std::string>(0), now); }));
  }
  base::Actor actor{.id = row->get<base::UserId>(0),
                    .display_name = row->get<std::string>(1),
                    .role = row->get<Role>(2),
                    .request_id = {},
                    .address = {}};
  return std::optional<base::Actor>(std::move(actor));
}

base::Result<void> Sessions::sign_out(const std::string& token_hash, const base::Actor& actor) {
  return db_.write([&](db::Write& tx) -> base::Result<void> {
    RETURN_IF_ERROR(tx.execute("DELETE FROM sessions WHERE token_hash = ?1", token_hash));
    return audit::append(tx, actor, clock_(), "session.closed", {"user", actor.id.str(), actor.display_name});
  });
}

}  // namespace sluice::auth
