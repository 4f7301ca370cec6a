#include "data/csv_writer.h"

#include <cstring>

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

namespace sluice::data {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_special(char c, char delimiter) { return c == '"' || c == delimiter || c == '\n' || c == '\r'; }

// Copies `size` bytes and says whether one of them makes quotes necessary. Never touches a byte outside of either range.
inline bool copy_and_look_plain(char* out, const char* in, std::size_t size, char delimiter) {
  bool special = false;
  for (std::size_t i = 0; i < size; ++i) {
    out[i] = in[i];
    special |= is_special(in[i], delimiter);
  }
  return special;
}

#if defined(__x86_64__)

struct Look {
  explicit Look(char delimiter_char)
      : quote(_mm_set1_epi8('"')), delimiter(_mm_set1_epi8(delimiter_char)), lf(_mm_set1_epi8('\n')), cr(_mm_set1_epi8('\r')) {}
  __m128i at(__m128i bytes) const {
    return _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, delimiter)),
                        _mm_or_si128(_mm_cmpeq_epi8(bytes, lf), _mm_cmpeq_epi8(bytes, cr)));
  }
  __m128i quote, delimiter, lf, cr;
};

template <class Word>
inline __m128i move_two_words(char* out, const char* in, std::size_t size) {
  // The first and the last word of the text; they overlap when it is shorter than both.
  Word first;
  Word last;
  std::memcpy(&first, in, sizeof(Word));
  std::memcpy(&last, in + size - sizeof(Word), sizeof(Word));
  std::memcpy(out, &first, sizeof(Word));
  std::memcpy(out + size - sizeof(Word), &last, sizeof(Word));
  return _mm_set_epi64x(static_cast<long long>(last), static_cast<long long>(first));
}

inline bool copy_and_look(char* out, const char* in, std::size_t size, const Look& look, char delimiter) {
  if (size < 4) return copy_and_look_plain(out, in, size, delimiter);
  if (size < 8) return _mm_movemask_epi8(look.at(move_two_words<std::uint32_t>(out, in, size))) != 0;
  if (size < 16) return _mm_movemask_epi8(look.at(move_two_words<std::uint64_t>(out, in, size))) != 0;
  __m128i found = _mm_setzero_si128();
  const auto step = [&](std::size_t at) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + at));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + at), bytes);
    found = _mm_or_si128(found, look.at(bytes));
  };
  for (std::size_t at = 0; at + 16 <= size; at += 16) step(at);
  step(size - 16);
  return _mm_movemask_epi8(found) != 0;
}

#else

struct Look {
  explicit Look(char) {}
};
inline bool copy_and_look(char* out, const char* in, std::size_t size, const Look&, char delimiter) {
  return copy_and_look_plain(out, in, size, delimiter);
}

#endif

char* put_quoted(char* out, std::string_view text) {
  *out++ = '"';
  while (true) {
    const std::size_t quote = text.find('"');
    const std::size_t piece = quote == std::string_view::npos ? text.size() : quote + 1;
    std::memcpy(out, text.data(), piece);
    out += piece;
    if (quote == std::string_view::npos) break;
    *out++ = '"';
    text.remove_prefix(piece);
  }
  *out++ = '"';
  return out;
}

inline bool is_blank(char c) { return c == ' ' || c == '\t'; }

// What a row takes at most: every character a quote, quotes around every field, delimiters, the line end.
std::size_t most_bytes(std::span<const base::Cell> row) {
  std::size_t bytes = 2;
  for (const base::Cell& cell : row) bytes += 2 * std::size_t{cell.size} + 3;
  return bytes;
}

char* put_row(char* out, std::span<const base::Cell> row, char delimiter) {
  const Look look(delimiter);
  bool first = true;
  for (const base::Cell& cell : row) {
    if (!first) *out++ = delimiter;
    first = false;
    if (cell.null) continue;
    const std::size_t size = cell.size;
    if (size == 0) {
      *out++ = '"';
      *out++ = '"';
      continue;
    }
    if (copy_and_look(out, cell.data, size, look, delimiter) || is_blank(cell.data[0]) || is_blank(cell.data[size - 1])) {
      out = put_quoted(out, cell.text());
    } else {
      out += size;
    }
  }
  *out++ = '\r';
  *out++ = '\n';
  return out;
}

std::vector<base::Cell> cells_of(std::span<const std::string> names) {
  std::vector<base::Cell> cells;
  cells.reserve(names.size());
  for (const std::string& name : names) cells.push_back(base::Cell::of(name));
  return cells;
}

}  // namespace

void CsvWriter::append(Block& out, std::span<const base::Cell> row) const {
  char* const start = out.reserve(most_bytes(row));
  out.commit(static_cast<std::size_t>(put_row(start, row, delimiter_) - start));
}

void CsvWriter::append(std::string& out, std::span<const base::Cell> row) const {
  const std::size_t before = out.size();
  out.resize(before + most_bytes(row));
  const char* const end = put_row(out.data() + before, row, delimiter_);
  out.resize(static_cast<std::size_t>(end - out.data()));
}

void CsvWriter::append_header(Block& out, std::span<const std::string> names, bool byte_order_mark) const {
  if (byte_order_mark) out.append(kByteOrderMark);
  append(out, cells_of(names));
}

void CsvWriter::append_header(std::string& out, std::span<const std::string> names, bool byte_order_mark) const {
  if (byte_order_mark) out += kByteOrderMark;
  append(out, cells_of(names));
}

}  // namespace sluice::data
