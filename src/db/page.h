// Lists are paged by key: a cursor names the last row that was given, and the next page begins behind it. No OFFSET, so the
// thousandth page costs what the first does, and rows that come or go meanwhile shift nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "db/db.h"

namespace sluice::db {

// What a list may be sorted by. The expression is SQL that is never null, over the tables of the list's query.
struct SortColumn {
  std::string name;
  std::string expression;
};

class Page {
 public:
  // `sort`: "name" or "-name", the first column when empty. Reasons: "request.bad_sort", "request.bad_cursor" (also when the
  // cursor belongs to another order).
  static base::Result<Page> parse(std::span<const SortColumn> columns, std::string_view id_expression, std::string_view sort,
                                  std::optional<std::string_view> cursor, std::int64_t limit);

  // "AND (expression, id) > (?n, ?m)", or nothing on the first page. Adds its parameters to `parameters`.
  std::string condition(std::vector<Value>& parameters) const;
  // "ORDER BY …, … LIMIT n+1": one more than asked for, to know whether there is a next page.
  std::string order() const;
  // To be selected as the last column.
  const std::string& sort_expression() const { return expression_; }
  // Takes the surplus row off and gives the cursor of the next page. The first column must be the id, the last the sort value.
  std::optional<std::string> cut(std::vector<Row>& rows) const;

 private:
  std::string sort_;
  std::string expression_;
  std::string id_expression_;
  bool descending_ = false;
  std::int64_t limit_ = 50;
  std::optional<std::pair<Value, std::string>> after_;
};

// For LIKE ?n ESCAPE '\': the text with %, _ and \ made ordinary, between two %.
std::string like_pattern(std::string_view text);

}  // namespace sluice::db
