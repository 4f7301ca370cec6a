// Icons from folders of the operator are shown in the web app, so they may be drawings and nothing else.
#pragma once

#include <string_view>

#include "base/result.h"

namespace sluice::manifest {

// Takes elements and attributes that draw. Error "manifest.bad_icon" for everything else: scripts, handlers, styles, text from other
// documents, references that leave the file.
base::Result<void> check_icon(std::string_view svg);

}  // namespace sluice::manifest
