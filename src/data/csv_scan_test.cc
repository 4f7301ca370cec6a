#include "data/csv_scan.h"

#include <gtest/gtest.h>

#include <random>

#include "data/csv_reader.h"
#include "data/testing.h"

namespace sluice::data {
namespace {

using testing::Row;
using testing::Rows;

// ---- an independent reading, one character at a time, as the measure for random text

struct Naive {
  Rows rows;
  std::string reason;
};

Naive read_naively(std::string_view text) {
  Naive out;
  std::size_t i = 0;
  const auto line_end = [&](std::size_t at) { return text[at] == '\n' || text[at] == '\r'; };
  while (i < text.size()) {
    Row row;
    bool blank = line_end(i);
    while (true) {
      std::string cell;
      bool quoted = false;
      if (i < text.size() && text[i] == '"') {
        quoted = true;
        ++i;
        while (true) {
          if (i >= text.size()) return {out.rows, "csv.unclosed_quote"};
          if (text[i] == '"' && i + 1 < text.size() && text[i + 1] == '"')
            ++i;
          else if (text[i] == '"')
            break;
          cell += text[i++];
        }
        ++i;
        if (i < text.size() && text[i] != ',' && !line_end(i)) return {out.rows, "csv.stray_quote"};
      } else {
        while (i < text.size() && text[i] != ',' && !line_end(i)) cell += text[i++];
      }
      row.push_back(!quoted && cell.empty() ? std::nullopt : std::optional(cell));
      if (i >= text.size() || text[i] != ',') break;
      ++i;
    }
    if (i < text.size()) i += text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n' ? 2 : 1;
    if (!blank) out.rows.push_back(std::move(row));
  }
  return out;
}

void compare_with_naive() {
  std::mt19937 random(7);
  const std::string_view kinds[] = {"aaaaaaaa,\n", "a,\"\n", "ab,,\"\"\n\r", "\"\"\"\"\",\n", "a\",\r\n"};
  for (int round = 0; round < 20'000; ++round) {
    const std::string_view alphabet = kinds[random() % 5];
    std::string text = "x,y\n";
    for (std::size_t size = random() % 300; size > 0; --size) text += alphabet[random() % alphabet.size()];
    const Naive wanted = read_naively(text);
    // Rows of another width are faults for us; both sides compare what all rows hold.
    auto reader = CsvReader::open(std::make_unique<MemorySource>(text), {.has_header = false, .block_bytes = 128 + random() % 64});
    ASSERT_TRUE(reader.ok());
    Rows rows;
    std::string reason;
    std::size_t skipped = 0;
    while (true) {
      const auto cells = reader->next();
      if (cells.ok() && cells->empty()) break;
      if (cells.ok())
        rows.push_back(testing::to_row(*cells));
      else if (cells.error().reason == "csv.wrong_field_count")
        ++skipped;
      else {
        reason = cells.error().reason;
        break;
      }
    }
    Rows narrow;
    for (const Row& row : wanted.rows) {
      if (row.size() == 2) narrow.push_back(row);
    }
    ASSERT_EQ(reason, wanted.reason) << text;
    ASSERT_EQ(rows, narrow) << text;
    ASSERT_EQ(skipped, wanted.rows.size() - narrow.size()) << text;
  }
}

TEST(CsvReader, random_text_is_read_as_an_independent_reader_does) {
  compare_with_naive();
  scan::use_vectors_in_tests(false);
  compare_with_naive();
  scan::use_vectors_in_tests(true);
}

TEST(CsvScan, both_scanners_find_the_same_fields) {
  if (!scan::has_avx2()) GTEST_SKIP() << "this processor has one scanner only";
  std::mt19937 random(11);
  const std::string_view alphabet = "aaaaaaaaaaaa,,,,\"\"\n\r";
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::size_t size = 1 + random() % 400; size > 0; --size) text += alphabet[random() % alphabet.size()];
    const std::size_t size = text.size();
    text.append(scan::kPadding, '\0');
    const scan::Window window{.bytes = text.data(), .end = size};
    std::vector<base::Cell> one(500);
    std::vector<base::Cell> two(500);
    scan::Progress progress;
    std::size_t start = 0;
    while (start < size) {
      scan::Row exact{.cells = one.data(), .capacity = one.size(), .start = start};
      scan::Row fast{.cells = two.data(), .capacity = two.size(), .start = start};
      const scan::Status wanted = scan::scan_exact(window, exact);
      const scan::Status found = scan::scan_avx2(window, progress, fast);
      if (found == scan::Status::out_of_place) {
        if (wanted != scan::Status::complete) break;
        progress.restart(exact.end + 1);
      } else {
        ASSERT_EQ(found, wanted) << text;
        if (wanted != scan::Status::complete) break;
        ASSERT_EQ(fast.count, exact.count) << text;
        for (std::size_t i = 0; i < exact.count; ++i) ASSERT_EQ(one[i].text(), two[i].text()) << text;
        ASSERT_EQ(fast.end, exact.end);
      }
      start = exact.end + 1;
      if (text[exact.end] == '\r' && start < size && text[start] == '\n' && progress.next < ++start) progress.restart(start);
    }
  }
}

}  // namespace
}  // namespace sluice::data
