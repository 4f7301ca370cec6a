// What the command line says of an Error, and with which exit status it ends.
#pragma once

#include "base/error.h"

namespace sluice::cli {

// 1 for what was asked wrongly, 2 usage, 3 not there, 4 not allowed, 5 refused by the state of things, 6 the far side,
// 7 ours.
int exit_status(base::Code code);
// Prints to standard error and gives the exit status.
int report(const base::Error& error);

}  // namespace sluice::cli
