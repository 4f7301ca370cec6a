#include "http/spool.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <system_error>

#include "base/id.h"
#include "base/time.h"

namespace sluice::http {

namespace {
constexpr std::string_view kPrefix = "body-";
}

Spool::Spool(std::string folder) : path_(std::move(folder)) {
  path_ += "/" + std::string(kPrefix) + base::format_uuid(base::make_uuid_v7(base::system_now()));
}

Spool::~Spool() {
  if (file_ >= 0) ::close(file_);
  ::unlink(path_.c_str());
}

void Spool::swap_blocks() {
  current_ = 1 - current_;
  blocks_[current_].filled = 0;
}

base::Result<void> Spool::result() const {
  if (error_ == 0) return {};
  const bool full = error_ == ENOSPC || error_ == EDQUOT;
  return base::Error{.code = base::Code::internal,
                     .reason = full ? "server.no_room" : "server.spool_failed",
                     .internal = "writing a body to " + path_ + ": " + std::generic_category().message(error_)};
}

void Spool::open() {
  file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file_ < 0) error_ = errno;
}

void Spool::write() {
  const Block& full = blocks_[1 - current_];
  std::size_t done = 0;
  while (error_ == 0 && done < full.filled) {
    const ssize_t count = ::write(file_, full.bytes.data() + done, full.filled - done);
    if (count >= 0)
      done += static_cast<std::size_t>(count);
    else if (errno != EINTR)
      error_ = errno;
  }
  bytes_ += done;
}

void Spool::close() {
  if (file_ >= 0 && ::close(file_) != 0 && error_ == 0) error_ = errno;
  file_ = -1;
}

void remove_old_spool_files(const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code ec;
  const auto limit = fs::file_time_type::clock::now() - std::chrono::hours(24);
  for (fs::directory_iterator entry(folder, ec), end; !ec && entry != end; entry.increment(ec)) {
    std::error_code ignored;
    const bool ours = entry->path().filename().string().starts_with(kPrefix) && entry->is_regular_file(ignored);
    if (ours && entry->last_write_time(ignored) < limit && !ignored) fs::remove(entry->path(), ignored);
  }
}

}  // namespace sluice::http
