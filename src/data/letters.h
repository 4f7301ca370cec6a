// Inside of the normaliser: characters of UTF-8 by their Unicode properties (ICU). ASCII never reaches ICU. Every text here is
// valid UTF-8; the normaliser checks that first.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::data::letters {

bool is_ascii(std::string_view text);

// The character at `at`, which moves behind it.
std::uint32_t next(std::string_view text, std::size_t& at);
void append(std::string& out, std::uint32_t character);

// Blanks of any script, and what cannot be seen: controls, marks of writing direction, byte order marks.
bool is_blank(std::uint32_t character);
// Letters, the marks that belong to them, and digits.
bool is_letter_or_digit(std::uint32_t character);
// 0 to 9 in whatever script, else -1.
int digit_of(std::uint32_t character);

std::string_view trim(std::string_view text);  // without outer blanks
// Appends `text` in lower case: Unicode's full mapping, of no particular language.
void append_lower(std::string& out, std::string_view text);
// Appends `text` in lower case and without accents, letters only: names that are looked up.
void append_bare(std::string& out, std::string_view text);

}  // namespace sluice::data::letters
