// SQL of tables, segments and uploads; private to this folder.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "db/db.h"
#include "features/tables/table.h"

namespace sluice::tables::store {

struct Upload {
  UploadId id;
  std::string filename;
  std::int64_t bytes = 0;
  base::Timestamp created_at{};
};

base::Result<void> insert_upload(db::Write& tx, const Upload& upload, const std::string& created_by);
base::Result<std::optional<Upload>> find_upload(db::Read& tx, UploadId id);
base::Result<void> remove_upload(db::Write& tx, UploadId id);
base::Result<std::vector<Upload>> uploads_before(db::Read& tx, base::Timestamp time);

base::Result<std::vector<Table>> list_tables(db::Read& tx);
base::Result<std::optional<Table>> find_table(db::Read& tx, const std::string& name);
base::Result<std::optional<Table>> find_table(db::Read& tx, TableId id);
// Reason "table.name_taken".
base::Result<void> insert_table(db::Write& tx, const Table& table);
base::Result<void> set_importing(db::Write& tx, TableId id, base::Timestamp now);
// `import_plan`: how it was read, for the next refresh.
base::Result<void> set_imported(db::Write& tx, const Table& table, const std::string& import_plan);
base::Result<bool> set_refresh_path(db::Write& tx, const Table& table, std::int64_t version, const std::optional<std::string>& path);
base::Result<std::optional<std::string>> import_plan(db::Read& tx, TableId id);
base::Result<void> set_import_failed(db::Write& tx, TableId id, const runs::Failure& failure, base::Timestamp now);
base::Result<bool> remove_table(db::Write& tx, const Table& table, std::int64_t version);

base::Result<std::vector<Segment>> list_segments(db::Read& tx);
base::Result<std::optional<Segment>> find_segment(db::Read& tx, SegmentId id);
base::Result<std::optional<Segment>> find_segment(db::Read& tx, const std::string& name);
base::Result<void> insert_segment(db::Write& tx, const Segment& segment);
base::Result<bool> update_segment(db::Write& tx, const Segment& segment, std::int64_t version);
base::Result<void> set_members(db::Write& tx, SegmentId id, std::int64_t members, const std::string& status, base::Timestamp now);
base::Result<bool> remove_segment(db::Write& tx, const Segment& segment, std::int64_t version);

struct User {
  std::string id;
  std::string display_name;
};
// Exports that contain the table or segment.
base::Result<std::vector<User>> users_of(db::Read& tx, const std::string& name);
// Versions of stored data that something points at.
base::Result<std::vector<std::string>> versions_in_use(db::Read& tx);

}  // namespace sluice::tables::store
