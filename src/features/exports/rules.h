// Rules of exports, as pure functions.
#pragma once

#include <string>
#include <vector>

#include "base/authz.h"
#include "base/result.h"
#include "features/exports/export.h"
#include "features/tables/table.h"
#include "manifest/connector.h"

namespace sluice::exports::rules {

// Trimmed, 1 to 100 characters, one line.
base::Result<std::string> check_name(std::string_view name);

// Administrators manage every export; contributors those whose connection is shared with them, whoever made them (ROL-28,
// 30, 31); viewers none (ROL-34).
bool may_edit(const base::Actor& actor, const Export& e);
std::vector<std::string> can(const base::Actor& actor, const Export& e);

// Each table once, each chosen column one of its table's, at least one column; `found` are the tables that exist, in order.
base::Result<void> check_contents(const std::vector<std::string>& tables, const Columns& columns,
                                  const std::vector<tables::ExportableTable>& found);

// Mapping and mode against what the type takes (EXP-27, 28, 32, 34..37): only segments, every mandatory attribute mapped, each to a
// column of the Customer table, rows taken away only where the service can. For types that take tables nothing may be mapped.
base::Result<void> check_rows(const manifest::Connector& connector, const Export& e, const std::vector<tables::ExportableTable>& found);

// What a table holds now, and what of it was delivered last to this connection.
struct GuardedTable {
  std::string name;
  std::int64_t rows = 0;
  std::optional<std::int64_t> delivered_rows;
};
// Whether a person should look first (BEY-10, C-097): a table or the whole that is empty, one that shrank by more than the set
// share, or a first delivery above the set size.
std::optional<runs::Approval> guard(const Guard& guard, const std::vector<GuardedTable>& tables);

// Where the files of a run go, relative to the connection's folder (EXP-49, EXP-50):
//   Sluice_<environment>/<export>/model.json
//   Sluice_<environment>/<export>/<table>/<yyyy>/<MM>/<dd>/<HHmm>/<table>_<n>.csv[.gz]
// `suffix` sets two runs within one minute apart: "" or "_2".
std::string export_folder(const std::string& environment_id, const std::string& display_name);
std::string table_folder(const std::string& table, base::Timestamp started_at, const std::string& suffix);
std::string part_name(const std::string& table, int part, bool gzip);
// A display name as one path part, another one for each name, since two exports must never share a folder: '/', '\\', control
// characters and a leading '.' or '~' are escaped as in URLs (%2F), as is a '%' that would read as an escape. A name that is too
// long for a file system is cut, and a hash of it added.
std::string path_part(std::string_view name);

}  // namespace sluice::exports::rules
