// Builds the file of one version.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "db/tables.h"

namespace sluice::db::sqlite {

// Writes to `part` and renames it to `path` at the end.
base::Result<std::unique_ptr<TableWriter>> create_table_file(const std::string& part, const std::string& path,
                                                             std::vector<TableColumn> columns, std::optional<std::size_t> key);

}  // namespace sluice::db::sqlite
