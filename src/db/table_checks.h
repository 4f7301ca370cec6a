// What both kinds of table store check alike, and the errors they give.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cell.h"
#include "base/result.h"
#include "db/tables.h"

namespace sluice::db {

bool is_valid_version(std::string_view version);
base::Error bad_version();
base::Error version_used(const std::string& version);
base::Error no_such_version(const std::string& version);
base::Error duplicate_key(const DuplicateKey& duplicate);

// Looks at the key of every row as it is written; what is wrong is said at the end, as for duplicates.
class KeyChecks {
 public:
  void look_at(const base::Cell& key, std::int64_t row) {
    if ((key.null || key.size == 0) && first_empty_ == 0) first_empty_ = row;
    if (key.size > kMaxKey && first_long_ == 0) first_long_ = row;
  }
  // Error "table.empty_key" or "table.key_too_long" (PostgreSQL cannot index longer ones).
  base::Result<void> check() const;

 private:
  static constexpr std::uint32_t kMaxKey = 2000;
  std::int64_t first_empty_ = 0;
  std::int64_t first_long_ = 0;
};

enum class TextFault : std::uint8_t { none, nul_character, not_utf8 };
TextFault find_fault(std::string_view text);

// Text that PostgreSQL cannot hold is refused by SQLite too: "table.nul_character", "table.not_utf8". `row` and `column` count
// from 1 and from 0; they end up in `internal`.
base::Error bad_text(TextFault fault, std::int64_t row, std::size_t column);
base::Error bad_integer(std::int64_t row, std::size_t column);
// The cell as a number; false when it is not one.
bool parse_integer(const base::Cell& cell, std::int64_t& out);

}  // namespace sluice::db
