// The steps of a verification (BEY-07): each is timed and reported when it ends; after the first failure the others are
// reported as skipped. Drivers list their steps in order and never report by hand.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "drivers/driver.h"

namespace sluice::drivers {

// What a step found, or why it failed.
struct Finding {
  std::string detail;
};

class Steps {
 public:
  // `advice` gives what to do about an Error, by its reason; nullopt when the detail says it all.
  using Advice = std::optional<std::string> (*)(const base::Error&);

  Steps(const std::function<void(const Step&)>& report, Advice advice) : report_(report), advice_(advice) {}

  // Runs `work` unless a step failed before. `proposal` may be filled by the work. True when it passed.
  bool run(std::string_view name, std::string title, const std::function<base::Result<Finding>()>& work,
           std::optional<Proposal>* proposal = nullptr);
  bool failed() const { return failed_; }
  std::vector<Step> take() { return std::move(steps_); }

 private:
  const std::function<void(const Step&)>& report_;
  Advice advice_;
  bool failed_ = false;
  std::vector<Step> steps_;
};

}  // namespace sluice::drivers
