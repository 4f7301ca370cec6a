// The parts of the table stores that need no database.
#include "db/tables.h"

#include <gtest/gtest.h>

#include "db/decimal.h"
#include "db/filter_sql.h"
#include "db/postgres/values.h"
#include "db/sqlite/constraints.h"
#include "db/table_checks.h"

namespace sluice::db {
namespace {

using base::ColumnType;

TEST(Decimals, have_one_key_for_all_ways_to_write_them) {
  const auto key = [](std::string_view text) {
    const auto decimal = Decimal::parse(text);
    return decimal ? decimal->key() : "none";
  };
  for (const char* text : {"1.1", "+1.1", "01.10", "1.1000"}) EXPECT_EQ(key(text), "1.1") << text;
  for (const char* text : {"0", "-0", "00", "0.0", "-.0", "+0."}) EXPECT_EQ(key(text), "0") << text;
  EXPECT_EQ(key(".5"), "0.5");
  EXPECT_EQ(key("-00012345678901234567890123456789.50"), "-12345678901234567890123456789.5");
  for (const char* text : {"", ".", "-", "1e5", " 1", "1 ", "1,5", "--1", "1.2.3", "NaN"}) EXPECT_EQ(key(text), "none") << text;
  EXPECT_EQ(key(std::string(1000, '7')), std::string(1000, '7'));
  EXPECT_EQ(key(std::string(1001, '7')), "none");
}

TEST(Decimals, are_ordered_by_value) {
  const std::vector<std::string> ascending = {
      "-1234567890123456789012345", "-10", "-9.99", "-9.9", "-0.1", "0", "0.09", "0.1", "0.11", "9", "9.000000000000000000001", "10",
      "1234567890123456789012345"};
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    for (std::size_t j = 0; j < ascending.size(); ++j) {
      const auto order = *Decimal::parse(ascending[i]) <=> *Decimal::parse(ascending[j]);
      EXPECT_EQ(order < 0, i < j) << ascending[i] << " " << ascending[j];
      EXPECT_EQ(order == 0, i == j) << ascending[i] << " " << ascending[j];
    }
  }
}

std::string compiled(const Filter& filter, Dialect dialect) {
  const std::vector<TableColumn> columns = {{"a", ColumnType::text}, {"b", ColumnType::integer}, {"c", ColumnType::decimal}};
  const auto sql = compile_filter(filter, columns, dialect, [](const std::string& version) -> base::Result<ListTable> {
    return ListTable{.name = "list_" + version, .is_integer = false};
  });
  return sql.ok() ? *sql : sql.error().reason + " " + sql.error().internal;
}

TEST(FilterSql, uses_the_index_of_the_key_only_for_equality) {
  const Filter equals{.kind = Filter::Kind::condition, .values = {"it's"}};
  EXPECT_EQ(compiled(equals, Dialect::sqlite), "(c0 IN ('it''s'))");
  EXPECT_EQ(compiled(equals, Dialect::postgres), "(c0 IN ('it''s'))");
  const Filter greater{.kind = Filter::Kind::condition, .column = 1, .op = Filter::Operator::greater, .values = {"5"}};
  EXPECT_EQ(compiled(greater, Dialect::sqlite), "(+(c1) > 5)");
  const Filter list{.kind = Filter::Kind::in_list, .list_version = "x"};
  EXPECT_EQ(compiled(list, Dialect::sqlite), "(+c0 IN (SELECT c0 FROM list_x))");
}

TEST(FilterSql, is_balanced_and_bounded) {
  Filter deep;
  for (int i = 0; i < 102; ++i) deep = Filter{.kind = Filter::Kind::all, .parts = {deep}};
  EXPECT_TRUE(compiled(deep, Dialect::sqlite).starts_with("filter.bad_value 0/0/"));
  const Filter one{.kind = Filter::Kind::condition, .column = 1, .op = Filter::Operator::equals, .values = {"1"}};
  EXPECT_EQ(compiled({.kind = Filter::Kind::any, .parts = {one, one, one, one}}, Dialect::sqlite),
            "(((c1 IN (1)) OR (c1 IN (1))) OR ((c1 IN (1)) OR (c1 IN (1))))");
}

TEST(Cells, faults_are_found_wherever_they_are) {
  for (std::size_t size = 0; size < 40; ++size) {
    EXPECT_EQ(find_fault(std::string(size, 'a')), TextFault::none);
    EXPECT_EQ(find_fault(std::string(size, '\x01')), TextFault::none);
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, '\x7f');
      text[at] = '\0';
      EXPECT_EQ(find_fault(text), TextFault::nul_character) << size << " " << at;
      text[at] = '\xff';
      EXPECT_EQ(find_fault(text), TextFault::not_utf8) << size << " " << at;
      text.replace(at, 1, "é");
      EXPECT_EQ(find_fault(text), TextFault::none) << size << " " << at;
    }
  }
}

TEST(Cells, integers_are_canonical) {
  std::int64_t number = 0;
  for (const char* good : {"0", "7", "-7", "10", "9223372036854775807", "-9223372036854775808"}) {
    EXPECT_TRUE(parse_integer(base::Cell::of(good), number)) << good;
    EXPECT_EQ(std::to_string(number), good);
  }
  for (const char* bad : {"", "-", "+1", "01", "-0", "-01", "1.0", "9223372036854775808", "0x1", " 1", "1 "}) {
    EXPECT_FALSE(parse_integer(base::Cell::of(bad), number)) << bad;
  }
}

TEST(Versions, are_plain_names) {
  EXPECT_TRUE(is_valid_version("t0192f0c1-1111_A"));
  EXPECT_TRUE(is_valid_version(std::string(60, 'x')));
  for (const char* bad : {"", ".", "a.b", "a/b", "a\"b", "é"}) EXPECT_FALSE(is_valid_version(bad)) << bad;
  EXPECT_FALSE(is_valid_version(std::string(61, 'x')));
}

TEST(Constraints, are_found_in_the_text_of_the_table) {
  const std::string_view table = R"(CREATE TABLE "t" ( -- a comment, CONSTRAINT no UNIQUE (a)
    a TEXT NOT NULL CONSTRAINT a_taken UNIQUE, b TEXT DEFAULT 'x, CONSTRAINT y UNIQUE (b)',
    "c d" BIGINT CHECK ("c d" IN (1, 2)), e TEXT UNIQUE,
    CONSTRAINT "both names" UNIQUE (a, "c d"), CONSTRAINT t_key PRIMARY KEY (a, b)))";
  EXPECT_EQ(sqlite::named_constraint(table, "a", false), "a_taken");
  EXPECT_EQ(sqlite::named_constraint(table, "a,c d", false), "both names");
  EXPECT_EQ(sqlite::named_constraint(table, "a,b", true), "t_key");
  EXPECT_EQ(sqlite::named_constraint(table, "b", false), "");
  EXPECT_EQ(sqlite::named_constraint(table, "e", false), "");
  EXPECT_EQ(sqlite::named_constraint("CREATE TABLE t (a, CONSTRAINT", "a", false), "");
  EXPECT_EQ(sqlite::named_constraint("", "a", false), "");
}

TEST(PostgresValues, of_other_types_are_refused_and_short_ones_do_not_crash) {
  EXPECT_FALSE(postgres::decode(static_cast<postgres::TypeId>(2950), "0123456789abcdef"));  // uuid
  EXPECT_FALSE(postgres::decode(postgres::TypeId::numeric, "123"));
  EXPECT_FALSE(postgres::decode(postgres::TypeId::int8, "123"));
  EXPECT_FALSE(postgres::decode(postgres::TypeId::boolean, ""));
  EXPECT_EQ(std::get<std::string>(*postgres::decode(postgres::TypeId::text, "")), "");
}

}  // namespace
}  // namespace sluice::db
