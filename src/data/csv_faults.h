// Inside of CsvReader: what its errors say.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "data/csv_reader.h"

namespace sluice::data::faults {

// Both from 1; columns count characters.
struct Place {
  std::uint64_t line = 1;
  std::uint64_t column = 1;
};

// The place behind `text`, which begins at the start of line `first_line`.
Place place_after(std::string_view text, std::uint64_t first_line);
// Line ends in `text`; CRLF is one.
std::uint64_t count_lines(std::string_view text);

base::Error unclosed_quote(Place place);
// `opened`: where the field begins.
base::Error stray_quote(Place place, Place opened);
base::Error wrong_field_count(Place place, std::size_t found, std::size_t expected, char delimiter);
base::Error field_too_large(Place place, std::size_t limit);
base::Error row_too_large(Place place, std::size_t limit);
base::Error too_many_columns(Place place, std::size_t found, std::size_t limit);
// `first` and `second` count columns from 1.
base::Error duplicate_column(std::uint64_t line, std::string_view name, std::size_t first, std::size_t second);
base::Error empty_file();
// `odd_offset`: of the NUL in the file.
base::Error nul_character(Place place, bool perhaps_utf16, bool odd_offset);
// `bytes` begin with the bad ones. `cut_off`: the input ends inside a character.
base::Error bad_utf8(Place place, std::string_view bytes, bool cut_off, bool at_start);
base::Error bad_text(Place place, Encoding encoding, std::string_view fault);

}  // namespace sluice::data::faults
