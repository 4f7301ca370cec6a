#include <gtest/gtest.h>

#include <set>

#include "store/table_fixture.h"

namespace sluice::testing {
namespace {

using base::ColumnType;
using db::Filter;
using db::TableColumn;
using Kind = Filter::Kind;
using Op = Filter::Operator;

enum Column : std::size_t { kId, kTextColumn, kInteger, kDecimal, kBoolean, kDate, kTimestamp };

const std::vector<TableColumn> kColumns = {
    {"id", ColumnType::text},         {"text", ColumnType::text}, {"integer", ColumnType::integer},    {"decimal", ColumnType::decimal},
    {"boolean", ColumnType::boolean}, {"date", ColumnType::date}, {"timestamp", ColumnType::timestamp}};

const std::vector<TextRow> kRows = {
    {"1", "Anna", "5", "1.10", "true", "2026-01-02", "2026-01-02T03:04:05Z"},
    {"2", "anna", "-5", "-1.1", "false", "2025-12-31", "2026-01-02T03:04:05.1Z"},
    {"3", "50% off_\\", "10", "10", "true", "2026-01-02", "2026-01-02T03:04:05.10Z"},
    {"4", "é", "9223372036854775807", "1234567890123456789012345.6", "false", "0999-01-01", "2026-01-02T03:04:05.123456789Z"},
    {"5", "", "0", "", "", "", ""},
    {"6", std::nullopt, std::nullopt, std::nullopt, std::nullopt, std::nullopt, std::nullopt},
    {"7", "O'Brien; DROP TABLE t; --", "-9223372036854775808", "1234567890123456789012345.7", "true", "9999-12-31", "2026-01-02T03:04:00Z"},
    {"8", "zé\xF0\x9F\x98\x80z", "100", "+01.100", "false", "2026-01-10", "2025-01-02T03:04:05Z"},
    {"9", "10", "9", "9", "true", "2026-01-09", "2026-01-02T03:04:05.0Z"},
};

class FilterTest : public TableTest {
 protected:
  void SetUp() override {
    TableTest::SetUp();
    ASSERT_EQ(write_table(store(), "v1", kColumns, 0, kRows), "ok 9");
  }

  // The ids of the rows, "1379", or the error.
  std::string ids(const Filter& filter) {
    const auto scan = store().scan({.version = "v1", .columns = {kId}, .filter = filter}, kColumns);
    if (!scan.ok()) return error_text(scan.error());
    std::string out;
    for (const TextRow& row : read_all(**scan)) out += row[0].value_or("?");
    const auto count = store().count("v1", filter, kColumns);
    EXPECT_TRUE(count.ok() && *count == static_cast<std::int64_t>(out.size()));
    return out;
  }
  std::string ids(std::size_t column, Op op, std::vector<std::string> values) {
    return ids({.kind = Kind::condition, .column = column, .op = op, .values = std::move(values)});
  }
};

Filter where(std::size_t column, Op op, std::vector<std::string> values) {
  return {.kind = Kind::condition, .column = column, .op = op, .values = std::move(values)};
}

TEST_P(FilterTest, everything_all_and_any) {
  EXPECT_EQ(ids({}), "123456789");
  EXPECT_EQ(ids({.kind = Kind::all}), "123456789");
  EXPECT_EQ(ids({.kind = Kind::any}), "");
  const Filter small = where(kInteger, Op::less, {"6"});
  const Filter yes = where(kBoolean, Op::equals, {"true"});
  EXPECT_EQ(ids({.kind = Kind::all, .parts = {small, yes}}), "17");
  EXPECT_EQ(ids({.kind = Kind::any, .parts = {small, yes}}), "123579");
  EXPECT_EQ(ids({.kind = Kind::all, .parts = {{.kind = Kind::any, .parts = {small, yes}}, where(kId, Op::not_equals, {"7"})}}), "12359");
}

TEST_P(FilterTest, thousands_of_parts) {
  Filter any{.kind = Kind::any};
  for (int i = 0; i < 3000; ++i) any.parts.push_back(where(kId, Op::equals, {i == 2999 ? "4" : "no" + std::to_string(i)}));
  EXPECT_EQ(ids(any), "4");
  Filter in = where(kId, Op::in, {"3"});
  for (int i = 0; i < 20'000; ++i) in.values.push_back("no" + std::to_string(i));
  EXPECT_EQ(ids(in), "3");
}

TEST_P(FilterTest, text_compares_byte_by_byte) {
  EXPECT_EQ(ids(kTextColumn, Op::equals, {"Anna"}), "1");
  EXPECT_EQ(ids(kTextColumn, Op::equals, {""}), "5");
  EXPECT_EQ(ids(kTextColumn, Op::not_equals, {"Anna"}), "23456789");
  EXPECT_EQ(ids(kTextColumn, Op::in, {"Anna", "10"}), "19");
  EXPECT_EQ(ids(kTextColumn, Op::in, {}), "");
  EXPECT_EQ(ids(kTextColumn, Op::not_in, {}), "123456789");
  EXPECT_EQ(ids(kTextColumn, Op::not_in, {"Anna", "10"}), "2345678");
  EXPECT_EQ(ids(kTextColumn, Op::greater, {"Anna"}), "2478");
  EXPECT_EQ(ids(kTextColumn, Op::less_or_equal, {"50% off_\\"}), "359");
  EXPECT_EQ(ids(kTextColumn, Op::between, {"A", "B"}), "1");
  EXPECT_EQ(ids(kTextColumn, Op::is_empty, {}), "56");
  EXPECT_EQ(ids(kTextColumn, Op::is_not_empty, {}), "1234789");
}

TEST_P(FilterTest, parts_of_text) {
  EXPECT_EQ(ids(kTextColumn, Op::contains, {"nn"}), "12");
  EXPECT_EQ(ids(kTextColumn, Op::contains, {"%"}), "3");
  EXPECT_EQ(ids(kTextColumn, Op::contains, {"_\\"}), "3");
  EXPECT_EQ(ids(kTextColumn, Op::contains, {""}), "12345789");
  EXPECT_EQ(ids(kTextColumn, Op::not_contains, {"nn"}), "3456789");
  EXPECT_EQ(ids(kTextColumn, Op::not_contains, {""}), "6");
  EXPECT_EQ(ids(kTextColumn, Op::starts_with, {"A"}), "1");
  EXPECT_EQ(ids(kTextColumn, Op::starts_with, {"zé"}), "8");
  EXPECT_EQ(ids(kTextColumn, Op::starts_with, {""}), "12345789");
  EXPECT_EQ(ids(kTextColumn, Op::ends_with, {"na"}), "12");
  EXPECT_EQ(ids(kTextColumn, Op::ends_with, {"\xF0\x9F\x98\x80z"}), "8");
  EXPECT_EQ(ids(kTextColumn, Op::ends_with, {"off_\\"}), "3");
  EXPECT_EQ(ids(kTextColumn, Op::ends_with, {"a longer text than any of the cells has"}), "");
  EXPECT_EQ(ids(kInteger, Op::contains, {"223"}), "47");
  EXPECT_EQ(ids(kInteger, Op::starts_with, {"-"}), "27");
  EXPECT_EQ(ids(kInteger, Op::ends_with, {"0"}), "358");
  EXPECT_EQ(ids(kInteger, Op::not_contains, {"5"}), "35689");
  EXPECT_EQ(ids(kDate, Op::starts_with, {"2026-01"}), "1389");
}

TEST_P(FilterTest, integers_compare_as_numbers) {
  EXPECT_EQ(ids(kInteger, Op::equals, {"5"}), "1");
  EXPECT_EQ(ids(kInteger, Op::equals, {"9223372036854775807"}), "4");
  EXPECT_EQ(ids(kInteger, Op::equals, {"-9223372036854775808"}), "7");
  EXPECT_EQ(ids(kInteger, Op::not_equals, {"5"}), "23456789");
  EXPECT_EQ(ids(kInteger, Op::greater, {"9"}), "348");
  EXPECT_EQ(ids(kInteger, Op::less, {"-9223372036854775807"}), "7");
  EXPECT_EQ(ids(kInteger, Op::between, {"-5", "9"}), "1259");
  EXPECT_EQ(ids(kInteger, Op::between, {"9", "-5"}), "");
  EXPECT_EQ(ids(kInteger, Op::in, {"5", "100"}), "18");
  EXPECT_EQ(ids(kInteger, Op::not_in, {"5", "100"}), "2345679");
  EXPECT_EQ(ids(kInteger, Op::is_empty, {}), "6");
  EXPECT_EQ(ids(kInteger, Op::is_not_empty, {}), "12345789");
}

TEST_P(FilterTest, decimals_compare_by_value) {
  EXPECT_EQ(ids(kDecimal, Op::equals, {"1.1"}), "18");
  EXPECT_EQ(ids(kDecimal, Op::equals, {"01.1000"}), "18");
  EXPECT_EQ(ids(kDecimal, Op::not_equals, {"1.1"}), "2345679");
  EXPECT_EQ(ids(kDecimal, Op::greater, {"9"}), "347");
  EXPECT_EQ(ids(kDecimal, Op::greater, {"1234567890123456789012345.6"}), "7");
  EXPECT_EQ(ids(kDecimal, Op::less, {"1.10"}), "2");
  EXPECT_EQ(ids(kDecimal, Op::less_or_equal, {"1.10"}), "128");
  EXPECT_EQ(ids(kDecimal, Op::between, {"-2", "9.0"}), "1289");
  EXPECT_EQ(ids(kDecimal, Op::in, {"10.0", "-1.10"}), "23");
  EXPECT_EQ(ids(kDecimal, Op::not_in, {"10.0", "-1.10"}), "1456789");
  EXPECT_EQ(ids(kDecimal, Op::is_empty, {}), "56");
}

TEST_P(FilterTest, booleans_dates_and_timestamps) {
  EXPECT_EQ(ids(kBoolean, Op::equals, {"false"}), "248");
  EXPECT_EQ(ids(kBoolean, Op::not_equals, {"false"}), "135679");
  EXPECT_EQ(ids(kDate, Op::equals, {"2026-01-02"}), "13");
  EXPECT_EQ(ids(kDate, Op::greater, {"2026-01-02"}), "789");
  EXPECT_EQ(ids(kDate, Op::less, {"2026-01-01"}), "24");
  EXPECT_EQ(ids(kDate, Op::between, {"2026-01-02", "2026-01-09"}), "139");
  EXPECT_EQ(ids(kDate, Op::is_empty, {}), "56");
  EXPECT_EQ(ids(kTimestamp, Op::equals, {"2026-01-02T03:04:05Z"}), "19");
  EXPECT_EQ(ids(kTimestamp, Op::equals, {"2026-01-02T04:04:05.100+01:00"}), "23");
  EXPECT_EQ(ids(kTimestamp, Op::not_equals, {"2026-01-02T03:04:05Z"}), "2345678");
  EXPECT_EQ(ids(kTimestamp, Op::greater, {"2026-01-02T03:04:05Z"}), "234");
  EXPECT_EQ(ids(kTimestamp, Op::greater_or_equal, {"2026-01-02T03:04:05.10Z"}), "234");
  EXPECT_EQ(ids(kTimestamp, Op::greater, {"2026-01-02T03:04:05.123456788Z"}), "4");
  EXPECT_EQ(ids(kTimestamp, Op::less, {"2026-01-02T03:04:05Z"}), "78");
  EXPECT_EQ(ids(kTimestamp, Op::between, {"2026-01-02T03:04:00Z", "2026-01-02T03:04:05Z"}), "179");
  EXPECT_EQ(ids(kTimestamp, Op::in, {"2026-01-02T03:04:00.000Z"}), "7");
}

TEST_P(FilterTest, values_are_never_sql) {
  for (const char* attack : {"' OR 1=1 --", "\\' OR 1=1 --", "'; DROP TABLE t; --", "''", "$$", "E'\\x'", "?1", "%s", "\" OR \"\"=\""}) {
    EXPECT_EQ(ids(kTextColumn, Op::equals, {attack}), "") << attack;
    EXPECT_EQ(ids(kTextColumn, Op::contains, {attack}), "") << attack;
    EXPECT_EQ(ids(kTextColumn, Op::in, {attack, attack}), "") << attack;
    for (const std::size_t column : {kInteger, kDecimal, kBoolean, kDate, kTimestamp}) {
      EXPECT_EQ(ids(column, Op::equals, {attack}), "filter.bad_value ") << attack;
    }
  }
  EXPECT_EQ(ids(kTextColumn, Op::equals, {"O'Brien; DROP TABLE t; --"}), "7");
  EXPECT_EQ(ids({}), "123456789");
}

TEST_P(FilterTest, bad_values_are_told_with_their_place) {
  const Filter good = where(kTextColumn, Op::equals, {"x"});
  const Filter bad = where(kInteger, Op::equals, {"x"});
  EXPECT_EQ(ids({.kind = Kind::all, .parts = {good, {.kind = Kind::any, .parts = {good, good, bad}}}}), "filter.bad_value 1/2");
  const std::vector<std::pair<std::size_t, std::vector<std::string>>> cases = {
      {kInteger, {"1.5", "", "9223372036854775808", "1 "}},
      {kDecimal, {"1e5", "", ".", "1,5", "NaN"}},
      {kBoolean, {"TRUE", "1", ""}},
      {kDate, {"2026-02-30", "2026-1-2", "", "2026-01-02T00:00:00Z"}},
      {kTimestamp, {"2026-01-02", "2026-01-02T25:00:00Z", "", "2026-01-02T03:04:05"}}};
  for (const auto& [column, values] : cases) {
    for (const std::string& value : values) {
      EXPECT_EQ(ids(column, Op::equals, {value}), "filter.bad_value ") << value;
      EXPECT_EQ(ids(column, Op::less, {value}), "filter.bad_value ") << value;
      EXPECT_EQ(ids(column, Op::in, {value}), "filter.bad_value ") << value;
    }
  }
  EXPECT_EQ(ids(kTextColumn, Op::equals, {}), "filter.bad_value ");
  EXPECT_EQ(ids(kTextColumn, Op::equals, {"a", "b"}), "filter.bad_value ");
  EXPECT_EQ(ids(kTextColumn, Op::between, {"a"}), "filter.bad_value ");
  EXPECT_EQ(ids(kTextColumn, Op::is_empty, {"a"}), "filter.bad_value ");
  EXPECT_EQ(ids(kTextColumn, Op::equals, {std::string("a\0b", 3)}), "filter.bad_value ");
  EXPECT_EQ(ids(kTextColumn, Op::contains, {"\xff"}), "filter.bad_value ");
}

TEST_P(FilterTest, lists_hold_keys_of_either_type) {
  const std::vector<TableColumn> texts = {{"id", ColumnType::text}, {"more", ColumnType::text}};
  const std::vector<TableColumn> integers = {{"id", ColumnType::integer}};
  ASSERT_EQ(write_table(store(), "l1", texts, 0, {{"9", ""}, {"2", ""}, {"100", ""}, {"05", ""}}), "ok 4");
  ASSERT_EQ(write_table(store(), "l2", integers, 0, {{"3"}, {"2"}, {"10"}}), "ok 3");
  ASSERT_EQ(write_table(store(), "l3", texts, std::nullopt, {{"1", ""}, {"1", ""}, {std::nullopt, ""}}), "ok 3");
  const auto in = [](std::size_t column, const char* list) {
    return Filter{.kind = Kind::in_list, .column = column, .list_version = list};
  };
  EXPECT_EQ(ids(in(kId, "l1")), "29");
  EXPECT_EQ(ids(in(kId, "l2")), "23");
  EXPECT_EQ(ids(in(kInteger, "l1")), "89");
  EXPECT_EQ(ids(in(kInteger, "l2")), "3");
  EXPECT_EQ(ids(in(kId, "l3")), "1");
  EXPECT_EQ(ids({.kind = Kind::any, .parts = {in(kId, "l1"), in(kId, "l2"), in(kId, "l1")}}), "239");
  EXPECT_EQ(ids({.kind = Kind::all, .parts = {in(kId, "l1"), in(kId, "l2")}}), "2");
  EXPECT_EQ(ids(in(kId, "nothing")), "table.no_such_version nothing");
  EXPECT_EQ(ids(in(kId, "a'b")).substr(0, 17), "table.bad_version");
}

SLUICE_BOTH_BACKENDS(FilterTest);

// Every operator with every type and every value: whatever the answer is, both databases give it.
TEST(Filters, have_the_same_answer_on_both_databases) {
  const TemporaryFolder folder;
  auto sqlite = db::TableStore::open((folder.path() / "tables").string());
  auto postgres = db::TableStore::open(PostgresServer::instance().make_database());
  ASSERT_TRUE(sqlite.ok() && postgres.ok());
  std::vector<TextRow> rows = kRows;
  // Cells that are not of their column's type, as a careless import may leave them.
  rows.push_back({"10", " ", "1", "abc", "yes", "2026", "2026-01-02"});
  rows.push_back({"11", "\t", "2", "1e5", "TRUE", "01/02/2026", "ZZ00"});
  rows.push_back({"12", "a'b\"c", "3", "-0.0", "0", "x", "0.0Z"});
  rows.push_back({"13", "\\", "4", ".5", "0", "x", "2026-01-02T03:04:05+01:00"});
  ASSERT_EQ(write_table(**sqlite, "v1", kColumns, 0, rows), "ok 13");
  ASSERT_EQ(write_table(**postgres, "v1", kColumns, 0, rows), "ok 13");
  const auto ask = [](db::TableStore& store, const Filter& filter) {
    const auto scan = store.scan({.version = "v1", .columns = {kId}, .filter = filter}, kColumns);
    if (!scan.ok()) return error_text(scan.error());
    std::string out;
    for (const TextRow& row : read_all(**scan)) out += *row[0] + " ";
    return out;
  };
  for (std::size_t column = 0; column < kColumns.size(); ++column) {
    std::set<std::string> distinct = {"nonsense", "0", "0.5"};
    for (const TextRow& row : rows) {
      if (row[column]) distinct.insert(*row[column]);
    }
    const std::vector<std::string> values(distinct.begin(), distinct.end());
    for (int op = 0; op <= static_cast<int>(Op::between); ++op) {
      for (std::size_t i = 0; i < values.size(); ++i) {
        Filter filter = where(column, static_cast<Op>(op), {values[i]});
        if (filter.op == Op::between || filter.op == Op::in || filter.op == Op::not_in)
          filter.values.push_back(values[(i + 7) % values.size()]);
        if (filter.op == Op::is_empty || filter.op == Op::is_not_empty) filter.values.clear();
        EXPECT_EQ(ask(**sqlite, filter), ask(**postgres, filter)) << "column " << column << " operator " << op << " value " << values[i];
      }
    }
  }
}

}  // namespace
}  // namespace sluice::testing
