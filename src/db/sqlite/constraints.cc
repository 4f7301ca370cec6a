#include "db/sqlite/constraints.h"

#include <sqlite3.h>

#include <vector>

#include "base/text.h"
#include "db/sqlite/connection.h"
#include "db/statement.h"

namespace sluice::db::sqlite {

namespace {

// Rows of a query with one text parameter; empty on any error, because this only decorates another error.
std::vector<std::vector<std::string>> query(sqlite3* handle, std::string_view sql, std::string_view parameter) {
  std::vector<std::vector<std::string>> rows;
  auto statement = prepare(handle, sql);
  if (!statement.ok()) return rows;
  sqlite3_bind_text(statement->get(), 1, parameter.data(), static_cast<int>(parameter.size()), SQLITE_STATIC);
  while (sqlite3_step(statement->get()) == SQLITE_ROW) {
    auto& row = rows.emplace_back();
    for (int i = 0; i < sqlite3_column_count(statement->get()); ++i) {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement->get(), i));
      row.emplace_back(text == nullptr ? "" : text);
    }
  }
  return rows;
}

std::string index_columns(sqlite3* handle, const std::string& index) {
  std::string columns;
  for (const auto& row : query(handle, "SELECT name FROM pragma_index_info(?1) ORDER BY seqno", index)) {
    columns += (columns.empty() ? "" : ",") + row[0];
  }
  return columns;
}

std::string joined(std::string_view columns) {
  std::string out(columns);
  for (char& c : out) {
    if (c == ',') c = '_';
  }
  return out;
}

// Words, names without their quotes, and single signs.
std::vector<std::string> tokens_of(std::string_view sql) {
  std::vector<std::string> out;
  const auto is_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (static_cast<unsigned char>(c) & 0x80U) != 0;
  };
  for (std::size_t i = 0; i < sql.size();) {
    if (const std::size_t end = skip_quoted(sql, i); end > i) {
      if (sql[i] == '"') out.emplace_back(sql.substr(i + 1, end - i - 2));
      if (sql[i] == '\'') out.emplace_back("'");
      i = end;
    } else if (is_word(sql[i])) {
      const std::size_t start = i;
      while (i < sql.size() && is_word(sql[i])) ++i;
      out.emplace_back(sql.substr(start, i - start));
    } else {
      if (sql[i] > ' ') out.emplace_back(1, sql[i]);
      ++i;
    }
  }
  return out;
}

// The columns in parentheses from tokens[i] on: "a,b"; empty when none follow.
std::string listed_columns(const std::vector<std::string>& tokens, std::size_t i) {
  std::string out;
  if (i >= tokens.size() || tokens[i] != "(") return out;
  for (++i; i < tokens.size() && tokens[i] != ")"; ++i) out += tokens[i];
  return out;
}

}  // namespace

std::string named_constraint(std::string_view create_table, std::string_view columns, bool primary) {
  const std::vector<std::string> tokens = tokens_of(create_table);
  std::string column;  // the first word of the definition we are in
  std::size_t depth = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i] == ")") --depth;
    if (tokens[i] == "(") ++depth;
    if ((tokens[i] == "(" || tokens[i] == ",") && depth == 1 && i + 1 < tokens.size()) column = tokens[i + 1];
    if (depth != 1 || i + 2 >= tokens.size() || !base::equals_ignoring_case(tokens[i], "constraint")) continue;
    std::size_t after = i + 3;
    if (primary) {
      if (!base::equals_ignoring_case(tokens[i + 2], "primary")) continue;
      ++after;  // KEY
    } else if (!base::equals_ignoring_case(tokens[i + 2], "unique")) {
      continue;
    }
    const std::string listed = listed_columns(tokens, after);
    if ((listed.empty() ? column : listed) == columns) return tokens[i + 1];
  }
  return "";
}

std::string find_unique_constraint(sqlite3* handle, std::string_view subject) {
  if (subject.starts_with("index '") && subject.ends_with("'")) return std::string(subject.substr(7, subject.size() - 8));
  const std::string table(subject.substr(0, subject.find('.')));
  std::string columns;
  for (const std::string_view part : base::split(subject, ',')) {
    const std::string_view name = base::trim(part);
    columns += (columns.empty() ? "" : ",") + std::string(name.substr(std::min(name.find('.') + 1, name.size())));
  }

  std::string names;
  bool primary = true;  // a rowid that is the primary key has no index at all
  for (const auto& row : query(handle, "SELECT name, origin FROM pragma_index_list(?1) WHERE \"unique\" = 1 ORDER BY seq", table)) {
    if (index_columns(handle, row[0]) != columns) continue;
    primary = row[1] == "pk";
    if (row[1] == "c")
      names += (names.empty() ? "" : "|") + row[0];
    else
      break;
  }
  if (!names.empty()) return names;
  const auto text = query(handle, "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1", table);
  const std::string named = text.empty() ? "" : named_constraint(text[0][0], columns, primary);
  if (!named.empty()) return named;
  return primary ? table + "_pkey" : table + "_" + joined(columns) + "_key";
}

}  // namespace sluice::db::sqlite
