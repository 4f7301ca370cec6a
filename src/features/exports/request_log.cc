#include "features/exports/request_log.h"

#include <utility>

#include "base/log.h"
#include "features/exports/store.h"

namespace sluice::exports {

void RequestLog::add(drivers::RequestRecord&& record) {
  const bool has_failed = record.status == 0 || record.status >= 400;
  std::int64_t& count = has_failed ? failed_ : plain_;
  if (count >= (has_failed ? kMostFailed : kMostPlain)) return;
  ++count;
  waiting_.push_back(base::to_json(record));
}

void RequestLog::flush() {
  if (waiting_.empty()) return;
  const auto written = db_.write([&](db::Write& tx) { return store::add_requests(tx, run_id_, waiting_); });
  if (!written.ok()) base::log::warn("run.requests_not_written", {{"run_id", run_id_}, {"why", written.error().internal}});
  waiting_.clear();
}

}  // namespace sluice::exports
