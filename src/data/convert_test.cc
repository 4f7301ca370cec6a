#include "data/convert.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "base/describe.h"
#include "data/testing.h"

namespace sluice::data {
namespace {

using base::Cell;
using base::ColumnType;

struct Case {
  std::string in;
  std::optional<std::string> out;  // empty: refused
};

void expect_all(ColumnType type, const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    SCOPED_TRACE(std::string(base::to_name(type)) + " '" + one.in + "'");
    Scratch scratch;
    Cell out;
    EXPECT_EQ(try_canonical(type, Cell::of(one.in), scratch, out), one.out.has_value());
    if (one.out) EXPECT_EQ(out.text(), *one.out);
  }
}

constexpr auto kRefused = std::nullopt;

TEST(Convert, integers_are_canonical_or_refused) {
  expect_all(ColumnType::integer, {{"0", "0"},
                                   {"42", "42"},
                                   {"-42", "-42"},
                                   {"9223372036854775807", "9223372036854775807"},
                                   {"-9223372036854775808", "-9223372036854775808"},
                                   {"9223372036854775808", kRefused},
                                   {"-9223372036854775809", kRefused},
                                   {"12345678901234567890", kRefused},
                                   {"-0", kRefused},
                                   {"007", kRefused},
                                   {"+1", kRefused},
                                   {"1.0", kRefused},
                                   {"1e3", kRefused},
                                   {" 1", kRefused},
                                   {"1 ", kRefused},
                                   {"-", kRefused},
                                   {"1,000", kRefused},
                                   {"٣", kRefused}});
}

TEST(Convert, decimals_stay_as_they_were_written) {
  expect_all(ColumnType::decimal, {{"1.10", "1.10"},
                                   {"0", "0"},
                                   {"0.5", "0.5"},
                                   {"-0.50", "-0.50"},
                                   {"123456789012345678901234567890.123", "123456789012345678901234567890.123"},
                                   {".5", kRefused},
                                   {"5.", kRefused},
                                   {"00.5", kRefused},
                                   {"1e5", kRefused},
                                   {"1,5", kRefused},
                                   {"1.2.3", kRefused},
                                   {"+1", kRefused},
                                   {"-", kRefused},
                                   {"NaN", kRefused},
                                   {"-.5", kRefused}});
}

TEST(Convert, booleans_are_true_or_false) {
  expect_all(ColumnType::boolean, {{"true", "true"},
                                   {"false", "false"},
                                   {"True", "true"},
                                   {"FALSE", "false"},
                                   {"yes", kRefused},
                                   {"1", kRefused},
                                   {"t", kRefused},
                                   {"true ", kRefused}});
}

TEST(Convert, dates_exist) {
  expect_all(ColumnType::date, {{"2026-01-02", "2026-01-02"},
                                {"2024-02-29", "2024-02-29"},
                                {"2000-02-29", "2000-02-29"},
                                {"0001-01-01", "0001-01-01"},
                                {"2026-02-29", kRefused},
                                {"1900-02-29", kRefused},
                                {"2026-13-01", kRefused},
                                {"2026-00-01", kRefused},
                                {"2026-04-31", kRefused},
                                {"2026-1-2", kRefused},
                                {"02.01.2026", kRefused},
                                {"2026-01-02T00:00:00Z", kRefused},
                                {"0000-01-01", kRefused},
                                {"2026/01/02", kRefused}});
}

TEST(Convert, EXP_56_C_061_timestamps_become_UTC_and_keep_their_precision) {
  expect_all(ColumnType::timestamp, {
                                        {"2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"},
                                        {"2026-01-02T03:04:05.1Z", "2026-01-02T03:04:05.1Z"},
                                        {"2026-01-02T03:04:05.123456789Z", "2026-01-02T03:04:05.123456789Z"},
                                        {"2026-01-02T03:04:05.1234567891Z", "2026-01-02T03:04:05.123456789Z"},
                                        {"2026-01-02T03:04:05.500000Z", "2026-01-02T03:04:05.500000Z"},
                                        {"2026-01-02 03:04:05", "2026-01-02T03:04:05Z"},
                                        {"2026-01-02T03:04:05", "2026-01-02T03:04:05Z"},
                                        {"2026-01-02 03:04", "2026-01-02T03:04:00Z"},
                                        {"2026-01-02t03:04:05z", "2026-01-02T03:04:05Z"},
                                        {"2026-01-02T03:04:05,25Z", "2026-01-02T03:04:05.25Z"},
                                        {"2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05Z"},
                                        {"2026-01-02T03:04:05.678+0530", "2026-01-01T21:34:05.678Z"},
                                        {"2026-01-02 03:04:05+02", "2026-01-02T01:04:05Z"},
                                        {"2026-12-31T23:30:00-01:00", "2027-01-01T00:30:00Z"},
                                        {"2024-03-01T00:30:00+01:00", "2024-02-29T23:30:00Z"},
                                        {"2026-06-30T23:59:60Z", "2026-07-01T00:00:00Z"},
                                        {"2018-11-14T19:37:51.756186+00:00", "2018-11-14T19:37:51.756186Z"},
                                    });
}

TEST(Convert, C_060_C_062_other_times_are_refused) {
  expect_all(ColumnType::timestamp, {{"2026-01-02", kRefused},
                                     {"2033-03-22 04:00:0", kRefused},
                                     {"2026-01-02 24:00:00", kRefused},
                                     {"2026-01-02 03:60:00", kRefused},
                                     {"2026-01-02 03:04:61", kRefused},
                                     {"2026-01-02 03:04:05.Z", kRefused},
                                     {"2026-01-02 03:04:05 Z", kRefused},
                                     {"2026-01-02 03:04:05 UTC", kRefused},
                                     {"2026-01-02 03:04:05+2", kRefused},
                                     {"2026-01-02 03:04:05+24:00", kRefused},
                                     {"2026-01-02 03:04:05+02:0", kRefused},
                                     {"2026-02-30 03:04:05", kRefused},
                                     {"02/01/2026 03:04", kRefused},
                                     {"2026-01-02_03:04:05", kRefused},
                                     {"9999-12-31T23:59:59-01:00", kRefused},
                                     {"0001-01-01T00:00:00+01:00", kRefused},
                                     {"2026-01-02 03:04:05+02:00x", kRefused}});
}

TEST(Convert, null_stays_null_and_the_empty_text_is_null_unless_the_column_is_text) {
  for (const ColumnType type : {ColumnType::integer, ColumnType::decimal, ColumnType::boolean, ColumnType::date, ColumnType::timestamp}) {
    Scratch scratch;
    EXPECT_TRUE(canonical(type, "c", Cell::of(""), scratch)->null);
    EXPECT_TRUE(canonical(type, "c", Cell(), scratch)->null);
  }
  Scratch scratch;
  EXPECT_FALSE(canonical(ColumnType::text, "c", Cell::of(""), scratch)->null);
  EXPECT_TRUE(canonical(ColumnType::text, "c", Cell(), scratch)->null);
}

TEST(Convert, a_value_that_does_not_fit_is_named_and_cut) {
  Scratch scratch;
  const auto refused = canonical(ColumnType::integer, "age", Cell::of("n/a"), scratch, 17);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, base::Code::invalid);
  EXPECT_EQ(refused.error().reason, "table.bad_value");
  EXPECT_EQ(refused.error().detail,
            "Line 17, column \"age\": \"n/a\" is not an integer such as -42. Correct the value, or import the column as text.");
  std::string sixty;
  for (int i = 0; i < 60; ++i) sixty += "ä";
  const auto exact = canonical(ColumnType::date, "d", Cell::of(sixty), scratch);
  EXPECT_EQ(exact.error().detail,
            "Column \"d\": \"" + sixty + "\" is not a date such as 2026-01-02. Correct the value, or import the column as text.");
  const std::string longer = sixty + "bb";
  const auto cut = canonical(ColumnType::date, "d", Cell::of(longer), scratch);
  EXPECT_EQ(cut.error().detail,
            "Column \"d\": \"" + sixty + "…\" is not a date such as 2026-01-02. Correct the value, or import the column as text.");
}

TEST(Convert, rows_are_converted_as_a_whole) {
  RowConverter converter(
      {{"id", ColumnType::integer}, {"name", ColumnType::text}, {"a", ColumnType::timestamp}, {"b", ColumnType::timestamp}});
  const std::vector<Cell> row = {Cell::of("1"), Cell::of(""), Cell::of("2026-01-02 03:04:05"), Cell::of("2026-01-02T03:04:05+01:00")};
  const auto converted = converter.convert(row);
  ASSERT_TRUE(converted.ok());
  EXPECT_EQ(testing::to_row(*converted), (testing::Row{"1", "", "2026-01-02T03:04:05Z", "2026-01-02T02:04:05Z"}));
  const std::vector<Cell> bad = {Cell::of("1"), Cell::of("x"), Cell(), Cell::of("soon")};
  EXPECT_EQ(converter.convert(bad, 3).error().detail.substr(0, 26), "Line 3, column \"b\": \"soon\"");
}

}  // namespace
}  // namespace sluice::data
