// The bytes of a ledger's files, as docs/adr/0010-ledger.md lists them. Private to this folder.
#pragma once

#include <bit>
#include <compare>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/result.h"
#include "features/ledger/file.h"
#include "features/ledger/ledger.h"

namespace sluice::ledger {

static_assert(std::endian::native == std::endian::little, "the files are read as they lie");

inline constexpr std::uint32_t kVersion = 1;
inline constexpr std::size_t kHeaderBytes = 64;
inline constexpr std::size_t kBlockHead = 8;  // checksum, count or length
inline constexpr std::size_t kBlockRecords = 2047;
inline constexpr std::uint8_t kManyReasons = 255;  // stands for all after the 254th

struct KeyHash {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  auto operator<=>(const KeyHash&) const = default;
};

inline KeyHash hash_of(const crypto::ShortHashKey& salt, std::string_view key) {
  const crypto::ShortHash hash = crypto::short_hash_128(salt, key);
  return {hash.high, hash.low};
}

// As it lies in the file.
struct Record {
  KeyHash hash;
  std::uint64_t payload = 0;
  std::uint32_t run = 0;
  std::uint16_t attempts = 0;
  std::uint8_t state = 0;  // bits 0-2 State, bit 4 is_held, bit 5 last was a removal
  std::uint8_t reason = 0;
};
static_assert(sizeof(Record) == 32);
inline constexpr std::size_t kBlockBytes = kBlockHead + kBlockRecords * sizeof(Record);

inline std::uint8_t pack(State state, bool is_held, Operation last) {
  return static_cast<std::uint8_t>(static_cast<unsigned>(state) | (is_held ? 16U : 0U) | (last == Operation::remove ? 32U : 0U));
}
inline State state_of(const Record& record) { return static_cast<State>(record.state & 7U); }
inline bool is_held(const Record& record) { return (record.state & 16U) != 0; }
inline Operation last_of(const Record& record) { return (record.state & 32U) != 0 ? Operation::remove : Operation::send; }
inline bool is_sane(const Record& record) {
  const unsigned state = record.state & 7U;
  return state >= 1 && state <= 4 && (record.state & ~0x37U) == 0 && (state != 4 || !is_held(record));
}
inline Entry entry_of(const Record& record) {
  return {.state = state_of(record),
          .last = last_of(record),
          .is_held = is_held(record),
          .payload = record.payload,
          .attempts = record.attempts,
          .reason = record.reason,
          .run = record.run};
}

template <class T>
void put(std::string& out, T value) {
  static_assert(std::is_trivially_copyable_v<T>);
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}
inline void put_text(std::string& out, std::string_view text) {
  put(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}

// Takes what was put apart again; whatever is asked after the end is zero, and is_whole() false.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  template <class T>
  T get() {
    static_assert(std::is_trivially_copyable_v<T>);
    T value{};
    const std::string_view bytes = take(sizeof value);
    if (bytes.size() == sizeof value) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  std::string text() { return std::string(take(get<std::uint32_t>())); }
  std::string_view take(std::size_t size) {
    if (size > rest_.size()) {
      is_whole_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }
  bool is_whole() const { return is_whole_; }
  std::size_t left() const { return rest_.size(); }

 private:
  std::string_view rest_;
  bool is_whole_ = true;
};

// The first 64 bytes of every file but the manifest's: magic, version, number, salt, zeros, checksum.
std::string header(std::string_view magic, std::uint64_t number, const crypto::ShortHashKey& salt);
base::Result<void> check_header(std::string_view bytes, std::string_view magic, std::uint64_t number, const crypto::ShortHashKey& salt,
                                const std::string& name);

}  // namespace sluice::ledger
