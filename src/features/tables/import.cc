// Importing: a run that reads files into a new version of a table and swaps it in when every row is there, or not at all.
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "data/convert.h"
#include "data/csv_reader.h"
#include "features/audit/audit.h"
#include "features/tables/errors.h"
#include "features/tables/import_plan.h"
#include "features/tables/rules.h"
#include "features/tables/store.h"
#include "features/tables/tables.h"

namespace sluice::tables {

using base::Error;
using base::Result;
using base::json::Object;
using base::json::Value;

namespace {

Error bad(std::string reason, std::string pointer, std::string detail) {
  return Error{.code = base::Code::invalid,
               .reason = std::move(reason),
               .detail = detail,
               .fields = {{std::move(pointer), "invalid", std::move(detail)}}};
}

data::CsvOptions options_of(data::Encoding encoding, const std::string& delimiter, bool has_header) {
  return {.encoding = encoding, .delimiter = delimiter == "tab" ? '\t' : delimiter.front(), .has_header = has_header};
}

// Included columns in the order of the file's, with names that are unique, and the key among them.
Result<std::vector<Column>> check_columns(const std::vector<ImportColumn>& columns, const std::string& key, bool is_customer) {
  std::vector<Column> out;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::string pointer = "/columns/" + std::to_string(i) + "/name";
    const std::string name(base::trim(columns[i].name));
    if (name.empty() || name.size() > 200 || !base::is_valid_utf8(name))
      return bad("import.bad_column", pointer, "Column " + std::to_string(i + 1) + " needs a name of 1 to 200 characters.");
    for (const Column& earlier : out) {
      if (base::fold_case(earlier.name) == base::fold_case(name))
        return bad("import.bad_column", pointer, "Two columns are named " + name + ".");
    }
    out.push_back({name, columns[i].type, name == key});
  }
  if (out.empty()) return bad("import.bad_column", "/columns", "Choose at least one column.");
  if (std::none_of(out.begin(), out.end(), [](const Column& c) { return c.key; }))
    return bad("import.bad_key", "/key", "The key must be the name of one of the columns that are imported.");
  if (is_customer && key != "CustomerId") {
    return bad("import.customer_key", "/key", "The key of the Customer table must be named CustomerId. Rename the column in the import.");
  }
  return out;
}

Result<void> check_exists(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_regular_file(path, ignored)) return {};
  return Error{.code = base::Code::not_found, .reason = "file.not_found", .detail = "There is no file " + path + "."};
}

std::int64_t size_of(const std::vector<std::string>& paths) {
  std::int64_t bytes = 0;
  for (const std::string& path : paths) {
    struct stat info{};
    if (::stat(path.c_str(), &info) == 0) bytes += info.st_size;
  }
  return bytes;
}

Error no_entity(const Model& model, const std::string& name) {
  std::string names;
  for (const ModelEntity& one : model.entities) names += (names.empty() ? "" : ", ") + one.name;
  return Error{.code = base::Code::invalid,
               .reason = "import.no_entity",
               .detail = "model.json has no entity named " + name + "; it has: " + names + "."};
}

// The lines on which two rows begin, read again: only after a duplicate key was found.
std::pair<std::uint64_t, std::uint64_t> lines_of(const std::vector<std::string>& paths, const data::CsvOptions& options, std::int64_t first,
                                                 std::int64_t second) {
  std::pair<std::uint64_t, std::uint64_t> lines{0, 0};
  std::int64_t row = 0;
  for (const std::string& path : paths) {
    auto reader = data::CsvReader::open_file(path, options);
    if (!reader.ok()) return lines;
    for (;;) {
      const auto next = reader->next();
      if (!next.ok() || next->empty()) break;
      ++row;
      if (row == first) lines.first = reader->line();
      if (row == second) {
        lines.second = reader->line();
        return lines;
      }
    }
  }
  return lines;
}

}  // namespace

Result<Tables::Importing> Tables::import(const base::Actor& actor, const TableDraft& draft) {
  const base::Timestamp now = clock_();
  const std::string name(base::trim(draft.name));
  RETURN_IF_ERROR(rules::check_table_name(name));
  ImportPlan plan{.table_id = {}, .name = name, .source = {draft.kind, {}}, .paths = {}, .upload_ids = {}};
  std::vector<UploadId> upload_ids = draft.upload_ids;
  if (draft.upload_id) upload_ids.insert(upload_ids.begin(), *draft.upload_id);
  if (upload_ids.empty()) return upload_missing();
  for (const UploadId id : upload_ids) {
    ASSIGN_OR_RETURN(const auto upload, db_.read([&](db::Read& tx) { return store::find_upload(tx, id); }));
    if (!upload) return upload_missing();
    if (plan.source.filename.empty()) plan.source.filename = upload->filename;
    plan.paths.push_back(upload_path(id));
    plan.upload_ids.push_back(id.str());
  }
  const auto encoding = base::from_name<data::Encoding>(draft.encoding);
  if (!encoding)
    return bad("import.bad_encoding", "/encoding", "The encoding must be utf-8, utf-16le, utf-16be, windows-1252 or iso-8859-1.");
  if (draft.delimiter.size() != 1 && draft.delimiter != "tab")
    return bad("import.bad_delimiter", "/delimiter", "The delimiter must be one character, or tab.");
  plan.encoding = *encoding;
  plan.delimiter = draft.delimiter;
  plan.has_header = draft.has_header;
  plan.key = std::string(base::trim(draft.key));
  plan.columns = draft.columns;
  if (plan.columns.empty()) {
    ASSIGN_OR_RETURN(
        const data::Detected detected,
        data::detect_file(plan.paths.front(), {plan.encoding, plan.delimiter == "tab" ? '\t' : plan.delimiter.front(), plan.has_header}));
    for (const data::DetectedColumn& column : detected.columns) plan.columns.push_back({column.name, column.name, column.type, true});
  }
  std::erase_if(plan.columns, [](const ImportColumn& column) { return !column.included; });
  ASSIGN_OR_RETURN(const auto columns, check_columns(plan.columns, plan.key, name == kCustomerTable));
  {
    ASSIGN_OR_RETURN(const data::CsvReader reader,
                     data::CsvReader::open_file(plan.paths.front(), options_of(plan.encoding, plan.delimiter, plan.has_header)));
    for (const ImportColumn& column : plan.columns) {
      if (std::find(reader.columns().begin(), reader.columns().end(), column.source) == reader.columns().end()) {
        return bad("import.unknown_column", "/columns", "The file has no column named " + column.source + ".");
      }
    }
  }
  ASSIGN_OR_RETURN(const auto existing, db_.read([&](db::Read& tx) { return store::find_table(tx, name); }));
  if (existing && !draft.replace) {
    return Error{
        .code = base::Code::conflict,
        .reason = "table.name_taken",
        .detail = "A table named " + existing->name + " exists already. Confirm that it shall be replaced, or choose another name.",
        .fields = {{"/name", "taken", "is the name of another table"}}};
  }
  Table table = existing.value_or(Table{.id = TableId::make(now), .name = name});
  if (!existing) {
    table.source = plan.source;
    table.key = plan.key;
    table.columns = columns;
    table.created_at = now;
    table.created_by = {actor.id, actor.display_name};
  }
  plan.table_id = table.id.str();
  plan.name = table.name;
  ASSIGN_OR_RETURN(const Value plan_value, base::json::parse(base::to_json(plan), {.bytes = std::size_t{4} << 20}));
  const runs::Request request{.kind = "import",
                              .subject = {table.id.str(), table.name},
                              .connection = {},
                              .defined_by = base::UserRef{actor.id, actor.display_name},
                              .trigger = runs::Trigger::manual,
                              .plan = *plan_value.as_object(),
                              .expected_rows = {}};
  return start_import(actor, table, existing.has_value(), request);
}

Result<Tables::Importing> Tables::start_import(const base::Actor& actor, const Table& table, bool exists, const runs::Request& request) {
  ASSIGN_OR_RETURN(runs::Run run, db_.write([&](db::Write& tx) -> Result<runs::Run> {
    if (!exists)
      RETURN_IF_ERROR(store::insert_table(tx, table));
    else
      RETURN_IF_ERROR(store::set_importing(tx, table.id, clock_()));
    ASSIGN_OR_RETURN(runs::Runs::Enqueued enqueued, runs_.enqueue(tx, actor, request));
    if (!enqueued.created)
      return Error{.code = base::Code::conflict,
                   .reason = "table.importing",
                   .detail = "An import of this table is running already. Wait until it has ended, or cancel it."};
    RETURN_IF_ERROR(audit::append(tx, actor, clock_(), exists ? "table.replacing" : "table.created", {"table", table.id.str(), table.name},
                                  Object{{"filename", table.source.filename}}));
    return std::move(enqueued.run);
  }));
  runs_.wake();
  ASSIGN_OR_RETURN(Table fresh, load(actor, table.name));
  return Importing{std::move(fresh), std::move(run)};
}

// Finds the files of a source where it lies: a CSV file, or a folder with model.json. Columns, delimiter and header are detected
// when the plan has no columns yet; a person may have corrected those it has.
Result<void> Tables::find_source(ImportPlan& plan, const std::string& path) {
  std::error_code ignored;
  const std::filesystem::path given(path);
  const bool is_known = !plan.columns.empty();
  if (std::filesystem::is_directory(given, ignored) || given.filename() == "model.json") {
    const std::filesystem::path model_path = given.filename() == "model.json" ? given : given / "model.json";
    std::ifstream file(model_path);
    std::stringstream text;
    text << file.rdbuf();
    if (!file)
      return Error{
          .code = base::Code::invalid, .reason = "import.no_model_json", .detail = "There is no readable model.json in " + path + "."};
    ASSIGN_OR_RETURN(const Model model, rules::describe_model(text.str()));
    const auto entity =
        std::find_if(model.entities.begin(), model.entities.end(), [&](const ModelEntity& one) { return one.name == plan.name; });
    if (entity == model.entities.end()) return no_entity(model, plan.name);
    if (entity->not_importable) return Error{.code = base::Code::invalid, .reason = "import.no_entity", .detail = *entity->not_importable};
    plan.source = {"model_json", model.name};
    if (!is_known) plan.columns = entity->columns;
    plan.delimiter = entity->delimiter;
    plan.has_header = entity->has_header;
    plan.paths.clear();
    for (const ModelPartition& partition : entity->partitions)
      plan.paths.push_back((model_path.parent_path() / partition.location).string());
    for (const std::string& partition : plan.paths) RETURN_IF_ERROR(check_exists(partition));
    return {};
  }
  RETURN_IF_ERROR(check_exists(path));
  plan.paths = {path};
  plan.source = {"csv", given.filename().string()};
  if (is_known) return {};
  ASSIGN_OR_RETURN(const data::Detected detected, data::detect_file(path));
  plan.encoding = detected.encoding;
  plan.delimiter = detected.delimiter;
  plan.has_header = detected.has_header;
  for (const data::DetectedColumn& column : detected.columns) plan.columns.push_back({column.name, column.name, column.type, true});
  if (plan.name == kCustomerTable && plan.key == "CustomerId") {
    // The workshop spelling "customerID" is the same column.
    for (ImportColumn& column : plan.columns) {
      if (base::equals_ignoring_case(column.name, plan.key)) column.name = plan.key;
    }
  }
  return {};
}

Result<runs::Run> Tables::import_here(const base::Actor& actor, const std::string& name, const std::string& key, const std::string& path) {
  RETURN_IF_ERROR(rules::check_table_name(name));
  ImportPlan plan{.table_id = {}, .name = name, .source = {}, .paths = {}, .upload_ids = {}};
  plan.key = key;
  RETURN_IF_ERROR(find_source(plan, path));
  ASSIGN_OR_RETURN(const auto columns, check_columns(plan.columns, plan.key, name == kCustomerTable));
  const base::Timestamp now = clock_();
  ASSIGN_OR_RETURN(const auto existing, db_.read([&](db::Read& tx) { return store::find_table(tx, name); }));
  Table table = existing.value_or(Table{.id = TableId::make(now), .name = name});
  if (!existing) {
    table.source = plan.source;
    table.key = plan.key;
    table.columns = columns;
    table.created_at = now;
    table.created_by = {std::nullopt, actor.display_name};
    RETURN_IF_ERROR(db_.write([&](db::Write& tx) -> Result<void> {
      RETURN_IF_ERROR(store::insert_table(tx, table));
      return audit::append(tx, actor, now, "table.created", {"table", table.id.str(), table.name},
                           Object{{"filename", plan.source.filename}});
    }));
  }
  plan.table_id = table.id.str();
  ASSIGN_OR_RETURN(const Value plan_value, base::json::parse(base::to_json(plan), {.bytes = std::size_t{4} << 20}));
  return runs_.execute_here(actor, {.kind = "import",
                                    .subject = {table.id.str(), table.name},
                                    .connection = {},
                                    .defined_by = {},
                                    .trigger = runs::Trigger::manual,
                                    .plan = *plan_value.as_object(),
                                    .expected_rows = {}});
}

Result<std::int64_t> Tables::copy_rows(runs::Execution& execution, const ImportPlan& plan, const std::string& version) {
  const data::CsvOptions options = options_of(plan.encoding, plan.delimiter, plan.has_header);
  std::vector<db::TableColumn> stored;
  std::vector<data::ConvertColumn> converted;
  std::optional<std::size_t> key;
  for (std::size_t i = 0; i < plan.columns.size(); ++i) {
    stored.push_back({plan.columns[i].name, plan.columns[i].type});
    converted.push_back({plan.columns[i].name, plan.columns[i].type});
    if (plan.columns[i].name == plan.key) key = i;
  }
  data::RowConverter converter(converted);
  ASSIGN_OR_RETURN(const auto writer, store_.create(version, stored, key));
  const std::int64_t all_bytes = std::max<std::int64_t>(1, size_of(plan.paths));
  std::int64_t done_bytes = 0;
  runs::TableResult& result = execution.tables().front();
  std::vector<base::Cell> picked(plan.columns.size());
  for (const std::string& path : plan.paths) {
    ASSIGN_OR_RETURN(data::CsvReader reader, data::CsvReader::open_file(path, options));
    std::vector<std::size_t> from;
    for (const ImportColumn& column : plan.columns) {
      const auto found = std::find(reader.columns().begin(), reader.columns().end(), column.source);
      if (found == reader.columns().end())
        return Error{.code = base::Code::invalid,
                     .reason = "import.unknown_column",
                     .detail = "A file of the table has no column named " + column.source + "."};
      from.push_back(static_cast<std::size_t>(found - reader.columns().begin()));
    }
    for (;;) {
      ASSIGN_OR_RETURN(const auto row, reader.next());
      if (row.empty()) break;
      for (std::size_t i = 0; i < from.size(); ++i) picked[i] = row[from[i]];
      ASSIGN_OR_RETURN(const auto cells, converter.convert(picked, reader.line()));
      if (key && (cells[*key].null || cells[*key].size == 0)) {
        return Error{.code = base::Code::invalid,
                     .reason = "table.empty_key",
                     .detail = "Line " + std::to_string(reader.line()) + ": the key column \"" + plan.key +
                               "\" is empty. Fill it in, or choose another key."};
      }
      RETURN_IF_ERROR(writer->append(cells));
      ++result.rows_read;
      if (result.rows_read % 4096 == 0) {
        if (execution.stop().stop_requested())
          return Error{.code = base::Code::cancelled, .reason = "run.cancelled", .detail = "The import was cancelled."};
        const std::int64_t read = std::max<std::int64_t>(1, done_bytes + static_cast<std::int64_t>(reader.bytes_read()));
        execution.set_expected_rows(
            static_cast<std::int64_t>(static_cast<double>(result.rows_read) * static_cast<double>(all_bytes) / static_cast<double>(read)));
        execution.counts().rows_read = result.rows_read;
        execution.counts().bytes = read;
        execution.report();
      }
    }
    done_bytes += static_cast<std::int64_t>(reader.bytes_read());
  }
  execution.counts().rows_read = result.rows_read;
  execution.counts().bytes = done_bytes;
  auto finished = writer->finish();
  if (finished.ok()) return *finished;
  if (const auto duplicate = writer->duplicate()) {
    const auto [first, second] = lines_of(plan.paths, options, duplicate->first_row, duplicate->second_row);
    return Error{.code = base::Code::conflict,
                 .reason = "table.duplicate_key",
                 .detail = "Nothing was imported: two rows have the key \"" + duplicate->key.substr(0, 100) + "\", on lines " +
                           std::to_string(first) + " and " + std::to_string(second) + ". Remove one of them, or choose another key."};
  }
  return std::move(finished).error();
}

// What the next refresh reads the file by: without what was there only this once.
Tables::ImportPlan Tables::kept_plan(ImportPlan plan) {
  plan.paths.clear();
  plan.upload_ids.clear();
  plan.refresh_path.reset();
  return plan;
}

runs::Ended Tables::execute_import(runs::Execution& execution) {
  auto plan = base::from_json<ImportPlan>(Value(execution.plan()));
  if (!plan.ok()) return {runs::State::failed, plan.error()};
  const std::string version = plan->table_id + "-" + execution.run().id.str().substr(24) + "-" + std::to_string(execution.run().attempt);
  execution.tables() = {runs::TableResult{.name = plan->name, .state = runs::State::running}};
  if (plan->refresh_path) {
    const auto found = find_refresh(*plan);
    if (!found.ok()) return {runs::State::failed, found.error()};
  }
  const auto held = pin(version);
  const auto rows = copy_rows(execution, *plan, version);
  if (!rows.ok()) {
    const auto dropped = store_.drop(version);
    Error error = rows.error();
    if (error.reason.starts_with("csv.") || error.reason == "table.bad_value" || error.reason == "table.empty_key")
      error.detail = "Nothing was imported. " + error.detail;
    execution.tables().front().error = error.detail;
    return {error.code == base::Code::cancelled ? runs::State::canceled : runs::State::failed, std::move(error)};
  }
  Table table{.id = TableId::parse(plan->table_id).value_or(TableId()), .name = plan->name};
  table.source = plan->source;
  table.key = plan->key;
  for (const ImportColumn& column : plan->columns) table.columns.push_back({column.name, column.type, column.name == plan->key});
  table.rows = *rows;
  table.data_version = version;
  table.updated_at = clock_();
  const auto swapped = db_.write([&](db::Write& tx) -> Result<void> {
    RETURN_IF_ERROR(store::set_imported(tx, table, base::to_json(kept_plan(*plan))));
    for (const std::string& id : plan->upload_ids) {
      if (const auto upload = UploadId::parse(id)) RETURN_IF_ERROR(store::remove_upload(tx, *upload));
    }
    return audit::append(tx, base::Actor::system(), table.updated_at, "table.imported", {"table", plan->table_id, plan->name},
                         Object{{"rows", *rows}});
  });
  if (!swapped.ok()) return {runs::State::failed, swapped.error()};
  for (const std::string& id : plan->upload_ids) std::remove((folders_.uploads + "/" + id).c_str());
  runs::TableResult& result = execution.tables().front();
  result.state = runs::State::succeeded;
  result.rows_sent = *rows;
  execution.counts().rows_sent = *rows;
  execution.set_expected_rows(*rows);
  if (plan->name == kCustomerTable) refresh_segments();
  sweep();
  return {runs::State::succeeded, {}};
}

runs::Kind Tables::import_kind() {
  runs::Kind kind;
  kind.execute = [this](runs::Execution& execution) { return execute_import(execution); };
  kind.ended = [](db::Write& tx, const runs::Run& run) -> Result<void> {
    if (runs::is_delivery(run.state)) return {};
    const auto id = TableId::parse(run.subject.id);
    if (!id || !run.ended_at) return {};
    const runs::Failure failure = run.error.value_or(runs::Failure{"run.canceled", "The import was cancelled."});
    return store::set_import_failed(tx, *id, failure, *run.ended_at);
  };
  kind.may_cancel = [](const base::Actor& actor, const runs::Run&) { return actor.may(base::Permission::tables_edit); };
  return kind;
}

}  // namespace sluice::tables
