#include "db/sqlite/backup.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "db/files.h"

namespace sluice::db::sqlite {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kKept = 2;

void remove_older(const std::string& prefix) {
  std::vector<std::pair<fs::file_time_type, fs::path>> copies;
  std::error_code ignored;
  const fs::path folder = fs::path(prefix).parent_path();
  for (fs::directory_iterator at(folder.empty() ? "." : folder, ignored), end; at != end; at.increment(ignored)) {
    if (!at->path().filename().string().starts_with(fs::path(prefix).filename().string())) continue;
    copies.emplace_back(at->last_write_time(ignored), at->path());
  }
  std::sort(copies.begin(), copies.end(), [](const auto& a, const auto& b) { return a > b; });
  for (std::size_t i = kKept; i < copies.size(); ++i) fs::remove(copies[i].second, ignored);
}

}  // namespace

base::Result<void> back_up(Connection& connection, const std::string& path, const std::string& migration) {
  const std::string prefix = path + ".before-";
  const std::string copy = prefix + migration;
  std::error_code ignored;
  fs::remove(copy, ignored);  // of an earlier attempt, perhaps half of it
  RETURN_IF_ERROR(create_private_file(copy));
  const Value target(copy);
  RETURN_IF_ERROR(connection.run("VACUUM INTO ?1", {&target, 1}, nullptr));
  RETURN_IF_ERROR(sync_file(copy));
  RETURN_IF_ERROR(sync_folder_of(copy));
  remove_older(prefix);
  return {};
}

}  // namespace sluice::db::sqlite
