#include "features/exports/row_survey.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "data/csv_reader.h"
#include "data/hand_over.h"
#include "features/tables/rules.h"

namespace sluice::exports {

namespace {

using base::Cell;
using base::Error;
using base::Result;

constexpr std::int64_t kTellEvery = 16'384;  // rows

// Reads a CSV file and puts its columns into the order of the mapping.
class FileRows {
 public:
  static Result<std::shared_ptr<FileRows>> open(const std::string& path, const std::string& segment,
                                                const std::vector<std::string>& names) {
    ASSIGN_OR_RETURN(data::CsvReader reader, data::CsvReader::open_file(path));
    auto rows = std::make_shared<FileRows>(std::move(reader), segment);
    const std::vector<std::string>& found = rows->reader_.columns();
    for (const std::string& name : names) {
      const auto at = std::find(found.begin(), found.end(), name);
      if (at == found.end())
        return Error{.code = base::Code::invalid,
                     .reason = "resend.column_missing",
                     .detail = "The file has no column " + name + ". Correct the file that was downloaded and keep its first line."};
      rows->order_.push_back(static_cast<std::size_t>(at - found.begin()));
    }
    const auto at = std::find(found.begin(), found.end(), "segment");
    if (at != found.end()) rows->segment_column_ = static_cast<std::size_t>(at - found.begin());
    rows->cells_.resize(names.size());
    return rows;
  }

  FileRows(data::CsvReader reader, std::string segment) : reader_(std::move(reader)), segment_(std::move(segment)) {}

  Result<std::span<const Cell>> next() {
    for (;;) {
      ASSIGN_OR_RETURN(const auto row, reader_.next());
      if (row.empty()) return std::span<const Cell>();
      if (segment_column_ && !segment_.empty() && row[*segment_column_].text() != segment_) continue;
      for (std::size_t i = 0; i < order_.size(); ++i) cells_[i] = row[order_[i]];
      return std::span<const Cell>(cells_);
    }
  }

 private:
  data::CsvReader reader_;
  std::string segment_;
  std::vector<std::size_t> order_;
  std::optional<std::size_t> segment_column_;
  std::vector<Cell> cells_;
};

}  // namespace

RowPart part_of_segment(db::TableStore& store, tables::ReadPlan plan, const RowMap& map) {
  const std::string name = plan.name;
  auto open = [&store, plan = std::move(plan), columns = map.source()]() -> Result<NextRow> {
    const auto stored = tables::rules::stored_columns(plan.columns);
    ASSIGN_OR_RETURN(auto scan, store.scan({.version = plan.version, .columns = columns, .filter = plan.filter}, stored));
    return NextRow([scan = std::shared_ptr<db::TableScan>(std::move(scan))] { return scan->next(); });
  };
  return {.name = name, .open = std::move(open)};
}

RowPart part_of_file(std::string path, std::string segment, const RowMap& map) {
  const std::string name = segment;
  auto open = [path = std::move(path), segment = std::move(segment), names = map.source_names()]() -> Result<NextRow> {
    ASSIGN_OR_RETURN(auto rows, FileRows::open(path, segment, names));
    return NextRow([rows] { return rows->next(); });
  };
  return {.name = name, .open = std::move(open)};
}

std::int64_t Survey::rows() const {
  std::int64_t sum = 0;
  for (const PartSurvey& part : parts) sum += part.rows;
  return sum;
}

std::int64_t Survey::to_send() const {
  std::int64_t sum = 0;
  for (const PartSurvey& part : parts) sum += part.to_send;
  return sum;
}

Result<void> Surveyor::read(std::size_t part, const RowPart& source, ledger::Rows& rows, Survey& survey, std::stop_token stop,
                            const std::function<void(std::int64_t)>& progress) {
  ASSIGN_OR_RETURN(const NextRow next, source.open());
  RowMaker maker(map_);
  PartSurvey& found = survey.parts[part];
  for (;;) {
    ASSIGN_OR_RETURN(const auto row, next());
    if (row.empty()) break;
    ++found.rows;
    if (++rows_read_ % kTellEvery == 0) {
      if (stop.stop_requested()) return data::cancelled();
      progress(rows_read_);
    }
    const RowMaker::Made& made = maker.make(row);
    if (made.fault.empty()) {
      RETURN_IF_ERROR(rows.add(made.key, ledger_.payload_hash(made.payload), row_number(part, found.rows)));
      continue;
    }
    ++found.omitted;
    ++survey.faults[std::string(made.fault)];
  }
  for (const auto& [reason, count] : maker.left_out()) survey.left_out[reason] += count;
  found.fresh.resize(static_cast<std::size_t>(found.rows));
  found.owed.resize(static_cast<std::size_t>(found.rows));
  progress(rows_read_);
  return {};
}

void Surveyor::mark(const ledger::Change& change, Survey& survey) const {
  using Kind = ledger::Change::Kind;
  if (change.kind == Kind::removed || change.kind == Kind::vanished) return;
  PartSurvey& part = survey.parts[part_of(change.row)];
  const auto place = static_cast<std::size_t>(row_of(change.row) - 1);
  if (change.kind == Kind::unchanged) {
    const ledger::Run* by = ledger_.run(change.before->run);
    if (by != nullptr && by->id == run_) {
      ++part.already_sent;
      return;
    }
    if (mode_ != Mode::full) {
      ++part.unchanged;
      return;
    }
  }
  ++part.to_send;
  if (change.kind == Kind::owed) {
    ++survey.owed;
    part.owed[place] = true;
  } else {
    part.fresh[place] = true;
  }
}

Result<Survey> Surveyor::survey(const std::vector<RowPart>& parts, ledger::Rows& rows, std::stop_token stop,
                                const std::function<void(std::int64_t)>& progress) {
  Survey survey;
  survey.parts.resize(parts.size());
  for (std::size_t i = 0; i < parts.size(); ++i) RETURN_IF_ERROR(read(i, parts[i], rows, survey, stop, progress));
  for (const auto& [reason, count] : survey.faults) {
    if (!reason.ends_with(".already_hashed")) continue;
    return Error{.code = base::Code::conflict,
                 .reason = "export.already_hashed",
                 .detail = std::to_string(count) + " rows hold a SHA-256 where the export expects plain values. " + map_.explain(reason) +
                           " Say so in the export, or map another column; nothing was sent."};
  }
  ASSIGN_OR_RETURN(survey.counts, ledger_.diff(
                                      rows,
                                      [&](const ledger::Change& change) -> Result<void> {
                                        mark(change, survey);
                                        return {};
                                      },
                                      true));
  if (survey.counts.duplicates > 0) survey.faults["duplicate"] = survey.counts.duplicates;
  return survey;
}

}  // namespace sluice::exports
