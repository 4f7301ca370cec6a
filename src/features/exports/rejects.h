// The rows of a run that were not delivered, as a file a person can correct and send again (BEY-14): the mapped columns as the
// Customer table has them, then segment, outcome, reason and the service's answer. `<folder>/<run_id>.csv`, for the account that
// serves alone. Private to this folder.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "features/exports/row_map.h"
#include "features/exports/row_survey.h"

namespace sluice::exports {

class Rejects {
 public:
  static constexpr std::size_t kMost = 100'000;  // listed; further ones are only counted

  void add(std::int64_t number, std::string_view reason, std::string_view answer);
  bool empty() const { return rows_.empty(); }

  // Reads the parts once more: the rejected rows and, made again, those that were left out.
  base::Result<void> write(const std::string& path, const std::vector<RowPart>& parts, const RowMap& map) const;

 private:
  struct Reject {
    std::string reason;
    std::string answer;
  };
  std::map<std::int64_t, Reject> rows_;  // by row number; what a row met last
};

}  // namespace sluice::exports
