#include "features/audit/log.h"

#include <utility>

#include "data/spreadsheet.h"
#include "db/page.h"

namespace sluice::audit {

namespace {

using base::Result;

constexpr std::int64_t kDownloadPage = 500;

Entry to_entry(const db::Row& row) {
  Entry entry{.id = row.get<EntryId>(0), .at = row.get<base::Timestamp>(1), .event = row.get<std::string>(2)};
  if (!row.is_null(3)) entry.actor.id = base::UserId::parse(row.get<std::string>(3));
  entry.actor.display_name = row.get<std::string>(4);
  entry.object = {row.get<std::string>(5), row.get<std::string>(6), row.get<std::string>(7)};
  entry.request_id = row.get<std::string>(8);
  entry.address = row.get<std::string>(9);
  entry.details = row.get<base::json::Object>(10);
  return entry;
}

std::string conditions(const Filter& filter, std::vector<db::Value>& parameters) {
  std::string sql;
  const auto add = [&](std::string_view condition, db::Value value) {
    parameters.push_back(std::move(value));
    sql += " AND " + std::string(condition) + " ?" + std::to_string(parameters.size());
  };
  if (filter.actor_id && *filter.actor_id == "system")
    sql += " AND a.actor_id IS NULL";
  else if (filter.actor_id)
    add("a.actor_id =", db::to_value(*filter.actor_id));
  if (filter.event) add("a.event =", db::to_value(*filter.event));
  if (filter.object_kind) add("a.object_kind =", db::to_value(*filter.object_kind));
  if (filter.object_id) add("a.object_id =", db::to_value(*filter.object_id));
  if (filter.from) add("a.at >=", db::to_value(*filter.from));
  if (filter.to) add("a.at <", db::to_value(*filter.to));
  if (!filter.search.empty()) {
    // lower() on both sides: which letters it knows depends on the database, but it is the same for both.
    parameters.push_back(db::to_value(db::like_pattern(filter.search)));
    const std::string pattern = " LIKE lower(?" + std::to_string(parameters.size()) + R"() ESCAPE '\')";
    std::string any;
    for (const char* column : {"event", "actor_name", "object_name", "object_id", "request_id", "address"})
      any += (any.empty() ? "lower(a." : " OR lower(a.") + std::string(column) + ")" + pattern;
    sql += " AND (" + any + ")";
  }
  return sql;
}

const std::vector<std::string> kSheetNames = {"at",          "event",      "actor",   "actor_id", "object_kind", "object_id",
                                              "object_name", "request_id", "address", "details",  "id"};

std::vector<std::string> sheet_row(const Entry& entry) {
  return {base::format_rfc3339(entry.at),
          entry.event,
          entry.actor.display_name,
          entry.actor.id ? entry.actor.id->str() : std::string(),
          entry.object.kind,
          entry.object.id,
          entry.object.name,
          entry.request_id,
          entry.address,
          base::json::write(base::json::Value(entry.details)),
          entry.id.str()};
}

}  // namespace

Result<EntryPage> Log::list(const Filter& filter, std::string_view sort, std::optional<std::string_view> cursor, std::int64_t limit) {
  static const std::vector<db::SortColumn> kSorts = {{"at", "a.at"}};
  ASSIGN_OR_RETURN(const db::Page page, db::Page::parse(kSorts, "a.id", sort.empty() ? "-at" : sort, cursor, limit));
  return db_.read([&](db::Read& tx) -> Result<EntryPage> {
    std::vector<db::Value> parameters;
    std::string sql =
        "SELECT a.id, a.at, a.event, a.actor_id, a.actor_name, a.object_kind, a.object_id, a.object_name, a.request_id, a.address, "
        "a.details, " +
        page.sort_expression() + " FROM audit_entries a WHERE 1 = 1" + conditions(filter, parameters);
    sql += page.condition(parameters) + page.order();
    ASSIGN_OR_RETURN(auto rows, tx.all_with(sql, parameters));
    EntryPage out;
    out.next_cursor = page.cut(rows);
    for (const db::Row& row : rows) out.items.push_back(to_entry(row));
    return out;
  });
}

Result<std::function<Result<bool>(std::string&)>> Log::download(const base::Actor& actor, Filter filter) {
  const base::Timestamp now = clock_();
  base::json::Object details;
  const auto note = [&](std::string_view name, const std::optional<std::string>& value) {
    if (value) details.set(name, *value);
  };
  note("search", filter.search.empty() ? std::nullopt : std::optional(filter.search));
  note("actor_id", filter.actor_id);
  note("event", filter.event);
  note("object_kind", filter.object_kind);
  note("object_id", filter.object_id);
  note("from", filter.from ? std::optional(base::format_rfc3339(*filter.from)) : std::nullopt);
  note("to", filter.to ? std::optional(base::format_rfc3339(*filter.to)) : std::nullopt);
  RETURN_IF_ERROR(
      db_.write([&](db::Write& tx) { return append(tx, actor, now, "audit.downloaded", {"audit", "", "Audit log"}, details); }));
  return data::spreadsheet(
      kSheetNames,
      [this, filter = std::move(filter), cursor = std::optional<std::string>()](data::SpreadsheetRows& rows) mutable -> Result<bool> {
        ASSIGN_OR_RETURN(EntryPage page, list(filter, "-at", cursor, kDownloadPage));
        for (const Entry& entry : page.items) rows.push_back(sheet_row(entry));
        cursor = std::move(page.next_cursor);
        return cursor.has_value();
      });
}

Result<std::vector<std::string>> Log::events() {
  // From one to the next in the index: DISTINCT would read every entry.
  ASSIGN_OR_RETURN(const auto rows, db_.read([](db::Read& tx) {
    return tx.all(R"sql(
        WITH RECURSIVE known (event) AS (
          SELECT min(event) FROM audit_entries
          UNION ALL
          SELECT (SELECT min(e.event) FROM audit_entries e WHERE e.event > known.event) FROM known WHERE known.event IS NOT NULL)
        SELECT event FROM known WHERE event IS NOT NULL)sql");
  }));
  std::vector<std::string> events;
  for (const db::Row& row : rows) events.push_back(row.get<std::string>(0));
  return events;
}

}  // namespace sluice::audit
