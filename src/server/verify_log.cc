#include "server/verify_log.h"

#include <unistd.h>

#include "base/text.h"
#include "crypto/crypto.h"
#include "db/db.h"

namespace sluice::server {

base::Result<LogReport> verify_log(const Config& config, const std::string& noted) {
  crypto::initialise();
  std::optional<audit::chain::Head> head;
  if (!noted.empty()) {
    const std::size_t colon = noted.find(':');
    const auto seq = base::parse_int(std::string_view(noted).substr(0, colon));
    if (colon == std::string::npos || !seq)
      return base::Error{.code = base::Code::invalid,
                         .reason = "verify_log.bad_note",
                         .detail = "--noted takes what an earlier verify-log printed: NUMBER:HASH."};
    head = {*seq, noted.substr(colon + 1)};
  }
  const std::string path = config.data + "/app.db";
  if (config.store.empty() && ::access(path.c_str(), F_OK) != 0)
    return base::Error{.code = base::Code::not_found, .reason = "verify_log.no_database", .detail = "There is no database " + path + "."};
  ASSIGN_OR_RETURN(const auto db, db::Db::open({.location = config.store.empty() ? path : config.store, .readers = 1}));
  LogReport report;
  ASSIGN_OR_RETURN(report.audit, audit::chain::verify(*db, head));
  if (report.audit.fault) return report;
  ASSIGN_OR_RETURN(report.ledgers, exports::verify_ledgers(*db, config.data));
  return report;
}

}  // namespace sluice::server
