// What is wrong with this installation, in plain words. Looks, and changes nothing.
#pragma once

#include <string>
#include <vector>

#include "server/config.h"

namespace sluice::server {

enum class Finding : std::uint8_t { good, warning, fault };

struct Diagnosis {
  Finding finding = Finding::good;
  std::string what;    // "Data folder"
  std::string detail;  // what was found, and what to do
};

std::vector<Diagnosis> diagnose(const Config& config);

}  // namespace sluice::server
