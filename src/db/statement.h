// What both backends do with a statement before it runs.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "db/db.h"

namespace sluice::db {

// Refuses what only one of the backends would take: text with NUL bytes or invalid UTF-8 ("db.bad_text"), and numbers that are
// not finite ("db.bad_number").
base::Result<void> check_parameters(std::span<const Value> parameters);

struct DollarSql {
  std::string text;
  std::size_t parameters = 0;  // the highest number that was seen
};
// For PostgreSQL: ?1 becomes $1, and NULL when that parameter is null, because "$1 IS NULL" has no type that could be guessed.
// Quotes and comments stay.
DollarSql to_dollar_placeholders(std::string_view sql, std::span<const Value> parameters);

// What is left of `sql` after the quoted text, quoted name or comment that starts at `at`; `at` itself when none starts there.
std::size_t skip_quoted(std::string_view sql, std::size_t at);

}  // namespace sluice::db
