#include "http/chunk_decoder.h"

#include <algorithm>

namespace sluice::http {

namespace {

constexpr std::size_t kLineLimit = 256;
constexpr std::size_t kTrailerLimit = 8 * 1024;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_control(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F; }

}  // namespace

std::size_t ChunkDecoder::take(std::string_view bytes, std::string& sink) {
  std::size_t used = 0;
  while (used < bytes.size() && state_ == State::more) {
    if (part_ == Part::data) {
      const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(size_, bytes.size() - used));
      sink.append(bytes, used, count);
      used += count;
      size_ -= count;
      if (size_ == 0) part_ = Part::data_cr;
    } else {
      take_byte(bytes[used]);
      ++used;
    }
  }
  return used;
}

void ChunkDecoder::expect(char c, char wanted, Part next) {
  if (c == wanted)
    part_ = next;
  else
    state_ = State::broken;
}

void ChunkDecoder::take_byte(char c) {
  switch (part_) {
    case Part::size:
      take_size(c);
      break;
    case Part::extension:
      if (c == '\r')
        part_ = Part::size_lf;
      else if (is_control(c) || ++line_ > kLineLimit)
        state_ = State::broken;
      break;
    case Part::size_lf:
      expect(c, '\n', Part::data);
      if (state_ == State::more) end_size();
      break;
    case Part::data:
      break;
    case Part::data_cr:
      expect(c, '\r', Part::data_lf);
      break;
    case Part::data_lf:
      expect(c, '\n', Part::size);
      break;
    case Part::trailer_start:
      has_colon_ = false;
      if (c == '\r')
        part_ = Part::last_lf;
      else if (is_control(c) || c == ' ' || c == '\t' || c == ':' || ++trailers_ > kTrailerLimit)
        state_ = State::broken;
      else
        part_ = Part::trailer;
      break;
    case Part::trailer:
      has_colon_ = has_colon_ || c == ':';
      if (c == '\r' && has_colon_)
        part_ = Part::trailer_lf;
      else if (is_control(c) || ++trailers_ > kTrailerLimit)
        state_ = State::broken;
      break;
    case Part::trailer_lf:
      expect(c, '\n', Part::trailer_start);
      break;
    case Part::last_lf:
      expect(c, '\n', Part::last_lf);
      if (state_ == State::more) state_ = State::done;
      break;
  }
}

void ChunkDecoder::take_size(char c) {
  const int digit = hex_digit(c);
  if (digit >= 0) {
    // Sizes beyond 2^60 are too large for anybody, and must not wrap.
    if (size_ >> 56 != 0)
      state_ = State::too_large;
    else
      size_ = size_ * 16 + static_cast<std::uint64_t>(digit);
    has_digit_ = true;
    if (++line_ > kLineLimit) state_ = State::broken;
  } else if (!has_digit_) {
    state_ = State::broken;
  } else if (c == ';') {
    part_ = Part::extension;
  } else {
    expect(c, '\r', Part::size_lf);
  }
}

// Behind the line that tells a size; the next part is data unless it was the last chunk.
void ChunkDecoder::end_size() {
  line_ = 0;
  has_digit_ = false;
  if (size_ == 0) {
    part_ = Part::trailer_start;
  } else if (size_ > limit_ - total_) {
    state_ = State::too_large;
  } else {
    total_ += size_;
  }
}

}  // namespace sluice::http
