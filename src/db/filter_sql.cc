#include "db/filter_sql.h"

#include <charconv>
#include <optional>
#include <utility>

#include "base/text.h"
#include "base/time.h"
#include "db/decimal.h"

namespace sluice::db {

namespace {

using base::ColumnType;
using Operator = Filter::Operator;

constexpr std::size_t kMaxDepth = 100;

std::optional<std::string> integer_literal(std::string_view text) {
  const auto number = base::parse_int(text);
  if (!number) return std::nullopt;
  // PostgreSQL and SQLite both read -9223372036854775808 as minus a number that does not fit.
  return *number == INT64_MIN ? "(-9223372036854775807 - 1)" : std::to_string(*number);
}

bool is_date(std::string_view text) { return text.size() == 10 && base::parse_rfc3339(std::string(text) + "T00:00:00Z").has_value(); }

// Text that sorts in time: without the Z and the zeros at the end of the fraction. The SQL of the cells does the same.
std::optional<std::string> timestamp_key(std::string_view text) {
  const auto instant = base::parse_rfc3339(text);
  if (!instant) return std::nullopt;
  // Instants in UTC keep a fraction finer than microseconds.
  std::string key = text.ends_with('Z') && text[10] == 'T' ? std::string(text) : base::format_rfc3339(*instant);
  key.pop_back();
  if (key.find('.') != std::string::npos) {
    while (key.ends_with('0')) key.pop_back();
    if (key.ends_with('.')) key.pop_back();
  }
  return key;
}

class Compiler {
 public:
  Compiler(const std::vector<TableColumn>& columns, Dialect dialect, const FindList& find_list)
      : columns_(columns), postgres_(dialect == Dialect::postgres), find_list_(find_list) {}

  base::Result<std::string> compile(const Filter& filter, const std::string& path, std::size_t depth) {
    if (depth > kMaxDepth) return bad_value(path);
    switch (filter.kind) {
      case Filter::Kind::everything:
        return std::string("TRUE");
      case Filter::Kind::all:
        return compile_parts(filter, path, depth, " AND ", "TRUE");
      case Filter::Kind::any:
        return compile_parts(filter, path, depth, " OR ", "FALSE");
      case Filter::Kind::in_list:
        return in_list(filter);
      case Filter::Kind::condition: {
        BASE_ASSERT(filter.column < columns_.size());
        auto sql = condition(filter);
        if (!sql) return bad_value(path);
        return "(" + *std::move(sql) + ")";
      }
    }
    return bad_value(path);
  }

 private:
  static base::Error bad_value(const std::string& path) {
    return {.code = base::Code::invalid,
            .reason = "filter.bad_value",
            .detail = "A value does not fit the type of its column.",
            .internal = path};
  }

  base::Result<std::string> compile_parts(const Filter& filter, const std::string& path, std::size_t depth, std::string_view glue,
                                          std::string_view none) {
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < filter.parts.size(); ++i) {
      ASSIGN_OR_RETURN(std::string part, compile(filter.parts[i], path + (path.empty() ? "" : "/") + std::to_string(i), depth + 1));
      parts.push_back(std::move(part));
    }
    if (parts.empty()) return std::string(none);
    return join(parts, 0, parts.size(), glue);
  }

  // As a balanced tree: a plain chain of a thousand parts is too deep for SQLite.
  static std::string join(const std::vector<std::string>& parts, std::size_t begin, std::size_t end, std::string_view glue) {
    if (end - begin == 1) return parts[begin];
    const std::size_t middle = begin + (end - begin) / 2;
    return "(" + join(parts, begin, middle, glue) + std::string(glue) + join(parts, middle, end, glue) + ")";
  }

  base::Result<std::string> in_list(const Filter& filter) {
    BASE_ASSERT(filter.column < columns_.size());
    ASSIGN_OR_RETURN(const ListTable list, find_list_(filter.list_version));
    const bool integer = columns_[filter.column].type == ColumnType::integer;
    // Walking the table in its order and looking into the list's index beats sorting the rows that the key's index gives.
    std::string cell = (postgres_ ? "" : "+") + name(filter);
    std::string id = "c0";
    if (integer && !list.is_integer) cell = "CAST(" + name(filter) + " AS TEXT)";
    if (!integer && list.is_integer) id = "CAST(c0 AS TEXT)";
    return "(" + cell + " IN (SELECT " + id + " FROM " + list.name + "))";
  }

  static std::string name(const Filter& filter) { return "c" + std::to_string(filter.column); }
  ColumnType type(const Filter& filter) const { return columns_[filter.column].type; }

  // Empty when a value is bad.
  std::optional<std::string> condition(const Filter& filter) {
    const std::string cell = name(filter);
    for (const std::string& value : filter.values) {
      if (value.find('\0') != std::string::npos || !base::is_valid_utf8(value)) return std::nullopt;
    }
    const std::size_t count = filter.values.size();
    switch (filter.op) {
      case Operator::is_empty:
      case Operator::is_not_empty:
        return count == 0 ? std::optional(emptiness(filter)) : std::nullopt;
      case Operator::in:
      case Operator::not_in:
        return membership(filter);
      case Operator::between: {
        if (count != 2) return std::nullopt;
        const auto low = comparison(filter, ">=", filter.values[0]);
        const auto high = comparison(filter, "<=", filter.values[1]);
        return low && high ? std::optional(*low + " AND " + *high) : std::nullopt;
      }
      default:
        break;
    }
    if (count != 1) return std::nullopt;
    const std::string& value = filter.values[0];
    switch (filter.op) {
      case Operator::equals:
        return membership(filter);
      case Operator::not_equals:
        return membership(filter);
      case Operator::contains:
        return contains(filter, value);
      case Operator::not_contains:
        return cell + " IS NULL OR NOT (" + contains(filter, value) + ")";
      case Operator::starts_with:
        return at_end(filter, value, true);
      case Operator::ends_with:
        return at_end(filter, value, false);
      case Operator::greater:
        return comparison(filter, ">", value);
      case Operator::greater_or_equal:
        return comparison(filter, ">=", value);
      case Operator::less:
        return comparison(filter, "<", value);
      case Operator::less_or_equal:
        return comparison(filter, "<=", value);
      default:
        return std::nullopt;
    }
  }

  std::string emptiness(const Filter& filter) const {
    const std::string cell = name(filter);
    const bool wanted = filter.op == Operator::is_empty;
    if (type(filter) == ColumnType::integer) return cell + (wanted ? " IS NULL" : " IS NOT NULL");
    return wanted ? cell + " IS NULL OR " + cell + " = ''" : cell + " <> ''";
  }

  // equals and in, not_equals and not_in.
  std::optional<std::string> membership(const Filter& filter) const {
    std::string list;
    for (const std::string& value : filter.values) {
      const auto literal = comparable_literal(type(filter), value);
      if (!literal) return std::nullopt;
      list += (list.empty() ? "" : ", ") + *literal;
    }
    const bool negated = filter.op == Operator::not_equals || filter.op == Operator::not_in;
    if (list.empty()) return negated ? "TRUE" : "FALSE";
    std::string found = comparable(filter) + " IN (" + list + ")";
    // coalesce, because null and cells that are no value of the type are not equal to anything.
    return negated ? "NOT coalesce(" + found + ", FALSE)" : found;
  }

  // The cell as something that equals and sorts as its type does; null when it is not a value of the type.
  std::string comparable(const Filter& filter) const {
    const std::string cell = name(filter);
    switch (type(filter)) {
      case ColumnType::text:
      case ColumnType::boolean:
      case ColumnType::integer:
        return cell;
      case ColumnType::date:
        return "nullif(" + cell + ", '')";
      case ColumnType::decimal:
        if (!postgres_) return "decimal_key(" + cell + ")";
        return "CASE WHEN length(" + cell + ") <= 1000 AND " + cell + " ~ '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)$' THEN CAST(" + cell +
               " AS numeric) END";
      case ColumnType::timestamp: {
        const std::string has_fraction = postgres_ ? "strpos(" + cell + ", '.') > 0" : "instr(" + cell + ", '.') > 0";
        return "CASE WHEN " + has_fraction + " THEN rtrim(rtrim(" + cell + ", 'Z0'), '.') ELSE nullif(rtrim(" + cell + ", 'Z'), '') END";
      }
    }
    return cell;
  }

  std::optional<std::string> comparable_literal(ColumnType type, const std::string& value) const {
    switch (type) {
      case ColumnType::text:
        return quote_text(value);
      case ColumnType::integer:
        return integer_literal(value);
      case ColumnType::boolean:
        return value == "true" || value == "false" ? std::optional(quote_text(value)) : std::nullopt;
      case ColumnType::date:
        return is_date(value) ? std::optional(quote_text(value)) : std::nullopt;
      case ColumnType::decimal: {
        const auto decimal = Decimal::parse(value);
        if (!decimal) return std::nullopt;
        return postgres_ ? "CAST('" + decimal->key() + "' AS numeric)" : quote_text(decimal->key());
      }
      case ColumnType::timestamp: {
        const auto key = timestamp_key(value);
        return key ? std::optional(quote_text(*key)) : std::nullopt;
      }
    }
    return std::nullopt;
  }

  std::optional<std::string> comparison(const Filter& filter, std::string_view sign, const std::string& value) const {
    const auto literal = comparable_literal(type(filter), value);
    if (!literal) return std::nullopt;
    if (type(filter) == ColumnType::decimal && !postgres_) {
      return "decimal_compare(" + name(filter) + ", " + *literal + ") " + std::string(sign) + " 0";
    }
    // The plus keeps SQLite from the key's index, as in in_list().
    return (postgres_ ? "" : "+") + ("(" + comparable(filter) + ") ") + std::string(sign) + " " + *literal;
  }

  std::string as_text(const Filter& filter) const {
    return type(filter) == ColumnType::integer ? "CAST(" + name(filter) + " AS TEXT)" : name(filter);
  }

  std::string contains(const Filter& filter, const std::string& value) const {
    if (value.empty()) return name(filter) + " IS NOT NULL";
    return (postgres_ ? "strpos(" : "instr(") + as_text(filter) + ", " + quote_text(value) + ") > 0";
  }

  std::string at_end(const Filter& filter, const std::string& value, bool start) const {
    if (value.empty()) return name(filter) + " IS NOT NULL";
    const std::string length = std::to_string(base::utf8_length(value));
    const std::string cut = postgres_ ? (start ? "left(" : "right(") + as_text(filter) + ", " + length + ")"
                                      : "substr(" + as_text(filter) + (start ? ", 1, " : ", -") + length + ")";
    return cut + " = " + quote_text(value);
  }

  const std::vector<TableColumn>& columns_;
  const bool postgres_;
  const FindList& find_list_;
};

}  // namespace

std::string quote_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += '\'';
    out += c;
  }
  return out += '\'';
}

base::Result<std::string> compile_filter(const Filter& filter, const std::vector<TableColumn>& columns, Dialect dialect,
                                         const FindList& find_list) {
  return Compiler(columns, dialect, find_list).compile(filter, "", 0);
}

}  // namespace sluice::db
