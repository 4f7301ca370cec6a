#include "data/spreadsheet.h"

#include <memory>
#include <utility>

#include "base/cell.h"
#include "data/csv_writer.h"

namespace sluice::data {

namespace {

using base::Result;

// Goes on where the last piece ended.
class Spreadsheet {
 public:
  Spreadsheet(std::vector<std::string> names, std::function<Result<bool>(SpreadsheetRows&)> next_page)
      : names_(std::move(names)), next_page_(std::move(next_page)) {}

  Result<bool> next(std::string& out) {
    if (!has_begun_) writer_.append_header(out, names_, true);
    has_begun_ = true;
    SpreadsheetRows rows;
    ASSIGN_OR_RETURN(const bool has_more, next_page_(rows));
    std::vector<base::Cell> cells;
    for (std::vector<std::string>& row : rows) {
      cells.clear();
      for (std::string& text : row) {
        if (is_formula(text)) text.insert(0, 1, '\'');
        cells.push_back(base::Cell::of(text));
      }
      writer_.append(out, cells);
    }
    return has_more;
  }

 private:
  std::vector<std::string> names_;
  std::function<Result<bool>(SpreadsheetRows&)> next_page_;
  bool has_begun_ = false;
  CsvWriter writer_;
};

}  // namespace

std::function<Result<bool>(std::string&)> spreadsheet(std::vector<std::string> names,
                                                      std::function<Result<bool>(SpreadsheetRows&)> next_page) {
  auto sheet = std::make_shared<Spreadsheet>(std::move(names), std::move(next_page));
  return [sheet](std::string& out) { return sheet->next(out); };
}

}  // namespace sluice::data
