#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <functional>

#include "data/csv_reader.h"
#include "data/testing.h"

namespace sluice::data {
namespace {

using namespace std::string_literals;
using testing::Read;
using testing::read_every_way;
using testing::read_text;
using testing::Row;
using testing::Rows;

struct Fault {
  const char* name;
  std::string text;
  std::string reason;
  std::string detail;  // how it begins
  std::size_t rows = 0;
  CsvOptions options = {};
};

void expect_faults(const std::vector<Fault>& faults) {
  for (const Fault& one : faults) {
    SCOPED_TRACE(one.name);
    const Read read = read_every_way(one.text, one.options);
    EXPECT_EQ(read.reason, one.reason);
    EXPECT_EQ(read.detail.substr(0, one.detail.size()), one.detail);
    EXPECT_EQ(read.rows.size(), one.rows);
  }
}

TEST(CsvReader, faults_name_line_and_column_and_what_to_do) {
  expect_faults({
      {"never closed", "a,b\n1,2\n1,\"ä\n", "csv.unclosed_quote",
       "Line 3, column 3: a quote is opened and never closed. Close it, or write", 1},
      {"never closed, last character", "a,b\n1,\"", "csv.unclosed_quote", "Line 2, column 3:"},
      {"text behind a closing quote", "a,b\n\"ä\"x,2\n", "csv.stray_quote",
       "Line 2, column 4: text follows the quote that closes a field."},
      {"a space behind a closing quote", "a,b\n\"1\" ,2\n", "csv.stray_quote", "Line 2, column 4:"},
      {"a field over two lines", "a,b\n1,\"2\n3\"x\n", "csv.stray_quote",
       "Line 3, column 3: text follows the quote that closes a field. Quotes inside a quoted field are written twice. The "
       "field begins in "
       "line 2, column 3;"},
      {"too few", "a,b,c\n1,2\n", "csv.wrong_field_count", "Line 2, column 4: the row has 2 fields, the first one has 3."},
      {"too many", "a,b\n1,\"2\n2\",3,4\n", "csv.wrong_field_count", "Line 3, column 4: the row has 4 fields, the first one has 2."},
      {"many too many", "a\n1,2,3,4,5,6,7,8,9\n", "csv.wrong_field_count", "Line 2, column 3: the row has 9 fields, the first one has 1."},
      {"nothing", "", "csv.empty", "Line 1, column 1: the file ends without a single row."},
      {"a byte order mark and blank lines", "\xEF\xBB\xBF\r\n\n", "csv.empty", "Line 1, column 1: the file ends without a single row."},
      {"the same name twice", "id,Name,name\n", "csv.duplicate_column",
       "Line 1: columns 2 and 3 of the table have the same name \"name\"."},
      {"four columns where three are possible",
       "a,b,c,d\n",
       "csv.too_many_columns",
       "Line 1, column 1: the first row has 4 fields, at most 3",
       0,
       {.max_columns = 3}},
  });
}

TEST(CsvReader, C_068_a_NUL_is_a_fault_with_a_place) {
  expect_faults({
      {"inside a field", "a,b\n1,2\nx,y\0z\n"s, "csv.nul_character", "Line 3, column 4: a NUL character, which text cannot hold. Remove it",
       1},
      {"UTF-16 read as UTF-8", "a\0,\0b\0\n\0"s, "csv.nul_character",
       "Line 1, column 2: a NUL character, which text cannot hold. The file may be utf-16le; choose that encoding."},
      {"the other byte order", "\0a\0,\0b\0\n"s, "csv.nul_character",
       "Line 1, column 1: a NUL character, which text cannot hold. The file may be utf-16be; choose that encoding."},
  });
}

TEST(CsvReader, bytes_of_another_encoding_are_a_fault_that_names_it) {
  expect_faults({
      {"Latin-1", "id,name\n1,ä\n2,Ren\xE9 Descartes\n", "csv.bad_encoding",
       "Line 3, column 6: the byte 0xE9 is not utf-8. The file may be windows-1252, where this is \"é\"; choose that "
       "encoding.",
       1},
      {"Latin-1 in quotes", "id,name\n1,\"Ren\xE9\"\n", "csv.bad_encoding", "Line 2, column 7: the byte 0xE9"},
      {"not windows-1252 either", "id\nx\x81\n", "csv.bad_encoding",
       "Line 2, column 2: the byte 0x81 is not utf-8. The file may be iso-8859-1"},
      {"UTF-16 with its mark", "\xFF\xFEi\x01", "csv.bad_encoding",
       "Line 1, column 1: the byte 0xFF is not utf-8. The file begins as utf-16le does"},
      {"cut off inside a character", "id\n1\nx\xE2\x82", "csv.bad_encoding", "Line 3, column 2: the file ends inside a character.", 1},
      {"undefined in windows-1252",
       "id\nx\x81\n",
       "csv.bad_encoding",
       "Line 2, column 2: the byte 0x81 is not windows-1252.",
       0,
       {.encoding = Encoding::windows1252}},
      {"half a surrogate pair",
       "i\0d\0\n\0\x00\xD8x\0"s,
       "csv.bad_encoding",
       "Line 2, column 1: half of a surrogate pair is not utf-16le.",
       0,
       {.encoding = Encoding::utf16le}},
      {"half a character",
       "i\0d\0\n\0x"s,
       "csv.bad_encoding",
       "Line 2, column 1: half a character at the end of the file is not utf-16le.",
       0,
       {.encoding = Encoding::utf16le}},
      {"the other byte order",
       "\xFE\xFF\0a"s,
       "csv.bad_encoding",
       "Line 1, column 1: the byte order mark of the other byte order",
       0,
       {.encoding = Encoding::utf16le}},
  });
}

TEST(CsvReader, the_first_fault_in_the_file_is_the_one_reported) {
  expect_faults({
      {"a stray quote before a bad byte", "a\n\"1\"x\xE9", "csv.stray_quote", "Line 2, column 4:"},
      {"a bad byte before a stray quote", "a\n\"1\xE9\"x", "csv.bad_encoding", "Line 2, column 3:"},
      {"a bad byte inside an open quote", "a\n\"1\xE9", "csv.bad_encoding", "Line 2, column 3:"},
      {"a field too large before a stray quote",
       "a\n\"12345678901\"x\n",
       "csv.field_too_large",
       "Line 2, column 1:",
       0,
       {.max_field_bytes = 10}},
      {"a stray quote before the limit", "a\n\"1234\"x8901\n", "csv.stray_quote", "Line 2, column 7:", 0, {.max_field_bytes = 10}},
      {"a row too large before its field is",
       "a,b\n123456,1234567890123\n",
       "csv.row_too_large",
       "Line 2, column 1:",
       0,
       {.max_field_bytes = 10, .max_row_bytes = 12}},
      {"a field beyond the columns", "a\n1,2,3,12345678901\n", "csv.field_too_large", "Line 2, column 7:", 0, {.max_field_bytes = 10}},
  });
}

TEST(CsvReader, limits_are_exact) {
  const CsvOptions options{.max_field_bytes = 200, .max_row_bytes = 500};
  const std::string fits(200, 'x');
  EXPECT_EQ(read_every_way("a,b\n" + fits + "," + fits + "\n", options).reason, "");
  EXPECT_EQ(read_every_way("a,b\n" + fits + "x,1\n", options).reason, "csv.field_too_large");
  EXPECT_EQ(read_every_way("a,b\n1,\"" + fits + "\"\n", options).reason, "csv.field_too_large");
  EXPECT_EQ(read_every_way("a,b,c\n" + fits + "," + fits + "," + fits + "\n", options).reason, "csv.row_too_large");
}

// A file that is never in memory: `lines` lines made by `make`.
std::unique_ptr<Source> generated(std::size_t lines, std::function<std::string(std::size_t)> make) {
  auto state = std::make_shared<std::pair<std::size_t, std::string>>(0, "");
  return std::make_unique<FunctionSource>([=](std::span<char> buffer) -> base::Result<std::size_t> {
    auto& [line, rest] = *state;
    while (rest.size() < buffer.size() && line < lines) rest += make(++line);
    const std::size_t size = std::min(buffer.size(), rest.size());
    std::memcpy(buffer.data(), rest.data(), size);
    rest.erase(0, size);
    return size;
  });
}

TEST(CsvReader, a_broken_quote_in_line_900000_is_found_there) {
  auto source = generated(1'000'000, [](std::size_t line) {
    if (line == 1) return std::string("id,name,city\n");
    if (line == 900'000) return std::string("899999,Jürgen\"x\",\"Wien\n");
    return std::to_string(line) + ",\"Anna\",Graz\n";
  });
  auto reader = CsvReader::open(std::move(source));
  ASSERT_TRUE(reader.ok());
  std::uint64_t rows = 0;
  auto row = reader->next();
  for (; row.ok() && !row->empty(); row = reader->next()) ++rows;
  ASSERT_FALSE(row.ok());
  // The quote before Anna in the next line closes the field, and that is where it shows.
  EXPECT_EQ(row.error().reason, "csv.stray_quote");
  EXPECT_EQ(row.error().detail.substr(0, 26), "Line 900001, column 9: tex");
  EXPECT_NE(row.error().detail.find("begins in line 900000, column 18"), std::string::npos) << row.error().detail;
  EXPECT_EQ(rows, 899'998U);
}

TEST(CsvReader, an_unclosed_quote_in_line_900000_names_its_line_and_column) {
  auto source = generated(1'000'000, [](std::size_t line) {
    if (line == 1) return std::string("id,name\n");
    return std::to_string(line) + (line == 900'000 ? ",Wien,\"Graz\n" : ",Graz\n");
  });
  auto reader = CsvReader::open(std::move(source));
  ASSERT_TRUE(reader.ok());
  auto row = reader->next();
  while (row.ok() && !row->empty()) row = reader->next();
  ASSERT_FALSE(row.ok());
  EXPECT_EQ(row.error().reason, "csv.unclosed_quote");
  EXPECT_EQ(row.error().detail.substr(0, 74), "Line 900000, column 13: a quote is opened and never closed. Close it, or w");
}

// Peak memory of a child process that runs `work`, in KiB.
long peak_of(const std::function<void()>& work) {
  const pid_t child = fork();
  if (child == 0) {
    work();
    _exit(0);
  }
  int status = 0;
  rusage usage{};
  EXPECT_EQ(wait4(child, &status, 0, &usage), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  return usage.ru_maxrss;
}

TEST(CsvReader, C_065_a_field_of_300_MB_is_refused_and_memory_stays_flat) {
  const auto read = [](bool quoted) {
    auto source = generated(302, [quoted](std::size_t line) {
      if (line == 1) return std::string("id,name\n1,2\n");
      if (line == 2) return std::string(quoted ? "2,\"" : "2,");
      return std::string(1'000'000, 'x');
    });
    return testing::read_from(std::move(source), {});
  };
  for (const bool quoted : {false, true}) {
    const long before = peak_of([] {});
    const long during = peak_of([&] {
      const Read result = read(quoted);
      if (result.reason != "csv.field_too_large" || result.rows.size() != 1) _exit(1);
      if (!result.detail.starts_with("Line 3, column 3: this field is larger than 16 MiB.")) _exit(2);
    });
#if !defined(__has_feature) || !__has_feature(address_sanitizer)
    EXPECT_LT(during - before, 64 * 1024) << "KiB more than before";
#endif
    (void)before;
    (void)during;
  }
}

TEST(CsvReader, a_field_just_below_the_limit_is_read) {
  const std::string text(15'000'000, 'x');
  const Read read = read_text("a,b\n1," + text + "\n2,\"" + text + "\"\n");
  ASSERT_EQ(read.reason, "");
  EXPECT_EQ(read.rows[0][1], text);
  EXPECT_EQ(read.rows[1][1], text);
}

TEST(CsvReader, two_thousand_columns_are_read_and_one_more_is_not) {
  std::string header;
  std::string row;
  for (int i = 0; i < 2'000; ++i) {
    header += (i == 0 ? "c" : ",c") + std::to_string(i);
    row += i == 0 ? "" : ",";
  }
  const Read read = read_every_way(header + "\n" + row + "\n");
  EXPECT_EQ(read.reason, "");
  EXPECT_EQ(read.columns.size(), 2'000U);
  EXPECT_EQ(read.rows, Rows(1, Row(2'000)));
  EXPECT_EQ(read_text(header + ",x\n").reason, "csv.too_many_columns");
}

}  // namespace
}  // namespace sluice::data
