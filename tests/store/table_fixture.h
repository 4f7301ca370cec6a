// A table store of each kind, and short ways to fill and read it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "db/tables.h"
#include "store/backend.h"
#include "store/postgres_server.h"

namespace sluice::testing {

using TextRow = std::vector<std::optional<std::string>>;

inline std::string error_text(const base::Error& error) { return error.reason + " " + error.internal; }

// "ok 3", or the reason and what is internal.
std::string write_table(db::TableStore& store, const std::string& version, const std::vector<db::TableColumn>& columns,
                        std::optional<std::size_t> key, const std::vector<TextRow>& rows);
// Append only; nullptr after an error.
std::unique_ptr<db::TableWriter> start_table(db::TableStore& store, const std::string& version, const std::vector<db::TableColumn>& columns,
                                             std::optional<std::size_t> key, const std::vector<TextRow>& rows);
std::vector<TextRow> read_all(db::TableScan& scan);
std::vector<TextRow> read_table(db::TableStore& store, const db::ScanSpec& spec, const std::vector<db::TableColumn>& columns);

class TableTest : public ::testing::TestWithParam<Backend> {
 protected:
  void SetUp() override {
    location_ = GetParam() == Backend::postgres ? PostgresServer::instance().make_database() : (folder_.path() / "tables").string();
    store_ = open_again();
  }
  void TearDown() override {
    store_.reset();
    if (GetParam() == Backend::postgres) PostgresServer::instance().recycle(location_);
  }
  std::unique_ptr<db::TableStore> open_again() {
    auto opened = db::TableStore::open(location_);
    if (!opened.ok()) {
      ADD_FAILURE() << error_text(opened.error());
      return nullptr;
    }
    return *std::move(opened);
  }
  db::TableStore& store() { return *store_; }
  std::vector<std::string> list() {
    auto versions = store().list();
    return versions.ok() ? *versions : std::vector<std::string>{error_text(versions.error())};
  }

  TemporaryFolder folder_;
  std::string location_;
  std::unique_ptr<db::TableStore> store_;
};

}  // namespace sluice::testing
