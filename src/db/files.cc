#include "db/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "db/errors.h"

namespace sluice::db {

namespace {

base::Result<void> sync(const std::string& path, int flags) {
  const int file = ::open(path.c_str(), flags | O_CLOEXEC);
  if (file < 0) return errors::unavailable("opening a file to sync it: error " + std::to_string(errno));
  const int failed = ::fsync(file) == 0 ? 0 : errno;
  ::close(file);
  if (failed != 0) return errors::unavailable("syncing a file: error " + std::to_string(failed));
  return {};
}

}  // namespace

base::Result<void> sync_file(const std::string& path) { return sync(path, O_RDONLY); }

base::Result<void> sync_folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  return sync(folder.empty() ? "." : folder.string(), O_RDONLY | O_DIRECTORY);
}

base::Result<void> create_private_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return errors::unavailable("creating a file: error " + std::to_string(errno));
  ::close(file);
  return {};
}

}  // namespace sluice::db
