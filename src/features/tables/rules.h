// Rules of tables and segments, as pure functions.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "db/tables.h"
#include "features/tables/table.h"

namespace sluice::tables::rules {

// A letter, then letters and digits, 3 to 64 in all (DAT-27); segments may also have '_'.
base::Result<void> check_table_name(const std::string& name);
base::Result<void> check_segment_name(const std::string& name);
// "US seniors!" becomes "us_seniors".
std::string segment_name_from(const std::string& display_name);

// A rule as JSON: {"match":"all|any","conditions":[{"column","operator","value"|"values"} | {"match","conditions"}]}; groups
// nest one level. Faults point below `pointer` ("/rule"): an unknown column, an operator that the column's type does not
// have, a value that is missing or of another type.
base::Result<db::Filter> compile(const base::json::Value& rule, const std::vector<Column>& columns, const std::string& pointer);

// What can be imported of a model.json: columns with the names its files use, partitions in their order. An entity whose
// partitions lie elsewhere or differ in format says so in not_importable. Reason "model_json.invalid".
base::Result<Model> describe_model(std::string_view text);

std::vector<db::TableColumn> stored_columns(const std::vector<Column>& columns);

}  // namespace sluice::tables::rules
