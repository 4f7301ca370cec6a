// Takes a chunked body apart (RFC 9112 section 7.1), wherever its bytes are cut into readings. Beast has one too, but 1.81
// ends the process with an assertion when the last chunk arrives in pieces, and bounds neither extensions nor trailers.
// Trailers are read over: they are not part of what a handler sees.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::http {

class ChunkDecoder {
 public:
  enum class State : std::uint8_t { more, done, broken, too_large };

  ChunkDecoder() = default;
  // `limit`: bytes of data in all chunks.
  explicit ChunkDecoder(std::uint64_t limit) : limit_(limit) {}

  // Uses bytes up to the end of the body; returns how many. Data is appended to `sink`.
  std::size_t take(std::string_view bytes, std::string& sink);
  State state() const { return state_; }

 private:
  enum class Part : std::uint8_t { size, extension, size_lf, data, data_cr, data_lf, trailer_start, trailer, trailer_lf, last_lf };

  void take_byte(char c);
  void take_size(char c);
  void end_size();
  // The byte must be `wanted`, and then comes `next`.
  void expect(char c, char wanted, Part next);

  std::uint64_t limit_ = 0;
  std::uint64_t size_ = 0;  // of this chunk; then what is missing of it
  std::uint64_t total_ = 0;
  std::size_t line_ = 0;      // bytes of this line
  std::size_t trailers_ = 0;  // bytes of all trailers
  bool has_digit_ = false;
  bool has_colon_ = false;
  Part part_ = Part::size;
  State state_ = State::more;
};

}  // namespace sluice::http
