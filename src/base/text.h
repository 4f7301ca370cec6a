// Text is UTF-8 in std::string. These are the few operations everyone needs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::base {

std::string_view trim(std::string_view text);  // ASCII white space at both ends
std::string ascii_lower(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);  // ASCII
std::vector<std::string_view> split(std::string_view text, char separator);

// Rejects overlong forms, surrogates and values above U+10FFFF.
bool is_valid_utf8(std::string_view text);
// Code points of valid UTF-8.
std::size_t utf8_length(std::string_view text);
// Lower case of the letters most names use (Latin, Greek, Cyrillic); other code points are kept. For name comparisons.
std::string fold_case(std::string_view text);

std::string base64url(std::string_view bytes);                   // unpadded
std::string base64(std::string_view bytes);                      // padded
std::optional<std::string> parse_base64(std::string_view text);  // either alphabet, padding optional
std::string hex(std::string_view bytes);

// %XX to bytes, and '+' to space when `form`; empty when malformed.
std::optional<std::string> percent_decode(std::string_view text, bool form);
std::string percent_encode(std::string_view text);  // everything but unreserved (RFC 3986)

// A whole decimal integer with nothing around it; empty otherwise, and when it does not fit.
std::optional<std::int64_t> parse_int(std::string_view text);

}  // namespace sluice::base
