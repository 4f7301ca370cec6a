// The log of a writer: outcomes in the order they came, in checksummed frames. Each checkpoint makes what is in it durable; a
// reader takes the frames that are whole, which are at least those. Private to this folder.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "features/ledger/format.h"

namespace sluice::ledger {

// As it lies in the log and in the sorter.
struct LoggedOutcome {
  KeyHash hash;
  std::uint64_t payload = 0;
  Operation operation = Operation::send;
  Answer answer = Answer::unknown;
  std::string_view reason;
  std::string_view key;
};
void put_outcome(std::string& out, const LoggedOutcome& outcome);
// Takes one from the front of `bytes`; empty when it is none.
std::optional<LoggedOutcome> take_outcome(std::string_view& bytes);

std::string log_name(std::uint64_t log_id);
std::vector<std::string> list_logs(const std::string& folder);

class OutcomeLog {
 public:
  // Its id is the time in microseconds, or `least_id` if that is more.
  static base::Result<OutcomeLog> create(const std::string& folder, const crypto::ShortHashKey& salt, const Run& run,
                                         std::uint64_t least_id);
  // Locks and reads one that a writer left. Empty when its beginning is not whole: then it never held an outcome.
  static base::Result<std::optional<OutcomeLog>> reopen(const std::string& path, const crypto::ShortHashKey& salt);

  base::Result<void> add(const LoggedOutcome& outcome);
  base::Result<void> checkpoint();
  // All outcomes of whole frames, in order; each string_view until the callback returns.
  base::Result<void> read(const std::function<base::Result<void>(const LoggedOutcome&, std::string_view bytes)>& on_outcome) const;

  std::uint64_t id() const { return id_; }
  const Run& run() const { return run_; }
  std::int64_t count() const { return count_; }
  const std::string& path() const { return path_; }

 private:
  base::Result<void> flush();

  File file_;
  std::string path_;
  std::uint64_t id_ = 0;
  Run run_;
  std::uint64_t start_ = 0;  // of the first frame
  std::uint64_t size_ = 0;   // of whole frames
  std::uint64_t durable_ = 0;
  std::string pending_;
  std::int64_t count_ = 0;
  bool has_news_ = false;  // since the last checkpoint
  bool is_broken_ = false;
};

}  // namespace sluice::ledger
