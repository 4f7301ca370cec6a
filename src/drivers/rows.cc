#include "base/assert.h"
#include "drivers/driver.h"

namespace sluice::drivers {

void RowBlock::add(std::int64_t number, std::string_view key, std::uint64_t payload, std::span<const base::Cell> cells) {
  BASE_ASSERT(cells.size() == columns_);
  rows_.push_back({number, payload, static_cast<std::uint32_t>(bytes_.size()), static_cast<std::uint32_t>(key.size())});
  bytes_.append(key);
  for (const base::Cell& cell : cells) {
    slots_.push_back({static_cast<std::uint32_t>(bytes_.size()), cell.null ? kNull : cell.size});
    if (!cell.null) bytes_.append(cell.text());
  }
  BASE_ASSERT(bytes_.size() < kNull);
}

}  // namespace sluice::drivers
