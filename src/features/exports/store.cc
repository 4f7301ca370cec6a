#include "features/exports/store.h"

#include "base/text.h"
#include "features/audit/owner.h"

namespace sluice::exports::store {

namespace {

using base::Error;
using base::Result;

const std::string kColumns =
    R"sql(e.id, e.display_name, e.connection_id, l.display_name, l.sharing, e.type, e.tables, e.columns, e.settings,
    e.refreshed_at, e.version, e.created_at, e.created_by, )sql" +
    audit::owner_name("e.created_by", "e.created_by_name") + R"sql(, e.updated_at,
    lr.id, lr.state, lr.queued_at, lr.started_at, lr.ended_at, s.mode, s.rule, s.next_at, rs.next_at, e.guard, e.mapping, e.mode)sql";
constexpr std::string_view kFrom = R"sql( FROM exports e
    LEFT JOIN connection_labels l ON l.id = e.connection_id
    LEFT JOIN schedule_labels s ON s.kind = 'export' AND s.subject_id = e.id
    LEFT JOIN schedule_labels rs ON rs.kind = 'refresh' AND rs.subject_id = ''
    LEFT JOIN runs lr ON lr.id = (SELECT r.id FROM runs r WHERE r.subject_id = e.id ORDER BY r.queued_at DESC, r.id DESC LIMIT 1))sql";

template <class T>
T parsed(const db::Row& row, std::size_t i) {
  auto value = base::read_json<T>(row.get<std::string>(i), {.bytes = std::size_t{4} << 20, .depth = 8, .values = 500'000});
  BASE_ASSERT(value.ok());
  return *std::move(value);
}

Export to_export(const db::Row& row) {
  Export e{.id = row.get<ExportId>(0), .display_name = row.get<std::string>(1)};
  e.type = row.get<std::string>(5);
  if (!row.is_null(2)) {
    e.connection = connections::UsableConnection{row.get<connections::ConnectionId>(2), row.get<std::string>(3), e.type, {}};
    e.is_shared = row.get<std::string>(4) == "contributors";
  }
  e.state = e.connection ? ExportState::active : ExportState::inactive;
  e.tables = parsed<std::vector<std::string>>(row, 6);
  e.columns = parsed<Columns>(row, 7);
  e.settings = row.get<base::json::Object>(8);
  e.refreshed_at = row.get<std::optional<base::Timestamp>>(9);
  e.version = row.get<std::int64_t>(10);
  e.created_at = row.get<base::Timestamp>(11);
  e.created_by = {base::UserId::parse(row.get<std::string>(12)), row.get<std::string>(13)};
  e.updated_at = row.get<base::Timestamp>(14);
  if (!row.is_null(15)) {
    e.last_run = runs::RunBrief{row.get<runs::RunId>(15), row.get<runs::State>(16), row.get<base::Timestamp>(17),
                                row.get<std::optional<base::Timestamp>>(18), row.get<std::optional<base::Timestamp>>(19)};
  }
  e.schedule = schedules::Schedules::shown(row.get<std::optional<schedules::Mode>>(20), row.get<std::optional<std::string>>(21),
                                           row.get<std::optional<base::Timestamp>>(22));
  if (e.schedule.kind == schedules::Mode::system && e.connection) e.schedule.next_at = row.get<std::optional<base::Timestamp>>(23);
  e.guard = parsed<Guard>(row, 24);
  e.mapping = row.get<base::json::Object>(25);
  e.mode = row.get<Mode>(26);
  return e;
}

std::string where_of(const ListSpec& spec, std::vector<db::Value>& parameters) {
  std::string where = " WHERE 1 = 1";
  const auto parameter = [&](std::string text) {
    parameters.emplace_back(std::move(text));
    return "?" + std::to_string(parameters.size());
  };
  if (spec.connection_id) where += " AND e.connection_id = " + parameter(*spec.connection_id);
  if (spec.state) where += *spec.state == ExportState::active ? " AND e.connection_id IS NOT NULL" : " AND e.connection_id IS NULL";
  if (!spec.search.empty()) {
    const std::string pattern = parameter(db::like_pattern(spec.search));
    where += " AND (e.name_folded LIKE " + pattern + " ESCAPE '\\' OR l.name_folded LIKE " + pattern + " ESCAPE '\\'";
    for (const std::string& type : spec.types_by_title) where += " OR e.type = " + parameter(type);
    where += ")";
  }
  return where;
}

Error name_taken() {
  return Error{.code = base::Code::conflict,
               .reason = "export.name_taken",
               .detail = "Another export has this name. Choose another one.",
               .fields = {{"/display_name", "taken", "is the name of another export"}}};
}

std::optional<std::string> connection_id(const Export& e) { return e.connection ? std::optional(e.connection->id.str()) : std::nullopt; }

Result<void> set_tables(db::Write& tx, const Export& e) {
  RETURN_IF_ERROR(tx.execute("DELETE FROM export_tables WHERE export_id = ?1", e.id));
  for (const std::string& table : e.tables)
    RETURN_IF_ERROR(tx.execute("INSERT INTO export_tables (export_id, name_folded) VALUES (?1, ?2)", e.id, base::ascii_lower(table)));
  return {};
}

}  // namespace

Result<std::vector<Export>> list(db::Read& tx, const ListSpec& spec, const db::Page& page, std::optional<std::string>& next_cursor) {
  std::vector<db::Value> parameters;
  std::string sql = "SELECT " + kColumns + ", " + page.sort_expression() + std::string(kFrom) + where_of(spec, parameters);
  sql += page.condition(parameters) + page.order();
  ASSIGN_OR_RETURN(auto rows, tx.all_with(sql, parameters));
  next_cursor = page.cut(rows);
  std::vector<Export> exports;
  for (const db::Row& row : rows) exports.push_back(to_export(row));
  return exports;
}

Result<std::int64_t> count(db::Read& tx, const ListSpec& spec) {
  std::vector<db::Value> parameters;
  const std::string sql =
      "SELECT count(*) FROM exports e LEFT JOIN connection_labels l ON l.id = e.connection_id" + where_of(spec, parameters);
  ASSIGN_OR_RETURN(const auto rows, tx.all_with(sql, parameters));
  return rows.front().get<std::int64_t>(0);
}

Result<std::optional<Export>> find(db::Read& tx, ExportId id) {
  ASSIGN_OR_RETURN(const auto row, tx.maybe_one("SELECT " + kColumns + std::string(kFrom) + " WHERE e.id = ?1", id));
  return row ? std::optional(to_export(*row)) : std::optional<Export>();
}

Result<void> insert(db::Write& tx, const Export& e) {
  const auto added =
      tx.execute(R"sql(
      INSERT INTO exports (id, display_name, name_folded, connection_id, type, tables, columns, settings, created_at, created_by, created_by_name, updated_at, guard,
                           mapping, mode)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?9, ?12, ?13, ?14))sql",
                 e.id, e.display_name, base::fold_case(e.display_name), connection_id(e), e.type, base::to_json(e.tables),
                 base::to_json(e.columns), e.settings, e.created_at, e.created_by.id ? e.created_by.id->str() : std::string(),
                 e.created_by.display_name, base::to_json(e.guard), e.mapping, e.mode);
  if (!added.ok()) return db::violates(added.error(), "exports_name_key") ? name_taken() : added.error();
  return set_tables(tx, e);
}

Result<bool> update(db::Write& tx, const Export& e, std::int64_t version) {
  const auto changed = tx.execute(R"sql(
      UPDATE exports SET display_name = ?2, name_folded = ?3, connection_id = ?4, tables = ?5, columns = ?6, settings = ?7, updated_at = ?8, guard = ?10, mapping = ?11,
                         mode = ?12, version = version + 1
       WHERE id = ?1 AND version = ?9)sql",
                                  e.id, e.display_name, base::fold_case(e.display_name), connection_id(e), base::to_json(e.tables),
                                  base::to_json(e.columns), e.settings, e.updated_at, version, base::to_json(e.guard), e.mapping, e.mode);
  if (!changed.ok()) return db::violates(changed.error(), "exports_name_key") ? name_taken() : changed.error();
  if (*changed == 0) return false;
  RETURN_IF_ERROR(set_tables(tx, e));
  return true;
}

Result<bool> remove(db::Write& tx, ExportId id, std::int64_t version) {
  ASSIGN_OR_RETURN(const auto removed, tx.execute("DELETE FROM exports WHERE id = ?1 AND version = ?2", id, version));
  return removed == 1;
}

Result<void> set_refreshed(db::Write& tx, const std::string& id, base::Timestamp at) {
  RETURN_IF_ERROR(tx.execute("UPDATE exports SET refreshed_at = ?2 WHERE id = ?1", id, at));
  return {};
}

Result<std::vector<std::string>> missing_tables(db::Read& tx, ExportId id) {
  ASSIGN_OR_RETURN(const auto rows, tx.all("SELECT t.name_folded FROM export_tables t WHERE t.export_id = ?1 AND NOT EXISTS (SELECT 1 FROM "
                                           "table_names n WHERE n.name_folded = t.name_folded)",
                                           id));
  std::vector<std::string> names;
  for (const db::Row& row : rows) names.push_back(row.get<std::string>(0));
  return names;
}

Result<std::vector<Export>> list_scheduled(db::Read& tx, bool with_own) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.all("SELECT " + kColumns + std::string(kFrom) +
                              " WHERE e.connection_id IS NOT NULL AND (COALESCE(s.mode, 'system') = 'system' OR (?1 = 1 AND "
                              "s.mode = 'own')) ORDER BY e.id",
                          with_own ? 1 : 0));
  std::vector<Export> exports;
  for (const db::Row& row : rows) exports.push_back(to_export(row));
  return exports;
}

Result<std::uint64_t> ledger_generation(db::Read& tx, const LedgerKey& key) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.maybe_one("SELECT generation FROM export_ledgers WHERE export_id = ?1 AND connection_id = ?2 AND part = ?3",
                                key.export_id, key.connection_id, key.part));
  return row ? static_cast<std::uint64_t>(row->get<std::int64_t>(0)) : 0;
}

Result<void> put_ledger(db::Write& tx, const LedgerKey& key, const ledger::Committed& committed, base::Timestamp now) {
  RETURN_IF_ERROR(tx.execute(R"sql(
      INSERT INTO export_ledgers (export_id, connection_id, part, generation, head, held, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
          ON CONFLICT (export_id, connection_id, part) DO UPDATE
         SET generation = excluded.generation, head = excluded.head, held = excluded.held, updated_at = excluded.updated_at)sql",
                             key.export_id, key.connection_id, key.part, static_cast<std::int64_t>(committed.generation), committed.head,
                             committed.held, now));
  return {};
}

Result<void> add_requests(db::Write& tx, const std::string& run_id, const std::vector<std::string>& records) {
  ASSIGN_OR_RETURN(const auto last, tx.maybe_one("SELECT COALESCE(MAX(position), 0) FROM run_requests WHERE run_id = ?1", run_id));
  std::int64_t position = last->get<std::int64_t>(0);
  for (const std::string& record : records) {
    RETURN_IF_ERROR(tx.execute("INSERT INTO run_requests (run_id, position, record) VALUES (?1, ?2, ?3)", run_id, ++position, record));
  }
  return {};
}

Result<std::vector<std::string>> list_requests(db::Read& tx, const std::string& run_id) {
  ASSIGN_OR_RETURN(const auto rows, tx.all("SELECT record FROM run_requests WHERE run_id = ?1 ORDER BY position LIMIT 1000", run_id));
  std::vector<std::string> records;
  for (const db::Row& row : rows) records.push_back(row.get<std::string>(0));
  return records;
}

}  // namespace sluice::exports::store
