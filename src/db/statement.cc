#include "db/statement.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>

#include "base/text.h"

namespace sluice::db {

base::Result<void> check_parameters(std::span<const Value> parameters) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (const auto* text = std::get_if<std::string>(&parameters[i])) {
      if (text->find('\0') == std::string::npos && base::is_valid_utf8(*text)) continue;
      return base::Error{.code = base::Code::invalid,
                         .reason = "db.bad_text",
                         .detail = "Text must be UTF-8 without NUL characters.",
                         .internal = "parameter " + std::to_string(i + 1)};
    }
    if (const auto* number = std::get_if<double>(&parameters[i]); number != nullptr && !std::isfinite(*number)) {
      return base::Error{.code = base::Code::invalid,
                         .reason = "db.bad_number",
                         .detail = "A number must be finite.",
                         .internal = "parameter " + std::to_string(i + 1)};
    }
  }
  return {};
}

std::size_t skip_quoted(std::string_view sql, std::size_t at) {
  const auto after = [&](std::string_view end, std::size_t from) {
    const std::size_t found = sql.find(end, from);
    return found == std::string_view::npos ? sql.size() : found + end.size();
  };
  const char c = sql[at];
  // A doubled quote is the end of one text and the start of the next one, which comes to the same.
  if (c == '\'' || c == '"') return after(sql.substr(at, 1), at + 1);
  if (sql.substr(at, 2) == "--") return after("\n", at + 2);
  if (sql.substr(at, 2) == "/*") return after("*/", at + 2);
  return at;
}

DollarSql to_dollar_placeholders(std::string_view sql, std::span<const Value> parameters) {
  DollarSql out;
  out.text.reserve(sql.size());
  for (std::size_t i = 0; i < sql.size();) {
    const std::size_t end = skip_quoted(sql, i);
    if (end > i) {
      out.text += sql.substr(i, end - i);
      i = end;
      continue;
    }
    std::size_t number = 0;
    const auto digits = std::from_chars(sql.data() + i + 1, sql.data() + sql.size(), number);
    if (sql[i] != '?' || digits.ec != std::errc() || number == 0) {
      out.text += sql[i++];
      continue;
    }
    out.parameters = std::max(out.parameters, number);
    const bool null = number <= parameters.size() && std::holds_alternative<std::monostate>(parameters[number - 1]);
    out.text += null ? "NULL" : "$" + std::to_string(number);
    i = static_cast<std::size_t>(digits.ptr - sql.data());
  }
  return out;
}

}  // namespace sluice::db
