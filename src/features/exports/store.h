// SQL of exports; private to this folder.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "db/db.h"
#include "db/page.h"
#include "features/exports/export.h"
#include "features/ledger/ledger.h"

namespace sluice::exports::store {

struct ListSpec {
  std::string search;  // folded
  std::vector<std::string> types_by_title;
  std::optional<std::string> connection_id;
  std::optional<ExportState> state;
};

// `type_title` and `can` are the caller's to fill.
base::Result<std::vector<Export>> list(db::Read& tx, const ListSpec& spec, const db::Page& page, std::optional<std::string>& next_cursor);
base::Result<std::int64_t> count(db::Read& tx, const ListSpec& spec);
base::Result<std::optional<Export>> find(db::Read& tx, ExportId id);
// Reason "export.name_taken".
base::Result<void> insert(db::Write& tx, const Export& e);
// False: somebody else saved first.
base::Result<bool> update(db::Write& tx, const Export& e, std::int64_t version);
base::Result<bool> remove(db::Write& tx, ExportId id, std::int64_t version);
base::Result<void> set_refreshed(db::Write& tx, const std::string& id, base::Timestamp at);
// Folded names of its tables that no table or segment has any more.
base::Result<std::vector<std::string>> missing_tables(db::Read& tx, ExportId id);

// Active ones that follow the system refresh; `with_own`: those with a schedule of their own too.
base::Result<std::vector<Export>> list_scheduled(db::Read& tx, bool with_own);

// What the database knows of a ledger; generation 0 when there was none.
struct LedgerKey {
  std::string export_id;
  std::string connection_id;
  std::string part;
};
base::Result<std::uint64_t> ledger_generation(db::Read& tx, const LedgerKey& key);
base::Result<void> put_ledger(db::Write& tx, const LedgerKey& key, const ledger::Committed& committed, base::Timestamp now);

// Calls of a run, behind those it has; each is JSON.
base::Result<void> add_requests(db::Write& tx, const std::string& run_id, const std::vector<std::string>& records);
base::Result<std::vector<std::string>> list_requests(db::Read& tx, const std::string& run_id);

}  // namespace sluice::exports::store
