// The ledgers of all exports: where they lie, and whether they are what was written (BEY-05).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "db/db.h"

namespace sluice::exports {

// `part`: the segment where each has a ledger of its own, else empty.
std::string ledger_folder(const std::string& data_folder, const std::string& export_id, const std::string& connection_id,
                          const std::string& part);

struct LedgersReport {
  std::int64_t ledgers = 0;
  std::int64_t records = 0;
  std::optional<std::string> fault;  // the first, as a sentence
};
// Reads every byte of every ledger that the database knows, and compares its head with the one the database noted.
base::Result<LedgersReport> verify_ledgers(db::Db& db, const std::string& data_folder);

}  // namespace sluice::exports
