// The members of a segment as a file for a person.
#include <memory>
#include <utility>

#include "data/csv_writer.h"
#include "features/audit/audit.h"
#include "features/tables/errors.h"
#include "features/tables/rules.h"
#include "features/tables/store.h"
#include "features/tables/tables.h"

namespace sluice::tables {

using base::Result;

namespace {

constexpr std::size_t kPiece = 256 * 1024;

// Reads on where the last piece ended; owns everything it reads from.
class Reading {
 public:
  Reading(std::shared_ptr<void> pin, std::unique_ptr<db::TableScan> scan, std::vector<Column> columns, bool for_spreadsheets)
      : pin_(std::move(pin)), scan_(std::move(scan)), columns_(std::move(columns)), for_spreadsheets_(for_spreadsheets) {
    safe_.resize(columns_.size());
    cells_.resize(columns_.size());
  }

  Result<bool> next(std::string& out) {
    if (!has_header_) {
      std::vector<std::string> names;
      for (const Column& column : columns_) names.push_back(column.name);
      // Excel takes a file without a byte order mark for the old code page of the computer (C-059).
      writer_.append_header(out, names, for_spreadsheets_);
      has_header_ = true;
    }
    while (out.size() < kPiece) {
      ASSIGN_OR_RETURN(const auto row, scan_->next());
      if (row.empty()) return false;
      writer_.append(out, for_spreadsheets_ ? made_safe(row) : row);
    }
    return true;
  }

 private:
  std::span<const base::Cell> made_safe(std::span<const base::Cell> row) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      cells_[i] = row[i];
      if (columns_[i].type != base::ColumnType::text || !data::is_formula(row[i].text())) continue;
      safe_[i] = "'";
      safe_[i] += row[i].text();
      cells_[i] = base::Cell::of(safe_[i]);
    }
    return cells_;
  }

  std::shared_ptr<void> pin_;
  std::unique_ptr<db::TableScan> scan_;
  std::vector<Column> columns_;
  bool for_spreadsheets_;
  bool has_header_ = false;
  data::CsvWriter writer_{','};
  std::vector<std::string> safe_;
  std::vector<base::Cell> cells_;
};

}  // namespace

Result<Tables::Download> Tables::download_segment(const base::Actor& actor, SegmentId id, bool for_spreadsheets) {
  ASSIGN_OR_RETURN(const Segment segment, db_.read([&](db::Read& tx) { return load_segment(tx, id); }));
  ASSIGN_OR_RETURN(ReadPlan plan, plan_read(segment.name));
  db::ScanSpec spec{.version = plan.version, .columns = {}, .filter = plan.filter};
  for (std::size_t i = 0; i < plan.columns.size(); ++i) spec.columns.push_back(i);
  ASSIGN_OR_RETURN(auto scan, store_.scan(spec, rules::stored_columns(plan.columns)));
  RETURN_IF_ERROR(db_.write([&](db::Write& tx) {
    return audit::append(tx, actor, clock_(), "segment.downloaded", {"segment", id.str(), segment.display_name},
                         base::json::Object{{"members", plan.rows}});
  }));
  auto reading = std::make_shared<Reading>(std::move(plan.pin), std::move(scan), std::move(plan.columns), for_spreadsheets);
  return Download{segment.name, [reading](std::string& out) { return reading->next(out); }};
}

}  // namespace sluice::tables
