#include "db/schema.h"

#include <algorithm>
#include <map>
#include <vector>

#include "base/text.h"
#include "db/sqlite/constraints.h"

namespace sluice::db {

namespace {

// One query for each dialect with the same columns in the result.
struct Query {
  std::string_view sqlite;
  std::string_view postgres;
};

constexpr Query kRelations = {
    "SELECT name, type, coalesce(sql, '') FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite^_%' "
    "ESCAPE '^'"
    " AND name <> 'schema_migrations' ORDER BY name",
    "SELECT relname, CASE relkind WHEN 'v' THEN 'view' ELSE 'table' END, '' FROM pg_class WHERE relnamespace = "
    "current_schema()::regnamespace"
    " AND relkind IN ('r', 'v') AND relname <> 'schema_migrations' ORDER BY relname COLLATE \"C\""};

// name, type, is it not null
constexpr Query kColumns = {
    "SELECT name, lower(type), \"notnull\" <> 0 OR pk > 0 FROM pragma_table_info(?1) ORDER BY cid",
    "SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute WHERE attrelid = to_regclass(quote_ident(?1))"
    " AND attnum > 0 AND NOT attisdropped ORDER BY attnum"};

// name, origin (pk, u or c), is it unique, is it partial
constexpr Query kIndexes = {
    "SELECT name, origin, \"unique\", partial FROM pragma_index_list(?1)",
    "SELECT i.relname, CASE WHEN x.indisprimary THEN 'pk' WHEN EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = i.oid AND "
    "contype = 'u')"
    " THEN 'u' ELSE 'c' END, x.indisunique, x.indpred IS NOT NULL FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid"
    " WHERE x.indrelid = to_regclass(quote_ident(?1))"};

constexpr Query kIndexColumns = {"SELECT name FROM pragma_index_info(?1) ORDER BY seqno",
                                 "SELECT a.attname FROM pg_index x CROSS JOIN unnest(CAST(x.indkey AS int2[])) WITH ORDINALITY k(num, ord)"
                                 " LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.num AND k.num > 0"
                                 " WHERE x.indexrelid = to_regclass(quote_ident(?1)) ORDER BY k.ord"};

// number of the key, column, the other table, on delete
constexpr Query kForeignKeys = {
    "SELECT id, \"from\", \"table\", lower(on_delete) FROM pragma_foreign_key_list(?1) ORDER BY id, seq",
    "SELECT CAST(c.oid AS bigint), a.attname, CAST(c.confrelid AS regclass)::text, CASE c.confdeltype WHEN 'a' THEN 'no action'"
    " WHEN 'r' THEN 'restrict' WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set null' ELSE 'set default' END"
    " FROM pg_constraint c CROSS JOIN unnest(c.conkey) WITH ORDINALITY k(num, ord)"
    " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num"
    " WHERE c.contype = 'f' AND c.conrelid = to_regclass(quote_ident(?1)) ORDER BY c.oid, k.ord"};

struct Relation {
  std::string name;
  std::string create_text;  // SQLite only
};

class Describer {
 public:
  Describer(Read& tx, bool postgres) : tx_(tx), postgres_(postgres) {}

  base::Result<std::string> describe() {
    std::string out;
    ASSIGN_OR_RETURN(const auto relations, rows(kRelations));
    for (const Row& row : relations) {
      const Relation relation{row.get<std::string>(0), row.get<std::string>(2)};
      const bool is_table = row.get<std::string>(1) == "table";
      out += (out.empty() ? "" : "\n") + row.get<std::string>(1) + " " + relation.name + "\n";
      ASSIGN_OR_RETURN(const auto columns, rows(kColumns, relation.name));
      for (const Row& column : columns) {
        out += "  " + column.get<std::string>(0);
        // The columns of a view have no types of their own on SQLite.
        if (is_table) out += " " + type_of(column.get<std::string>(1)) + (column.get<bool>(2) ? " not null" : "");
        out += "\n";
      }
      if (!is_table) continue;
      ASSIGN_OR_RETURN(std::vector<std::string> details, indexes(relation));
      ASSIGN_OR_RETURN(const std::vector<std::string> keys, foreign_keys(relation));
      details.insert(details.end(), keys.begin(), keys.end());
      for (const std::string& detail : details) out += "  " + detail + "\n";
    }
    return out;
  }

 private:
  template <class... P>
  base::Result<std::vector<Row>> rows(const Query& query, const P&... parameters) {
    return tx_.all(postgres_ ? query.postgres : query.sqlite, parameters...);
  }

  static std::string type_of(const std::string& type) {
    if (type == "blob") return "bytea";
    if (type == "int8") return "bigint";
    if (type == "bool") return "boolean";
    return type;
  }

  base::Result<std::vector<std::string>> indexes(const Relation& relation) {
    std::vector<std::string> out;
    std::string primary;
    ASSIGN_OR_RETURN(const auto list, rows(kIndexes, relation.name));
    for (const Row& index : list) {
      const auto origin = index.get<std::string>(1);
      ASSIGN_OR_RETURN(const auto names, rows(kIndexColumns, index.get<std::string>(0)));
      std::string columns;
      for (const Row& name : names) {
        columns += (columns.empty() ? "" : ", ") + name.get<std::optional<std::string>>(0).value_or("expression");
      }
      if (origin == "pk") {
        primary = columns;
        continue;
      }
      std::string name = index.get<std::string>(0);
      if (!postgres_ && origin == "u") name = constraint_name(relation, columns);
      out.push_back((index.get<bool>(2) ? "unique " : "index ") + name + " (" + columns + ")" + (index.get<bool>(3) ? " where" : ""));
    }
    std::sort(out.begin(), out.end());
    if (!postgres_ && primary.empty()) {
      // A rowid that is the primary key has no index.
      ASSIGN_OR_RETURN(const auto rowid, tx_.all("SELECT name FROM pragma_table_info(?1) WHERE pk > 0", relation.name));
      if (!rowid.empty()) primary = rowid[0].get<std::string>(0);
    }
    if (!primary.empty()) out.insert(out.begin(), "primary key (" + primary + ")");
    return out;
  }

  static std::string constraint_name(const Relation& relation, std::string columns) {
    std::erase(columns, ' ');
    const std::string named = sqlite::named_constraint(relation.create_text, columns, false);
    if (!named.empty()) return named;
    std::replace(columns.begin(), columns.end(), ',', '_');
    return relation.name + "_" + columns + "_key";
  }

  base::Result<std::vector<std::string>> foreign_keys(const Relation& relation) {
    ASSIGN_OR_RETURN(const auto list, rows(kForeignKeys, relation.name));
    std::map<std::int64_t, std::string> columns;
    std::map<std::int64_t, std::string> target;
    for (const Row& row : list) {
      std::string& names = columns[row.get<std::int64_t>(0)];
      names += (names.empty() ? "" : ", ") + row.get<std::string>(1);
      target[row.get<std::int64_t>(0)] = row.get<std::string>(2) + " on delete " + row.get<std::string>(3);
    }
    std::vector<std::string> out;
    for (const auto& [number, names] : columns) out.push_back("foreign key (" + names + ") references " + target[number]);
    std::sort(out.begin(), out.end());
    return out;
  }

  Read& tx_;
  const bool postgres_;
};

}  // namespace

base::Result<std::string> describe_schema(Db& db) {
  return db.read([&](Read& tx) { return Describer(tx, db.is_postgres()).describe(); });
}

}  // namespace sluice::db
