// Its functions carry the target attribute one by one (by pragma), so that nothing else in the program is compiled for a processor it
// may not run on.
#include "data/hash.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

#include <cstring>
#endif

namespace sluice::data::sha256 {

#if defined(__x86_64__)

bool has_instructions() {
  static const bool kHas = [] {
    unsigned a = 0, b = 0, c = 0, d = 0;
    constexpr unsigned kSha = 1U << 29;
    return __builtin_cpu_supports("sse4.1") != 0 && __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & kSha) != 0;
  }();
  return kHas;
}

#pragma clang attribute push(__attribute__((target("sha,sse4.1,ssse3"))), apply_to = function)

namespace {

// Fractional parts of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2).
alignas(16) constexpr std::uint32_t kRounds[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

// The eight words a to h in the order the instructions want them.
struct Words {
  __m128i abef;
  __m128i cdgh;
};

inline Words first_words() {
  return {_mm_set_epi32(0x6a09e667, static_cast<int>(0xbb67ae85), 0x510e527f, static_cast<int>(0x9b05688c)),
          _mm_set_epi32(0x3c6ef372, static_cast<int>(0xa54ff53a), 0x1f83d9ab, 0x5be0cd19)};
}

inline __m128i big_endian() { return _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL); }

inline void compress(Words& words, const unsigned char* block) {
  const Words before = words;
  __m128i message[4];
  for (int i = 0; i < 4; ++i)
    message[i] = _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(block + 16 * i)), big_endian());
#pragma clang loop unroll(full)
  for (int i = 0; i < 16; ++i) {
    const __m128i mixed = _mm_add_epi32(message[i % 4], _mm_load_si128(reinterpret_cast<const __m128i*>(kRounds + 4 * i)));
    words.cdgh = _mm_sha256rnds2_epu32(words.cdgh, words.abef, mixed);
    words.abef = _mm_sha256rnds2_epu32(words.abef, words.cdgh, _mm_shuffle_epi32(mixed, 0x0e));
    if (i < 12) {
      const __m128i last = message[(i + 3) % 4];
      __m128i next = _mm_sha256msg1_epu32(message[i % 4], message[(i + 1) % 4]);
      next = _mm_add_epi32(next, _mm_alignr_epi8(last, message[(i + 2) % 4], 4));
      message[i % 4] = _mm_sha256msg2_epu32(next, last);
    }
  }
  words.abef = _mm_add_epi32(words.abef, before.abef);
  words.cdgh = _mm_add_epi32(words.cdgh, before.cdgh);
}

inline void store(const Words& words, unsigned char* out) {
  const __m128i feba = _mm_shuffle_epi32(words.abef, 0x1b);
  const __m128i dchg = _mm_shuffle_epi32(words.cdgh, 0xb1);
  const __m128i dcba = _mm_blend_epi16(feba, dchg, 0xf0);
  const __m128i hgfe = _mm_alignr_epi8(dchg, feba, 8);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm_shuffle_epi8(dcba, big_endian()));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out + 16), _mm_shuffle_epi8(hgfe, big_endian()));
}

}  // namespace

void digest(const unsigned char* bytes, std::size_t size, unsigned char* out) {
  Words words = first_words();
  std::size_t left = size;
  for (; left >= 64; left -= 64, bytes += 64) compress(words, bytes);
  // What is left, a one bit, zeros, and the length in bits.
  alignas(16) unsigned char tail[128] = {};
  if (left > 0) std::memcpy(tail, bytes, left);
  tail[left] = 0x80;
  const std::size_t end = left < 56 ? 64 : 128;
  const std::uint64_t bits = __builtin_bswap64(static_cast<std::uint64_t>(size) * 8);
  std::memcpy(tail + end - 8, &bits, 8);
  compress(words, tail);
  if (end == 128) compress(words, tail + 64);
  store(words, out);
}

#pragma clang attribute pop

#else

bool has_instructions() { return false; }
void digest(const unsigned char*, std::size_t, unsigned char*) {}

#endif

}  // namespace sluice::data::sha256
