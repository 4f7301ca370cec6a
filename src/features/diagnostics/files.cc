#include "features/diagnostics/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace sluice::diagnostics {

namespace {

using base::Error;
using base::Result;

Error failed(const std::string& path, std::string_view why) {
  return {.code = base::Code::internal, .reason = "diagnostics.not_written", .internal = path + ": " + std::string(why)};
}

class File {
 public:
  explicit File(const std::string& path) : fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0640)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  bool is_open() const { return fd_ >= 0; }
  // A line that broke off, when the disk was full or the power failed, must not spoil the next one.
  bool ends_within_a_line() const {
    struct stat info{};
    char last = '\n';
    if (::fstat(fd_, &info) != 0 || info.st_size == 0 || ::pread(fd_, &last, 1, info.st_size - 1) != 1) return false;
    return last != '\n';
  }
  bool write(std::string_view text) {
    while (!text.empty()) {
      const ssize_t written = ::write(fd_, text.data(), text.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
  }
  bool synchronise() { return ::fdatasync(fd_) == 0; }

 private:
  int fd_;
};

Result<void> append(const std::string& path, const std::string& lines) {
  std::error_code fault;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), fault);
  if (fault) return failed(path, fault.message());
  File file(path);
  const bool is_written = file.is_open() && (!file.ends_within_a_line() || file.write("\n")) && file.write(lines) && file.synchronise();
  if (!is_written) return failed(path, std::error_code(errno, std::generic_category()).message());
  return {};
}

}  // namespace

std::string file_of(Category category, base::Timestamp at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const auto hour = std::chrono::floor<std::chrono::hours>(at - day).count();
  std::array<char, 64> when{};
  std::snprintf(when.data(), when.size(), "/y=%04d/m=%02u/d=%02u/h=%02d/m=00/PT1H.json", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(hour));
  return "insight-logs-" + std::string(base::to_name(category)) + when.data();
}

Delivered Files::deliver(std::span<const Event> events) {
  std::map<std::string, std::string> files;
  for (const Event& event : events) files[file_of(event.category, event.at)] += event.json + "\n";
  for (const auto& [path, lines] : files) {
    auto appended = append(folder_ + "/" + path, lines);
    if (!appended.ok()) return {0, std::move(appended)};
  }
  return {events.size(), {}};
}

}  // namespace sluice::diagnostics
