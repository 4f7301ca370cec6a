// The write probe of a verification: a file of 1 KB takes the way that a run's files take, and is removed again.
#pragma once

#include <memory>

#include "drivers/driver.h"
#include "drivers/steps.h"

namespace sluice::drivers {

// Adds the steps "write" and "clean_up". `session` may be null when a step before it failed.
void probe(Steps& steps, const std::unique_ptr<FileSession>& session);

}  // namespace sluice::drivers
