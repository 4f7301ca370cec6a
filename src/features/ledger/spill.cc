#include "features/ledger/spill.h"

#include <algorithm>
#include <bit>

namespace sluice::ledger {

using base::Result;

Result<void> Spill::flush(Part& part) {
  if (size_ == 0) {
    ASSIGN_OR_RETURN(file_, File::create_unnamed(folder_));
  }
  RETURN_IF_ERROR(file_.write(size_, {part.bytes.get(), part.used}));
  part.chunks.push_back({size_, static_cast<std::uint32_t>(part.used)});
  size_ += part.used;
  part.used = 0;
  return {};
}

Result<void> Spill::make_room_and_put(const KeyHash& hash, std::string_view bytes) {
  Part& part = parts_[part_of(hash)];
  if (part.bytes == nullptr) part.bytes = std::make_unique_for_overwrite<char[]>(kChunkBytes);
  if (part.used + bytes.size() > kChunkBytes) RETURN_IF_ERROR(flush(part));
  put(hash, bytes);
  return {};
}

Result<void> Spill::read(std::size_t number, const std::function<void(std::string_view)>& on_chunk) const {
  const Part& part = parts_[number];
  std::string buffer;
  for (const Chunk& chunk : part.chunks) {
    buffer.resize(chunk.size);
    RETURN_IF_ERROR(file_.read(chunk.offset, buffer));
    on_chunk(buffer);
  }
  if (part.used > 0) on_chunk({part.bytes.get(), part.used});
  return {};
}

void sort_rows(std::vector<Row>& rows, std::vector<Row>& scratch) {
  const auto before = [](const Row& a, const Row& b) {
    if (a.hash.high != b.hash.high) return a.hash.high < b.hash.high;
    if (a.hash.low != b.hash.low) return a.hash.low < b.hash.low;
    return a.number < b.number;
  };
  constexpr std::size_t kFew = 64;
  if (rows.size() <= kFew) {
    std::sort(rows.begin(), rows.end(), before);
    return;
  }
  // Dealt by the next bits of the hash into buckets of some eight rows; what is left to sort fits into the nearest cache.
  const int bits = std::min(20, static_cast<int>(std::bit_width(rows.size())) - 3);
  const auto bucket_of = [bits](const Row& row) { return static_cast<std::size_t>(row.hash.high << 8 >> (64 - bits)); };
  std::vector<std::uint32_t> starts((std::size_t{1} << bits) + 1);
  for (const Row& row : rows) ++starts[bucket_of(row) + 1];
  for (std::size_t i = 1; i < starts.size(); ++i) starts[i] += starts[i - 1];
  scratch.resize(rows.size());
  std::vector<std::uint32_t> next(starts.begin(), starts.end() - 1);
  for (const Row& row : rows) scratch[next[bucket_of(row)]++] = row;
  for (std::size_t i = 0; i + 1 < starts.size(); ++i) std::sort(scratch.begin() + starts[i], scratch.begin() + starts[i + 1], before);
  rows.swap(scratch);
}

std::int64_t drop_duplicates(std::vector<Row>& rows) {
  const auto end = std::unique(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.hash == b.hash; });
  const std::int64_t dropped = rows.end() - end;
  rows.erase(end, rows.end());
  return dropped;
}

}  // namespace sluice::ledger
