// CSV that people open in a spreadsheet: with a byte order mark, and with a ' before whatever would be taken for a formula
// (C-059, C-063). Of any length: rows are fetched page by page while the client takes them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace sluice::data {

using SpreadsheetRows = std::vector<std::vector<std::string>>;

// A body for http::Response::produce. `next_page` gives the rows that follow, and whether there are more behind them.
std::function<base::Result<bool>(std::string& out)> spreadsheet(std::vector<std::string> names,
                                                                std::function<base::Result<bool>(SpreadsheetRows& rows)> next_page);

}  // namespace sluice::data
