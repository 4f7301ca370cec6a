#include "db/sqlite/table_store.h"

#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <mutex>
#include <set>
#include <system_error>
#include <utility>

#include "db/errors.h"
#include "db/sqlite/table_reader.h"
#include "db/sqlite/table_writer.h"
#include "db/table_checks.h"

namespace sluice::db::sqlite {

namespace {

namespace fs = std::filesystem;

class FolderStore final : public TableStore {
 public:
  explicit FolderStore(std::string folder) : folder_(std::move(folder)) {}

  base::Result<std::unique_ptr<TableWriter>> create(const std::string& version, std::vector<TableColumn> columns,
                                                    std::optional<std::size_t> key) override {
    if (!is_valid_version(version)) return bad_version();
    const std::string path = folder_ + version + kFinished;
    const std::string part = folder_ + version + kPart;
    if (::access(path.c_str(), F_OK) == 0 || ::access(part.c_str(), F_OK) == 0) return version_used(version);
    return create_table_file(part, path, std::move(columns), key);
  }

  base::Result<std::unique_ptr<TableScan>> scan(const ScanSpec& spec, const std::vector<TableColumn>& columns) override {
    return scan_table_file(folder_, spec, columns);
  }

  base::Result<std::int64_t> count(const std::string& version, const Filter& filter, const std::vector<TableColumn>& columns) override {
    return count_table_file(folder_, version, filter, columns);
  }

  base::Result<void> drop(const std::string& version) override {
    if (!is_valid_version(version)) return bad_version();
    // Whoever reads the file keeps it until they are done.
    for (const char* ending : {kFinished, kPart}) {
      if (::unlink((folder_ + version + ending).c_str()) != 0 && errno != ENOENT) {
        return errors::unavailable("removing a table file: error " + std::to_string(errno));
      }
    }
    return {};
  }

  base::Result<std::vector<std::string>> list() override {
    std::set<std::string> versions;
    std::error_code error;
    for (fs::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
      const fs::path name = at->path().filename();
      if (name.extension() == kFinished || name.extension() == kPart) versions.insert(name.stem().string());
    }
    if (error) return errors::unavailable("listing the table files: error " + std::to_string(error.value()));
    return std::vector<std::string>(versions.begin(), versions.end());
  }

 private:
  static constexpr const char* kFinished = ".db";
  static constexpr const char* kPart = ".part";

  const std::string folder_;
};

}  // namespace

base::Result<std::unique_ptr<TableStore>> open_table_store(const std::string& folder) {
  std::error_code error;
  const bool made = fs::create_directories(folder, error);
  if (error) return errors::unavailable("making the folder of the tables: error " + std::to_string(error.value()));
  if (made) fs::permissions(folder, fs::perms::owner_all, error);
  const std::string slashed = folder.ends_with('/') ? folder : folder + "/";
  // Sorting the keys of a large table needs as much space as the keys: where the tables are, not in a small /tmp.
  static std::once_flag once;
  std::call_once(once, [&] { sqlite3_temp_directory = sqlite3_mprintf("%s", folder.c_str()); });
  return std::unique_ptr<TableStore>(std::make_unique<FolderStore>(slashed));
}

}  // namespace sluice::db::sqlite
