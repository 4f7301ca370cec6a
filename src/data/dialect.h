// Inside of detect: encoding, delimiter, line end and header, from the first bytes of a file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "data/csv_reader.h"
#include "data/detect.h"

namespace sluice::data::dialect {

// Characters of several bytes that are good UTF-8, and bytes that are not.
struct Utf8Count {
  std::uint64_t characters = 0;
  std::uint64_t bad = 0;
  bool undefined_in_1252 = false;  // among the bytes from 0x80

  void add(std::string_view bytes);
  // UTF-8 with a few broken bytes, not another encoding: reading it as windows-1252 would spoil every name.
  bool mostly_utf8() const { return bad == 0 || characters > 10 * bad; }
  Encoding other() const { return undefined_in_1252 ? Encoding::iso8859_1 : Encoding::windows1252; }
};

// `whole`: `head` is all of the file.
Encoding find_encoding(std::string_view head, bool whole);
// As UTF-8, up to the first fault, without byte order mark.
std::string decode(std::string_view head, Encoding encoding);

// These three take decoded text.
char find_delimiter(std::string_view text, bool whole);
LineEnd find_line_end(std::string_view text);
bool find_header(std::string_view text, char delimiter, bool whole);

}  // namespace sluice::data::dialect
