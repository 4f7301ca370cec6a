#include "drivers/http_json/names.h"

#include <array>
#include <utility>

#include "base/assert.h"

namespace sluice::drivers::http_json {

namespace {

using namespace std::string_view_literals;
using base::json::Value;

constexpr std::array<std::pair<std::string_view, Source>, 8> kMoments = {{{"rows"sv, Source::rows},
                                                                          {"attributes"sv, Source::attributes},
                                                                          {"values"sv, Source::values},
                                                                          {"id"sv, Source::id},
                                                                          {"batch_id"sv, Source::batch_id},
                                                                          {"job_id"sv, Source::job_id},
                                                                          {"token"sv, Source::token},
                                                                          {"now"sv, Source::now}}};

const manifest::Field* find_field(const std::vector<manifest::Field>& fields, std::string_view name) {
  for (const manifest::Field& field : fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

}  // namespace

Names::Names(const Target& target, const RowsPlan* plan, std::string_view operation)
    : target_(target), plan_(plan), operation_(operation) {}

const std::vector<RowColumn>& Names::columns() const {
  static const std::vector<RowColumn> kNone;
  return plan_ == nullptr ? kNone : plan_->columns;
}

std::ptrdiff_t column_of(std::span<const RowColumn> all, std::string_view attribute) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].name == attribute) return static_cast<std::ptrdiff_t>(i);
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].as == attribute) return static_cast<std::ptrdiff_t>(i);
  }
  return -1;
}

Meaning Names::find(std::string_view name) const {
  for (const auto& [moment, source] : kMoments) {
    if (moment == name) return {.source = source};
  }
  const manifest::Connector& connector = *target_.connector;
  if (name == "audience_id" && connector.http->audience) return {.source = Source::audience_id};
  if (name == "operation") return {.constant = Value(operation_)};
  if (plan_ != nullptr) {
    if (name == "audience") return {.constant = Value(plan_->audience)};
    if (name == "run_id") return {.constant = Value(plan_->run_id)};
    if (name == "columns") {
      base::json::Array names;
      for (const RowColumn& column : plan_->columns) names.emplace_back(column.as);
      return {.constant = Value(std::move(names))};
    }
  }
  if (const manifest::Field* field = find_field(connector.connection_fields, name)) {
    if (field->secret) {
      const base::Secret* secret = target_.secret(field->name);
      return {.constant = Value(secret == nullptr ? std::string_view() : secret->expose()), .type = field->type};
    }
    return {.constant = target_.settings.get(name), .type = field->type};
  }
  if (plan_ != nullptr) {
    if (const manifest::Field* field = find_field(connector.export_fields, name))
      return {.constant = plan_->settings.get(name), .type = field->type};
    if (const auto column = column_of(columns(), name); column >= 0)
      return {.source = Source::column, .column = static_cast<std::size_t>(column)};
  }
  return {};
}

std::string text_of(const Value& value) {
  if (const std::string* text = value.as_string()) return *text;
  return value.is_null() ? std::string() : base::json::write(value);
}

}  // namespace sluice::drivers::http_json
