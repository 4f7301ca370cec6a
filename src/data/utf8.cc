#include "data/utf8.h"

#include <algorithm>
#include <cstring>

#include "data/csv_scan.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace sluice::data {

namespace {

// Length of the character that begins with `lead`; 0: none does.
std::size_t length_of(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead < 0xC2) return 0;
  if (lead < 0xE0) return 2;
  if (lead < 0xF0) return 3;
  return lead < 0xF5 ? 4 : 0;
}

// The second byte has the narrow bounds: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_second(unsigned char lead, unsigned char second) {
  switch (lead) {
    case 0xE0:
      return second >= 0xA0 && second <= 0xBF;
    case 0xED:
      return second >= 0x80 && second <= 0x9F;
    case 0xF0:
      return second >= 0x90 && second <= 0xBF;
    case 0xF4:
      return second >= 0x80 && second <= 0x8F;
    default:
      return second >= 0x80 && second <= 0xBF;
  }
}

bool is_next(unsigned char byte) { return (byte & 0xC0) == 0x80; }

// How many of the bytes before `end` belong to a character that goes on behind it. There are at least 4, and they are good.
[[maybe_unused]] std::size_t cut_off_bytes(const char* end) {
  for (std::size_t back = 1; back <= 3; ++back) {
    const auto byte = static_cast<unsigned char>(*(end - back));
    // A byte that begins nothing is left for the next step as well, which will see that.
    if (!is_next(byte)) return byte >= 0x80 && (length_of(byte) == 0 || length_of(byte) > back) ? back : 0;
  }
  return 0;
}

}  // namespace

Utf8Check check_utf8_exact(const char* bytes, std::size_t size) {
  const auto* const p = reinterpret_cast<const unsigned char*>(bytes);
  std::size_t at = 0;
  while (at < size) {
    if (p[at] == 0) return {at, Utf8Fault::nul};
    const std::size_t length = length_of(p[at]);
    if (length == 0) return {at, Utf8Fault::invalid};
    const std::size_t have = std::min(length, size - at);
    for (std::size_t i = 1; i < have; ++i) {
      if (i == 1 ? !is_second(p[at], p[at + 1]) : !is_next(p[at + i])) return {at, Utf8Fault::invalid};
    }
    if (have < length) return {at, Utf8Fault::cut_off};
    at += length;
  }
  return {size, Utf8Fault::none};
}

char* put_utf8(char* out, std::uint32_t code_point) {
  const auto put = [&out](std::uint32_t byte) { *out++ = static_cast<char>(byte); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0 | (code_point >> 6));
    put(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    put(0xE0 | (code_point >> 12));
    put(0x80 | ((code_point >> 6) & 0x3F));
    put(0x80 | (code_point & 0x3F));
  } else {
    put(0xF0 | (code_point >> 18));
    put(0x80 | ((code_point >> 12) & 0x3F));
    put(0x80 | ((code_point >> 6) & 0x3F));
    put(0x80 | (code_point & 0x3F));
  }
  return out;
}

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)

namespace {

// After Keiser and Lemire, "Validating UTF-8 in less than one instruction per byte" (2021): three lookups by half bytes name
// the faults a pair of bytes may have; a fault is one when all three name it. Kinds of faults:
constexpr unsigned kTooShort = 1U << 0;  // a lead without its next byte
constexpr unsigned kTooLong = 1U << 1;   // a next byte behind ASCII
constexpr unsigned kOverlong3 = 1U << 2;
constexpr unsigned kTooLarge = 1U << 3;
constexpr unsigned kSurrogate = 1U << 4;
constexpr unsigned kOverlong2 = 1U << 5;
constexpr unsigned kOverlong4 = 1U << 6;  // and too large by F5 80 and above, which never meets it
constexpr unsigned kTwoNext = 1U << 7;    // right only where a character of three or four bytes is in progress
constexpr unsigned kAnyLow = kTooShort | kTooLong | kTwoNext;

inline __m256i table(unsigned v0, unsigned v1, unsigned v2, unsigned v3, unsigned v4, unsigned v5, unsigned v6, unsigned v7, unsigned v8,
                     unsigned v9, unsigned v10, unsigned v11, unsigned v12, unsigned v13, unsigned v14, unsigned v15) {
  const auto c = [](unsigned v) __attribute__((target("avx2"))) { return static_cast<char>(v); };
  return _mm256_broadcastsi128_si256(
      _mm_setr_epi8(c(v0), c(v1), c(v2), c(v3), c(v4), c(v5), c(v6), c(v7), c(v8), c(v9), c(v10), c(v11), c(v12), c(v13), c(v14), c(v15)));
}

// The bytes `N` places before each of `now`.
template <int N>
inline __m256i before(__m256i now, __m256i previous) {
  return _mm256_alignr_epi8(now, _mm256_permute2x128_si256(previous, now, 0x21), 16 - N);
}

inline __m256i high_half(__m256i bytes) { return _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(0x0F)); }

inline __m256i faults(__m256i now, __m256i previous) {
  const __m256i back1 = before<1>(now, previous);
  const __m256i by_high = _mm256_shuffle_epi8(
      table(kTooLong, kTooLong, kTooLong, kTooLong, kTooLong, kTooLong, kTooLong, kTooLong, kTwoNext, kTwoNext, kTwoNext, kTwoNext,
            kTooShort | kOverlong2, kTooShort, kTooShort | kOverlong3 | kSurrogate, kTooShort | kTooLarge | kOverlong4),
      high_half(back1));
  constexpr unsigned kLarge = kAnyLow | kTooLarge | kOverlong4;
  const __m256i by_low =
      _mm256_shuffle_epi8(table(kAnyLow | kOverlong2 | kOverlong3 | kOverlong4, kAnyLow | kOverlong2, kAnyLow, kAnyLow, kAnyLow | kTooLarge,
                                kLarge, kLarge, kLarge, kLarge, kLarge, kLarge, kLarge, kLarge, kLarge | kSurrogate, kLarge, kLarge),
                          _mm256_and_si256(back1, _mm256_set1_epi8(0x0F)));
  constexpr unsigned kNext = kTooLong | kOverlong2 | kTwoNext;
  const __m256i by_second =
      _mm256_shuffle_epi8(table(kTooShort, kTooShort, kTooShort, kTooShort, kTooShort, kTooShort, kTooShort, kTooShort,
                                kNext | kOverlong3 | kOverlong4, kNext | kOverlong3 | kTooLarge, kNext | kSurrogate | kTooLarge,
                                kNext | kSurrogate | kTooLarge, kTooShort, kTooShort, kTooShort, kTooShort),
                          high_half(now));
  const __m256i pairs = _mm256_and_si256(_mm256_and_si256(by_high, by_low), by_second);
  // Third and fourth bytes must be there exactly where two next bytes follow each other.
  const __m256i third = _mm256_subs_epu8(before<2>(now, previous), _mm256_set1_epi8(static_cast<char>(0xE0 - 0x80)));
  const __m256i fourth = _mm256_subs_epu8(before<3>(now, previous), _mm256_set1_epi8(static_cast<char>(0xF0 - 0x80)));
  const __m256i expected = _mm256_and_si256(_mm256_or_si256(third, fourth), _mm256_set1_epi8(static_cast<char>(0x80)));
  return _mm256_xor_si256(expected, pairs);
}

// Not zero when a character reaches beyond the last byte.
inline __m256i unfinished(__m256i bytes) {
  alignas(32) static constexpr unsigned char kMost[32] = {255, 255, 255, 255, 255, 255, 255, 255,  255,  255, 255,
                                                          255, 255, 255, 255, 255, 255, 255, 255,  255,  255, 255,
                                                          255, 255, 255, 255, 255, 255, 255, 0xEF, 0xDF, 0xBF};
  return _mm256_subs_epu8(bytes, _mm256_load_si256(reinterpret_cast<const __m256i*>(kMost)));
}

// `size` is a multiple of 64. No NUL, and whole characters, though the last one may be cut off.
bool is_good_avx2(const char* bytes, std::size_t size) {
  const __m256i zero = _mm256_setzero_si256();
  __m256i previous = zero;
  __m256i open = zero;
  __m256i wrong = zero;
  for (std::size_t at = 0; at < size; at += 64) {
    const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes + at));
    const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes + at + 32));
    // As signed numbers ASCII without NUL is above zero, and nothing else is.
    const __m256i plain = _mm256_and_si256(_mm256_cmpgt_epi8(a, zero), _mm256_cmpgt_epi8(b, zero));
    if (_mm256_movemask_epi8(plain) == -1) {
      wrong = _mm256_or_si256(wrong, open);
      open = zero;
      previous = zero;  // a character in progress has just been counted as wrong
      continue;
    }
    wrong = _mm256_or_si256(wrong, _mm256_cmpeq_epi8(_mm256_min_epu8(a, b), zero));
    wrong = _mm256_or_si256(wrong, _mm256_or_si256(faults(a, previous), faults(b, a)));
    previous = b;
    open = unfinished(b);
  }
  return _mm256_testz_si256(wrong, wrong) != 0;
}

}  // namespace

#pragma clang attribute pop

#endif

Utf8Check check_utf8(const char* bytes, std::size_t size) {
  std::size_t done = 0;
#if defined(__x86_64__)
  constexpr std::size_t kStep = std::size_t{16} << 10;
  static const bool kFast = scan::has_avx2();
  while (kFast && size - done >= 64) {
    const std::size_t step = std::min(kStep, (size - done) & ~std::size_t{63});
    if (!is_good_avx2(bytes + done, step)) {
      const Utf8Check exact = check_utf8_exact(bytes + done, step);
      return {done + exact.good, exact.fault};
    }
    done += step - cut_off_bytes(bytes + done + step);
  }
#endif
  const Utf8Check rest = check_utf8_exact(bytes + done, size - done);
  return {done + rest.good, rest.fault};
}

}  // namespace sluice::data
