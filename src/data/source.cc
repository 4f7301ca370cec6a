#include "data/source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace sluice::data {

namespace {
base::Error unreadable(const std::string& path, int number) {
  return {.code = base::Code::internal,
          .reason = "file.unreadable",
          .detail = "The file could not be read.",
          .internal = path + ": " + std::strerror(number)};
}
}  // namespace

base::Result<std::unique_ptr<FileSource>> FileSource::open(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    if (errno != ENOENT) return unreadable(path, errno);
    return base::Error{.code = base::Code::not_found, .reason = "file.not_found", .detail = "The file does not exist.", .internal = path};
  }
  struct stat facts = {};
  if (::fstat(descriptor, &facts) != 0 || S_ISDIR(facts.st_mode)) {
    ::close(descriptor);
    return base::Error{.code = base::Code::invalid, .reason = "file.not_a_file", .detail = "This is not a file.", .internal = path};
  }
  ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
  // Of a pipe the size is not known.
  std::optional<std::uint64_t> size;
  if (S_ISREG(facts.st_mode)) size = static_cast<std::uint64_t>(facts.st_size);
  return std::unique_ptr<FileSource>(new FileSource(descriptor, size));
}

FileSource::~FileSource() { ::close(descriptor_); }

base::Result<std::size_t> FileSource::read(std::span<char> buffer) {
  while (true) {
    const ssize_t got = ::read(descriptor_, buffer.data(), buffer.size());
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return unreadable("descriptor " + std::to_string(descriptor_), errno);
  }
}

base::Result<std::size_t> MemorySource::read(std::span<char> buffer) {
  const std::size_t size = std::min({buffer.size(), bytes_.size(), most_at_once_});
  if (size != 0) std::memcpy(buffer.data(), bytes_.data(), size);
  bytes_.remove_prefix(size);
  return size;
}

}  // namespace sluice::data
