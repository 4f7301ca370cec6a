// What a run of rows has to do, before it does anything: every row is read once, made as it would be sent, and compared with the
// ledger. A dry run ends here. Memory is two bits for each row and what the ledger needs. Private to this folder.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/cell.h"
#include "base/result.h"
#include "features/exports/export.h"
#include "features/exports/row_map.h"
#include "features/ledger/ledger.h"
#include "features/tables/tables.h"

namespace sluice::exports {

// Rows in the order of RowMap::source(), each valid until the next call; an empty span at the end.
using NextRow = std::function<base::Result<std::span<const base::Cell>>()>;

// Where rows come from: a segment, or those of it that somebody corrected. May be opened again and again, with the same rows.
struct RowPart {
  std::string name;
  std::function<base::Result<NextRow>()> open;
  std::size_t result = 0;  // its place in the results of the run
};

RowPart part_of_segment(db::TableStore& store, tables::ReadPlan plan, const RowMap& map);
// A CSV file with a header that has all mapped columns; `segment` picks rows by their column "segment", if the file has one.
// Reasons of opening: those of CsvReader, "resend.column_missing".
RowPart part_of_file(std::string path, std::string segment, const RowMap& map);

// A row among those of all parts: what a ledger's row number is.
constexpr int kPartShift = 40;
constexpr std::int64_t row_number(std::size_t part, std::int64_t row) { return (static_cast<std::int64_t>(part) << kPartShift) | row; }
constexpr std::size_t part_of(std::int64_t number) { return static_cast<std::size_t>(number >> kPartShift); }
constexpr std::int64_t row_of(std::int64_t number) { return number & ((std::int64_t{1} << kPartShift) - 1); }

struct PartSurvey {
  std::int64_t rows = 0;
  std::int64_t omitted = 0;
  std::vector<bool> fresh;  // by row number - 1: new or changed, or all of them with Mode::full
  std::vector<bool> owed;   // refused or unanswered before: sent after the fresh ones (C-094)
  std::int64_t to_send = 0;
  std::int64_t unchanged = 0;
  std::int64_t already_sent = 0;  // by an earlier attempt of this very run
};

struct Survey {
  std::vector<PartSurvey> parts;
  ledger::DiffCounts counts;
  std::map<std::string, std::int64_t> faults;    // why rows are left out: reason -> rows
  std::map<std::string, std::int64_t> left_out;  // optional values that could not be read
  std::int64_t owed = 0;

  std::int64_t rows() const;
  std::int64_t to_send() const;
};

class Surveyor {
 public:
  // `run`: an earlier attempt of it may have sent rows already.
  Surveyor(const RowMap& map, const ledger::Ledger& ledger, Mode mode, base::Uuid run)
      : map_(map), ledger_(ledger), mode_(mode), run_(run) {}

  // `progress` hears the rows read so far. `rows` is filled and stays comparable (ledger.h). Reason "export.already_hashed": a
  // value is a SHA-256 although the export says it is not; nothing may be sent then (C-082).
  base::Result<Survey> survey(const std::vector<RowPart>& parts, ledger::Rows& rows, std::stop_token stop,
                              const std::function<void(std::int64_t)>& progress);

 private:
  base::Result<void> read(std::size_t part, const RowPart& source, ledger::Rows& rows, Survey& survey, std::stop_token stop,
                          const std::function<void(std::int64_t)>& progress);
  void mark(const ledger::Change& change, Survey& survey) const;

  const RowMap& map_;
  const ledger::Ledger& ledger_;
  Mode mode_;
  base::Uuid run_;
  std::int64_t rows_read_ = 0;
};

}  // namespace sluice::exports
