// The vector scanner. Its functions carry the target attribute one by one (by pragma), so that nothing else in the program
// is compiled for a processor it may not run on.
#include "data/csv_scan.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace sluice::data::scan {

#if defined(__x86_64__)

bool has_avx2() {
  static const bool kHas = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("pclmul") != 0 &&
                           __builtin_cpu_supports("bmi") != 0 && __builtin_cpu_supports("bmi2") != 0;
  return kHas;
}

#pragma clang attribute push(__attribute__((target("avx2,pclmul,bmi,bmi2"))), apply_to = function)

namespace {

struct Bytes64 {
  __m256i low;
  __m256i high;
};

inline std::uint64_t where(const Bytes64& bytes, __m256i wanted) {
  const auto low = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes.low, wanted)));
  const auto high = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes.high, wanted)));
  return low | (static_cast<std::uint64_t>(high) << 32);
}

// Bit i becomes the parity of the bits up to and including i: ones from each opening quote to before its closing one.
inline std::uint64_t parity(std::uint64_t bits) {
  const __m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, static_cast<long long>(bits)), _mm_set1_epi8(-1), 0);
  return static_cast<std::uint64_t>(_mm_cvtsi128_si64(product));
}

inline void look_at_quotes(const Window& window, Progress& p, std::uint64_t quotes, std::uint64_t ends, std::uint64_t cr,
                           std::uint64_t lf) {
  const std::uint64_t inside = parity(quotes) ^ p.in_quote;
  p.in_quote = static_cast<std::uint64_t>(static_cast<std::int64_t>(inside) >> 63);
  p.quotes = true;
  p.inner_lines = ((cr | lf) & inside) != 0;
  ends &= ~inside;
  cr &= ~inside;
  const std::uint64_t opening = quotes & inside;
  const std::uint64_t closing = quotes & ~inside;
  // A quote opens only at the start of a field or as the second of two; behind a closing one the field ends or it is
  // doubled.
  std::uint64_t bad = opening & ~(((ends | closing) << 1) | p.after_end);
  bad |= ((closing << 1) | p.after_quote) & ~(ends | opening);
  const std::size_t valid = window.end - p.block;
  if (valid < 64) bad &= (std::uint64_t{1} << valid) - 1;
  p.after_end = (ends | closing) >> 63;
  p.after_quote = closing >> 63;
  p.ends = ends & ~(((cr << 1) | p.after_cr) & lf);
  p.after_cr = cr >> 63;
  if (bad != 0) {
    p.out_of_place = true;
    p.ends &= (std::uint64_t{1} << __builtin_ctzll(bad)) - 1;
  }
}

inline void load_block(const Window& window, Progress& p) {
  const auto* at = reinterpret_cast<const __m256i*>(window.bytes + p.next);
  const Bytes64 bytes = {_mm256_loadu_si256(at), _mm256_loadu_si256(at + 1)};
  p.block = p.next;
  p.next += 64;
  const std::uint64_t lf = where(bytes, _mm256_set1_epi8('\n'));
  const std::uint64_t cr = where(bytes, _mm256_set1_epi8('\r'));
  const std::uint64_t ends = where(bytes, _mm256_set1_epi8(window.delimiter)) | lf | cr;
  const std::uint64_t quotes = where(bytes, _mm256_set1_epi8(window.quote));
  if ((quotes | p.in_quote | p.after_quote) != 0) {
    look_at_quotes(window, p, quotes, ends, cr, lf);
    return;
  }
  // The LF of a CRLF ends nothing: the CR did.
  p.ends = ends & ~(((cr << 1) | p.after_cr) & lf);
  p.after_cr = cr >> 63;
  p.after_end = ends >> 63;
  p.quotes = p.inner_lines = false;
}

}  // namespace

Status scan_avx2(const Window& window, Progress& progress, Row& row) {
  Progress p = progress;
  const char* const bytes = window.bytes;
  const char delimiter = window.delimiter;
  base::Cell* const cells = row.cells;
  const std::size_t last = row.capacity - 1;
  std::size_t count = 0;
  std::size_t field = row.start;
  row.quotes = p.quotes;
  row.inner_lines = p.inner_lines;
  Status status = Status::incomplete;
  while (true) {
    while (p.ends != 0) {
      const std::size_t at = p.block + static_cast<std::size_t>(__builtin_ctzll(p.ends));
      p.ends &= p.ends - 1;
      const auto size = static_cast<std::uint32_t>(at - field);
      cells[count < last ? count : last] = {bytes + field, size, size == 0};
      ++count;
      if (bytes[at] != delimiter) {
        row.end = at;
        status = Status::complete;
        goto done;
      }
      field = at + 1;
    }
    if (p.out_of_place) {
      status = Status::out_of_place;
      break;
    }
    if (p.next >= window.end) {
      row.end = window.end;
      break;
    }
    load_block(window, p);
    row.quotes |= p.quotes;
    row.inner_lines |= p.inner_lines;
  }
done:
  row.count = count;
  row.field = field;
  progress = p;
  return status;
}

#pragma clang attribute pop

#else

bool has_avx2() { return false; }
Status scan_avx2(const Window&, Progress&, Row& row) {
  row.end = row.start;
  return Status::out_of_place;
}

#endif

}  // namespace sluice::data::scan
