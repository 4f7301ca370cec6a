#include "drivers/steps.h"

#include <chrono>

#include "base/log.h"

namespace sluice::drivers {

bool Steps::run(std::string_view name, std::string title, const std::function<base::Result<Finding>()>& work,
                std::optional<Proposal>* proposal) {
  Step step{.name = std::string(name), .title = std::move(title)};
  if (!failed_) {
    const auto start = std::chrono::steady_clock::now();
    auto result = work();
    const auto took = std::chrono::steady_clock::now() - start;
    step.duration_ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
    if (result.ok()) {
      step.state = StepState::passed;
      step.detail = std::move(result->detail);
    } else {
      failed_ = true;
      step.state = StepState::failed;
      step.advice = advice_(result.error());
      step.detail = result.error().detail;
      base::log::debug("verify.step_failed", {{"step", name}, {"reason", result.error().reason}, {"internal", result.error().internal}});
    }
    if (proposal != nullptr) step.proposal = *proposal;
  }
  if (report_) report_(step);
  steps_.push_back(step);
  return step.state == StepState::passed;
}

}  // namespace sluice::drivers
