#include "data/csv_writer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "base/json.h"
#include "data/testing.h"

namespace sluice::data {
namespace {

using testing::Row;
using testing::Rows;

std::vector<base::Cell> cells_of(const Row& row) {
  std::vector<base::Cell> cells;
  for (const auto& cell : row) cells.push_back(cell ? base::Cell::of(*cell) : base::Cell());
  return cells;
}

std::string written(const Row& row, char delimiter = ',') {
  std::string text;
  CsvWriter(delimiter).append(text, cells_of(row));
  Block block;
  CsvWriter(delimiter).append(block, cells_of(row));
  EXPECT_EQ(block.view(), text);
  return text;
}

TEST(CsvWriter, EXP_56_fields_are_quoted_when_they_must_be_and_only_then) {
  struct Case {
    const char* name;
    Row row;
    std::string text;
    char delimiter = ',';
  };
  const Case cases[] = {
      {"plain", {"a", "bc", "12.50"}, "a,bc,12.50\r\n"},
      {"the delimiter", {"a,b", "c"}, "\"a,b\",c\r\n"},
      {"another delimiter", {"a,b", "c;d"}, "a,b;\"c;d\"\r\n", ';'},
      {"a tab as delimiter", {"a\tb", "c,d"}, "\"a\tb\"\tc,d\r\n", '\t'},
      {"quotes are doubled", {"6'2\"", "\"\""}, "\"6'2\"\"\",\"\"\"\"\"\"\r\n"},
      {"leading and trailing space", {" a", "b ", "\tc", " "}, "\" a\",\"b \",\"\tc\",\" \"\r\n"},
      {"a space inside", {"a b"}, "a b\r\n"},
      {"a long one", {"a text of more than sixteen bytes, with a comma"}, "\"a text of more than sixteen bytes, with a comma\"\r\n"},
      {"a comma in the last of seventeen bytes", {"0123456789abcdef,"}, "\"0123456789abcdef,\"\r\n"},
      {"letters beyond ASCII", {"ä", "€uro", "𝄞"}, "ä,€uro,𝄞\r\n"},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name);
    EXPECT_EQ(written(one.row, one.delimiter), one.text);
  }
}

TEST(CsvWriter, C_054_line_ends_in_values_are_quoted) {
  EXPECT_EQ(written({"a\nb", "c\rd", "e\r\nf", "\n"}), "\"a\nb\",\"c\rd\",\"e\r\nf\",\"\n\"\r\n");
}

TEST(CsvWriter, C_057_C_058_null_is_nothing_and_the_empty_text_is_quotes) {
  EXPECT_EQ(written({std::nullopt, "", std::nullopt}), ",\"\",\r\n");
  EXPECT_EQ(written({std::nullopt}), "\r\n");
  EXPECT_EQ(written({"NULL"}), "NULL\r\n");
}

TEST(CsvWriter, C_064_values_are_not_made_harmless_for_spreadsheets) {
  EXPECT_EQ(written({"+45 12 34", "=1+1", "@x", "-1"}), "+45 12 34,=1+1,@x,-1\r\n");
}

TEST(CsvWriter, C_059_a_byte_order_mark_is_written_when_asked_for) {
  const std::vector<std::string> names = {"id", "full name", "a,b"};
  std::string text;
  CsvWriter().append_header(text, names);
  EXPECT_EQ(text, "id,full name,\"a,b\"\r\n");
  Block block;
  CsvWriter(';').append_header(block, names, true);
  EXPECT_EQ(block.view(), "\xEF\xBB\xBFid;full name;a,b\r\n");
}

TEST(CsvWriter, every_special_byte_at_every_place_is_noticed) {
  for (const char special : {'"', ',', '\r', '\n'}) {
    for (std::size_t size = 1; size < 70; ++size) {
      for (std::size_t at = 0; at < size; ++at) {
        std::string text(size, 'x');
        text[at] = special;
        ASSERT_EQ(written({text}).front(), '"') << size << " " << at;
      }
      ASSERT_EQ(written({std::string(size, 'x')}).size(), size + 2);
    }
  }
}

TEST(CsvWriter, a_row_larger_than_a_block_makes_the_block_grow) {
  Block block;
  const std::string large(3'000'000, '"');
  CsvWriter().append(block, cells_of({"1", large}));
  EXPECT_EQ(block.size(), 2 + 2 + 6'000'000 + 2U);
  EXPECT_TRUE(block.full());
}

TEST(CsvWriter, C_053_rows_written_are_read_back_as_the_same_cells) {
  for (const char delimiter : {',', ';', '\t', '|'}) {
    testing::RowMaker maker(static_cast<std::uint32_t>(delimiter));
    const std::size_t columns = delimiter == '|' ? 1 : 1 + maker.below(9);
    Rows rows;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < columns; ++i) names.push_back("c" + std::to_string(i));
    std::string text;
    const CsvWriter writer(delimiter);
    writer.append_header(text, names);
    for (int i = 0; i < 10'000; ++i) {
      rows.push_back(maker.row(columns));
      writer.append(text, cells_of(rows.back()));
    }
    for (const std::size_t chunk : {std::size_t{1}, std::size_t{4'096}, std::size_t{1} << 20}) {
      for (const std::size_t block : {std::size_t{128}, std::size_t{1} << 20}) {
        const testing::Read read = testing::read_text(text, {.delimiter = delimiter, .block_bytes = block}, chunk);
        ASSERT_EQ(read.reason, "") << read.detail;
        EXPECT_EQ(read.columns, names);
        EXPECT_TRUE(read.rows == rows) << "delimiter " << delimiter << " chunk " << chunk;
      }
    }
  }
}

TEST(CsvWriter, EXP_56_python_reads_what_we_write) {
  if (std::system("python3 -c '' 2>/dev/null") != 0) GTEST_SKIP() << "no python3";
  testing::RowMaker maker(5);
  std::string text;
  base::json::Array wanted;
  for (int i = 0; i < 2'000; ++i) {
    const Row row = maker.row(6);
    CsvWriter().append(text, cells_of(row));
    base::json::Array cells;
    for (const auto& cell : row) cells.emplace_back(cell.value_or(""));
    wanted.emplace_back(std::move(cells));
  }
  char path[] = "/tmp/sluice_csv_XXXXXX";
  const int descriptor = mkstemp(path);
  ASSERT_GE(descriptor, 0);
  ASSERT_EQ(::write(descriptor, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  close(descriptor);
  const std::string command = std::string("python3 -c 'import csv,json;print(json.dumps(list(csv.reader(open(\"") + path +
                              "\",newline=\"\",encoding=\"utf-8\"),strict=True))))'";
  FILE* const pipe = popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::string answer;
  char buffer[65'536];
  while (const std::size_t got = fread(buffer, 1, sizeof buffer, pipe)) answer.append(buffer, got);
  EXPECT_EQ(pclose(pipe), 0);
  unlink(path);
  const auto read = base::json::parse(answer, {.bytes = std::size_t{64} << 20});
  ASSERT_TRUE(read.ok()) << read.error().detail;
  EXPECT_TRUE(*read == base::json::Value(std::move(wanted)));
}

}  // namespace
}  // namespace sluice::data
