// A segment: records in the order of their key hashes in one file, the texts of their keys in the same order in another, both
// in checksummed blocks. Written once, then never changed. Segments overlap; the newer record of a key counts. Private to this
// folder.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "features/ledger/manifest.h"

namespace sluice::ledger {

class SegmentWriter {
 public:
  static base::Result<SegmentWriter> create(const std::string& folder, std::uint64_t generation, const crypto::ShortHashKey& salt);
  // In ascending order, each hash once. The key of a removed record is not kept, whatever is given.
  base::Result<void> add(const Record& record, std::string_view key);
  base::Result<SegmentInfo> finish();  // durable

 private:
  struct Out {
    File file;
    std::string pending;
    crypto::Digest digest;
    std::uint64_t size = 0;
    void put(std::string_view bytes) { pending += bytes; }
    base::Result<void> flush(std::size_t above);
    base::Result<std::string> finish();
  };
  SegmentWriter(File records, File keys);
  base::Result<void> end_block();

  SegmentInfo info_;
  Out records_;
  Out keys_;
  std::vector<Record> block_;
  std::vector<std::uint16_t> lengths_;
  std::string texts_;
  std::string index_;
};

class Segment {
 public:
  static base::Result<Segment> open(const std::string& folder, const SegmentInfo& info, const crypto::ShortHashKey& salt);

  const SegmentInfo& info() const { return info_; }
  std::size_t blocks() const { return index_.size(); }
  std::size_t records_in(std::size_t block) const;
  base::Result<std::optional<Record>> find(const KeyHash& hash) const;
  // Every byte, by the digests of the manifest.
  base::Result<void> check_digests() const;

  // `count` blocks from `first` on, unchecked; `out` has room for them.
  base::Result<void> read_blocks(std::size_t first, std::size_t count, char* out) const;
  base::Result<void> check_block(std::size_t block, const char* bytes) const;
  // The checked bytes of a block's keys, from the lengths on.
  base::Result<void> read_keys(std::size_t block, std::string& out) const;

 private:
  struct IndexEntry {
    KeyHash first;
    std::uint64_t keys_at = 0;
  };
  base::Result<void> read_index(const crypto::ShortHashKey& salt);

  SegmentInfo info_;
  File records_;
  File keys_;
  std::vector<IndexEntry> index_;
};

// Goes through a segment once. Reads 1 MiB at a time, keys only when asked.
class Cursor {
 public:
  explicit Cursor(const Segment& segment);
  // The first record; afterwards at() is null at the end and after a fault.
  void start() { load(); }
  const Record* at() const { return at_; }
  void advance() {
    if (++at_ == end_) load();
  }
  base::Result<std::string_view> key();  // of at(), until the next call
  const std::optional<base::Error>& fault() const { return fault_; }

 private:
  static constexpr std::size_t kBlocksAtOnce = 16;
  void load();

  const Segment* segment_;
  std::vector<std::uint64_t> buffer_;  // of words, so that records lie aligned
  std::size_t next_ = 0;               // block to come
  std::size_t buffered_ = 0;           // the first block that is not in the buffer
  const Record* at_ = nullptr;
  const Record* begin_ = nullptr;
  const Record* end_ = nullptr;
  std::string keys_;
  std::vector<std::uint32_t> key_starts_;
  std::size_t keys_of_ = SIZE_MAX;  // block
  std::optional<base::Error> fault_;
};

// All segments as one sorted sequence, the newest record of each key.
class View {
 public:
  explicit View(const std::vector<Segment>& segments);  // oldest first
  const Record* at() const { return at_; }
  std::size_t segment() const { return winner_; }
  void advance();
  base::Result<std::string_view> key() { return cursors_[winner_].key(); }
  // After the end: whether it was the end.
  base::Result<void> status() const;

 private:
  void choose();
  std::vector<Cursor> cursors_;
  std::size_t winner_ = 0;
  const Record* at_ = nullptr;
};

}  // namespace sluice::ledger
