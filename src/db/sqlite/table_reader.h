// Reads the file of one version.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "db/tables.h"

namespace sluice::db::sqlite {

// `folder` with a '/' at the end.
base::Result<std::unique_ptr<TableScan>> scan_table_file(const std::string& folder, const ScanSpec& spec,
                                                         const std::vector<TableColumn>& columns);
base::Result<std::int64_t> count_table_file(const std::string& folder, const std::string& version, const Filter& filter,
                                            const std::vector<TableColumn>& columns);

}  // namespace sluice::db::sqlite
