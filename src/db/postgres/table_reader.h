// Reads the table of one version by binary COPY, row by row as they arrive.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "db/postgres/idle_connections.h"
#include "db/tables.h"

namespace sluice::db::postgres {

base::Result<std::unique_ptr<TableScan>> scan_table(IdleConnections::Lease handle, const ScanSpec& spec,
                                                    const std::vector<TableColumn>& columns);
base::Result<std::int64_t> count_table(PGconn* handle, const std::string& version, const Filter& filter,
                                       const std::vector<TableColumn>& columns);

}  // namespace sluice::db::postgres
