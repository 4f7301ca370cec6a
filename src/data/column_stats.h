// Inside of detect: what the values of one column are like.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cell.h"
#include "data/detect.h"
#include "data/values.h"

namespace sluice::data {

// Hashes of values seen; some 20 bytes each.
class HashSet {
 public:
  // False when it was there.
  bool add(std::uint64_t hash);
  std::size_t size() const { return size_; }
  void clear();

 private:
  void grow();
  std::vector<std::uint64_t> slots_;  // 0: free
  std::size_t size_ = 0;
};

class ColumnStats {
 public:
  // `budget`: hashes that may still be kept, of all columns together.
  void add(const base::Cell& cell, std::uint64_t line, std::size_t& budget);

  DetectedColumn result(std::string name) const;
  // A sentence, when the type may surprise.
  std::optional<std::string> warning(const std::string& name) const;

 private:
  std::int64_t count(values::Look look) const { return looks_[static_cast<std::size_t>(look)]; }
  std::int64_t numbers() const { return count(values::Look::integer) + count(values::Look::decimal); }
  std::int64_t times() const { return count(values::Look::zoned_time) + count(values::Look::local_time); }
  base::ColumnType type() const;
  std::optional<std::string> spoiled(const std::string& name, std::int64_t typed, std::string_view kind) const;

  std::array<std::int64_t, values::kLooks> looks_{};
  std::int64_t values_ = 0;
  std::int64_t empties_ = 0;
  std::array<std::uint64_t, values::kLooks> first_line_{};  // of each look
  std::array<std::string, values::kLooks> first_value_;
  std::vector<std::string> examples_;
  HashSet seen_;
  bool unique_ = true;
};

}  // namespace sluice::data
