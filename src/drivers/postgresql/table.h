// The table that rows go to, and the statements that fill it. Names are always quoted, values never part of a statement.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "drivers/driver.h"
#include "drivers/postgresql/wire.h"

namespace sluice::drivers::postgresql {

struct Table {
  std::string schema, name;
  std::vector<std::string> columns;     // of the target, in the order of the cells
  std::vector<std::size_t> identifies;  // places in `columns`

  std::string full_name() const { return quoted(schema) + "." + quoted(name); }
};

// The table a plan names, in `schema`. Error "service.refused" for names that no table can have.
base::Result<Table> table_of(const RowsPlan& plan, std::string_view schema);

// Statements. `compare`: rows that are there already as they should be are left alone (needs columns that can be compared).
std::string create_statement(const Table& table, std::span<const RowColumn> columns);
std::string stage_statement(const Table& table, bool keys_only);  // makes the temporary table
std::string copy_statement(const Table& table, bool keys_only);
std::string upsert_statement(const Table& table, bool compare);
std::string remove_statement(const Table& table);

// Makes the table when it is missing and `create` is set; checks that it has the columns, and a unique index on exactly the identifying
// ones.
base::Result<void> prepare(Wire& wire, const Table& table, std::span<const RowColumn> columns, bool create);
// Whether its columns can be compared; `json` cannot.
base::Result<bool> can_compare(Wire& wire, const Table& table);

}  // namespace sluice::drivers::postgresql
