// Sample data for a first look: an administrator, a Customer table of 10,000 invented people, three segments, a folder
// connection that contributors may use, and an export that has just run.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "server/app.h"

namespace sluice::server {

struct DemoAccount {
  std::string email;
  std::string password;  // told once
};

// Empty when the data folder has users already: then nothing is added.
base::Result<std::optional<DemoAccount>> add_sample_data(App& app);
// Starts the sample export; after serve(), so that a worker takes it.
base::Result<void> run_sample_export(App& app);

}  // namespace sluice::server
