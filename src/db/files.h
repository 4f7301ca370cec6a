// Durable files: what was written and the folder entry that names it both survive a power cut.
#pragma once

#include <string>

#include "base/result.h"

namespace sluice::db {

base::Result<void> sync_file(const std::string& path);
base::Result<void> sync_folder_of(const std::string& path);
// Empty, for nobody but us (0600). An existing file is an error.
base::Result<void> create_private_file(const std::string& path);

}  // namespace sluice::db
