#include "data/letters.h"

#include <unicode/ucasemap.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

#include <algorithm>

#include "base/assert.h"

namespace sluice::data::letters {

namespace {

bool is_ascii_blank(std::uint32_t c) { return c <= 0x20 || c == 0x7f; }

const UCaseMap* case_map() {
  static const UCaseMap* const kMap = [] {
    UErrorCode status = U_ZERO_ERROR;
    const UCaseMap* map = ucasemap_open("", 0, &status);
    BASE_ASSERT(U_SUCCESS(status));
    return map;
  }();
  return kMap;
}

const UNormalizer2* decomposer() {
  static const UNormalizer2* const kNormaliser = [] {
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2* normaliser = unorm2_getNFKDInstance(&status);
    BASE_ASSERT(U_SUCCESS(status));
    return normaliser;
  }();
  return kNormaliser;
}

char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

}  // namespace

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::uint32_t next(std::string_view text, std::size_t& at) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  UChar32 character = 0;
  U8_NEXT(bytes, at, text.size(), character);
  return static_cast<std::uint32_t>(character);
}

void append(std::string& out, std::uint32_t character) {
  std::uint8_t bytes[4];
  std::int32_t size = 0;
  U8_APPEND_UNSAFE(bytes, size, character);
  out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

bool is_blank(std::uint32_t character) {
  if (character < 0x80) return is_ascii_blank(character);
  const auto c = static_cast<UChar32>(character);
  return u_isUWhiteSpace(c) != 0 || (U_GET_GC_MASK(c) & (U_GC_CC_MASK | U_GC_CF_MASK)) != 0;
}

bool is_letter_or_digit(std::uint32_t character) {
  return (U_GET_GC_MASK(static_cast<UChar32>(character)) & (U_GC_L_MASK | U_GC_M_MASK | U_GC_N_MASK)) != 0;
}

int digit_of(std::uint32_t character) {
  if (character < 0x80) return character >= '0' && character <= '9' ? static_cast<int>(character - '0') : -1;
  return u_charDigitValue(static_cast<UChar32>(character));
}

std::string_view trim(std::string_view text) {
  std::size_t begin = 0;
  while (begin < text.size()) {
    std::size_t after = begin;
    if (!is_blank(next(text, after))) break;
    begin = after;
  }
  text.remove_prefix(begin);
  while (!text.empty()) {
    std::size_t before = text.size() - 1;
    while (before > 0 && (static_cast<unsigned char>(text[before]) & 0xc0) == 0x80) --before;
    std::size_t at = before;
    if (!is_blank(next(text, at))) break;
    text.remove_suffix(text.size() - before);
  }
  return text;
}

void append_lower(std::string& out, std::string_view text) {
  const std::size_t start = out.size();
  if (is_ascii(text)) {
    out.resize(start + text.size());
    std::transform(text.begin(), text.end(), out.begin() + static_cast<std::ptrdiff_t>(start), ascii_lower);
    return;
  }
  // No lower case is more than three times as long.
  out.resize(start + 3 * text.size());
  UErrorCode status = U_ZERO_ERROR;
  const std::int32_t size = ucasemap_utf8ToLower(case_map(), out.data() + start, static_cast<std::int32_t>(out.size() - start), text.data(),
                                                 static_cast<std::int32_t>(text.size()), &status);
  BASE_ASSERT(U_SUCCESS(status));
  out.resize(start + static_cast<std::size_t>(size));
}

void append_bare(std::string& out, std::string_view text) {
  std::string lower;
  append_lower(lower, text);
  for (std::size_t at = 0; at < lower.size();) {
    const std::uint32_t character = next(lower, at);
    if (character < 0x80) {
      if (character >= 'a' && character <= 'z') out.push_back(static_cast<char>(character));
      continue;
    }
    UChar parts[20];
    UErrorCode status = U_ZERO_ERROR;
    const std::int32_t size = unorm2_getDecomposition(decomposer(), static_cast<UChar32>(character), parts, 20, &status);
    if (size <= 0 || U_FAILURE(status)) {
      if (is_letter_or_digit(character)) append(out, character);
    } else if ((U_GET_GC_MASK(parts[0]) & U_GC_L_MASK) != 0 && !U16_IS_SURROGATE(parts[0])) {
      append(out, parts[0]);
    }
  }
}

}  // namespace sluice::data::letters
