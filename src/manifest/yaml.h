// YAML to JSON values, strictly: no anchors or aliases, no tags, no duplicate keys, one document, bounded depth and size.
// Quoted scalars are text; unquoted true/false, null and whole numbers are what they look like, everything else is text.
#pragma once

#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace sluice::manifest {

// Error invalid "yaml.invalid"; the detail begins with "<path>:<line>: ".
base::Result<base::json::Value> parse_yaml(std::string_view path, std::string_view text);

// The line on which the value at a pointer begins, for messages; 1 when unknown.
int line_of(std::string_view text, std::string_view pointer);

}  // namespace sluice::manifest
