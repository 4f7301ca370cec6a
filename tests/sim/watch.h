// Looks at the database after every step and says what may not be: two runs of a subject that go on, more of a lane than its
// slots, an ended run that changes, a state without an arrow to it, a run before what it waits for, a job that ends before or
// after its runs do.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "db/db.h"
#include "features/runs/run.h"

namespace sluice::sim {

struct Seen {
  std::string kind;
  std::string subject;
  runs::State state = runs::State::queued;
  std::string lane;
  std::int64_t version = 0;
  std::int64_t token = 0;
  std::string owner;
  bool is_cancel_requested = false;
  std::optional<base::Timestamp> ended_at;
  base::Timestamp ready_at{};
  std::optional<std::string> job_id;
  std::string tables;
  bool operator==(const Seen&) const = default;
};

class Watch {
 public:
  explicit Watch(db::Db& db) : db_(db) {}

  // Reads everything; what is wrong, or nothing.
  std::string look();
  // At the end, when nothing is active any more: everything ended, and the audit log tells of it.
  std::string look_at_end();
  const std::map<std::string, Seen>& runs() const { return runs_; }
  std::vector<std::string> active() const;

 private:
  std::string check_step(const std::string& id, const Seen& before, const Seen& after);
  std::string check_start(const std::string& id);
  std::string check_skip(const std::string& id);
  std::string check_lanes();
  std::string check_jobs();
  std::string check_audit();

  db::Db& db_;
  std::map<std::string, Seen> runs_;
};

}  // namespace sluice::sim
