#include "store/backend.h"

#include <stdlib.h>

#include "store/postgres_server.h"

namespace sluice::testing {

TemporaryFolder::TemporaryFolder() {
  char name[] = "/tmp/sluice-store-XXXXXX";
  if (mkdtemp(name) == nullptr) std::abort();
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void StoreTest::SetUp() {
  location_ = is_postgres() ? PostgresServer::instance().make_database() : (folder_.path() / "app.db").string();
  db_ = open_again();
  ASSERT_NE(db_, nullptr);
}

void StoreTest::TearDown() {
  db_.reset();
  if (is_postgres()) PostgresServer::instance().recycle(location_);
}

std::unique_ptr<db::Db> StoreTest::open_again(std::size_t connections) {
  auto opened = db::Db::open({.location = location_, .readers = connections});
  if (!opened.ok()) {
    ADD_FAILURE() << opened.error().reason << " " << opened.error().internal;
    return nullptr;
  }
  return *std::move(opened);
}

void StoreTest::migrate(const std::string& sql) { migrate_more("0001_test.sql", sql); }

void StoreTest::migrate_more(const std::string& name, const std::string& sql) {
  migrations_.push_back({name, sql});
  const auto done = db().migrate(migrations_);
  ASSERT_TRUE(done.ok()) << done.error().reason << " " << done.error().internal;
}

}  // namespace sluice::testing
