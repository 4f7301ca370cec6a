// Paths of files at a destination: '/' separates, every other byte is part of a name and is used exactly as given (C-052).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace sluice::drivers {

// The file of `path` while it is being written: "<folder>/.<name>.<run>.part".
struct PartName {
  std::string folder;  // "" when the path has none
  std::string name;    // of the finished file
  std::string part;    // of the temporary file, without the folder
};

// Refuses empty, "." and ".." components, leading '/' and NUL. Reason "<driver>.bad_path".
base::Result<void> check_relative_path(std::string_view driver, std::string_view path);

PartName part_name(std::string_view path, std::string_view run_id);

// Whether a file name is a temporary one of this run.
bool is_part_of(std::string_view file_name, std::string_view run_id);

// "a" + "b/c" -> "a/b/c"; an empty side adds nothing.
std::string join_path(std::string_view folder, std::string_view path);

// For messages: text from elsewhere, without control characters, valid UTF-8, at most `most` bytes.
std::string scrub(std::string_view text, std::size_t most = 300);

}  // namespace sluice::drivers
