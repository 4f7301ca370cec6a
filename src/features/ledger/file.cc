#include "features/ledger/file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/random.h"

namespace sluice::ledger {

using base::Result;

base::Error damaged(std::string what) {
  return {.code = base::Code::internal,
          .reason = "ledger.damaged",
          .detail = "The record of what this export delivered cannot be trusted: " + std::move(what) + "."};
}

base::Error failed(std::string_view doing) {
  const int error = errno;
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
    return {.code = base::Code::internal,
            .reason = "ledger.disk_full",
            .detail = "There is no room on the disk for the record of what this export delivers.",
            .internal = std::string(doing)};
  }
  return {.code = base::Code::internal,
          .reason = "ledger.unavailable",
          .detail = "The record of what this export delivered cannot be read or written.",
          .internal = std::string(doing) + ": " + std::generic_category().message(error)};
}

namespace {

Result<int> open_with(const std::string& path, int flags) {
  const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
  if (descriptor < 0) return failed("opening " + path);
  return descriptor;
}

}  // namespace

Result<File> File::open(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 && errno == ENOENT) return damaged("the file " + std::filesystem::path(path).filename().string() + " is missing");
  if (descriptor < 0) return failed("opening " + path);
  return File(descriptor);
}

Result<File> File::create(const std::string& path) {
  ASSIGN_OR_RETURN(const int descriptor, open_with(path, O_RDWR | O_CREAT | O_EXCL));
  return File(descriptor);
}

Result<File> File::open_or_create(const std::string& path) {
  ASSIGN_OR_RETURN(const int descriptor, open_with(path, O_RDWR | O_CREAT));
  return File(descriptor);
}

Result<File> File::create_unnamed(const std::string& folder) {
  const int descriptor = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor >= 0) return File(descriptor);
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL) return failed("opening a temporary file in " + folder);
  // Not every file system has files without a name.
  const std::string path = folder + "/" + base::random_token(12) + ".tmp";
  ASSIGN_OR_RETURN(File file, create(path));
  ::unlink(path.c_str());
  return file;
}

File::File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

File& File::operator=(File&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

File::~File() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::uint64_t> File::size() const {
  struct stat about{};
  if (::fstat(descriptor_, &about) != 0) return failed("asking for the size of a file");
  return static_cast<std::uint64_t>(about.st_size);
}

Result<void> File::read(std::uint64_t offset, std::span<char> out) const {
  while (!out.empty()) {
    const ssize_t count = ::pread(descriptor_, out.data(), out.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("reading");
    if (count == 0) return damaged("a file is shorter than it was");
    offset += static_cast<std::uint64_t>(count);
    out = out.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

Result<void> File::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("writing");
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

Result<void> File::write(std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("writing");
    offset += static_cast<std::uint64_t>(count);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

Result<void> File::truncate(std::uint64_t size) {
  if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0) return failed("cutting a file");
  return {};
}

Result<void> File::sync() {
  if (::fsync(descriptor_) != 0) return failed("syncing a file");
  return {};
}

Result<bool> File::lock(bool wait) {
  for (;;) {
    if (::flock(descriptor_, LOCK_EX | (wait ? 0 : LOCK_NB)) == 0) return true;
    if (errno == EINTR) continue;
    if (errno == EWOULDBLOCK) return false;
    return failed("locking a file");
  }
}

Result<void> sync_folder(const std::string& folder) {
  ASSIGN_OR_RETURN(const int descriptor, open_with(folder, O_RDONLY | O_DIRECTORY));
  const bool is_synced = ::fsync(descriptor) == 0;
  const int error = errno;
  ::close(descriptor);
  errno = error;
  if (!is_synced) return failed("syncing the folder " + folder);
  return {};
}

Result<void> make_folder(const std::string& folder) {
  const std::filesystem::path path(folder);
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return {};
  if (path.has_parent_path() && path.parent_path() != path) RETURN_IF_ERROR(make_folder(path.parent_path().string()));
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return failed("making the folder " + folder);
  return sync_folder(path.has_parent_path() ? path.parent_path().string() : ".");
}

}  // namespace sluice::ledger
