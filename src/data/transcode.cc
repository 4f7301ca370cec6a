#include "data/transcode.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "data/utf8.h"

namespace sluice::data {

namespace {
constexpr std::size_t kRawBytes = std::size_t{128} << 10;
constexpr std::size_t kLongest = 4;  // of a character in UTF-8

constexpr std::array<std::uint16_t, 32> kWindows1252 = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,
    0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178};
}  // namespace

std::string hex_byte(unsigned char byte) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  return {'0', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
}

std::uint32_t windows1252(unsigned char byte) { return byte < 0xA0 ? kWindows1252[byte - 0x80U] : byte; }

TranscodingSource::TranscodingSource(std::unique_ptr<Source> from, Encoding encoding)
    : from_(std::move(from)),
      encoding_(encoding),
      raw_(std::min<std::uint64_t>(kRawBytes, from_->size_bytes().value_or(kRawBytes) + kLongest)) {}

base::Result<void> TranscodingSource::fill() {
  if (begin_ != 0) std::memmove(raw_.data(), raw_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  while (!ended_ && end_ < raw_.size()) {
    ASSIGN_OR_RETURN(const std::size_t got, from_->read({raw_.data() + end_, raw_.size() - end_}));
    ended_ = got == 0;
    end_ += got;
    bytes_taken_ += got;
  }
  return {};
}

std::uint32_t TranscodingSource::unit(std::size_t at) const {
  const auto first = static_cast<unsigned char>(raw_[at]);
  const auto second = static_cast<unsigned char>(raw_[at + 1]);
  return encoding_ == Encoding::utf16le ? first | (static_cast<std::uint32_t>(second) << 8)
                                        : second | (static_cast<std::uint32_t>(first) << 8);
}

base::Result<std::size_t> TranscodingSource::read(std::span<char> buffer) {
  const bool pairs = encoding_ == Encoding::utf16le || encoding_ == Encoding::utf16be;
  BASE_ASSERT(buffer.size() >= kLongest);
  char* const limit = buffer.data() + buffer.size();
  char* out = buffer.data();
  while (out == buffer.data() && fault_.empty()) {
    if (end_ - begin_ < kLongest) {
      RETURN_IF_ERROR(fill());
      if (end_ == begin_) break;
    }
    if (pairs && !std::exchange(started_, true) && end_ - begin_ >= 2) {
      if (unit(begin_) == 0xFEFF)
        begin_ += 2;
      else if (unit(begin_) == 0xFFFE)
        fault_ = "the byte order mark of the other byte order";
      continue;
    }
    out = pairs ? decode_pairs(out, limit) : decode_bytes(out, limit);
  }
  return static_cast<std::size_t>(out - buffer.data());
}

char* TranscodingSource::decode_bytes(char* out, const char* limit) {
  while (begin_ < end_ && limit - out >= static_cast<std::ptrdiff_t>(kLongest)) {
    // Eight ASCII bytes at once.
    if (end_ - begin_ >= 8 && limit - out >= 8) {
      std::uint64_t eight = 0;
      std::memcpy(&eight, raw_.data() + begin_, 8);
      if ((eight & 0x8080808080808080U) == 0) {
        std::memcpy(out, &eight, 8);
        out += 8;
        begin_ += 8;
        continue;
      }
    }
    const auto byte = static_cast<unsigned char>(raw_[begin_]);
    if (byte < 0x80) {
      *out++ = static_cast<char>(byte);
    } else {
      const std::uint32_t code_point = encoding_ == Encoding::iso8859_1 ? byte : windows1252(byte);
      if (code_point == 0) {
        fault_ = "the byte " + hex_byte(byte);
        break;
      }
      out = put_utf8(out, code_point);
    }
    ++begin_;
  }
  return out;
}

char* TranscodingSource::decode_pairs(char* out, const char* limit) {
  while (limit - out >= static_cast<std::ptrdiff_t>(kLongest)) {
    const std::size_t have = end_ - begin_;
    if (have < 2) {
      if (have == 1 && ended_) fault_ = "half a character at the end of the file";
      break;
    }
    const std::uint32_t first = unit(begin_);
    if (first < 0xD800 || first > 0xDFFF) {
      out = put_utf8(out, first);
      begin_ += 2;
      continue;
    }
    if (have < 4 && !ended_) break;
    const std::uint32_t second = have < 4 ? 0 : unit(begin_ + 2);
    if (first > 0xDBFF || second < 0xDC00 || second > 0xDFFF) {
      fault_ = have < 4 ? "half a character at the end of the file" : "half of a surrogate pair";
      break;
    }
    out = put_utf8(out, 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00));
    begin_ += 4;
  }
  return out;
}

}  // namespace sluice::data
