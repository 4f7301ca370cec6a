// Sorting more than fits into memory, the short way: key hashes are evenly spread, so bytes are dealt into 256 parts by the first
// byte of the hash, and each part is later sorted by itself. What a part gathers beyond 64 KiB goes to a file without a name, one
// write at a time, front to back. Private to this folder.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "features/ledger/file.h"
#include "features/ledger/format.h"

namespace sluice::ledger {

class Spill {
 public:
  static constexpr std::size_t kParts = 256;
  static constexpr std::size_t kChunkBytes = std::size_t{64} << 10;

  explicit Spill(std::string folder) : folder_(std::move(folder)) {}
  // At most kChunkBytes, and never torn apart.
  base::Result<void> append(const KeyHash& hash, std::string_view bytes) {
    if (put(hash, bytes)) return {};
    return make_room_and_put(hash, bytes);
  }
  // False: no room before make_room_and_put(). For those who call it a hundred million times; a Result has its price.
  bool put(const KeyHash& hash, std::string_view bytes) {
    Part& part = parts_[part_of(hash)];
    if (part.bytes == nullptr || part.used + bytes.size() > kChunkBytes) return false;
    std::memcpy(part.bytes.get() + part.used, bytes.data(), bytes.size());
    part.used += bytes.size();
    return true;
  }
  base::Result<void> make_room_and_put(const KeyHash& hash, std::string_view bytes);
  // The chunks of a part in the order they came.
  base::Result<void> read(std::size_t part, const std::function<void(std::string_view)>& on_chunk) const;
  static std::size_t part_of(const KeyHash& hash) { return hash.high >> 56; }

 private:
  struct Chunk {
    std::uint64_t offset = 0;
    std::uint32_t size = 0;
  };
  struct Part {
    std::unique_ptr<char[]> bytes;
    std::size_t used = 0;
    std::vector<Chunk> chunks;
  };
  base::Result<void> flush(Part& part);

  std::string folder_;
  File file_;
  std::uint64_t size_ = 0;
  std::vector<Part> parts_{kParts};
};

struct Row {
  KeyHash hash;
  std::uint64_t payload = 0;
  std::int64_t number = 0;
};

// By hash, and of those with the same hash by number. `scratch` is working space to be used again. All hashes share their first
// byte.
void sort_rows(std::vector<Row>& rows, std::vector<Row>& scratch);
// Keeps the first of each hash of sorted rows; how many were dropped.
std::int64_t drop_duplicates(std::vector<Row>& rows);

}  // namespace sluice::ledger
