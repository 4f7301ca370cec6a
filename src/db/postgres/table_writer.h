// Fills the table of one version by COPY, in one transaction: a writer that breaks off leaves nothing.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "db/postgres/idle_connections.h"
#include "db/tables.h"

namespace sluice::db::postgres {

base::Result<std::unique_ptr<TableWriter>> create_table(IdleConnections::Lease handle, const std::string& version,
                                                        std::vector<TableColumn> columns, std::optional<std::size_t> key);

}  // namespace sluice::db::postgres
