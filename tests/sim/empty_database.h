#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "db/db.h"

namespace sluice::sim {

// A database that is copied for each seed; in memory where the system has such a folder.
class EmptyDatabase {
 public:
  EmptyDatabase() {
    const std::filesystem::path memory = "/dev/shm";
    folder_ =
        (std::filesystem::exists(memory) ? memory : std::filesystem::temp_directory_path()) / ("sluice-sim-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
    auto db = db::Db::open({.location = (folder_ / "empty.db").string(), .readers = 1});
    EXPECT_TRUE(db.ok() && (*db)->migrate(db::embedded_migrations()).ok());
    (*db)->close();
  }
  ~EmptyDatabase() { std::filesystem::remove_all(folder_); }
  EmptyDatabase(const EmptyDatabase&) = delete;
  EmptyDatabase& operator=(const EmptyDatabase&) = delete;

  std::string copy() {
    const auto path = folder_ / "world.db";
    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + end);
    std::filesystem::copy_file(folder_ / "empty.db", path);
    return path.string();
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace sluice::sim
