// Rows on their way: which ones, and their text in the form of COPY.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "drivers/driver.h"

namespace sluice::drivers::postgresql {

struct Parcel {
  std::vector<std::shared_ptr<const RowBlock>> blocks;
  struct Row {
    const RowBlock* block = nullptr;
    std::size_t row = 0;
  };
  std::vector<Row> rows;
  std::size_t bytes = 0;

  void add(std::shared_ptr<const RowBlock> block);
  void clear();
};

// Appends one row: cells parted by tabs, a backslash before what has a meaning, \N for null, a line end.
void append_row(std::string& out, const Parcel::Row& row, std::span<const std::size_t> columns);

}  // namespace sluice::drivers::postgresql
