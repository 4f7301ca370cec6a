// Files in a folder of this machine, below Context::data_folder. Every path is walked component by component without
// following symbolic links, so that neither a setting nor a link planted in the folder leads outside.
#pragma once

#include "drivers/driver.h"

namespace sluice::drivers::folder {

// Reasons: "folder.bad_path", "folder.not_configured", "folder.missing", "folder.link_in_path", "folder.no_space",
// "folder.permission_denied", "folder.write_failed", "net.cancelled".
base::Result<std::unique_ptr<FileSession>> open_files(const Context& context, const Target& target);
std::vector<Step> verify(const Context& context, const Target& target, const std::function<void(const Step&)>& report);

inline constexpr Driver kDriver = {.name = "folder", .verify = &verify, .open_files = &open_files};

}  // namespace sluice::drivers::folder
