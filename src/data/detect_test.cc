#include "data/detect.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "data/testing.h"

namespace sluice::data {
namespace {

using namespace std::string_literals;

using base::ColumnType;

base::Result<Detected> detect_text(const std::string& text, const DetectOverrides& overrides = {}, DetectLimits limits = {}) {
  const OpenSource open = [&text]() -> base::Result<std::unique_ptr<Source>> {
    return std::unique_ptr<Source>(std::make_unique<MemorySource>(text, 7'777));
  };
  return detect(open, overrides, limits);
}

Detected detected(const std::string& text, const DetectOverrides& overrides = {}) {
  auto found = detect_text(text, overrides);
  EXPECT_TRUE(found.ok()) << (found.ok() ? "" : found.error().detail);
  return found.ok() ? *std::move(found) : Detected();
}

ColumnType type_of(const std::vector<std::string>& values) {
  std::string text = "c,other\n";
  for (const std::string& value : values) text += value + ",x\n";
  const Detected found = detected(text, {.delimiter = ',', .has_header = true});
  return found.columns.empty() ? ColumnType::text : found.columns[0].type;
}

TEST(Detect, types_need_every_value_to_be_canonical) {
  struct Case {
    const char* name;
    std::vector<std::string> values;
    ColumnType type;
  };
  const Case cases[] = {
      {"integers", {"1", "-2", "0", "9223372036854775807"}, ColumnType::integer},
      {"postal codes", {"77449", "07030"}, ColumnType::text},
      {"phone numbers", {"+43 1 234", "+1"}, ColumnType::text},
      {"plus signs", {"+1", "+2"}, ColumnType::text},
      {"ids with a dash", {"0002-ORFBO", "0003-MKNFE"}, ColumnType::text},
      {"too long for int64", {"12345678901234567890", "1"}, ColumnType::decimal},
      {"fractions", {"1.5", "2", "-0.10"}, ColumnType::decimal},
      {"fractions with leading zeros", {"01.5", "2.5"}, ColumnType::text},
      {"exponents", {"1e5", "2"}, ColumnType::text},
      {"thousands", {"\"1,234\"", "\"5,678\""}, ColumnType::text},
      {"true and false", {"true", "false"}, ColumnType::boolean},
      {"True", {"True", "False"}, ColumnType::text},
      {"yes and no", {"yes", "no"}, ColumnType::text},
      {"zero and one", {"0", "1"}, ColumnType::integer},
      {"dates", {"2026-01-02", "1969-12-31"}, ColumnType::date},
      {"a date that is none", {"2026-01-02", "2026-02-30"}, ColumnType::text},
      {"German dates", {"31.12.2026"}, ColumnType::text},
      {"times", {"2026-01-02T03:04:05Z", "2026-01-02T03:04:05.123+01:00"}, ColumnType::timestamp},
      {"times without a zone", {"2026-01-02 03:04:05"}, ColumnType::timestamp},
      {"dates and times", {"2026-01-02", "2026-01-02 03:04:05"}, ColumnType::text},
      {"empties do not count", {"", "1", "\"\"", "2"}, ColumnType::integer},
      {"nothing", {"", ""}, ColumnType::text},
      {"one that does not fit", {"1", "2", "x"}, ColumnType::text},
      {"IP addresses", {"10.0.0.1"}, ColumnType::text},
      {"versions", {"1.2.3"}, ColumnType::text},
  };
  for (const Case& one : cases) EXPECT_EQ(base::to_name(type_of(one.values)), base::to_name(one.type)) << one.name;
}

TEST(Detect, warnings_say_what_may_surprise) {
  struct Case {
    const char* name;
    std::vector<std::string> values;
    std::string warning;
  };
  std::vector<std::string> ages = {"n/a"};
  for (int i = 0; i < 99; ++i) ages.push_back(std::to_string(i));
  const Case cases[] = {
      {"zip", {"77449", "07030"}, "Column zip looks like numbers but has leading zeros (07030), so it is kept as text."},
      {"phone", {"+43123", "+1"}, "Column phone looks like numbers but has plus signs (+43123), so it is kept as text."},
      {"score", {"1e5", "2.5"}, "Column score has numbers with exponents (1e5), so it is kept as text."},
      {"price", {"\"1,50\"", "2"}, "Column price has numbers with a comma (1,50), so it is kept as text; a decimal has a point."},
      {"born",
       {"31.12.2026", "1/2/26"},
       "Column born looks like dates (31.12.2026) but they are not written as 2026-01-02, so it is kept as text."},
      {"seen", {"2026-01-02 03:04:05"}, "Column seen has times without a zone (2026-01-02 03:04:05); they are taken as UTC."},
      {"mixed", {"2026-01-02", "2026-01-02 03:04:05"}, "Column mixed has dates and times mixed, so it is kept as text."},
      {"age", ages, "Column age holds numbers in 99 of 100 values; \"n/a\" in line 2 and others like it, so it is kept as text."},
  };
  for (const Case& one : cases) {
    std::string text = std::string(one.name) + ",other\n";
    for (const std::string& value : one.values) text += value + ",x\n";
    const Detected found = detected(text, {.has_header = true});
    ASSERT_EQ(found.warnings.size(), 1U) << one.name;
    EXPECT_EQ(found.warnings[0], one.warning);
  }
  EXPECT_TRUE(detected("id,name\n1,Anna\n2,Bert\n").warnings.empty());
}

TEST(Detect, C_053_the_delimiter_is_found) {
  struct Case {
    const char* name;
    std::string text;
    std::string delimiter;
    std::size_t columns;
  };
  const Case cases[] = {
      {"commas", "a,b\n1,2\n", ",", 2},
      {"semicolons", "a;b\n1;2\n", ";", 2},
      {"tabs", "a\tb\n1\t2\n", "\t", 2},
      {"bars", "a|b\n1|2\n", "|", 2},
      {"semicolons and decimal commas", "a;b\n1,5;2,5\n3,0;4,1\n", ";", 2},
      {"the same without a header", "1,5;2,5\n3,0;4,1\n", ";", 2},
      {"commas in quotes", "a;b\n\"1,2,3\";\"4,5,6\"\n", ";", 2},
      {"semicolons in a text between commas", "id,tags\n1,a;b\n2,c;d\n", ",", 2},
      {"one column", "name\nAnna\nBert\n", ",", 1},
      {"one column with commas in quotes", "name\n\"Roe, Jane\"\n\"Doe, John\"\n", ",", 1},
      {"line ends in quotes", "a;b\n\"1\n2\";3\n", ";", 2},
      {"empty fields", "a,b,c\n,,\n1,,\n", ",", 3},
  };
  for (const Case& one : cases) {
    const Detected found = detected(one.text);
    EXPECT_EQ(found.delimiter, one.delimiter) << one.name;
    EXPECT_EQ(found.columns.size(), one.columns) << one.name;
  }
}

TEST(Detect, a_header_is_told_from_values) {
  struct Case {
    const char* name;
    std::string text;
    bool header;
  };
  const Case cases[] = {
      {"names over numbers", "id,age\n1,20\n2,30\n", true},
      {"names over texts", "first,last\nAnna,Roe\nBert,Doe\n", true},
      {"numbers at the top", "1,Anna\n2,Bert\n", false},
      {"a mail address at the top", "Anna,anna@example.com\nBert,bert@example.com\n", false},
      {"a value that comes again", "Anna,F\nBert,M\nClara,F\n", false},
      {"a date at the top", "Anna,2026-01-02\n", false},
      {"a header alone", "id,name\n", true},
      {"row labels without a name", ",a,b\nx,1,2\ny,3,4\n", true},
      {"an empty field at the top", "Anna,,x\nBert,1,y\n", false},
      {"the same value twice", "Roe,Roe\nDoe,Smith\n", false},
      {"the header repeated further down", "id,name\n1,Anna\nid,name\n2,Bert\n", true},
  };
  for (const Case& one : cases) EXPECT_EQ(detected(one.text).has_header, one.header) << one.name;
}

TEST(Detect, C_059_encodings_are_found) {
  EXPECT_EQ(detected("id,name\n1,Ren\xC3\xA9\n").encoding, Encoding::utf8);
  EXPECT_EQ(detected("\xEF\xBB\xBFid,name\n1,x\n").columns[0].name, "id");
  const Detected latin = detected("id,name\n1,Ren\xE9\n2,J\xFCrgen\n");
  EXPECT_EQ(latin.encoding, Encoding::windows1252);
  EXPECT_EQ(latin.preview[0][1], "René");
  ASSERT_EQ(latin.warnings.size(), 1U);
  EXPECT_EQ(latin.warnings[0], "The file is not UTF-8; it is read as windows-1252. Look at letters such as ä, é and ß in the preview.");
  EXPECT_EQ(detected("id,name\n1,x\x81\n").encoding, Encoding::iso8859_1);
  EXPECT_EQ(detected("\xFF\xFEi\0d\0\n\0\xE4\0\n\0"s).encoding, Encoding::utf16le);
  EXPECT_EQ(detected("i\0d\0,\0n\0\n\0"
                     "1\0,\0\xE4\0\n\0"s)
                .encoding,
            Encoding::utf16le);
  const Detected big_endian = detected(
      "\0i\0d\0,\0n\0\n\0"
      "1\0,\0\xE4\0\n"s);
  EXPECT_EQ(big_endian.encoding, Encoding::utf16be);
  EXPECT_EQ(big_endian.preview[0][1], "ä");
}

std::string names(std::size_t rows, const std::string& name) {
  std::string text = "id,name\n";
  for (std::size_t i = 0; i < rows; ++i) text += std::to_string(i) + "," + name + "\n";
  return text;
}

TEST(Detect, another_encoding_that_shows_late_is_found) {
  // Far behind the first 256 KiB.
  const Detected found = detected(names(100'000, "Anna") + "100000,Ren\xE9\n");
  EXPECT_EQ(found.encoding, Encoding::windows1252);
  EXPECT_EQ(found.sampled_rows, 100'001);
}

TEST(Detect, one_broken_byte_in_UTF_8_is_a_fault_not_another_encoding) {
  for (const std::string& text : {names(100, "René") + "100,Ren\xE9\n", names(100'000, "René") + "100000,Ren\xE9\n"}) {
    const auto found = detect_text(text);
    ASSERT_FALSE(found.ok());
    EXPECT_EQ(found.error().reason, "csv.bad_encoding");
  }
}

TEST(Detect, overrides_are_obeyed) {
  const std::string text = "a;b\n1;2\n";
  const Detected found = detected(text, {.delimiter = ',', .has_header = false});
  EXPECT_EQ(found.delimiter, ",");
  EXPECT_FALSE(found.has_header);
  EXPECT_EQ(found.sampled_rows, 2);
  const auto wide = detect_text("a,b\n1;2,3\n", {.delimiter = ';'});
  ASSERT_FALSE(wide.ok());
  EXPECT_EQ(wide.error().reason, "csv.wrong_field_count");
  EXPECT_EQ(detected("n\nJ\xFCrgen\n", {.encoding = Encoding::iso8859_1}).encoding, Encoding::iso8859_1);
  EXPECT_EQ(detect_text("n\nJ\xFCrgen\n", {.encoding = Encoding::utf8}).error().reason, "csv.bad_encoding");
}

TEST(Detect, columns_have_examples_empties_and_keys) {
  const Detected found = detected("note,customer_id,code,paid\nx,1,a1,y\n,2,a2,y\nx,3,a3,z\n\"\",4,a4,z\n");
  ASSERT_EQ(found.columns.size(), 4U);
  EXPECT_EQ(found.columns[0].examples, (std::vector<std::string>{"x"}));
  EXPECT_EQ(found.columns[0].empty_count, 2);
  EXPECT_TRUE(found.columns[0].nullable);
  EXPECT_FALSE(found.columns[0].key_candidate);
  EXPECT_EQ(found.columns[1].examples, (std::vector<std::string>{"1", "2", "3", "4"}));
  EXPECT_FALSE(found.columns[1].nullable);
  EXPECT_EQ(found.key_candidates, (std::vector<std::string>{"customer_id", "code"}));
  EXPECT_EQ(found.sampled_rows, 4);
  EXPECT_TRUE(found.whole_file);
  EXPECT_EQ(found.preview[1], (testing::Row{std::nullopt, "2", "a2", "y"}));
  EXPECT_EQ(found.preview[3][0], "");
}

TEST(Detect, key_candidates_begin_with_what_is_called_id) {
  const Detected found =
      detected("unpaid,Email,CustomerKey,orderid,CustomerID,n\na1,a@x,k1,o1,c1,10\na2,b@x,k2,o2,c2,11\n", {.has_header = true});
  EXPECT_EQ(found.key_candidates, (std::vector<std::string>{"CustomerID", "unpaid", "CustomerKey", "orderid", "Email", "n"}));
}

TEST(Detect, line_ends_are_found) {
  EXPECT_EQ(detected("a,b\n1,2\n").line_end, LineEnd::lf);
  EXPECT_EQ(detected("a,b\r\n1,\"x\ny\"\r\n").line_end, LineEnd::crlf);
  EXPECT_EQ(detected("a,b\r1,2\r").line_end, LineEnd::cr);
  EXPECT_EQ(detected("a,b\r\n1,2\n").line_end, LineEnd::mixed);
}

TEST(Detect, a_large_file_is_sampled_and_its_cut_row_left_out) {
  std::string text = "id,name\n";
  for (int i = 10'000; text.size() < 3'000'000; ++i) text += std::to_string(i) + ",\"Anna\"\n";
  for (std::uint64_t bytes = 1'000'000; bytes < 1'000'020; ++bytes) {
    const auto found = detect_text(text, {}, {.whole_bytes = 2'000'000, .sample_bytes = bytes});
    ASSERT_TRUE(found.ok()) << found.error().detail;
    EXPECT_FALSE(found->whole_file);
    EXPECT_EQ(found->columns[0].type, ColumnType::integer);
    EXPECT_TRUE(found->columns[0].key_candidate);
    EXPECT_EQ(found->columns[1].examples, (std::vector<std::string>{"Anna"}));
    EXPECT_NE(found->warnings.back().find("The file is large"), std::string::npos);
  }
}

TEST(Detect, faults_of_the_file_are_errors) {
  EXPECT_EQ(detect_text("").error().reason, "csv.empty");
  EXPECT_EQ(detect_text("a,b\n1,2\n3\n").error().reason, "csv.wrong_field_count");
  EXPECT_EQ(detect_text("id,id,n\n1,2,3\n4,5,6\n").error().reason, "csv.duplicate_column");
  EXPECT_EQ(detect_text("id,n\n1,\"x\n").error().reason, "csv.unclosed_quote");
  EXPECT_EQ(detect_file("/nowhere/x.csv").error().reason, "file.not_found");
}

TEST(Detect, the_workshop_files) {
  const std::string folder = testing::shared_data();
  if (folder.empty()) GTEST_SKIP() << "no shared data beside the repository";
  const auto people = detect_file(folder + "/workshop/CustomerDemographics.csv");
  ASSERT_TRUE(people.ok()) << people.error().detail;
  EXPECT_EQ(people->sampled_rows, 7'043);
  EXPECT_EQ(people->columns[0].name, "customerID");
  EXPECT_EQ(people->columns[0].type, ColumnType::text);
  EXPECT_EQ(people->columns[5].type, ColumnType::text) << "zip 77449 stays text because of 08701";
  EXPECT_EQ(people->key_candidates.at(0), "customerID");
  EXPECT_TRUE(people->has_header);
  const auto services = detect_file(folder + "/workshop/CustomerServiceAttributes.csv");
  ASSERT_TRUE(services.ok()) << services.error().detail;
  EXPECT_EQ(services->columns[1].type, ColumnType::integer);
  EXPECT_EQ(services->key_candidates, (std::vector<std::string>{"customerID"}));
}

TEST(Detect, the_cdm_partitions) {
  const std::string folder = testing::shared_data();
  if (folder.empty()) GTEST_SKIP() << "no shared data beside the repository";
  for (const char* name : {"Account", "Address", "Contact"}) {
    SCOPED_TRACE(name);
    const auto found = detect_file(folder + "/cdm/partitions/" + name + ".csv");
    ASSERT_TRUE(found.ok()) << found.error().detail;
    EXPECT_TRUE(found->has_header);
    EXPECT_EQ(found->delimiter, ",");
    EXPECT_GT(found->columns.size(), 15U);
  }
}

}  // namespace
}  // namespace sluice::data
