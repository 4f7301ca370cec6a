// The calls of a run, kept for administrators to look at (BEY-20): the first ones, and of the rest those that failed. Secrets
// were masked by the driver. Private to this folder.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "db/db.h"
#include "drivers/driver.h"

namespace sluice::exports {

class RequestLog {
 public:
  static constexpr std::int64_t kMostPlain = 50;
  static constexpr std::int64_t kMostFailed = 150;

  RequestLog(db::Db& db, std::string run_id) : db_(db), run_id_(std::move(run_id)) {}

  void add(drivers::RequestRecord&& record);
  // Writes what was added; what cannot be written is not worth failing a run for.
  void flush();

 private:
  db::Db& db_;
  std::string run_id_;
  std::vector<std::string> waiting_;
  std::int64_t plain_ = 0;
  std::int64_t failed_ = 0;
};

}  // namespace sluice::exports
