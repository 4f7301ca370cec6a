// Reads the audit log of an installation, then the ledgers of its exports, and tells whether their chains of hashes are whole (BEY-05);
// changes nothing and needs no key, so it also works on a copy of the database.
#pragma once

#include <string>

#include "base/result.h"
#include "features/audit/chain.h"
#include "features/exports/ledgers.h"
#include "server/config.h"

namespace sluice::server {

struct LogReport {
  audit::chain::Report audit;
  exports::LedgersReport ledgers;  // read only when the audit log is whole
};

// `noted`: "NUMBER:HASH", or empty. Reasons: "verify_log.no_database", "verify_log.bad_note".
base::Result<LogReport> verify_log(const Config& config, const std::string& noted);

}  // namespace sluice::server
