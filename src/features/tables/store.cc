#include "features/tables/store.h"

#include "base/text.h"
#include "features/audit/owner.h"

namespace sluice::tables::store {

namespace {

using base::Error;
using base::Result;

const std::string kTableColumns =
    "id, name, source, key_column, columns, row_count, data_version, state, error_reason, error_detail, version, created_at, created_by, " +
    audit::owner_name("created_by", "created_by_name") + ", updated_at, refresh_path";
const std::string kSegmentColumns =
    "s.id, s.name, s.display_name, s.kind, s.rule, s.list_version, s.state, s.status, s.members, s.refreshed_at, s.version, s.created_at, "
    "s.created_by, " +
    audit::owner_name("s.created_by", "s.created_by_name") +
    ", s.updated_at, "
    "(SELECT count(*) FROM table_dependants d WHERE d.name_folded = lower(s.name))";

template <class T>
T parsed(const db::Row& row, std::size_t i) {
  auto value = base::read_json<T>(row.get<std::string>(i), {.bytes = std::size_t{4} << 20, .depth = 8, .values = 100'000});
  BASE_ASSERT(value.ok());
  return *std::move(value);
}

Table to_table(const db::Row& row) {
  Table table{.id = row.get<TableId>(0), .name = row.get<std::string>(1)};
  table.source = parsed<Source>(row, 2);
  table.key = row.get<std::optional<std::string>>(3).value_or("");
  table.columns = parsed<std::vector<Column>>(row, 4);
  table.rows = row.get<std::int64_t>(5);
  table.data_version = row.get<std::optional<std::string>>(6);
  table.state = row.get<TableState>(7);
  if (!row.is_null(8)) table.error = runs::Failure{row.get<std::string>(8), row.get<std::optional<std::string>>(9).value_or("")};
  table.version = row.get<std::int64_t>(10);
  table.created_at = row.get<base::Timestamp>(11);
  table.created_by = {base::UserId::parse(row.get<std::string>(12)), row.get<std::string>(13)};
  table.updated_at = row.get<base::Timestamp>(14);
  if (!row.is_null(15)) table.refresh = TableRefresh{row.get<std::string>(15)};
  table.is_customer_table = table.name == kCustomerTable;
  return table;
}

Segment to_segment(const db::Row& row) {
  Segment segment{.id = row.get<SegmentId>(0),
                  .name = row.get<std::string>(1),
                  .display_name = row.get<std::string>(2),
                  .kind = row.get<SegmentKind>(3)};
  if (!row.is_null(4)) segment.rule = row.get<base::json::Value>(4);
  segment.list_version = row.get<std::optional<std::string>>(5);
  segment.state = row.get<std::string>(6);
  segment.status = row.get<std::string>(7);
  segment.members = row.get<std::int64_t>(8);
  segment.refreshed_at = row.get<std::optional<base::Timestamp>>(9);
  segment.version = row.get<std::int64_t>(10);
  segment.created_at = row.get<base::Timestamp>(11);
  segment.created_by = {base::UserId::parse(row.get<std::string>(12)), row.get<std::string>(13)};
  segment.updated_at = row.get<base::Timestamp>(14);
  segment.exports = row.get<std::int64_t>(15);
  return segment;
}

std::string user_id_text(const base::UserRef& user) { return user.id ? user.id->str() : std::string(); }

Result<void> take_name(db::Write& tx, const std::string& name, std::string_view kind, const std::string& id) {
  const auto taken =
      tx.execute("INSERT INTO table_names (name_folded, kind, owner_id) VALUES (?1, ?2, ?3)", base::ascii_lower(name), kind, id);
  if (!taken.ok() && taken.error().reason == "db.unique") {
    return Error{.code = base::Code::conflict,
                 .reason = "table.name_taken",
                 .detail = "A table or segment named " + name + " exists already. Choose another name.",
                 .fields = {{"/name", "taken", "is the name of another table or segment"}}};
  }
  RETURN_IF_ERROR(taken);
  return {};
}

Result<void> free_name(db::Write& tx, const std::string& name) {
  RETURN_IF_ERROR(tx.execute("DELETE FROM table_names WHERE name_folded = ?1", base::ascii_lower(name)));
  return {};
}

}  // namespace

Result<void> insert_upload(db::Write& tx, const Upload& upload, const std::string& created_by) {
  RETURN_IF_ERROR(tx.execute("INSERT INTO uploads (id, filename, bytes, created_by, created_at) VALUES (?1, ?2, ?3, ?4, ?5)", upload.id,
                             upload.filename, upload.bytes, created_by, upload.created_at));
  return {};
}

Result<std::optional<Upload>> find_upload(db::Read& tx, UploadId id) {
  ASSIGN_OR_RETURN(const auto row, tx.maybe_one("SELECT id, filename, bytes, created_at FROM uploads WHERE id = ?1", id));
  if (!row) return std::optional<Upload>();
  return std::optional(Upload{row->get<UploadId>(0), row->get<std::string>(1), row->get<std::int64_t>(2), row->get<base::Timestamp>(3)});
}

Result<void> remove_upload(db::Write& tx, UploadId id) {
  RETURN_IF_ERROR(tx.execute("DELETE FROM uploads WHERE id = ?1", id));
  return {};
}

Result<std::vector<Upload>> uploads_before(db::Read& tx, base::Timestamp time) {
  ASSIGN_OR_RETURN(const auto rows, tx.all("SELECT id, filename, bytes, created_at FROM uploads WHERE created_at < ?1", time));
  std::vector<Upload> uploads;
  for (const db::Row& row : rows)
    uploads.push_back({row.get<UploadId>(0), row.get<std::string>(1), row.get<std::int64_t>(2), row.get<base::Timestamp>(3)});
  return uploads;
}

Result<std::vector<Table>> list_tables(db::Read& tx) {
  ASSIGN_OR_RETURN(const auto rows, tx.all("SELECT " + kTableColumns + " FROM tables ORDER BY name"));
  std::vector<Table> tables;
  for (const db::Row& row : rows) tables.push_back(to_table(row));
  return tables;
}

Result<std::optional<Table>> find_table(db::Read& tx, const std::string& name) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.maybe_one("SELECT " + kTableColumns + " FROM tables WHERE lower(name) = ?1", base::ascii_lower(name)));
  return row ? std::optional(to_table(*row)) : std::optional<Table>();
}

Result<std::optional<Table>> find_table(db::Read& tx, TableId id) {
  ASSIGN_OR_RETURN(const auto row, tx.maybe_one("SELECT " + kTableColumns + " FROM tables WHERE id = ?1", id));
  return row ? std::optional(to_table(*row)) : std::optional<Table>();
}

Result<void> insert_table(db::Write& tx, const Table& t) {
  RETURN_IF_ERROR(take_name(tx, t.name, "table", t.id.str()));
  RETURN_IF_ERROR(tx.execute(R"sql(
      INSERT INTO tables (id, name, source, key_column, columns, row_count, state, created_at, created_by, created_by_name, updated_at)
      VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7, ?8, ?9, ?7))sql",
                             t.id, t.name, base::to_json(t.source), t.key, base::to_json(t.columns), t.state, t.created_at,
                             user_id_text(t.created_by), t.created_by.display_name));
  return {};
}

Result<void> set_importing(db::Write& tx, TableId id, base::Timestamp now) {
  // A table that has rows stays ready: readers go on with them until the new ones are complete.
  RETURN_IF_ERROR(
      tx.execute("UPDATE tables SET state = CASE WHEN data_version IS NULL THEN 'importing' ELSE state END, error_reason = NULL, "
                 "error_detail = NULL, updated_at = ?2, version = version + 1 WHERE id = ?1",
                 id, now));
  return {};
}

Result<void> set_imported(db::Write& tx, const Table& t, const std::string& import_plan) {
  RETURN_IF_ERROR(tx.execute(R"sql(
      UPDATE tables SET source = ?2, key_column = ?3, columns = ?4, row_count = ?5, data_version = ?6, state = 'ready', error_reason = NULL, error_detail = NULL,
                        updated_at = ?7, import_plan = ?8, version = version + 1
       WHERE id = ?1)sql",
                             t.id, base::to_json(t.source), t.key, base::to_json(t.columns), t.rows, t.data_version, t.updated_at,
                             import_plan));
  return {};
}

Result<void> set_import_failed(db::Write& tx, TableId id, const runs::Failure& failure, base::Timestamp now) {
  RETURN_IF_ERROR(tx.execute(R"sql(
      UPDATE tables SET state = CASE WHEN data_version IS NULL THEN 'failed' ELSE state END, error_reason = ?2, error_detail = ?3, updated_at = ?4, version = version + 1
       WHERE id = ?1)sql",
                             id, failure.reason, failure.detail, now));
  return {};
}

Result<bool> set_refresh_path(db::Write& tx, const Table& table, std::int64_t version, const std::optional<std::string>& path) {
  ASSIGN_OR_RETURN(
      const auto changed,
      tx.execute("UPDATE tables SET refresh_path = ?2, version = version + 1 WHERE id = ?1 AND version = ?3", table.id, path, version));
  return changed == 1;
}

Result<std::optional<std::string>> import_plan(db::Read& tx, TableId id) {
  ASSIGN_OR_RETURN(const auto row, tx.maybe_one("SELECT import_plan FROM tables WHERE id = ?1", id));
  return row ? row->get<std::optional<std::string>>(0) : std::optional<std::string>();
}

Result<bool> remove_table(db::Write& tx, const Table& table, std::int64_t version) {
  ASSIGN_OR_RETURN(const auto removed, tx.execute("DELETE FROM tables WHERE id = ?1 AND version = ?2", table.id, version));
  if (removed == 0) return false;
  RETURN_IF_ERROR(free_name(tx, table.name));
  return true;
}

Result<std::vector<Segment>> list_segments(db::Read& tx) {
  ASSIGN_OR_RETURN(const auto rows, tx.all("SELECT " + kSegmentColumns + " FROM segments s ORDER BY s.display_name, s.id"));
  std::vector<Segment> segments;
  for (const db::Row& row : rows) segments.push_back(to_segment(row));
  return segments;
}

Result<std::optional<Segment>> find_segment(db::Read& tx, SegmentId id) {
  ASSIGN_OR_RETURN(const auto row, tx.maybe_one("SELECT " + kSegmentColumns + " FROM segments s WHERE s.id = ?1", id));
  return row ? std::optional(to_segment(*row)) : std::optional<Segment>();
}

Result<std::optional<Segment>> find_segment(db::Read& tx, const std::string& name) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.maybe_one("SELECT " + kSegmentColumns + " FROM segments s WHERE lower(s.name) = ?1", base::ascii_lower(name)));
  return row ? std::optional(to_segment(*row)) : std::optional<Segment>();
}

Result<void> insert_segment(db::Write& tx, const Segment& s) {
  RETURN_IF_ERROR(take_name(tx, s.name, "segment", s.id.str()));
  RETURN_IF_ERROR(tx.execute(
      R"sql(
      INSERT INTO segments (id, name, display_name, kind, rule, list_version, state, status, members, refreshed_at, created_at, created_by, created_by_name, updated_at)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?11))sql",
      s.id, s.name, s.display_name, s.kind, s.rule.is_null() ? std::optional<std::string>() : std::optional(base::json::write(s.rule)),
      s.list_version, s.state, s.status, s.members, s.refreshed_at, s.created_at, user_id_text(s.created_by), s.created_by.display_name));
  return {};
}

Result<bool> update_segment(db::Write& tx, const Segment& s, std::int64_t version) {
  ASSIGN_OR_RETURN(
      const auto changed,
      tx.execute(R"sql(
      UPDATE segments SET display_name = ?2, rule = ?3, members = ?4, status = ?5, refreshed_at = ?6, updated_at = ?7, version = version + 1
       WHERE id = ?1 AND version = ?8)sql",
                 s.id, s.display_name, s.rule.is_null() ? std::optional<std::string>() : std::optional(base::json::write(s.rule)),
                 s.members, s.status, s.refreshed_at, s.updated_at, version));
  return changed == 1;
}

Result<void> set_members(db::Write& tx, SegmentId id, std::int64_t members, const std::string& status, base::Timestamp now) {
  // Counting again is no edit, so the version stays and nobody's form becomes stale.
  RETURN_IF_ERROR(tx.execute("UPDATE segments SET members = ?2, status = ?3, refreshed_at = ?4 WHERE id = ?1", id, members, status, now));
  return {};
}

Result<bool> remove_segment(db::Write& tx, const Segment& segment, std::int64_t version) {
  ASSIGN_OR_RETURN(const auto removed, tx.execute("DELETE FROM segments WHERE id = ?1 AND version = ?2", segment.id, version));
  if (removed == 0) return false;
  RETURN_IF_ERROR(free_name(tx, segment.name));
  return true;
}

Result<std::vector<User>> users_of(db::Read& tx, const std::string& name) {
  ASSIGN_OR_RETURN(const auto rows, tx.all("SELECT id, display_name FROM table_dependants WHERE name_folded = ?1 ORDER BY display_name",
                                           base::ascii_lower(name)));
  std::vector<User> users;
  for (const db::Row& row : rows) users.push_back({row.get<std::string>(0), row.get<std::string>(1)});
  return users;
}

Result<std::vector<std::string>> versions_in_use(db::Read& tx) {
  ASSIGN_OR_RETURN(const auto rows, tx.all("SELECT data_version FROM tables WHERE data_version IS NOT NULL UNION SELECT list_version FROM "
                                           "segments WHERE list_version IS NOT NULL"));
  std::vector<std::string> versions;
  for (const db::Row& row : rows) versions.push_back(row.get<std::string>(0));
  return versions;
}

}  // namespace sluice::tables::store
