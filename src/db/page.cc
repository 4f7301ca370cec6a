#include "db/page.h"

#include "base/json.h"
#include "base/text.h"

namespace sluice::db {

namespace {

base::Error bad_cursor() {
  return base::Error{.code = base::Code::invalid,
                     .reason = "request.bad_cursor",
                     .detail = "The cursor is not one of this list in this order. Start again without it."};
}

}  // namespace

base::Result<Page> Page::parse(std::span<const SortColumn> columns, std::string_view id_expression, std::string_view sort,
                               std::optional<std::string_view> cursor, std::int64_t limit) {
  Page page;
  page.limit_ = limit;
  page.id_expression_ = id_expression;
  page.sort_ = sort.empty() ? columns.front().name : std::string(sort);
  std::string_view name = page.sort_;
  if (name.starts_with('-')) {
    page.descending_ = true;
    name.remove_prefix(1);
  }
  std::string known;
  for (const SortColumn& column : columns) {
    if (column.name == name) page.expression_ = column.expression;
    known += (known.empty() ? "" : ", ") + column.name;
  }
  if (page.expression_.empty()) {
    return base::Error{.code = base::Code::invalid,
                       .reason = "request.bad_sort",
                       .detail = "The list can be sorted by: " + known + " (with '-' in front for descending)."};
  }
  if (!cursor) return page;
  const auto text = base::parse_base64(*cursor);
  if (!text) return bad_cursor();
  const auto value = base::json::parse(*text);
  if (!value.ok() || value->as_array() == nullptr || value->as_array()->size() != 3) return bad_cursor();
  const base::json::Array& parts = *value->as_array();
  if (parts[0].text() != page.sort_ || parts[2].text().empty()) return bad_cursor();
  if (const std::int64_t* number = parts[1].as_int())
    page.after_ = {Value(*number), std::string(parts[2].text())};
  else if (const std::string* words = parts[1].as_string())
    page.after_ = {Value(*words), std::string(parts[2].text())};
  else
    return bad_cursor();
  return page;
}

std::string Page::condition(std::vector<Value>& parameters) const {
  if (!after_) return {};
  parameters.push_back(after_->first);
  parameters.push_back(Value(after_->second));
  const std::string first = "?" + std::to_string(parameters.size() - 1);
  const std::string second = "?" + std::to_string(parameters.size());
  return " AND (" + expression_ + ", " + id_expression_ + ") " + (descending_ ? "<" : ">") + " (" + first + ", " + second + ")";
}

std::string Page::order() const {
  const std::string direction = descending_ ? " DESC" : " ASC";
  return " ORDER BY " + expression_ + direction + ", " + id_expression_ + direction + " LIMIT " + std::to_string(limit_ + 1);
}

std::optional<std::string> Page::cut(std::vector<Row>& rows) const {
  if (rows.size() <= static_cast<std::size_t>(limit_)) return std::nullopt;
  rows.erase(rows.begin() + limit_, rows.end());
  const Row& last = rows.back();
  base::json::Array parts{base::json::Value(sort_)};
  const Value& key = last.at(last.size() - 1);
  if (const auto* number = std::get_if<std::int64_t>(&key))
    parts.emplace_back(*number);
  else
    parts.emplace_back(std::get<std::string>(key));
  parts.emplace_back(last.get<std::string>(0));
  return base::base64url(base::json::write(base::json::Value(std::move(parts))));
}

std::string like_pattern(std::string_view text) {
  std::string pattern = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern + "%";
}

}  // namespace sluice::db
