#include "features/ledger/segment.h"

#include <algorithm>

#include "data/checksum.h"

namespace sluice::ledger {

using base::Result;

namespace {

constexpr std::string_view kRecordMagic = "SLLEDREC";
constexpr std::string_view kKeyMagic = "SLLEDKEY";
constexpr std::size_t kWriteAtOnce = std::size_t{1} << 20;
constexpr std::size_t kIndexEntryBytes = 24;

// Checksum in front of what it covers.
void put_block(std::string& out, std::uint32_t count, std::string_view a, std::string_view b = {}) {
  const std::size_t start = out.size();
  put(out, std::uint32_t{0});
  put(out, count);
  out += a;
  out += b;
  const std::uint32_t checksum = data::crc32c(std::string_view(out).substr(start + sizeof checksum));
  std::memcpy(out.data() + start, &checksum, sizeof checksum);
}

template <class T>
T value_at(const char* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

}  // namespace

std::string header(std::string_view magic, std::uint64_t number, const crypto::ShortHashKey& salt) {
  std::string bytes(magic);
  put(bytes, kVersion);
  put(bytes, std::uint32_t{kHeaderBytes});
  put(bytes, number);
  put(bytes, salt);
  bytes.resize(kHeaderBytes - sizeof(std::uint32_t), '\0');
  put(bytes, data::crc32c(bytes));
  return bytes;
}

Result<void> check_header(std::string_view bytes, std::string_view magic, std::uint64_t number, const crypto::ShortHashKey& salt,
                          const std::string& name) {
  if (bytes != header(magic, number, salt)) return damaged("the beginning of " + name + " was changed, or it is another ledger's");
  return {};
}

// ---- writing

Result<void> SegmentWriter::Out::flush(std::size_t above) {
  if (pending.size() <= above) return {};
  digest.update(pending);
  size += pending.size();
  auto written = file.append(pending);
  pending.clear();
  return written;
}

Result<std::string> SegmentWriter::Out::finish() {
  RETURN_IF_ERROR(flush(0));
  RETURN_IF_ERROR(file.sync());
  return digest.finish();
}

SegmentWriter::SegmentWriter(File records, File keys) {
  records_.file = std::move(records);
  keys_.file = std::move(keys);
  block_.reserve(kBlockRecords);
  lengths_.reserve(kBlockRecords);
}

Result<SegmentWriter> SegmentWriter::create(const std::string& folder, std::uint64_t generation, const crypto::ShortHashKey& salt) {
  ASSIGN_OR_RETURN(File records, File::create(folder + "/" + record_name(generation)));
  ASSIGN_OR_RETURN(File keys, File::create(folder + "/" + key_name(generation)));
  SegmentWriter writer(std::move(records), std::move(keys));
  writer.info_.generation = generation;
  writer.records_.put(header(kRecordMagic, generation, salt));
  writer.keys_.put(header(kKeyMagic, generation, salt));
  return writer;
}

Result<void> SegmentWriter::add(const Record& record, std::string_view key) {
  if (state_of(record) == State::removed) key = {};
  block_.push_back(record);
  lengths_.push_back(static_cast<std::uint16_t>(key.size()));
  texts_ += key;
  if (block_.size() == kBlockRecords) return end_block();
  return {};
}

Result<void> SegmentWriter::end_block() {
  if (block_.empty()) return {};
  put(index_, block_.front().hash);
  put(index_, keys_.size + keys_.pending.size());
  const std::string_view records(reinterpret_cast<const char*>(block_.data()), block_.size() * sizeof(Record));
  const std::string_view lengths(reinterpret_cast<const char*>(lengths_.data()), lengths_.size() * sizeof(std::uint16_t));
  put_block(records_.pending, static_cast<std::uint32_t>(block_.size()), records);
  put_block(keys_.pending, static_cast<std::uint32_t>(texts_.size()), lengths, texts_);
  info_.records += block_.size();
  block_.clear();
  lengths_.clear();
  texts_.clear();
  RETURN_IF_ERROR(records_.flush(kWriteAtOnce));
  return keys_.flush(kWriteAtOnce);
}

Result<SegmentInfo> SegmentWriter::finish() {
  RETURN_IF_ERROR(end_block());
  put_block(records_.pending, static_cast<std::uint32_t>(index_.size() / kIndexEntryBytes), index_);
  ASSIGN_OR_RETURN(info_.record_digest, records_.finish());
  ASSIGN_OR_RETURN(info_.key_digest, keys_.finish());
  info_.record_bytes = records_.size;
  info_.key_bytes = keys_.size;
  return info_;
}

// ---- reading

Result<Segment> Segment::open(const std::string& folder, const SegmentInfo& info, const crypto::ShortHashKey& salt) {
  Segment segment;
  segment.info_ = info;
  ASSIGN_OR_RETURN(segment.records_, File::open(folder + "/" + record_name(info.generation)));
  ASSIGN_OR_RETURN(segment.keys_, File::open(folder + "/" + key_name(info.generation)));
  RETURN_IF_ERROR(segment.read_index(salt));
  return segment;
}

Result<void> Segment::read_index(const crypto::ShortHashKey& salt) {
  ASSIGN_OR_RETURN(const std::uint64_t record_bytes, records_.size());
  ASSIGN_OR_RETURN(const std::uint64_t key_bytes, keys_.size());
  const std::size_t blocks = (info_.records + kBlockRecords - 1) / kBlockRecords;
  const std::uint64_t index_at = kHeaderBytes + blocks * kBlockHead + info_.records * sizeof(Record);
  const std::uint64_t index_bytes = kBlockHead + blocks * kIndexEntryBytes;
  if (record_bytes != info_.record_bytes || record_bytes != index_at + index_bytes)
    return damaged("the size of " + record_name(info_.generation) + " has changed");
  if (key_bytes != info_.key_bytes) return damaged("the size of " + key_name(info_.generation) + " has changed");

  std::string bytes(kHeaderBytes, '\0');
  RETURN_IF_ERROR(records_.read(0, bytes));
  RETURN_IF_ERROR(check_header(bytes, kRecordMagic, info_.generation, salt, record_name(info_.generation)));
  RETURN_IF_ERROR(keys_.read(0, bytes));
  RETURN_IF_ERROR(check_header(bytes, kKeyMagic, info_.generation, salt, key_name(info_.generation)));
  bytes.resize(index_bytes);
  RETURN_IF_ERROR(records_.read(index_at, bytes));
  if (value_at<std::uint32_t>(bytes.data()) != data::crc32c(std::string_view(bytes).substr(4)))
    return damaged("the index of " + record_name(info_.generation) + " was changed");
  Reader reader(std::string_view(bytes).substr(kBlockHead));
  index_.resize(blocks);
  for (IndexEntry& entry : index_) {
    entry.first = reader.get<KeyHash>();
    entry.keys_at = reader.get<std::uint64_t>();
  }
  return {};
}

std::size_t Segment::records_in(std::size_t block) const { return std::min(kBlockRecords, info_.records - block * kBlockRecords); }

Result<void> Segment::read_blocks(std::size_t first, std::size_t count, char* out) const {
  const std::size_t last = first + count - 1;
  const std::size_t size = (count - 1) * kBlockBytes + kBlockHead + records_in(last) * sizeof(Record);
  return records_.read(kHeaderBytes + first * kBlockBytes, {out, size});
}

Result<void> Segment::check_block(std::size_t block, const char* bytes) const {
  const std::size_t count = records_in(block);
  const std::size_t size = kBlockHead + count * sizeof(Record);
  if (value_at<std::uint32_t>(bytes) == data::crc32c({bytes + 4, size - 4}) && value_at<std::uint32_t>(bytes + 4) == count) return {};
  return damaged("block " + std::to_string(block) + " of " + record_name(info_.generation) + " was changed");
}

Result<void> Segment::read_keys(std::size_t block, std::string& out) const {
  const std::uint64_t start = index_[block].keys_at;
  const std::uint64_t end = block + 1 < index_.size() ? index_[block + 1].keys_at : info_.key_bytes;
  if (start > end || end > info_.key_bytes || end - start < kBlockHead)
    return damaged("the index of " + record_name(info_.generation) + " was changed");
  out.resize(end - start);
  RETURN_IF_ERROR(keys_.read(start, out));
  if (value_at<std::uint32_t>(out.data()) != data::crc32c(std::string_view(out).substr(4)) ||
      value_at<std::uint32_t>(out.data() + 4) + kBlockHead + records_in(block) * sizeof(std::uint16_t) != out.size())
    return damaged("block " + std::to_string(block) + " of " + key_name(info_.generation) + " was changed");
  return {};
}

Result<std::optional<Record>> Segment::find(const KeyHash& hash) const {
  const auto after =
      std::upper_bound(index_.begin(), index_.end(), hash, [](const KeyHash& h, const IndexEntry& e) { return h < e.first; });
  if (after == index_.begin()) return std::optional<Record>();
  const auto block = static_cast<std::size_t>(after - index_.begin()) - 1;
  const auto buffer = std::make_unique_for_overwrite<std::uint64_t[]>(kBlockBytes / 8);
  auto* bytes = reinterpret_cast<char*>(buffer.get());
  RETURN_IF_ERROR(read_blocks(block, 1, bytes));
  RETURN_IF_ERROR(check_block(block, bytes));
  const auto* begin = reinterpret_cast<const Record*>(bytes + kBlockHead);
  const auto* end = begin + records_in(block);
  const auto* found = std::lower_bound(begin, end, hash, [](const Record& r, const KeyHash& h) { return r.hash < h; });
  if (found == end || found->hash != hash) return std::optional<Record>();
  return std::optional(*found);
}

Result<void> Segment::check_digests() const {
  const auto check = [](const File& file, std::uint64_t size, std::string_view wanted, const std::string& name) -> Result<void> {
    crypto::Digest digest;
    std::string buffer(kWriteAtOnce, '\0');
    for (std::uint64_t offset = 0; offset < size;) {
      const std::size_t part = std::min<std::uint64_t>(buffer.size(), size - offset);
      RETURN_IF_ERROR(file.read(offset, {buffer.data(), part}));
      digest.update({buffer.data(), part});
      offset += part;
    }
    if (digest.finish() != wanted) return damaged("the file " + name + " was changed");
    return {};
  };
  RETURN_IF_ERROR(check(records_, info_.record_bytes, info_.record_digest, record_name(info_.generation)));
  return check(keys_, info_.key_bytes, info_.key_digest, key_name(info_.generation));
}

Cursor::Cursor(const Segment& segment) : segment_(&segment) {
  buffer_.resize(std::min(kBlocksAtOnce, std::max<std::size_t>(segment.blocks(), 1)) * kBlockBytes / 8);
}

void Cursor::load() {
  at_ = begin_ = end_ = nullptr;
  if (next_ == segment_->blocks()) return;
  auto* bytes = reinterpret_cast<char*>(buffer_.data());
  if (next_ == buffered_) {
    const std::size_t count = std::min(kBlocksAtOnce, segment_->blocks() - next_);
    if (auto read = segment_->read_blocks(next_, count, bytes); !read.ok()) {
      fault_ = std::move(read.error());
      return;
    }
    buffered_ = next_ + count;
  }
  const char* block = bytes + next_ % kBlocksAtOnce * kBlockBytes;
  if (auto checked = segment_->check_block(next_, block); !checked.ok()) {
    fault_ = std::move(checked.error());
    return;
  }
  begin_ = at_ = reinterpret_cast<const Record*>(block + kBlockHead);
  end_ = begin_ + segment_->records_in(next_);
  ++next_;
}

Result<std::string_view> Cursor::key() {
  const std::size_t block = next_ - 1;
  if (keys_of_ != block) {
    keys_of_ = SIZE_MAX;
    RETURN_IF_ERROR(segment_->read_keys(block, keys_));
    const std::size_t count = segment_->records_in(block);
    key_starts_.resize(count + 1);
    std::uint32_t start = static_cast<std::uint32_t>(kBlockHead + count * sizeof(std::uint16_t));
    for (std::size_t i = 0; i < count; ++i) {
      key_starts_[i] = start;
      start += value_at<std::uint16_t>(keys_.data() + kBlockHead + i * sizeof(std::uint16_t));
    }
    key_starts_[count] = start;
    if (start != keys_.size())
      return damaged("block " + std::to_string(block) + " of " + key_name(segment_->info().generation) + " was changed");
    keys_of_ = block;
  }
  const auto i = static_cast<std::size_t>(at_ - begin_);
  return std::string_view(keys_).substr(key_starts_[i], key_starts_[i + 1] - key_starts_[i]);
}

View::View(const std::vector<Segment>& segments) {
  cursors_.reserve(segments.size());
  for (const Segment& segment : segments) cursors_.emplace_back(segment).start();
  choose();
}

void View::choose() {
  at_ = nullptr;
  for (std::size_t i = 0; i < cursors_.size(); ++i) {
    const Record* record = cursors_[i].at();
    if (record == nullptr) {
      if (cursors_[i].fault()) {  // what follows would be wrong
        at_ = nullptr;
        return;
      }
      continue;
    }
    if (at_ == nullptr || record->hash <= at_->hash) {
      at_ = record;
      winner_ = i;
    }
  }
}

void View::advance() {
  if (cursors_.size() == 1) {
    cursors_[0].advance();
    at_ = cursors_[0].at();
    return;
  }
  const KeyHash hash = at_->hash;
  for (Cursor& cursor : cursors_) {
    if (cursor.at() != nullptr && cursor.at()->hash == hash) cursor.advance();
  }
  choose();
}

Result<void> View::status() const {
  for (const Cursor& cursor : cursors_) {
    if (cursor.fault()) return *cursor.fault();
  }
  return {};
}

}  // namespace sluice::ledger
