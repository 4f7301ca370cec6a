// Use cases of exports. Each is one transaction: check, change, audit. Who may do what with which export is in rules.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/authz.h"
#include "base/result.h"
#include "db/db.h"
#include "features/connections/connections.h"
#include "features/exports/export.h"
#include "features/runs/runs.h"
#include "features/tables/tables.h"

namespace sluice::exports {

struct ListQuery {
  std::string search;  // export name, connection name, connection type (EXP-02)
  std::string sort;    // display_name type connection state refreshed_at created_at status
  std::optional<std::string> connection_id;
  std::optional<ExportState> state;
  std::optional<std::string_view> cursor;
  std::int64_t limit = 50;
};
struct ExportPage {
  std::vector<Export> items;
  std::optional<std::string> next_cursor;
  std::int64_t total = 0;
};

class Exports {
 public:
  Exports(db::Db& db, connections::Connections& connections, tables::Tables& tables, runs::Runs& runs, base::Clock clock,
          std::string environment_id);

  base::Result<ExportPage> list(const base::Actor& actor, const ListQuery& query);
  base::Result<Export> load(const base::Actor& actor, ExportId id);
  // Reasons: "export.unknown_connection", "export.name_taken", "table.missing", "export.bad_contents", "settings.invalid".
  base::Result<Export> create(const base::Actor& actor, const ExportDraft& draft);
  // Also "export.type_mismatch", "request.forbidden", "request.stale". A running run keeps the plan it started with.
  base::Result<Export> update(const base::Actor& actor, ExportId id, std::int64_t version, const ExportChange& change);
  // Reason "export.running".
  base::Result<void> remove(const base::Actor& actor, ExportId id, std::int64_t version);
  base::Result<Export> disconnect(const base::Actor& actor, ExportId id, std::optional<std::int64_t> version);
  // Reasons: "export.inactive", "request.forbidden". An active run is given instead of a second one (EXP-65).
  base::Result<runs::Runs::Enqueued> run(const base::Actor& actor, ExportId id);

  // The kind "export" for the run engine.
  runs::Kind export_kind();

  struct Plan;  // plan.h; private to this folder

 private:
  base::Result<Export> load(db::Read& tx, const base::Actor& actor, ExportId id);
  // Audits a refusal for want of rights (ROL-18), in a transaction of its own: the refused one is rolled back.
  template <class T>
  base::Result<T> noting_denial(const base::Actor& actor, ExportId id, base::Result<T> result);
  void fill(const base::Actor& actor, Export& e) const;
  base::Result<void> check(db::Read& tx, const base::Actor& actor, Export& e);
  runs::Ended execute(runs::Execution& execution);

  db::Db& db_;
  connections::Connections& connections_;
  tables::Tables& tables_;
  runs::Runs& runs_;
  base::Clock clock_;
  std::string environment_id_;
};

}  // namespace sluice::exports
