// What becomes of a run after an attempt, as pure rules: whether a failure may pass by itself, when to try again, and what
// the state of a whole follows from those of its parts.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "base/time.h"
#include "features/runs/run.h"

namespace sluice::runs::outcome {

// Waits between attempts: the n-th failure waits the n-th of them, up to half as long again, by `spread` in [0, 1), so that
// runs that failed together do not come back together. After the last one the failure is final.
struct RetryDelays {
  std::vector<std::chrono::milliseconds> delays = {std::chrono::seconds(10), std::chrono::seconds(30), std::chrono::minutes(2),
                                                   std::chrono::minutes(10)};
  std::int64_t max_attempts() const { return static_cast<std::int64_t>(delays.size()) + 1; }
};
// A service must not park a run for ever.
inline constexpr std::chrono::hours kLongestWait{24};

// "10s,30s,2m,10m"; "none" is no retry. Reason "config.bad_value".
base::Result<RetryDelays> parse_retry_delays(std::string_view text);

// Time-outs, broken connections and "too many requests" may pass; refusals and wrong settings do not (EXP-67).
bool may_pass(base::Code code);

// When to try again after `failures` failed attempts, or empty when the failure is final. A wait that the service itself asked
// for (Retry-After) counts when it is the longer one, up to a day: a service must not park a run for ever.
std::optional<base::Timestamp> retry_at(const RetryDelays& delays, base::Code code, std::int64_t failures,
                                        std::optional<std::chrono::milliseconds> asked_for, base::Timestamp now, double spread);

// The state of a run from those of its tables, of a job from those of its runs: nothing delivered is failed (or skipped, when
// nothing failed), something failed is completed_with_errors, something left out completed_with_warnings.
State combined(std::span<const State> parts);

// The tables of a run whose state is `state`: none is under way any more, and none waits once the run has ended.
std::vector<TableResult> settled(std::vector<TableResult> tables, State state);

}  // namespace sluice::runs::outcome
