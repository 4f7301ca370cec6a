#include "data/csv_reader.h"

#include <gtest/gtest.h>

#include <cstring>

#include "base/json.h"
#include "data/testing.h"

namespace sluice::data {
namespace {

using namespace std::string_literals;

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
      {"coordinates", "a,b\n2095257564,37°36'37.8\"N 121°2'17.9\"W\n1,2\n", {{"2095257564", "37°36'37.8\"N 121°2'17.9\"W"}, {"1", "2"}}},
      {"an odd number of them", "a,b\nx\",\"y,z\"\n1,\"2\n3\"\n", {{"x\"", "y,z"}, {"1", "2\n3"}}},
      {"at the end of the file", "a,b\n1,2\"", {{"1", "2\""}}},
  });
}

TEST(CsvReader, names_come_from_the_header_or_are_made) {
  EXPECT_EQ(read_text("a, b ,\"c d\"\n1,2,3\n").columns, (std::vector<std::string>{"a", "b", "c d"}));
  EXPECT_EQ(read_text(",b,\n1,2,3\n").columns, (std::vector<std::string>{"column_1", "b", "column_3"}));
  EXPECT_EQ(read_text("1,2\n", {.has_header = false}).columns, (std::vector<std::string>{"column_1", "column_2"}));
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
  const std::string utf16le = "\xFF\xFEi\0,\0\xE4\0\n\0\xAC\x20,\0\x34\xD8\x1E\xDD\n\0"s;
  EXPECT_EQ(read_every_way(utf16le, {.encoding = Encoding::utf16le}).rows, (Rows{{"€", "𝄞"}}));
  EXPECT_EQ(read_every_way(utf16le, {.encoding = Encoding::utf16le}).columns, (std::vector<std::string>{"i", "ä"}));
  const std::string utf16be = "\0i\0,\0\xE4\0\n\x20\xAC\0,\xD8\x34\xDD\x1E"s;
  EXPECT_EQ(read_every_way(utf16be, {.encoding = Encoding::utf16be}).rows, (Rows{{"€", "𝄞"}}));
  EXPECT_EQ(read_every_way("i,\xE4\n\x80,\x8Axxxxxxxxxxxxxxxx\xFF\n", {.encoding = Encoding::windows1252}).rows,
            (Rows{{"€", "Šxxxxxxxxxxxxxxxxÿ"}}));
  EXPECT_EQ(read_every_way("i,\xE4\n\xA4,\xFF\n", {.encoding = Encoding::iso8859_1}).rows, (Rows{{"¤", "ÿ"}}));
}

// ---- csv-spectrum, by max-mapper: the files where they are at hand, the same cases made anew always

TEST(CsvReader, csv_spectrum_made_anew) {
  expect_rows({
      {"comma in quotes",
       "first,last,address,city,zip\nJane,Roe,1 long st.,\"Sometown, XX\",01234",
       {{"Jane", "Roe", "1 long st.", "Sometown, XX", "01234"}}},
      {"empty", "a,b,c\n1,\"\",\"\"\n2,3,4", {{"1", "", ""}, {"2", "3", "4"}}},
      {"escaped quotes", "a,b\n1,\"oh \"\"oh\"\" oh\"\n3,4\n", {{"1", "oh \"oh\" oh"}, {"3", "4"}}},
      {"JSON", "key,val\n1,\"{\"\"kind\"\": \"\"Spot\"\", \"\"at\"\": [7.5, 1]}\"\n", {{"1", "{\"kind\": \"Spot\", \"at\": [7.5, 1]}"}}},
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
        EXPECT_EQ(without_cr(read.rows[i][c].value_or("")), without_cr(std::string(wanted[i].as_object()->get(read.columns[c]).text())));
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
