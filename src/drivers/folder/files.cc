#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "base/text.h"
#include "drivers/folder/folder.h"
#include "drivers/paths.h"

namespace sluice::drivers::folder {

namespace {

using base::Code;
using base::Error;
using base::Result;

// A descriptor that closes itself.
class Handle {
 public:
  explicit Handle(int fd = -1) : fd_(fd) {}
  Handle(Handle&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Handle() { reset(); }
  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void reset() {
    const int fd = std::exchange(fd_, -1);
    if (fd >= 0) close(fd);
  }

 private:
  int fd_;
};

Error failure(int error, std::string_view doing, std::string_view path) {
  const char* words = strerrordesc_np(error);
  const std::string why = words != nullptr ? words : "unknown error";
  Error out{.code = Code::upstream_rejected, .internal = std::string(doing) + " " + scrub(path) + ": " + why};
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      out.reason = "folder.no_space";
      out.detail = "No space is left on the disk of this server (writing '" + scrub(path) + "').";
      break;
    case EACCES:
    case EPERM:
    case EROFS:
      out.reason = "folder.permission_denied";
      out.detail = "This server may not write to the folder: " + why + " ('" + scrub(path) + "').";
      break;
    case ENOENT:
      out.reason = "folder.missing";
      out.detail = "'" + scrub(path) + "' does not exist.";
      break;
    case ELOOP:
    case ENOTDIR:
      out.reason = "folder.link_in_path";
      out.detail = "'" + scrub(path) + "' is a symbolic link or not a folder.";
      break;
    default:
      out.code = Code::upstream_unavailable;
      out.reason = "folder.write_failed";
      out.detail = "Writing '" + scrub(path) + "' went wrong: " + why + ".";
  }
  return out;
}

bool is_missing(const Error& error) { return error.reason == "folder.missing"; }

Error cancelled(std::string_view path) {
  return {.code = Code::cancelled, .reason = "net.cancelled", .detail = "Stopped while writing '" + scrub(path) + "'."};
}

// Opens `path` below `root` without following links; makes what is missing when `make`.
Result<Handle> walk(int root, std::string_view path, bool make) {
  Handle at(openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!at.open()) return failure(errno, "opening", ".");
  std::size_t done = 0;
  for (const std::string_view component : base::split(path, '/')) {
    if (component.empty()) continue;  // only when the path is empty
    done = static_cast<std::size_t>(component.data() - path.data()) + component.size();
    const std::string name(component);
    if (make && mkdirat(at.get(), name.c_str(), 0755) == 0) {
      (void)fsync(at.get());
    } else if (make && errno != EEXIST) {
      return failure(errno, "making", path.substr(0, done));
    }
    Handle next(openat(at.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!next.open()) return failure(errno, "opening", path.substr(0, done));
    at = std::move(next);
  }
  return at;
}

class FolderSession final : public FileSession {
 public:
  FolderSession(Handle base, std::stop_token stop) : base_(std::move(base)), stop_(std::move(stop)) {}
  ~FolderSession() override { abandon(); }

  Result<void> open(const std::string& path, std::string_view run_id) override {
    BASE_ASSERT(!file_.open());
    RETURN_IF_ERROR(check_relative_path("folder", path));
    name_ = part_name(path, run_id);
    path_ = path;
    written_ = 0;
    ASSIGN_OR_RETURN(folder_, walk(base_.get(), name_.folder, true));
    file_ = Handle(openat(folder_.get(), name_.part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644));
    if (!file_.open()) return failure(errno, "opening", path);
    (void)fchmod(file_.get(), 0644);  // whatever the umask of the service: others are meant to read it (C-048)
    return {};
  }

  Result<void> write(std::string_view bytes) override {
    BASE_ASSERT(file_.open());
    constexpr std::size_t kSlice = 1 << 20;  // so that a stop is seen between slices
    while (!bytes.empty()) {
      if (stop_.stop_requested()) return cancelled(path_);
      const ssize_t count = ::write(file_.get(), bytes.data(), std::min(bytes.size(), kSlice));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return failure(errno, "writing", path_);
      bytes.remove_prefix(static_cast<std::size_t>(count));
      written_ += static_cast<std::uint64_t>(count);
    }
    return {};
  }

  Result<void> commit() override {
    BASE_ASSERT(file_.open());
    if (stop_.stop_requested()) return cancelled(path_);
    struct stat info{};
    if (fsync(file_.get()) != 0 || fstat(file_.get(), &info) != 0) return failure(errno, "flushing", path_);
    if (static_cast<std::uint64_t>(info.st_size) != written_) {
      return Error{
          .code = Code::upstream_unavailable,
          .reason = "folder.write_failed",
          .detail = "'" + scrub(path_) + "' has " + std::to_string(info.st_size) + " bytes instead of " + std::to_string(written_) + "."};
    }
    if (renameat(folder_.get(), name_.part.c_str(), folder_.get(), name_.name.c_str()) != 0) return failure(errno, "renaming", path_);
    // The name is only safe from a power cut when the folder is on the disk, too.
    const bool safe = fsync(folder_.get()) == 0;
    const int error = errno;
    file_.reset();
    folder_.reset();
    if (!safe) return failure(error, "flushing the folder of", path_);
    return {};
  }

  void abandon() override {
    if (!file_.open()) return;
    (void)unlinkat(folder_.get(), name_.part.c_str(), 0);
    file_.reset();
    folder_.reset();
  }

  Result<void> remove(const std::string& path) override {
    RETURN_IF_ERROR(check_relative_path("folder", path));
    const PartName name = part_name(path, "");
    auto folder = walk(base_.get(), name.folder, false);
    if (!folder.ok()) return is_missing(folder.error()) ? Result<void>() : std::move(folder).error();
    if (unlinkat(folder->get(), name.name.c_str(), 0) != 0 && errno != ENOENT) return failure(errno, "removing", path);
    return {};
  }

  Result<void> sweep(const std::string& folder, std::span<const std::string> run_ids) override {
    if (!folder.empty()) RETURN_IF_ERROR(check_relative_path("folder", folder));
    auto at = walk(base_.get(), folder, false);
    if (!at.ok()) return is_missing(at.error()) ? Result<void>() : std::move(at).error();
    DIR* list = fdopendir(at->get());
    if (list == nullptr) return failure(errno, "listing", folder);
    const int fd = at->release();  // closedir closes it
    const std::unique_ptr<DIR, int (*)(DIR*)> owner(list, &closedir);
    while (const dirent* entry = readdir(list)) {
      const std::string_view name = entry->d_name;
      const bool ours = std::any_of(run_ids.begin(), run_ids.end(), [&](const std::string& id) { return is_part_of(name, id); });
      if (ours && unlinkat(fd, entry->d_name, 0) != 0 && errno != ENOENT) return failure(errno, "removing", name);
    }
    return {};
  }

 private:
  Handle base_;
  std::stop_token stop_;
  Handle folder_;  // of the open file
  Handle file_;
  PartName name_;
  std::string path_;
  std::uint64_t written_ = 0;
};

}  // namespace

base::Result<std::unique_ptr<FileSession>> open_files(const Context& context, const Target& target) {
  if (context.data_folder.empty()) {
    return Error{.code = Code::invalid, .reason = "folder.not_configured", .detail = "This server has no folder for exports."};
  }
  const std::string_view folder = target.text("folder");
  if (auto checked = check_relative_path("folder", folder); !checked.ok()) {
    checked.error().detail = "The folder '" + scrub(folder) +
                             "' is not a path below the export folder: it must be relative and must not have empty parts, '.' or '..'.";
    return std::move(checked).error();
  }
  (void)mkdir(context.data_folder.c_str(), 0755);
  const Handle root(::open(context.data_folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root.open()) return failure(errno, "opening", context.data_folder);
  ASSIGN_OR_RETURN(Handle base, walk(root.get(), folder, true));
  return std::unique_ptr<FileSession>(std::make_unique<FolderSession>(std::move(base), context.stop));
}

}  // namespace sluice::drivers::folder
