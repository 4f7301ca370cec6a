#include "features/connections/store.h"

#include "base/text.h"
#include "features/audit/owner.h"

namespace sluice::connections::store {

namespace {

using base::Error;
using base::Result;

const std::string kColumns =
    R"sql(c.id, c.type, c.display_name, c.sharing, c.settings, c.consent_by, c.consent_by_name, c.consent_at,
    c.consent_version, c.verification, c.health, c.version, c.created_at, c.created_by, )sql" +
    audit::owner_name("c.created_by", "c.created_by_name") +
    R"sql(, c.updated_at, c.updated_by, c.updated_by_name, (SELECT count(*) FROM connection_dependants d WHERE d.connection_id = c.id AND d.kind = 'export'))sql";

Error name_taken() {
  return Error{.code = base::Code::conflict,
               .reason = "connection.name_taken",
               .detail = "Another connection of this type has this name. Choose another one.",
               .fields = {{"/display_name", "taken", "is the name of another connection of this type"}}};
}

Error stale() {
  return Error{
      .code = base::Code::stale, .reason = "request.stale", .detail = "Someone else saved this connection first. Reload it and try again."};
}

base::UserRef user_of(const db::Row& row, std::size_t id, std::size_t name) {
  return {base::UserId::parse(row.get<std::string>(id)), row.get<std::string>(name)};
}

Connection to_connection(const db::Row& row) {
  Connection c{.id = row.get<ConnectionId>(0), .type = row.get<std::string>(1)};
  c.display_name = row.get<std::string>(2);
  c.sharing.with = row.get<With>(3);
  c.settings = row.get<base::json::Object>(4);
  c.consent = {user_of(row, 5, 6), row.get<base::Timestamp>(7), row.get<std::int64_t>(8)};
  if (const auto text = row.get<std::optional<std::string>>(9)) {
    auto verification = base::read_json<Verification>(*text);
    if (verification.ok()) c.verification = std::move(*verification);
  }
  c.health = row.get<Health>(10);
  c.version = row.get<std::int64_t>(11);
  c.created_at = row.get<base::Timestamp>(12);
  c.created_by = user_of(row, 13, 14);
  c.updated_at = row.get<base::Timestamp>(15);
  c.updated_by = user_of(row, 16, 17);
  c.dependants.exports = row.get<std::int64_t>(18);
  return c;
}

std::string where_of(const ListSpec& spec, std::vector<db::Value>& parameters) {
  std::string where = " WHERE 1 = 1";
  const auto parameter = [&](std::string text) {
    parameters.emplace_back(std::move(text));
    return "?" + std::to_string(parameters.size());
  };
  if (spec.serves) where += " AND c.serves = " + parameter(*spec.serves);
  if (!spec.search.empty()) {
    where += " AND (c.name_folded LIKE " + parameter(db::like_pattern(spec.search)) + " ESCAPE '\\'";
    for (const std::string& type : spec.types_by_title) where += " OR c.type = " + parameter(type);
    where += ")";
  }
  return where;
}

std::optional<std::string> verification_text(const Connection& c) {
  if (!c.verification) return std::nullopt;
  Verification stored = *c.verification;
  stored.token.reset();
  return base::to_json(stored);
}

}  // namespace

Result<std::vector<Connection>> list(db::Read& tx, const ListSpec& spec, const db::Page& page, std::optional<std::string>& next_cursor) {
  std::vector<db::Value> parameters;
  std::string sql = "SELECT " + kColumns + ", " + page.sort_expression() + " FROM connections c" + where_of(spec, parameters);
  sql += page.condition(parameters) + page.order();
  ASSIGN_OR_RETURN(auto rows, tx.all_with(sql, parameters));
  next_cursor = page.cut(rows);
  std::vector<Connection> connections;
  connections.reserve(rows.size());
  for (const db::Row& row : rows) connections.push_back(to_connection(row));
  return connections;
}

Result<std::int64_t> count(db::Read& tx, const ListSpec& spec) {
  std::vector<db::Value> parameters;
  const std::string sql = "SELECT count(*) FROM connections c" + where_of(spec, parameters);
  ASSIGN_OR_RETURN(const auto rows, tx.all_with(sql, parameters));
  return rows.front().get<std::int64_t>(0);
}

Result<std::optional<Connection>> find(db::Read& tx, ConnectionId id) {
  ASSIGN_OR_RETURN(const auto row, tx.maybe_one("SELECT " + kColumns + " FROM connections c WHERE c.id = ?1", id));
  if (!row) return std::optional<Connection>();
  return std::optional<Connection>(to_connection(*row));
}

Result<void> insert(db::Write& tx, const Connection& c, const std::string& serves) {
  const auto added =
      tx.execute(R"sql(
      INSERT INTO connections (id, type, serves, display_name, name_folded, sharing, settings, consent_by, consent_by_name, consent_at, consent_version,
                               verification, verified_at, health, created_at, created_by, created_by_name, updated_at, updated_by, updated_by_name)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?8, ?9, ?15, ?8, ?9))sql",
                 c.id, c.type, serves, c.display_name, base::fold_case(c.display_name), c.sharing.with, c.settings, c.created_by.id,
                 c.created_by.display_name, c.consent.agreed_at, c.consent.statement_version, verification_text(c),
                 c.verification ? std::optional(c.verification->at) : std::nullopt, c.health, c.created_at);
  if (!added.ok()) return db::violates(added.error(), "connections_name_key") ? name_taken() : added.error();
  return {};
}

Result<std::int64_t> update(db::Write& tx, const Connection& c, std::int64_t expected_version) {
  const auto rows = tx.all(R"sql(
      UPDATE connections
         SET display_name = ?2, name_folded = ?3, sharing = ?4, settings = ?5, consent_by = ?6, consent_by_name = ?7, consent_at = ?8, consent_version = ?9,
             verification = ?10, verified_at = ?11, health = ?12, updated_at = ?13, updated_by = ?14, updated_by_name = ?15, version = version + 1
       WHERE id = ?1 AND version = ?16
   RETURNING version)sql",
                           c.id, c.display_name, base::fold_case(c.display_name), c.sharing.with, c.settings, c.consent.agreed_by.id,
                           c.consent.agreed_by.display_name, c.consent.agreed_at, c.consent.statement_version, verification_text(c),
                           c.verification ? std::optional(c.verification->at) : std::nullopt, c.health, c.updated_at, c.updated_by.id,
                           c.updated_by.display_name, expected_version);
  if (!rows.ok()) return db::violates(rows.error(), "connections_name_key") ? name_taken() : rows.error();
  if (rows->empty()) return stale();
  return rows->front().get<std::int64_t>(0);
}

Result<void> set_verification(db::Write& tx, ConnectionId id, const Verification& verification, Health health) {
  Verification stored = verification;
  stored.token.reset();
  RETURN_IF_ERROR(tx.execute("UPDATE connections SET verification = ?2, verified_at = ?3, health = ?4 WHERE id = ?1", id,
                             base::to_json(stored), verification.at, health));
  return {};
}

Result<std::optional<std::string>> set_health(db::Write& tx, ConnectionId id, Health health) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.maybe_one("UPDATE connections SET health = ?2 WHERE id = ?1 AND health <> ?2 RETURNING display_name", id, health));
  return row ? std::optional(row->get<std::string>(0)) : std::nullopt;
}

Result<void> remove(db::Write& tx, ConnectionId id, std::int64_t expected_version) {
  const auto removed = tx.execute("DELETE FROM connections WHERE id = ?1 AND version = ?2", id, expected_version);
  // The foreign key is the last guard: an export that another transaction just attached.
  if (!removed.ok() && removed.error().reason == "db.foreign_key") {
    return Error{.code = base::Code::in_use,
                 .reason = "connection.in_use",
                 .detail = "Something uses this connection. Disconnect or remove it first."};
  }
  RETURN_IF_ERROR(removed);
  if (*removed == 0) return stale();
  return {};
}

Result<Dependants> dependants(db::Read& tx, ConnectionId id) {
  ASSIGN_OR_RETURN(const auto rows, tx.all("SELECT id, display_name, kind, state, owner_id, owner_name FROM connection_dependants WHERE "
                                           "connection_id = ?1 ORDER BY display_name, id",
                                           id));
  Dependants dependants;
  for (const db::Row& row : rows) {
    Dependant one{.id = row.get<std::string>(0),
                  .display_name = row.get<std::string>(1),
                  .kind = row.get<std::string>(2),
                  .state = row.get<std::string>(3),
                  .owner = user_of(row, 4, 5)};
    (one.kind == "export" ? dependants.exports : dependants.enrichments).push_back(std::move(one));
  }
  return dependants;
}

Result<std::vector<Connection>> usable(db::Read& tx, const std::string& serves, bool contributors_only) {
  ASSIGN_OR_RETURN(const auto rows, tx.all("SELECT id, display_name, type FROM connections WHERE serves = ?1 AND (sharing = 'contributors' "
                                           "OR ?2 = 0) ORDER BY type, name_folded",
                                           serves, contributors_only ? 1 : 0));
  std::vector<Connection> connections;
  for (const db::Row& row : rows) {
    Connection c{.id = row.get<ConnectionId>(0), .type = row.get<std::string>(2)};
    c.display_name = row.get<std::string>(1);
    connections.push_back(std::move(c));
  }
  return connections;
}

}  // namespace sluice::connections::store
