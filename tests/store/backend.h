// Every test of a store runs on both databases: TEST_P over Backend.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "db/db.h"

namespace sluice::testing {

enum class Backend : std::uint8_t { sqlite, postgres };
inline void PrintTo(Backend backend, std::ostream* out) { *out << (backend == Backend::sqlite ? "sqlite" : "postgres"); }

// A folder that goes away with it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class StoreTest : public ::testing::TestWithParam<Backend> {
 protected:
  void SetUp() override;
  void TearDown() override;

  bool is_postgres() const { return GetParam() == Backend::postgres; }
  // Opens the database of this test once more.
  std::unique_ptr<db::Db> open_again(std::size_t connections = 4);
  db::Db& db() { return *db_; }
  void migrate(const std::string& sql);
  void migrate_more(const std::string& name, const std::string& sql);

  // One statement in its own transaction; "ok", or "reason internal".
  template <class... P>
  std::string run(std::string_view sql, const P&... parameters) {
    const auto done = db().write([&](db::Write& tx) { return tx.execute(sql, parameters...); });
    return done.ok() ? "ok" : done.error().reason + " " + done.error().internal;
  }
  template <class T, class... P>
  T ask(std::string_view sql, const P&... parameters) {
    auto row = db().read([&](db::Read& tx) { return tx.one(sql, parameters...); });
    if (!row.ok()) {
      ADD_FAILURE() << row.error().reason << " " << row.error().internal;
      return T{};
    }
    return row->template get<T>(0);
  }

  TemporaryFolder folder_;
  std::vector<db::Migration> migrations_;
  std::string location_;
  std::unique_ptr<db::Db> db_;
};

inline std::string name_of_backend(const ::testing::TestParamInfo<Backend>& info) {
  return info.param == Backend::sqlite ? "sqlite" : "postgres";
}

}  // namespace sluice::testing

#define SLUICE_BOTH_BACKENDS(suite)                                                                                                   \
  INSTANTIATE_TEST_SUITE_P(Store, suite, ::testing::Values(::sluice::testing::Backend::sqlite, ::sluice::testing::Backend::postgres), \
                           ::sluice::testing::name_of_backend)
