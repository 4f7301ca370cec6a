// Inside of CsvReader and detect: a Source that gives the bytes of another one as UTF-8.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "data/csv_reader.h"
#include "data/source.h"

namespace sluice::data {

class TranscodingSource final : public Source {
 public:
  // `encoding` is not utf8. A byte order mark is left out.
  TranscodingSource(std::unique_ptr<Source> from, Encoding encoding);

  // Stops in front of bytes that are not text in the encoding: then fault() says what they are and the next read is the end.
  base::Result<std::size_t> read(std::span<char> buffer) override;
  std::uint64_t bytes_taken() const { return bytes_taken_; }  // from the other source
  const std::string& fault() const { return fault_; }         // "the byte 0x81"; empty: none

 private:
  base::Result<void> fill();
  // Writes into [out, limit), which has room for a character, and returns its end.
  char* decode_bytes(char* out, const char* limit);
  char* decode_pairs(char* out, const char* limit);
  std::uint32_t unit(std::size_t at) const;

  std::unique_ptr<Source> from_;
  Encoding encoding_;
  std::vector<char> raw_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t bytes_taken_ = 0;
  bool ended_ = false;
  bool started_ = false;
  std::string fault_;
};

// "0xE9"
std::string hex_byte(unsigned char byte);
// What a byte from 0x80 is in windows-1252; 0: nothing.
std::uint32_t windows1252(unsigned char byte);

}  // namespace sluice::data
