#include "features/exports/ledgers.h"

#include "features/exports/rules.h"
#include "features/ledger/ledger.h"

namespace sluice::exports {

using base::Result;

std::string ledger_folder(const std::string& data_folder, const std::string& export_id, const std::string& connection_id,
                          const std::string& part) {
  return data_folder + "/ledger/" + export_id + "/" + connection_id + "/" + (part.empty() ? "all" : "segment-" + rules::path_part(part));
}

Result<LedgersReport> verify_ledgers(db::Db& db, const std::string& data_folder) {
  ASSIGN_OR_RETURN(const auto rows, db.read([](db::Read& tx) {
    return tx.all("SELECT export_id, connection_id, part, generation, head FROM export_ledgers ORDER BY export_id, connection_id, part");
  }));
  LedgersReport report;
  for (const db::Row& row : rows) {
    const std::string folder = ledger_folder(data_folder, row.get<std::string>(0), row.get<std::string>(1), row.get<std::string>(2));
    const auto generation = static_cast<std::uint64_t>(row.get<std::int64_t>(3));
    const auto opened = ledger::Ledger::open({.folder = folder, .at_least = generation});
    const auto fault = [&](const std::string& what) {
      report.fault = "The ledger in " + folder + " is not what was written: " + what;
      return report;
    };
    if (!opened.ok()) return fault(opened.error().detail);
    ASSIGN_OR_RETURN(const ledger::Verdict verdict, opened->verify());
    if (verdict.fault) return fault(*verdict.fault);
    // A run that died between the two may have left the database one generation behind.
    if (opened->generation() == generation && verdict.head != row.get<std::string>(4))
      return fault("its head is not the one that was noted.");
    ++report.ledgers;
    report.records += verdict.records;
  }
  return report;
}

}  // namespace sluice::exports
