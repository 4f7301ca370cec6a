#include "data/csv_reader.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <functional>

#include "base/json.h"
#include "data/csv_scan.h"
#include "data/testing.h"

namespace sluice::data {
namespace {

using testing::Read;
using testing::read_every_way;
using testing::read_text;
using testing::Row;
using testing::Rows;

constexpr auto kNull = std::nullopt;

struct Case {
  const char* name;
  std::string text;
  Rows rows;
  CsvOptions options = {};
};

void expect_rows(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name);
    const Read read = read_every_way(one.text, one.options);
    EXPECT_EQ(read.reason, "") << read.detail;
    EXPECT_EQ(read.rows, one.rows);
  }
}

TEST(CsvReader, rows_are_read_as_RFC_4180_says) {
  expect_rows({
      {"plain", "a,b\n1,2\n", {{"1", "2"}}},
      {"no line end at the end", "a,b\n1,2", {{"1", "2"}}},
      {"CRLF", "a,b\r\n1,2\r\n3,4\r\n", {{"1", "2"}, {"3", "4"}}},
      {"CR alone", "a,b\r1,2\r3,4\r", {{"1", "2"}, {"3", "4"}}},
      {"CR alone at the very end", "a,b\r1,2\r3,4", {{"1", "2"}, {"3", "4"}}},
      {"line ends mixed", "a,b\r\n1,2\n3,4\r5,6", {{"1", "2"}, {"3", "4"}, {"5", "6"}}},
      {"LF before CR is two line ends", "a,b\n1,2\n\r3,4\n", {{"1", "2"}, {"3", "4"}}},
      {"a comma in quotes", "a,b\n\"1,2\",3\n", {{"1,2", "3"}}},
      {"quotes doubled", "a,b\n\"ha \"\"ha\"\" ha\",\"\"\"\"\n", {{"ha \"ha\" ha", "\""}}},
      {"only quotes", "a\n\"\"\"\"\"\"\n", {{"\"\""}}},
      {"quoted to the end of the file", "a,b\n1,\"2\"", {{"1", "2"}}},
      {"spaces belong to the value", "a,b\n 1 , 2\n", {{" 1 ", " 2"}}},
      {"a space before a quote makes it a character", "a,b\n 1, \"2\"\n", {{" 1", " \"2\""}}},
      {"a header and nothing else", "a,b", {}},
      {"letters beyond ASCII", "ä,b\n€,𝄞\n", {{"€", "𝄞"}}},
      {"a byte order mark",
       "\xEF\xBB\xBF"
       "a,b\n1,2\n",
       {{"1", "2"}}},
      {"a quoted header behind a byte order mark", "\xEF\xBB\xBF\"a\",b\n1,2\n", {{"1", "2"}}},
      {"semicolons", "a;b\n1,5;\"2;3\"\n", {{"1,5", "2;3"}}, {.delimiter = ';'}},
      {"tabs", "a\tb\tc\n1\t\t\n", {{"1", kNull, kNull}}, {.delimiter = '\t'}},
      {"single quotes", "a,b\n'1,2',3\n", {{"1,2", "3"}}, {.quote = '\''}},
      {"no header", "1,2\n3,4\n", {{"1", "2"}, {"3", "4"}}, {.has_header = false}},
  });
}

TEST(CsvReader, C_057_null_and_the_empty_text_are_told_apart) {
  expect_rows({
      {"beside each other", "a,b\n,\"\"\n", {{kNull, ""}}},
      {"at the end of a line", "a,b\n\"\",\n1,", {{"", kNull}, {"1", kNull}}},
      {"all null", "a,b,c\n,,\n", {{kNull, kNull, kNull}}},
      {"the word NULL is a word", "a,b\nNULL,\\N\n", {{"NULL", "\\N"}}},
      {"one column", "a\n\"\"\n\n1\n", {{""}, {kNull}, {"1"}}},
      {"one column, null first, no header", "\n\n1\n", {{kNull}, {kNull}, {"1"}}, {.has_header = false}},
  });
}

TEST(CsvReader, blank_lines_between_rows_of_several_columns_are_skipped) {
  const Read read = read_every_way("\n\r\na,b\n\n1,2\r\n\r\n\r\n3,4\n\n\n");
  EXPECT_EQ(read.reason, "");
  EXPECT_EQ(read.columns, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(read.rows, (Rows{{"1", "2"}, {"3", "4"}}));
  EXPECT_EQ(read.lines, (std::vector<std::uint64_t>{5, 8}));
}

TEST(CsvReader, C_054_C_056_line_ends_inside_quotes_belong_to_the_value) {
  expect_rows({
      {"LF", "a,b\n\"1\n2\",3\n", {{"1\n2", "3"}}},
      {"CRLF", "a,b\r\n\"1\r\n2\",3\r\n4,5", {{"1\r\n2", "3"}, {"4", "5"}}},
      {"CR", "a,b\n\"1\r2\",3\n", {{"1\r2", "3"}}},
      {"CR before the closing quote", "a,b\n\"1\r\",3\n4,5\n", {{"1\r", "3"}, {"4", "5"}}},
      {"only a line end", "a,b\n\"\n\",\"\r\n\"\n", {{"\n", "\r\n"}}},
  });
  const Read read = read_every_way("a,b\n\"1\r\n2\n3\",x\n4,\"\r\"\r5,6\n");
  EXPECT_EQ(read.lines, (std::vector<std::uint64_t>{2, 5, 7}));
}

TEST(CsvReader, quotes_inside_unquoted_fields_are_characters) {
  expect_rows({
      {"inches", "a,b\n6'2\",x\n", {{"6'2\"", "x"}}},
      {"coordinates",
       "a,b\n2095257564,37°36'37.8\"N 121°2'17.9\"W\n1,2\n",
       {{"2095257564", "37°36'37.8\"N 121°2'17.9\"W"}, {"1", "2"}}},
      {"an odd number of them", "a,b\nx\",\"y,z\"\n1,\"2\n3\"\n", {{"x\"", "y,z"}, {"1", "2\n3"}}},
      {"at the end of the file", "a,b\n1,2\"", {{"1", "2\""}}},
  });
}

TEST(CsvReader, names_come_from_the_header_or_are_made) {
  EXPECT_EQ(read_text("a, b ,\"c d\"\n1,2,3\n").columns, (std::vector<std::string>{"a", "b", "c d"}));
  EXPECT_EQ(read_text(",b,\n1,2,3\n").columns, (std::vector<std::string>{"column_1", "b", "column_3"}));
  EXPECT_EQ(read_text("1,2\n", {.has_header = false}).columns, (std::vector<std::string>{"column_1", "column_2"}));
}

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
      {"too many", "a,b\n1,\"2\n2\",3,4\n", "csv.wrong_field_count",
       "Line 3, column 4: the row has 4 fields, the first one has 2."},
      {"many too many", "a\n1,2,3,4,5,6,7,8,9\n", "csv.wrong_field_count",
       "Line 2, column 3: the row has 9 fields, the first one has 1."},
      {"nothing", "", "csv.empty", "The file has no rows."},
      {"a byte order mark and blank lines", "\xEF\xBB\xBF\r\n\n", "csv.empty", "The file has no rows."},
      {"the same name twice", "id,Name,name\n", "csv.duplicate_column",
       "Line 1, columns 2 and 3 of the table have the same name \"name\"."},
      {"four columns where three are possible",
       "a,b,c,d\n",
       "csv.too_many_columns",
       "Line 1, column 1: the first row has 4 fields, at most 3",
       0,
       {.max_columns = 3}},
  });
}

TEST(CsvReader, C_068_a_NUL_is_a_fault_with_a_place) {
  using namespace std::string_literals;
  expect_faults({
      {"inside a field", "a,b\n1,2\nx,y\0z\n"s, "csv.nul_character",
       "Line 3, column 4: a NUL character, which text cannot hold. Remove it", 1},
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
      {"cut off inside a character", "id\n1\nx\xE2\x82", "csv.bad_encoding",
       "Line 3, column 2: the file ends inside a character.", 1},
      {"undefined in windows-1252",
       "id\nx\x81\n",
       "csv.bad_encoding",
       "Line 2, column 2: the byte 0x81 is not windows-1252.",
       0,
       {.encoding = Encoding::windows1252}},
      {"half a surrogate pair",
       std::string("i\0d\0\n\0\x00\xD8x\0", 10),
       "csv.bad_encoding",
       "Line 2, column 1: half of a surrogate pair is not utf-16le.",
       0,
       {.encoding = Encoding::utf16le}},
      {"half a character",
       std::string("i\0d\0\n\0x", 7),
       "csv.bad_encoding",
       "Line 2, column 1: half a character at the end of the file is not utf-16le.",
       0,
       {.encoding = Encoding::utf16le}},
      {"the other byte order",
       std::string("\xFE\xFF\0a", 4),
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
      {"a stray quote before the limit",
       "a\n\"1234\"x8901\n",
       "csv.stray_quote",
       "Line 2, column 7:",
       0,
       {.max_field_bytes = 10}},
      {"a row too large before its field is",
       "a,b\n123456,1234567890123\n",
       "csv.row_too_large",
       "Line 2, column 1:",
       0,
       {.max_field_bytes = 10, .max_row_bytes = 12}},
      {"a field beyond the columns",
       "a\n1,2,3,12345678901\n",
       "csv.field_too_large",
       "Line 2, column 7:",
       0,
       {.max_field_bytes = 10}},
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

TEST(CsvReader, reading_goes_on_behind_a_row_with_another_number_of_fields) {
  auto reader = CsvReader::open(std::make_unique<MemorySource>("a,b\n1\n2,\"x\ny\"\n3,4,5\n6,7"));
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ(reader->next().error().reason, "csv.wrong_field_count");
  EXPECT_EQ(reader->line(), 2U);
  EXPECT_EQ(testing::to_row(*reader->next()), (Row{"2", "x\ny"}));
  EXPECT_EQ(reader->next().error().reason, "csv.wrong_field_count");
  EXPECT_EQ(reader->line(), 5U);
  EXPECT_FALSE(reader->at_end());
  EXPECT_EQ(testing::to_row(*reader->next()), (Row{"6", "7"}));
  EXPECT_EQ(reader->row_number(), 4U);
  EXPECT_TRUE(reader->at_end());
  EXPECT_TRUE(reader->next()->empty());
  EXPECT_TRUE(reader->next()->empty());
}

TEST(CsvReader, other_faults_are_final) {
  auto reader = CsvReader::open(std::make_unique<MemorySource>("a,b\n\"1\"x,2\n3,4\n"));
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ(reader->next().error().reason, "csv.stray_quote");
  EXPECT_EQ(reader->next().error().reason, "csv.stray_quote");
}

TEST(CsvReader, errors_of_the_source_are_passed_on) {
  int calls = 0;
  auto source = std::make_unique<FunctionSource>([&calls](std::span<char> buffer) -> base::Result<std::size_t> {
    if (++calls == 2) return base::Error{.code = base::Code::upstream_unavailable, .reason = "far.gone"};
    std::memset(buffer.data(), '\n', buffer.size());
    std::memcpy(buffer.data(), "a,b\n1,2\n", 8);
    return buffer.size();
  });
  auto reader = CsvReader::open(std::move(source));
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ(testing::to_row(*reader->next()), (Row{"1", "2"}));
  EXPECT_EQ(reader->next().error().reason, "far.gone");
  EXPECT_EQ(reader->next().error().reason, "far.gone");
  EXPECT_EQ(CsvReader::open_file("/nowhere/x.csv").error().reason, "file.not_found");
  EXPECT_EQ(CsvReader::open_file("/").error().reason, "file.not_a_file");
}

TEST(CsvReader, other_encodings_become_UTF_8) {
  const std::string utf16le("\xFF\xFEi\0,\0\xE4\0\n\0\xAC\x20,\0\x34\xD8\x1E\xDD\n\0", 22);
  EXPECT_EQ(read_every_way(utf16le, {.encoding = Encoding::utf16le}).rows, (Rows{{"€", "𝄞"}}));
  EXPECT_EQ(read_every_way(utf16le, {.encoding = Encoding::utf16le}).columns, (std::vector<std::string>{"i", "ä"}));
  const std::string utf16be("\0i\0,\0\xE4\0\n\x20\xAC\0,\xD8\x34\xDD\x1E", 16);
  EXPECT_EQ(read_every_way(utf16be, {.encoding = Encoding::utf16be}).rows, (Rows{{"€", "𝄞"}}));
  EXPECT_EQ(read_every_way("i,\xE4\n\x80,\x8Axxxxxxxxxxxxxxxx\xFF\n", {.encoding = Encoding::windows1252}).rows,
            (Rows{{"€", "Šxxxxxxxxxxxxxxxxÿ"}}));
  EXPECT_EQ(read_every_way("i,\xE4\n\xA4,\xFF\n", {.encoding = Encoding::iso8859_1}).rows, (Rows{{"¤", "ÿ"}}));
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

TEST(CsvReader, random_text_is_read_as_an_independent_reader_does) {
  std::mt19937 random(7);
  const std::string_view kinds[] = {"aaaaaaaa,\n", "a,\"\n", "ab,,\"\"\n\r", "\"\"\"\"\",\n", "a\",\r\n"};
  for (int round = 0; round < 20'000; ++round) {
    const std::string_view alphabet = kinds[random() % 5];
    std::string text = "x,y\n";
    for (std::size_t size = random() % 300; size > 0; --size) text += alphabet[random() % alphabet.size()];
    const Naive wanted = read_naively(text);
    // Rows of another width are faults for us; both sides compare what all rows hold.
    auto reader =
        CsvReader::open(std::make_unique<MemorySource>(text), {.has_header = false, .block_bytes = 128 + random() % 64});
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

// ---- csv-spectrum, by max-mapper: the files where they are at hand, the same cases made anew always

TEST(CsvReader, csv_spectrum_made_anew) {
  expect_rows({
      {"comma in quotes",
       "first,last,address,city,zip\nJane,Roe,1 long st.,\"Sometown, XX\",01234",
       {{"Jane", "Roe", "1 long st.", "Sometown, XX", "01234"}}},
      {"empty", "a,b,c\n1,\"\",\"\"\n2,3,4", {{"1", "", ""}, {"2", "3", "4"}}},
      {"escaped quotes", "a,b\n1,\"oh \"\"oh\"\" oh\"\n3,4\n", {{"1", "oh \"oh\" oh"}, {"3", "4"}}},
      {"JSON",
       "key,val\n1,\"{\"\"kind\"\": \"\"Spot\"\", \"\"at\"\": [7.5, 1]}\"\n",
       {{"1", "{\"kind\": \"Spot\", \"at\": [7.5, 1]}"}}},
      {"newlines",
       "a,b,c\n1,2,3\n\"Long ago \nin a land\",5,6\n7,8,9\n",
       {{"1", "2", "3"}, {"Long ago \nin a land", "5", "6"}, {"7", "8", "9"}}},
      {"newlines, CRLF", "a,b\r\n\"Long \r\nago\",5\r\n", {{"Long \r\nago", "5"}}},
      {"quotes and newlines", "a,b\n1,\"oh \n\"\"oh\"\" \noh\"\n3,4\n", {{"1", "oh \n\"oh\" \noh"}, {"3", "4"}}},
      {"utf8", "a,b,c\n1,2,3\n4,5,ʤ", {{"1", "2", "3"}, {"4", "5", "ʤ"}}},
  });
}

TEST(CsvReader, csv_spectrum_as_published) {
  const std::string folder = testing::shared_data();
  if (folder.empty()) GTEST_SKIP() << "no shared data beside the repository";
  for (const char* name : {"comma_in_quotes", "empty", "empty_crlf", "escaped_quotes", "json", "newlines", "newlines_crlf",
                           "quotes_and_newlines", "simple", "simple_crlf", "utf8"}) {
    SCOPED_TRACE(name);
    const Read read = read_every_way(testing::file_text(folder + "/csv-spectrum/csvs/" + name + ".csv"));
    ASSERT_EQ(read.reason, "");
    const auto json = base::json::parse(testing::file_text(folder + "/csv-spectrum/json/" + name + ".json"));
    ASSERT_TRUE(json.ok());
    const auto& wanted = *json->as_array();
    // The copies of the two CRLF files with line ends in fields have lost their CRs; what matters is the text.
    const auto without_cr = [](std::string text) {
      std::erase(text, '\r');
      return text;
    };
    ASSERT_EQ(read.rows.size(), wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      for (std::size_t c = 0; c < read.columns.size(); ++c) {
        EXPECT_EQ(without_cr(read.rows[i][c].value_or("")),
                  without_cr(std::string(wanted[i].as_object()->get(read.columns[c]).text())));
      }
    }
  }
  // Its JSON is of another row; the quotes in the coordinates are the point.
  const Read read = read_every_way(testing::file_text(folder + "/csv-spectrum/csvs/location_coordinates.csv"));
  ASSERT_EQ(read.reason, "");
  EXPECT_TRUE(read.rows[0][1]->ends_with("17.9\"W"));
}

}  // namespace
}  // namespace sluice::data
