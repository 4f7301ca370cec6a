#include "store/table_fixture.h"

namespace sluice::testing {

namespace {

std::vector<base::Cell> cells_of(const TextRow& row) {
  std::vector<base::Cell> cells;
  for (const auto& text : row) cells.push_back(text ? base::Cell::of(*text) : base::Cell{});
  return cells;
}

}  // namespace

std::string write_table(db::TableStore& store, const std::string& version, const std::vector<db::TableColumn>& columns,
                        std::optional<std::size_t> key, const std::vector<TextRow>& rows) {
  auto writer = store.create(version, columns, key);
  if (!writer.ok()) return error_text(writer.error());
  for (const TextRow& row : rows) {
    const auto done = (*writer)->append(cells_of(row));
    if (!done.ok()) return error_text(done.error());
  }
  const auto finished = (*writer)->finish();
  return finished.ok() ? "ok " + std::to_string(*finished) : error_text(finished.error());
}

std::unique_ptr<db::TableWriter> start_table(db::TableStore& store, const std::string& version, const std::vector<db::TableColumn>& columns,
                                             std::optional<std::size_t> key, const std::vector<TextRow>& rows) {
  auto writer = store.create(version, columns, key);
  if (!writer.ok()) {
    ADD_FAILURE() << error_text(writer.error());
    return nullptr;
  }
  for (const TextRow& row : rows) {
    const auto done = (*writer)->append(cells_of(row));
    if (!done.ok()) ADD_FAILURE() << error_text(done.error());
  }
  return *std::move(writer);
}

std::vector<TextRow> read_all(db::TableScan& scan) {
  std::vector<TextRow> rows;
  for (;;) {
    const auto row = scan.next();
    if (!row.ok()) {
      ADD_FAILURE() << error_text(row.error());
      return rows;
    }
    if (row->empty()) return rows;
    TextRow& copy = rows.emplace_back();
    for (const base::Cell& cell : *row) copy.push_back(cell.null ? std::nullopt : std::optional(std::string(cell.text())));
  }
}

std::vector<TextRow> read_table(db::TableStore& store, const db::ScanSpec& spec, const std::vector<db::TableColumn>& columns) {
  const auto scan = store.scan(spec, columns);
  if (!scan.ok()) {
    ADD_FAILURE() << error_text(scan.error());
    return {};
  }
  return read_all(**scan);
}

}  // namespace sluice::testing
