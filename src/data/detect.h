// detect: what a CSV file most likely is (encoding, delimiter, header) and what its columns hold, from a sample of its rows,
// so that a person can look, correct and import. Files up to 64 MiB are read whole, of larger ones the first 32 MiB. Memory
// stays flat but for the hashes by which key candidates are found (64 MiB at most).
//
// A column gets a type only when every value is written the way cell.h wants it: 07030 (a leading zero), +43 1 234, 1e5,
// 1,234, 1,5 and 31.12.2026 stay text, and a warning says so when a person may have expected otherwise. Empty values do not
// count, quoted or not; a column without values is text. Timestamps may be without a zone; they are then taken as UTC, with
// a warning.
//
// Errors are those of CsvReader and of opening the file.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/cell.h"
#include "base/describe.h"
#include "base/result.h"
#include "data/csv_reader.h"
#include "data/source.h"

namespace sluice::data {

enum class LineEnd : std::uint8_t { lf, crlf, cr, mixed };
constexpr auto enum_names(LineEnd) {
  using namespace std::string_view_literals;
  return std::array{"lf"sv, "crlf"sv, "cr"sv, "mixed"sv};
}

// What the person has decided; the rest is found out under these.
struct DetectOverrides {
  std::optional<Encoding> encoding;
  std::optional<char> delimiter;
  std::optional<bool> has_header;
};

struct DetectLimits {
  std::uint64_t whole_bytes = std::uint64_t{64} << 20;   // up to this size all of it is read
  std::uint64_t sample_bytes = std::uint64_t{32} << 20;  // of larger ones
};

struct DetectedColumn {
  std::string name;
  base::ColumnType type = base::ColumnType::text;
  bool nullable = false;              // some value in the sample is empty
  std::int64_t empty_count = 0;       // null or empty text, in the sample
  bool key_candidate = false;         // no empties and no value twice, in the sample (or, of millions of rows, the first ones)
  std::vector<std::string> examples;  // up to 5 different values, cut at 100 characters

  template <class V, class S>
  static void describe(V& v, S& s) {
    v("name", s.name);
    v("type", s.type);
    v("nullable", s.nullable);
    v("empty_count", s.empty_count);
    v("key_candidate", s.key_candidate);
    v("examples", s.examples);
  }
};

struct Detected {
  Encoding encoding = Encoding::utf8;
  std::string delimiter = ",";  // one character
  bool has_header = true;
  LineEnd line_end = LineEnd::lf;
  std::vector<DetectedColumn> columns;
  std::vector<std::string> key_candidates;                       // names, the likeliest first
  std::vector<std::vector<std::optional<std::string>>> preview;  // the first 20 rows; cells cut at 200 characters
  std::int64_t sampled_rows = 0;
  bool whole_file = true;             // the sample is all of it
  std::vector<std::string> warnings;  // sentences

  CsvOptions options() const { return {.encoding = encoding, .delimiter = delimiter.front(), .has_header = has_header}; }

  template <class V, class S>
  static void describe(V& v, S& s) {
    v("encoding", s.encoding);
    v("delimiter", s.delimiter);
    v("has_header", s.has_header);
    v("line_end", s.line_end);
    v("columns", s.columns);
    v("key_candidates", s.key_candidates);
    v("preview", s.preview);
    v("sampled_rows", s.sampled_rows);
    v("whole_file", s.whole_file);
    v("warnings", s.warnings);
  }
};

// Opens the same bytes from the start, as often as it is called.
using OpenSource = std::function<base::Result<std::unique_ptr<Source>>()>;

base::Result<Detected> detect(const OpenSource& open, const DetectOverrides& overrides = {}, DetectLimits limits = {});
base::Result<Detected> detect_file(const std::string& path, const DetectOverrides& overrides = {}, DetectLimits limits = {});

}  // namespace sluice::data
