#include "drivers/postgresql/table.h"

#include <algorithm>
#include <array>
#include <functional>

#include "drivers/paths.h"

namespace sluice::drivers::postgresql {

using base::Error;
using base::Result;

namespace {

constexpr std::size_t kLongestName = 63;  // bytes; the server cuts longer ones, and then they are somebody else's

std::string type_of(base::ColumnType type) {
  switch (type) {
    case base::ColumnType::text:
      break;
    case base::ColumnType::integer:
      return "bigint";
    case base::ColumnType::decimal:
      return "numeric";
    case base::ColumnType::boolean:
      return "boolean";
    case base::ColumnType::date:
      return "date";
    case base::ColumnType::timestamp:
      return "timestamp with time zone";
  }
  return "text";
}

std::string list(std::size_t count, const std::function<std::string(std::size_t)>& text) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += (i == 0 ? "" : ", ") + text(i);
  return out;
}

std::string column_list(const Table& table, const std::string& prefix = {}) {
  return list(table.columns.size(), [&](std::size_t i) { return prefix + quoted(table.columns[i]); });
}

std::string key_list(const Table& table, const std::string& prefix = {}) {
  return list(table.identifies.size(), [&](std::size_t i) { return prefix + quoted(table.columns[table.identifies[i]]); });
}

std::string stage_name(bool keys_only) { return keys_only ? "pg_temp.sluice_keys" : "pg_temp.sluice_rows"; }

Error missing(std::string detail) {
  return {
      .code = base::Code::upstream_rejected, .reason = "service.missing", .detail = detail, .internal = "looking at the table: " + detail};
}

Error unfit(std::string detail) {
  return {
      .code = base::Code::upstream_rejected, .reason = "service.refused", .detail = detail, .internal = "looking at the table: " + detail};
}

bool is_name(std::string_view text) { return !text.empty() && text.size() <= kLongestName && text.find('\0') == std::string_view::npos; }

std::string shown(const Table& table) { return scrub(table.schema) + "." + scrub(table.name); }

Result<void> check_columns(Wire& wire, const Table& table, const std::string& oid) {
  const std::array<std::string, 1> parameters = {oid};
  ASSIGN_OR_RETURN(const Reply found, wire.must_run("SELECT attname, attgenerated <> '' FROM pg_catalog.pg_attribute "
                                                    "WHERE attrelid = $1::pg_catalog.oid AND attnum > 0 AND NOT attisdropped",
                                                    "reading the columns", parameters));
  for (const std::string& column : table.columns) {
    const auto same = std::find_if(found.rows.begin(), found.rows.end(), [&](const auto& row) { return row[0] == column; });
    if (same == found.rows.end())
      return missing("The table " + shown(table) + " has no column " + scrub(column) + ". Names are case-sensitive here.");
    if ((*same)[1] == "t")
      return unfit("The column " + scrub(column) + " of " + shown(table) + " is computed by the database. Map another one.");
  }
  return {};
}

// ON CONFLICT needs one that is checked at once, holds for all rows, and has these columns and no others.
Result<void> check_index(Wire& wire, const Table& table, const std::string& oid) {
  const std::array<std::string, 1> parameters = {oid};
  ASSIGN_OR_RETURN(
      const Reply found,
      wire.must_run("SELECT i.indexrelid, a.attname FROM pg_catalog.pg_index i "
                    "JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1]) "
                    "WHERE i.indrelid = $1::pg_catalog.oid AND i.indisunique AND i.indisvalid AND i.indimmediate "
                    "AND i.indpred IS NULL AND i.indexprs IS NULL ORDER BY i.indexrelid, a.attname",
                    "reading the indexes", parameters));
  std::vector<std::string> wanted;
  for (const std::size_t place : table.identifies) wanted.push_back(table.columns[place]);
  std::sort(wanted.begin(), wanted.end());
  std::vector<std::string> columns;
  for (std::size_t i = 0; i < found.rows.size(); ++i) {
    columns.push_back(found.rows[i][1].value_or(""));
    const bool last = i + 1 == found.rows.size() || found.rows[i + 1][0] != found.rows[i][0];
    if (!last) continue;
    std::sort(columns.begin(), columns.end());
    if (columns == wanted) return {};
    columns.clear();
  }
  return unfit("The table " + shown(table) + " has no unique index on exactly " + scrub(key_list(table)) +
               ", so that it cannot be told which row to change. Its owner can make one: CREATE UNIQUE INDEX ON " +
               scrub(table.full_name()) + " (" + scrub(key_list(table)) + ").");
}

// The row of pg_class: oid and kind.
Result<Reply> find_table(Wire& wire, const Table& table) {
  const std::array<std::string, 2> parameters = {table.schema, table.name};
  return wire.must_run(
      "SELECT c.oid, c.relkind FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
      "WHERE n.nspname = $1 AND c.relname = $2",
      "looking for the table", parameters);
}

}  // namespace

Result<Table> table_of(const RowsPlan& plan, std::string_view schema) {
  Table table{.schema = std::string(schema), .name = std::string(plan.settings.get("table").text())};
  for (const RowColumn& column : plan.columns) {
    if (column.identifies) table.identifies.push_back(table.columns.size());
    table.columns.push_back(column.as);
  }
  std::vector<std::string> names = table.columns;
  names.push_back(table.name);
  for (const std::string& name : names) {
    if (!is_name(name)) return unfit("'" + scrub(name) + "' cannot be the name of a table or column: names have 1 to 63 bytes.");
  }
  return table;
}

std::string create_statement(const Table& table, std::span<const RowColumn> columns) {
  return "CREATE TABLE IF NOT EXISTS " + table.full_name() + " (" +
         list(columns.size(), [&](std::size_t i) { return quoted(table.columns[i]) + " " + type_of(columns[i].type); }) +
         ", PRIMARY KEY (" + key_list(table) + "))";
}

std::string stage_statement(const Table& table, bool keys_only) {
  return "CREATE TEMPORARY TABLE " + std::string(keys_only ? "sluice_keys" : "sluice_rows") + " ON COMMIT DELETE ROWS AS SELECT " +
         (keys_only ? key_list(table) : column_list(table)) + " FROM " + table.full_name() + " WITH NO DATA";
}

std::string copy_statement(const Table& table, bool keys_only) {
  return "COPY " + stage_name(keys_only) + " (" + (keys_only ? key_list(table) : column_list(table)) + ") FROM STDIN";
}

std::string upsert_statement(const Table& table, bool compare) {
  std::string sql = "INSERT INTO " + table.full_name() + " AS t (" + column_list(table) + ") SELECT " + column_list(table) + " FROM " +
                    stage_name(false) + " ON CONFLICT (" + key_list(table) + ") DO ";
  std::vector<std::string> others;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (std::find(table.identifies.begin(), table.identifies.end(), i) == table.identifies.end())
      others.push_back(quoted(table.columns[i]));
  }
  if (others.empty()) return sql + "NOTHING";
  sql += "UPDATE SET " + list(others.size(), [&](std::size_t i) { return others[i] + " = excluded." + others[i]; });
  if (!compare) return sql;
  return sql + " WHERE ROW(" + list(others.size(), [&](std::size_t i) { return "t." + others[i]; }) + ") IS DISTINCT FROM ROW(" +
         list(others.size(), [&](std::size_t i) { return "excluded." + others[i]; }) + ")";
}

std::string remove_statement(const Table& table) {
  std::string sql = "DELETE FROM " + table.full_name() + " t USING " + stage_name(true) + " k WHERE ";
  for (std::size_t i = 0; i < table.identifies.size(); ++i) {
    const std::string column = quoted(table.columns[table.identifies[i]]);
    sql += std::string(i == 0 ? "" : " AND ") + "t." + column + " = k." + column;
  }
  return sql;
}

Result<void> prepare(Wire& wire, const Table& table, std::span<const RowColumn> columns, bool create) {
  ASSIGN_OR_RETURN(Reply found, find_table(wire, table));
  if (found.rows.empty()) {
    if (!create) return missing("There is no table " + shown(table) + ". Correct the name, or let it be created.");
    ASSIGN_OR_RETURN(const Reply created, wire.run(create_statement(table, columns), "making the table"));
    if (created.refusal) return refused(*created.refusal, "make the table " + shown(table));
    ASSIGN_OR_RETURN(found, find_table(wire, table));
  }
  // Ordinary and partitioned tables.
  if (found.text(1) != "r" && found.text(1) != "p") return unfit(shown(table) + " is a view or the like, not a table.");
  RETURN_IF_ERROR(check_columns(wire, table, found.text(0)));
  return check_index(wire, table, found.text(0));
}

Result<bool> can_compare(Wire& wire, const Table& table) {
  ASSIGN_OR_RETURN(const Reply reply, wire.run("EXPLAIN " + upsert_statement(table, true), "asking how rows compare"));
  if (!reply.refusal) return true;
  if (reply.refusal->state != "42883") return refused(*reply.refusal, "change rows of " + shown(table));
  ASSIGN_OR_RETURN(const Reply plain, wire.run("EXPLAIN " + upsert_statement(table, false), "asking for the rights on the table"));
  if (plain.refusal) return refused(*plain.refusal, "change rows of " + shown(table));
  return false;
}

}  // namespace sluice::drivers::postgresql
