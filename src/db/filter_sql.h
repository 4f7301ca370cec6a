// A Filter as an SQL condition over the columns c0, c1, … of a version. Values are checked against the type of their column
// and escaped. Both dialects give the same answer for every cell, also for cells that are not of their column's type.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "db/tables.h"

namespace sluice::db {

enum class Dialect : std::uint8_t { sqlite, postgres };

// Where the first column of a list is found.
struct ListTable {
  std::string name;  // as SQL
  bool is_integer = false;
};
using FindList = std::function<base::Result<ListTable>(const std::string& version)>;

base::Result<std::string> compile_filter(const Filter& filter, const std::vector<TableColumn>& columns, Dialect dialect,
                                         const FindList& find_list);

// 'it''s'. The text must have no NUL.
std::string quote_text(std::string_view text);

}  // namespace sluice::db
