// Reads the audit log of an installation and tells whether its chain of hashes is whole (BEY-05); changes nothing and needs no
// key, so it also works on a copy of the database.
#pragma once

#include <string>

#include "base/result.h"
#include "features/audit/chain.h"
#include "server/config.h"

namespace sluice::server {

// `noted`: "NUMBER:HASH", or empty. Reasons: "verify_log.no_database", "verify_log.bad_note".
base::Result<audit::chain::Report> verify_log(const Config& config, const std::string& noted);

}  // namespace sluice::server
