#include "features/exports/rules.h"

#include <algorithm>
#include <cstdio>
#include <set>

#include "base/text.h"

namespace sluice::exports::rules {

using base::Error;
using base::Result;

Result<std::string> check_name(std::string_view name) {
  std::string trimmed(base::trim(name));
  const std::size_t length = base::utf8_length(trimmed);
  std::string problem;
  if (length == 0) problem = "must not be empty";
  else if (length > 100) problem = "must have at most 100 characters";
  else if (std::any_of(trimmed.begin(), trimmed.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; })) problem = "must be one line without control characters";
  if (problem.empty()) return trimmed;
  return Error{.code = base::Code::invalid, .reason = "request.invalid", .detail = "The display name " + problem + ".", .fields = {{"/display_name", length == 0 ? "required" : "invalid", problem}}};
}

bool may_edit(const base::Actor& actor, const Export& e) {
  if (actor.role >= base::Role::administrator) return true;
  return actor.may(base::Permission::exports_edit) && e.connection.has_value() && e.is_shared;
}

std::vector<std::string> can(const base::Actor& actor, const Export& e) {
  std::vector<std::string> verbs;
  if (!may_edit(actor, e)) return verbs;
  verbs = {"update", "remove"};
  if (e.connection) verbs.push_back("run");
  if (e.connection && actor.role >= base::Role::administrator) verbs.push_back("disconnect");   // ROL-37
  return verbs;
}

Result<void> check_contents(const std::vector<std::string>& tables, const Columns& columns, const std::vector<tables::ExportableTable>& found) {
  std::vector<base::FieldError> faults;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    if (!seen.insert(base::ascii_lower(tables[i])).second) faults.push_back({"/tables/" + std::to_string(i), "twice", "is named twice"});
  }
  for (const auto& [table, chosen] : columns) {
    const std::string pointer = "/columns/" + table;
    const auto known = std::find_if(found.begin(), found.end(), [&, name = table](const tables::ExportableTable& t) { return t.name == name; });
    if (known == found.end()) {
      faults.push_back({pointer, "unknown", "is not one of the chosen tables"});
      continue;
    }
    if (chosen.empty()) faults.push_back({pointer, "required", "must hold at least one column"});
    std::set<std::string> columns_seen;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      const bool exists = std::any_of(known->columns.begin(), known->columns.end(), [&](const tables::Column& c) { return c.name == chosen[i]; });
      if (!exists) faults.push_back({pointer + "/" + std::to_string(i), "unknown", "is not a column of " + table});
      else if (!columns_seen.insert(chosen[i]).second) faults.push_back({pointer + "/" + std::to_string(i), "twice", "is named twice"});
    }
  }
  if (faults.empty()) return {};
  Error error{.code = base::Code::invalid, .reason = "export.bad_contents", .detail = "The tables or columns of the export cannot be used; see errors."};
  if (faults.size() == 1) error.detail = faults.front().pointer.substr(1) + " " + faults.front().detail + ".";
  error.fields = std::move(faults);
  return error;
}

std::string path_part(std::string_view name) {
  std::string part;
  for (const char c : name) part += c == '/' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '_' : c;
  if (!part.empty() && (part[0] == '.' || part[0] == '~')) part[0] = '_';
  return part.empty() ? "_" : part;
}

std::string export_folder(const std::string& environment_id, const std::string& display_name) { return "Sluice_" + environment_id + "/" + path_part(display_name); }

std::string table_folder(const std::string& table, base::Timestamp started_at, const std::string& suffix) {
  const std::string time = base::format_rfc3339(started_at);   // 2026-01-02T03:04:05Z
  return path_part(table) + "/" + time.substr(0, 4) + "/" + time.substr(5, 2) + "/" + time.substr(8, 2) + "/" + time.substr(11, 2) + time.substr(14, 2) + suffix;
}

std::string part_name(const std::string& table, int part, bool gzip) { return path_part(table) + "_" + std::to_string(part) + (gzip ? ".csv.gz" : ".csv"); }

}  // namespace sluice::exports::rules
