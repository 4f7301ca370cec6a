// All drivers of this build. Registration by static objects would be lost in a static library, and hides what a build contains.
#include <algorithm>
#include <array>

#include "drivers/driver.h"
#include "drivers/folder/folder.h"
#include "drivers/http_json/http_json.h"
#include "drivers/postgresql/postgresql.h"
#include "drivers/sftp/sftp.h"

namespace sluice::drivers {

namespace {
constexpr std::array kDrivers = {&folder::kDriver, &http_json::kDriver, &postgresql::kDriver, &sftp::kDriver};
}  // namespace

const Driver* find_driver(std::string_view name) {
  const auto found = std::find_if(kDrivers.begin(), kDrivers.end(), [&](const Driver* driver) { return driver->name == name; });
  return found == kDrivers.end() ? nullptr : *found;
}

std::span<const Driver* const> all_drivers() { return kDrivers; }

}  // namespace sluice::drivers
