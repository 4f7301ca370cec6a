#include "features/tables/rules.h"

#include <algorithm>
#include <optional>
#include <span>

#include "base/text.h"

namespace sluice::tables::rules {

namespace {

using base::ColumnType;
using base::Error;
using base::Result;
using base::json::Object;
using base::json::Value;
using Operator = db::Filter::Operator;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

Result<void> check_name(const std::string& name, bool underscore) {
  const bool fits = name.size() >= 3 && name.size() <= 64 && is_letter(name[0]) &&
                    std::all_of(name.begin(), name.end(), [&](char c) { return is_letter(c) || is_digit(c) || (underscore && c == '_'); });
  if (fits) return {};
  const std::string rule = std::string("must begin with a letter, hold only letters") + (underscore ? ", digits and '_'" : " and digits") +
                           ", and have 3 to 64 characters";
  return Error{.code = base::Code::invalid,
               .reason = "table.bad_name",
               .detail = "The name " + rule + ".",
               .fields = {{"/name", "malformed", rule}}};
}

struct OperatorRow {
  std::string_view name;
  Operator op;
  std::size_t least_values;
  std::size_t most_values;
  std::string_view types;  // t text, n integer and decimal, b boolean, d date and timestamp
};
// "after" and "before" are what people call greater and less of dates.
constexpr OperatorRow kOperators[] = {
    {"equals", Operator::equals, 1, 1, "tnbd"},
    {"not_equals", Operator::not_equals, 1, 1, "tnbd"},
    {"contains", Operator::contains, 1, 1, "t"},
    {"not_contains", Operator::not_contains, 1, 1, "t"},
    {"starts_with", Operator::starts_with, 1, 1, "t"},
    {"ends_with", Operator::ends_with, 1, 1, "t"},
    {"in", Operator::in, 1, 1000, "tn"},
    {"not_in", Operator::not_in, 1, 1000, "tn"},
    {"is_empty", Operator::is_empty, 0, 0, "tnbd"},
    {"is_not_empty", Operator::is_not_empty, 0, 0, "tnbd"},
    {"greater", Operator::greater, 1, 1, "n"},
    {"greater_or_equal", Operator::greater_or_equal, 1, 1, "n"},
    {"less", Operator::less, 1, 1, "n"},
    {"less_or_equal", Operator::less_or_equal, 1, 1, "n"},
    {"after", Operator::greater, 1, 1, "d"},
    {"before", Operator::less, 1, 1, "d"},
    {"between", Operator::between, 2, 2, "nd"},
};

char letter_of(ColumnType type) {
  switch (type) {
    case ColumnType::text:
      return 't';
    case ColumnType::integer:
    case ColumnType::decimal:
      return 'n';
    case ColumnType::boolean:
      return 'b';
    case ColumnType::date:
    case ColumnType::timestamp:
      return 'd';
  }
  return 't';
}

std::optional<std::string> value_text(const Value& value) {
  if (const std::string* text = value.as_string()) return *text;
  if (const std::int64_t* number = value.as_int()) return std::to_string(*number);
  if (const bool* flag = value.as_bool()) return *flag ? "true" : "false";
  if (const double* number = value.as_double()) {
    std::string text;
    base::json::append_number(text, *number);
    return text;
  }
  return std::nullopt;
}

class Compiler {
 public:
  explicit Compiler(const std::vector<Column>& columns) : columns_(columns) {}

  db::Filter group(const Value& rule, const std::string& pointer, int depth) {
    db::Filter filter{.kind = db::Filter::Kind::all, .parts = {}};
    const Object* object = rule.as_object();
    if (object == nullptr) return fault(pointer, "wrong_kind", "must be an object with match and conditions"), filter;
    const std::string_view match = object->get("match").text();
    if (match == "any")
      filter.kind = db::Filter::Kind::any;
    else if (match != "all")
      fault(pointer + "/match", "not_a_choice", "must be all or any");
    for (const auto& [name, value] : *object) {
      if (name != "match" && name != "conditions") fault(pointer + "/" + name, "unknown", "is not a known member");
    }
    const base::json::Array* conditions = object->get("conditions").as_array();
    if (conditions == nullptr || conditions->empty() || conditions->size() > 100) {
      fault(pointer + "/conditions", "required", "must hold 1 to 100 conditions");
      return filter;
    }
    for (std::size_t i = 0; i < conditions->size(); ++i) {
      const std::string at = pointer + "/conditions/" + std::to_string(i);
      const Object* part = (*conditions)[i].as_object();
      if (part != nullptr && part->find("conditions") != nullptr) {
        if (depth >= 1)
          fault(at, "too_deep", "is a group inside a group; groups nest one level");
        else
          filter.parts.push_back(group((*conditions)[i], at, depth + 1));
      } else {
        filter.parts.push_back(condition(part, at));
      }
    }
    return filter;
  }

  std::vector<base::FieldError>& faults() { return faults_; }

 private:
  void fault(std::string pointer, std::string reason, std::string detail) {
    faults_.push_back({std::move(pointer), std::move(reason), std::move(detail)});
  }

  db::Filter condition(const Object* object, const std::string& pointer) {
    db::Filter filter{.kind = db::Filter::Kind::condition, .parts = {}};
    if (object == nullptr) return fault(pointer, "wrong_kind", "must be an object with column and operator"), filter;
    for (const auto& [name, value] : *object) {
      if (name != "column" && name != "operator" && name != "value" && name != "values")
        fault(pointer + "/" + name, "unknown", "is not a known member");
    }
    const std::string_view column = object->get("column").text();
    const auto found = std::find_if(columns_.begin(), columns_.end(), [&](const Column& c) { return c.name == column; });
    if (found == columns_.end()) return fault(pointer + "/column", "unknown", "is not a column of the table Customer"), filter;
    filter.column = static_cast<std::size_t>(found - columns_.begin());
    const std::string_view name = object->get("operator").text();
    const char type = letter_of(found->type);
    const auto op = std::find_if(std::begin(kOperators), std::end(kOperators), [&](const OperatorRow& row) {
      return row.name == name && row.types.find(type) != std::string_view::npos;
    });
    if (op == std::end(kOperators)) {
      std::string names;
      for (const OperatorRow& row : kOperators) {
        if (row.types.find(type) != std::string_view::npos) names += (names.empty() ? "" : ", ") + std::string(row.name);
      }
      return fault(pointer + "/operator", "not_a_choice", "must be one of: " + names), filter;
    }
    filter.op = op->op;
    values(*object, *op, pointer, filter);
    return filter;
  }

  void values(const Object& object, const OperatorRow& op, const std::string& pointer, db::Filter& filter) {
    base::json::Array single;
    const base::json::Array* list = object.get("values").as_array();
    const Value* value = object.find("value");
    const bool plural = list != nullptr;
    if (!plural && value != nullptr && !value->is_null()) {
      single.push_back(*value);
      list = &single;
    }
    const std::size_t count = list == nullptr ? 0 : list->size();
    const std::string at = pointer + (op.most_values > 1 || plural ? "/values" : "/value");
    if (count < op.least_values) return fault(at, "required", op.least_values == 2 ? "needs two values" : "needs a value");
    if (count > op.most_values) return fault(at, "too_long", op.most_values == 0 ? "must be absent" : "has too many values");
    for (std::size_t i = 0; i < count; ++i) {
      const auto text = value_text((*list)[i]);
      if (!text || text->size() > 10'000)
        fault(at + (plural ? "/" + std::to_string(i) : ""), "wrong_kind", "must be text, a number, or true or false");
      else
        filter.values.push_back(*text);
    }
  }

  const std::vector<Column>& columns_;
  std::vector<base::FieldError> faults_;
};

}  // namespace

Result<void> check_table_name(const std::string& name) { return check_name(name, false); }
Result<void> check_segment_name(const std::string& name) { return check_name(name, true); }

std::string segment_name_from(const std::string& display_name) {
  std::string name;
  for (const char c : base::ascii_lower(display_name)) {
    if (is_letter(c) || is_digit(c))
      name += c;
    else if (!name.empty() && name.back() != '_')
      name += '_';
  }
  while (!name.empty() && name.back() == '_') name.pop_back();
  if (name.empty() || !is_letter(name[0])) name = "segment_" + name;
  while (!name.empty() && name.back() == '_') name.pop_back();
  name.resize(std::min<std::size_t>(name.size(), 56));
  return name.size() < 3 ? name + "_segment" : name;
}

Result<db::Filter> compile(const Value& rule, const std::vector<Column>& columns, const std::string& pointer) {
  Compiler compiler(columns);
  db::Filter filter = compiler.group(rule, pointer, 0);
  if (compiler.faults().empty()) return filter;
  Error error{.code = base::Code::invalid, .reason = "segment.bad_rule", .detail = "The rule cannot be used; see errors."};
  if (compiler.faults().size() == 1)
    error.detail = compiler.faults().front().pointer.substr(1) + " " + compiler.faults().front().detail + ".";
  error.fields = std::move(compiler.faults());
  return error;
}

std::vector<db::TableColumn> stored_columns(const std::vector<Column>& columns) {
  std::vector<db::TableColumn> stored;
  for (const Column& column : columns) stored.push_back({column.name, column.type});
  return stored;
}

}  // namespace sluice::tables::rules
