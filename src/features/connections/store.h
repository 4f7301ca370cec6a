// SQL of connections; private to this folder.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "db/db.h"
#include "db/page.h"
#include "features/connections/connection.h"

namespace sluice::connections::store {

struct ListSpec {
  std::optional<std::string> serves;
  std::string search;                       // folded; empty: all
  std::vector<std::string> types_by_title;  // types whose title matches the search
};

// Rows without secrets; `can`, `type_title` and `serves` are the caller's to fill.
base::Result<std::vector<Connection>> list(db::Read& tx, const ListSpec& spec, const db::Page& page,
                                           std::optional<std::string>& next_cursor);
base::Result<std::int64_t> count(db::Read& tx, const ListSpec& spec);
base::Result<std::optional<Connection>> find(db::Read& tx, ConnectionId id);
// Reason "connection.name_taken".
base::Result<void> insert(db::Write& tx, const Connection& connection, const std::string& serves);
// Reasons "request.stale", "connection.name_taken". Gives the new version.
base::Result<std::int64_t> update(db::Write& tx, const Connection& connection, std::int64_t expected_version);
base::Result<void> set_verification(db::Write& tx, ConnectionId id, const Verification& verification, Health health);
// The name of the connection when its health was another before.
base::Result<std::optional<std::string>> set_health(db::Write& tx, ConnectionId id, Health health);
// Reasons "request.stale", "connection.in_use".
base::Result<void> remove(db::Write& tx, ConnectionId id, std::int64_t expected_version);
base::Result<Dependants> dependants(db::Read& tx, ConnectionId id);
base::Result<std::vector<Connection>> usable(db::Read& tx, const std::string& serves, bool contributors_only);

}  // namespace sluice::connections::store
