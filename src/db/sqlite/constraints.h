// SQLite names the columns of a broken unique constraint, or the index when it has expressions. The rest of the program wants
// the name that PostgreSQL would give.
#pragma once

#include <string>
#include <string_view>

struct sqlite3;

namespace sluice::db::sqlite {

// `subject`: "users.email, users.tenant" or "index 'users_email_key'", from SQLite's message. Several names, with '|' between
// them, when several indexes have these columns. Constraints without a name get PostgreSQL's: users_pkey, users_email_key.
std::string find_unique_constraint(sqlite3* handle, std::string_view subject);

// The name given to UNIQUE or PRIMARY KEY over exactly these columns in a CREATE TABLE text; empty when it has none.
std::string named_constraint(std::string_view create_table, std::string_view columns, bool primary);

}  // namespace sluice::db::sqlite
