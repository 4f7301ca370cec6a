#include "features/exports/rejects.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include "data/csv_writer.h"

namespace sluice::exports {

namespace {

using base::Cell;
using base::Error;
using base::Result;

constexpr std::size_t kWriteBytes = std::size_t{1} << 18;

Error disk_error(const std::string& what) {
  return Error{.code = base::Code::internal,
               .reason = "export.rejects_not_written",
               .detail = "The list of rows that were not delivered could not be written.",
               .internal = what + ": " + std::strerror(errno)};
}

// A file that appears when it is complete.
class WholeFile {
 public:
  static Result<WholeFile> create(const std::string& path) {
    std::error_code failed;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), failed);
    WholeFile file(path);
    file.fd_ = ::open(file.part().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file.fd_ < 0) return disk_error("opening");
    return file;
  }
  explicit WholeFile(std::string path) : path_(std::move(path)) {}
  WholeFile(WholeFile&& other) noexcept : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}
  WholeFile& operator=(WholeFile&&) = delete;
  ~WholeFile() {
    if (fd_ < 0) return;
    ::close(fd_);
    ::unlink(part().c_str());
  }

  Result<void> write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return disk_error("writing");
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }
  Result<void> finish() {
    if (::fsync(fd_) != 0 || ::close(std::exchange(fd_, -1)) != 0) return disk_error("closing");
    if (std::rename(part().c_str(), path_.c_str()) != 0) return disk_error("renaming");
    return {};
  }

 private:
  std::string part() const { return path_ + ".part"; }
  std::string path_;
  int fd_ = -1;
};

}  // namespace

void Rejects::add(std::int64_t number, std::string_view reason, std::string_view answer) {
  const auto known = rows_.find(number);
  if (known == rows_.end() && rows_.size() >= kMost) return;
  rows_[number] = {std::string(reason), std::string(answer)};
}

Result<void> Rejects::write(const std::string& path, const std::vector<RowPart>& parts, const RowMap& map) const {
  ASSIGN_OR_RETURN(WholeFile file, WholeFile::create(path));
  const data::CsvWriter writer;
  std::string out;
  std::vector<std::string> names = map.source_names();
  for (const char* name : {"segment", "outcome", "reason", "answer"}) names.emplace_back(name);
  writer.append_header(out, names);
  std::vector<Cell> cells(names.size());
  std::size_t listed = 0;
  RowMaker maker(map);
  for (std::size_t part = 0; part < parts.size(); ++part) {
    ASSIGN_OR_RETURN(const NextRow next, parts[part].open());
    for (std::int64_t row = 1; listed < 2 * kMost; ++row) {
      ASSIGN_OR_RETURN(const auto source, next());
      if (source.empty()) break;
      const auto rejected = rows_.find(row_number(part, row));
      const std::string fault(rejected == rows_.end() ? maker.make(source).fault : std::string_view());
      if (rejected == rows_.end() && fault.empty()) continue;
      const std::string said = rejected == rows_.end() ? map.explain(fault) : rejected->second.answer;
      const std::size_t n = source.size();
      std::copy(source.begin(), source.end(), cells.begin());
      cells[n] = Cell::of(parts[part].name);
      cells[n + 1] = Cell::of(rejected == rows_.end() ? "omitted" : "rejected");
      cells[n + 2] = Cell::of(rejected == rows_.end() ? std::string_view(fault) : rejected->second.reason);
      cells[n + 3] = Cell::of(said);
      writer.append(out, cells);
      ++listed;
      if (out.size() < kWriteBytes) continue;
      RETURN_IF_ERROR(file.write(out));
      out.clear();
    }
  }
  RETURN_IF_ERROR(file.write(out));
  return file.finish();
}

}  // namespace sluice::exports
