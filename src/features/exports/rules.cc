#include "features/exports/rules.h"

#include <algorithm>
#include <array>
#include <cstdint>
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
  if (length == 0)
    problem = "must not be empty";
  else if (length > 100)
    problem = "must have at most 100 characters";
  else if (std::any_of(trimmed.begin(), trimmed.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }))
    problem = "must be one line without control characters";
  if (problem.empty()) return trimmed;
  return Error{.code = base::Code::invalid,
               .reason = "request.invalid",
               .detail = "The display name " + problem + ".",
               .fields = {{"/display_name", length == 0 ? "required" : "invalid", problem}}};
}

bool may_edit(const base::Actor& actor, const Export& e) {
  if (actor.role >= base::Role::administrator) return true;
  return actor.may(base::Permission::exports_edit) && e.connection.has_value() && e.is_shared;
}

std::vector<std::string> can(const base::Actor& actor, const Export& e) {
  std::vector<std::string> verbs;
  if (!may_edit(actor, e)) return verbs;
  verbs = {"update", "remove"};
  verbs.push_back("schedule");
  if (e.connection) verbs.push_back("run");
  if (e.connection && actor.role >= base::Role::administrator) verbs.push_back("disconnect");  // ROL-37
  return verbs;
}

Result<void> check_contents(const std::vector<std::string>& tables, const Columns& columns,
                            const std::vector<tables::ExportableTable>& found) {
  std::vector<base::FieldError> faults;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    if (!seen.insert(base::ascii_lower(tables[i])).second) faults.push_back({"/tables/" + std::to_string(i), "twice", "is named twice"});
  }
  for (const auto& [table, chosen] : columns) {
    const std::string pointer = "/columns/" + table;
    const auto known =
        std::find_if(found.begin(), found.end(), [&, name = table](const tables::ExportableTable& t) { return t.name == name; });
    if (known == found.end()) {
      faults.push_back({pointer, "unknown", "is not one of the chosen tables"});
      continue;
    }
    if (chosen.empty()) faults.push_back({pointer, "required", "must hold at least one column"});
    std::set<std::string> columns_seen;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      const bool exists =
          std::any_of(known->columns.begin(), known->columns.end(), [&](const tables::Column& c) { return c.name == chosen[i]; });
      if (!exists)
        faults.push_back({pointer + "/" + std::to_string(i), "unknown", "is not a column of " + table});
      else if (!columns_seen.insert(chosen[i]).second)
        faults.push_back({pointer + "/" + std::to_string(i), "twice", "is named twice"});
    }
  }
  if (faults.empty()) return {};
  Error error{.code = base::Code::invalid,
              .reason = "export.bad_contents",
              .detail = "The tables or columns of the export cannot be used; see errors."};
  if (faults.size() == 1) error.detail = faults.front().pointer.substr(1) + " " + faults.front().detail + ".";
  error.fields = std::move(faults);
  return error;
}

std::optional<runs::Approval> guard(const Guard& guard, const std::vector<GuardedTable>& tables) {
  std::int64_t rows = 0;
  std::optional<std::int64_t> delivered;
  for (const GuardedTable& table : tables) {
    rows += table.rows;
    if (table.delivered_rows) delivered = delivered.value_or(0) + *table.delivered_rows;
  }
  const auto ask = [&](std::string reason, std::string detail, std::int64_t now, std::int64_t before) {
    return runs::Approval{std::move(reason), std::move(detail), {{"rows", now}, {"delivered_rows", before}}};
  };
  if (guard.max_decrease_percent) {
    if (rows == 0 && !tables.empty())
      return ask("export.empty_source", "There is not one row to deliver. An administrator must say whether that is meant.", 0,
                 delivered.value_or(0));
    for (const GuardedTable& table : tables) {
      if (!table.delivered_rows || *table.delivered_rows == 0 || table.rows >= *table.delivered_rows) continue;
      const std::int64_t percent = (*table.delivered_rows - table.rows) * 100 / *table.delivered_rows;
      if (table.rows > 0 && percent <= *guard.max_decrease_percent) continue;
      return ask("export.mass_change",
                 table.name + " would go from " + std::to_string(*table.delivered_rows) + " rows to " + std::to_string(table.rows) + ", " +
                     std::to_string(percent) + " % fewer. An administrator must say whether that is meant.",
                 table.rows, *table.delivered_rows);
    }
  }
  if (guard.first_run_rows && !delivered && rows > *guard.first_run_rows)
    return ask("export.large_first_run",
               "The first delivery has " + std::to_string(rows) + " rows, more than the " + std::to_string(*guard.first_run_rows) +
                   " that may go without an approval.",
               rows, 0);
  return std::nullopt;
}

namespace {

constexpr std::size_t kPartBytes = 200;  // file systems take 255, and drivers add to the name while a file is written

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// FNV-1a: only to tell long names apart that begin alike.
std::string short_hash(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  std::array<char, 17> hex{};
  std::snprintf(hex.data(), hex.size(), "%016llx", static_cast<unsigned long long>(hash));
  return hex.data();
}

}  // namespace

std::string path_part(std::string_view name) {
  std::string part;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool is_escape = c == '%' && i + 2 < name.size() && is_hex(name[i + 1]) && is_hex(name[i + 2]);
    const bool is_unsafe = c == '/' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F || (i == 0 && (c == '.' || c == '~'));
    if (is_escape || is_unsafe) {
      std::array<char, 4> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "%%%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
      part += escaped.data();
    } else {
      part += c;
    }
  }
  if (part.size() > kPartBytes) {
    std::size_t end = kPartBytes - 17;
    while (end > 0 && (static_cast<unsigned char>(part[end]) & 0xC0) == 0x80) --end;  // not within a character
    part = part.substr(0, end) + "~" + short_hash(name);
  }
  return part.empty() ? "_" : part;
}

std::string export_folder(const std::string& environment_id, const std::string& display_name) {
  return "Sluice_" + environment_id + "/" + path_part(display_name);
}

std::string table_folder(const std::string& table, base::Timestamp started_at, const std::string& suffix) {
  const std::string time = base::format_rfc3339(started_at);  // 2026-01-02T03:04:05Z
  return path_part(table) + "/" + time.substr(0, 4) + "/" + time.substr(5, 2) + "/" + time.substr(8, 2) + "/" + time.substr(11, 2) +
         time.substr(14, 2) + suffix;
}

std::string part_name(const std::string& table, int part, bool gzip) {
  return path_part(table) + "_" + std::to_string(part) + (gzip ? ".csv.gz" : ".csv");
}

}  // namespace sluice::exports::rules
