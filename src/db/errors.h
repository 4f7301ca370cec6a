// The errors of the database, made in one place so that both backends answer alike. No text here ever holds the value of a
// parameter.
#pragma once

#include <string>

#include "base/error.h"

namespace sluice::db::errors {

base::Error unique(std::string constraint);
base::Error foreign_key(std::string constraint);
base::Error check(std::string constraint);
base::Error unavailable(std::string cause);
// Our own mistake: a statement the database does not understand, or one after a failed one in the same transaction.
base::Error statement(std::string cause);
base::Error closed();

}  // namespace sluice::db::errors
