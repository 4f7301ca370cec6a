// Errors that several files of this folder answer; private.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "features/tables/store.h"

namespace sluice::tables {

base::Error table_missing();
base::Error segment_missing();
base::Error upload_missing();
base::Error no_customer_table();
base::Error stale(std::string_view noun);
base::Error in_use(std::string_view noun, const std::vector<store::User>& users);

}  // namespace sluice::tables
