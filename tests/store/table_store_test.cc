#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "store/table_fixture.h"

namespace sluice::testing {
namespace {

using base::ColumnType;
using db::Filter;
using db::TableColumn;

const std::vector<TableColumn> kText = {{"id", ColumnType::text}, {"name", ColumnType::text}};
const std::vector<TableColumn> kEvery = {{"id", ColumnType::text},         {"integer", ColumnType::integer},
                                         {"decimal", ColumnType::decimal}, {"boolean", ColumnType::boolean},
                                         {"date", ColumnType::date},       {"timestamp", ColumnType::timestamp}};

std::vector<TextRow> numbered(int rows) {
  std::vector<TextRow> out;
  for (int i = 1; i <= rows; ++i) out.push_back({"k" + std::to_string(i), "name " + std::to_string(i)});
  return out;
}

TEST_P(TableTest, everything_comes_back_as_it_went_in) {
  const std::vector<TextRow> rows = {
      {"007", "9223372036854775807", "1234567890123456789012345.10", "true", "2026-01-02", "2026-01-02T03:04:05.123456Z"},
      {"00.10", "-9223372036854775808", "-0.00", "false", "0001-01-01", "9999-12-31T23:59:59Z"},
      {"1e5", "0", "1.10", std::nullopt, std::nullopt, std::nullopt},
      {"é 太郎 \xF0\x9F\x98\x80", std::nullopt, "", "", "", ""},
      {"", "-1", std::nullopt, "true", "2026-12-31", "2026-01-02T03:04:05Z"},
      {"a\tb\r\n\\N\\.\"'", "42", "+5", "true", "2026-12-31", "2026-01-02T03:04:05Z"},
  };
  ASSERT_EQ(write_table(store(), "v1", kEvery, std::nullopt, rows), "ok 6");
  EXPECT_EQ(read_table(store(), {.version = "v1", .columns = {0, 1, 2, 3, 4, 5}}, kEvery), rows);
  const auto turned = read_table(store(), {.version = "v1", .columns = {1, 0, 1}}, kEvery);
  EXPECT_EQ(turned[0], (TextRow{"9223372036854775807", "007", "9223372036854775807"}));
}

TEST_P(TableTest, a_cell_of_a_megabyte) {
  std::string large(1 << 20, 'x');
  for (std::size_t i = 0; i < large.size(); i += 7) large[i] = static_cast<char>('a' + i % 26);
  const std::vector<TextRow> rows = {{"1", large}, {"2", "small"}, {"3", large}};
  ASSERT_EQ(write_table(store(), "v1", kText, 0, rows), "ok 3");
  EXPECT_EQ(read_table(store(), {.version = "v1", .columns = {0, 1}}, kText), rows);
}

TEST_P(TableTest, an_empty_table) {
  ASSERT_EQ(write_table(store(), "v1", kText, 0, {}), "ok 0");
  EXPECT_TRUE(read_table(store(), {.version = "v1", .columns = {0, 1}}, kText).empty());
  EXPECT_EQ(*store().count("v1", {}, kText), 0);
}

TEST_P(TableTest, hundreds_of_columns) {
  std::vector<TableColumn> columns;
  TextRow row;
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < 500; ++i) {
    columns.push_back({"c", i % 2 == 0 ? ColumnType::text : ColumnType::integer});
    row.push_back(std::to_string(i));
    all.push_back(i);
  }
  ASSERT_EQ(write_table(store(), "v1", columns, std::nullopt, {row, row}), "ok 2");
  EXPECT_EQ(read_table(store(), {.version = "v1", .columns = all}, columns), (std::vector<TextRow>{row, row}));
}

TEST_P(TableTest, a_key_that_comes_twice_is_told_with_both_rows) {
  auto rows = numbered(1000);
  rows[600][0] = "k11";
  rows[900][0] = "k5";
  const auto writer = start_table(store(), "v1", kText, 0, rows);
  const auto done = writer->finish();
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().reason, "table.duplicate_key");
  EXPECT_EQ(done.error().code, base::Code::conflict);
  ASSERT_TRUE(writer->duplicate());
  EXPECT_EQ(writer->duplicate()->key, "k11");
  EXPECT_EQ(writer->duplicate()->first_row, 11);
  EXPECT_EQ(writer->duplicate()->second_row, 601);
}

TEST_P(TableTest, an_integer_key_that_comes_twice) {
  const std::vector<TableColumn> columns = {{"id", ColumnType::integer}};
  const auto writer = start_table(store(), "v1", columns, 0, {{"1"}, {"-7"}, {"3"}, {"-7"}, {"-7"}});
  ASSERT_FALSE(writer->finish().ok());
  EXPECT_EQ(writer->duplicate()->key, "-7");
  EXPECT_EQ(writer->duplicate()->first_row, 2);
  EXPECT_EQ(writer->duplicate()->second_row, 4);
}

TEST_P(TableTest, keys_differ_by_every_byte) {
  EXPECT_EQ(write_table(store(), "v1", kText, 0, {{"a", ""}, {"A", ""}, {"a ", ""}, {"\xC3\xA9", ""}, {"e\xCC\x81", ""}}), "ok 5");
}

TEST_P(TableTest, a_missing_key_is_told_with_its_row) {
  EXPECT_EQ(write_table(store(), "v1", kText, 0, {{"1", "a"}, {"", "b"}, {std::nullopt, "c"}}), "table.empty_key 2");
  EXPECT_EQ(write_table(store(), "v2", kText, 1, {{"1", "a"}, {"2", "b"}, {"3", std::nullopt}}), "table.empty_key 3");
  EXPECT_EQ(write_table(store(), "v3", kText, std::nullopt, {{"", std::nullopt}}), "ok 1");
  EXPECT_EQ(write_table(store(), "v4", kText, 0, {{std::string(2001, 'x'), ""}}), "table.key_too_long 1");
  EXPECT_EQ(list(), (std::vector<std::string>{"v3"}));
}

TEST_P(TableTest, cells_that_do_not_fit_are_refused) {
  const std::string nul("a\0b", 3);
  EXPECT_EQ(write_table(store(), "v1", kText, std::nullopt, {{"1", "a"}, {"2", nul}}), "table.nul_character row 2, column 1");
  EXPECT_EQ(write_table(store(), "v1", kText, std::nullopt, {{"0123456789\xff", ""}}), "table.not_utf8 row 1, column 0");
  for (const char* bad : {"", "x", "1.0", "+1", "01", "-0", "9223372036854775808", " 1"}) {
    EXPECT_EQ(write_table(store(), "v1", {{"i", ColumnType::integer}}, std::nullopt, {{bad}}), "table.bad_integer row 1, column 0") << bad;
  }
  EXPECT_TRUE(list().empty());
}

TEST_P(TableTest, ranges_cover_every_row_once) {
  const auto rows = numbered(1003);
  ASSERT_EQ(write_table(store(), "v1", kText, 0, rows), "ok 1003");
  std::vector<TextRow> seen;
  for (std::int64_t first = 1; first <= 1003; first += 100) {
    const auto part = read_table(store(), {.version = "v1", .columns = {0, 1}, .first_row = first, .last_row = first + 99}, kText);
    seen.insert(seen.end(), part.begin(), part.end());
  }
  EXPECT_EQ(seen, rows);
  EXPECT_TRUE(read_table(store(), {.version = "v1", .columns = {0}, .first_row = 1004}, kText).empty());
  EXPECT_EQ(read_table(store(), {.version = "v1", .columns = {0}, .limit = 2, .first_row = 10}, kText),
            (std::vector<TextRow>{{"k10"}, {"k11"}}));
  EXPECT_TRUE(read_table(store(), {.version = "v1", .columns = {0}, .limit = 0}, kText).empty());
}

TEST_P(TableTest, rows_come_in_order_also_when_filtered_by_the_key) {
  auto rows = numbered(2000);
  std::reverse(rows.begin(), rows.end());
  ASSERT_EQ(write_table(store(), "v1", kText, 0, rows), "ok 2000");
  const auto found =
      read_table(store(),
                 {.version = "v1",
                  .columns = {0},
                  .filter = {.kind = Filter::Kind::condition, .op = Filter::Operator::in, .values = {"k5", "k1999", "k700"}}},
                 kText);
  EXPECT_EQ(found, (std::vector<TextRow>{{"k1999"}, {"k700"}, {"k5"}}));
}

TEST_P(TableTest, a_reader_keeps_its_version_while_a_new_one_replaces_it) {
  const auto rows = numbered(5000);
  ASSERT_EQ(write_table(store(), "v1", kText, 0, rows), "ok 5000");
  const auto scan = store().scan({.version = "v1", .columns = {0, 1}}, kText);
  ASSERT_TRUE(scan.ok());
  const auto first = (*scan)->next();
  ASSERT_TRUE(first.ok() && !first->empty());
  ASSERT_EQ(write_table(store(), "v2", kText, 0, numbered(1)), "ok 1");
  ASSERT_TRUE(store().drop("v1").ok());
  EXPECT_EQ(list(), (std::vector<std::string>{"v2"}));
  EXPECT_EQ(store().scan({.version = "v1", .columns = {0}}, kText).error().reason, "table.no_such_version");
  EXPECT_EQ(store().count("v1", {}, kText).error().reason, "table.no_such_version");
  EXPECT_EQ(read_all(**scan).size(), 4999U);
}

TEST_P(TableTest, what_was_dropped_under_a_reader_goes_away_later) {
  ASSERT_EQ(write_table(store(), "v1", kText, 0, numbered(5000)), "ok 5000");
  {
    const auto scan = store().scan({.version = "v1", .columns = {0, 1}}, kText);
    ASSERT_TRUE((*scan)->next().ok());
    ASSERT_TRUE(store().drop("v1").ok());
  }
  for (int i = 0; i < 100; ++i) {  // the server notices the closed connection in its own time
    ASSERT_TRUE(store().drop("other").ok());
    if (write_table(store(), "v1", kText, 0, {}) == "ok 0") return;
  }
  FAIL() << "the name cannot be used again";
}

TEST_P(TableTest, an_abandoned_scan_leaves_the_store_usable) {
  ASSERT_EQ(write_table(store(), "v1", kText, 0, numbered(5000)), "ok 5000");
  for (int i = 0; i < 5; ++i) {
    const auto scan = store().scan({.version = "v1", .columns = {0}}, kText);
    ASSERT_TRUE((*scan)->next().ok());
  }
  EXPECT_EQ(read_table(store(), {.version = "v1", .columns = {0}}, kText).size(), 5000U);
}

TEST_P(TableTest, after_the_end_stays_the_end) {
  ASSERT_EQ(write_table(store(), "v1", kText, 0, numbered(1)), "ok 1");
  const auto scan = store().scan({.version = "v1", .columns = {0}}, kText);
  EXPECT_FALSE((*scan)->next()->empty());
  EXPECT_TRUE((*scan)->next()->empty());
  EXPECT_TRUE((*scan)->next()->empty());
}

TEST_P(TableTest, an_abandoned_writer_leaves_nothing) {
  start_table(store(), "v1", kText, 0, numbered(100)).reset();
  EXPECT_TRUE(list().empty());
  if (GetParam() == Backend::sqlite) EXPECT_TRUE(std::filesystem::is_empty(location_));
  EXPECT_EQ(write_table(store(), "v1", kText, 0, numbered(3)), "ok 3");
}

TEST_P(TableTest, what_a_killed_writer_leaves_is_listed_and_can_be_dropped) {
  const pid_t child = fork();
  if (child == 0) {
    auto own = db::TableStore::open(location_);
    if (!own.ok()) _exit(1);
    const auto writer = start_table(**own, "v1", kText, 0, numbered(20'000));
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  // PostgreSQL has rolled it back by itself.
  if (GetParam() == Backend::sqlite) {
    EXPECT_EQ(list(), (std::vector<std::string>{"v1"}));
    EXPECT_EQ(write_table(store(), "v1", kText, 0, {}), "table.version_used v1");
  }
  EXPECT_EQ(store().scan({.version = "v1", .columns = {0}}, kText).error().reason, "table.no_such_version");
  ASSERT_TRUE(store().drop("v1").ok());
  EXPECT_TRUE(list().empty());
  EXPECT_EQ(write_table(store(), "v1", kText, 0, numbered(2)), "ok 2");
}

TEST_P(TableTest, an_unfinished_version_cannot_be_read) {
  const auto writer = start_table(store(), "v1", kText, 0, numbered(10));
  EXPECT_EQ(store().scan({.version = "v1", .columns = {0}}, kText).error().reason, "table.no_such_version");
  ASSERT_TRUE(writer->finish().ok());
  EXPECT_EQ(*store().count("v1", {}, kText), 10);
}

TEST_P(TableTest, a_version_cannot_be_written_twice_and_dropping_what_is_absent_is_fine) {
  ASSERT_EQ(write_table(store(), "v-1_A", kText, 0, {}), "ok 0");
  EXPECT_EQ(write_table(store(), "v-1_A", kText, 0, {}), "table.version_used v-1_A");
  EXPECT_TRUE(store().drop("v-1_A").ok());
  EXPECT_TRUE(store().drop("v-1_A").ok());
  EXPECT_TRUE(list().empty());
}

TEST_P(TableTest, names_of_versions_are_checked) {
  for (const std::string& bad : {std::string(), std::string("a/b"), std::string(".."), std::string("a\"b"), std::string("a'b"),
                                 std::string("~dropped"), std::string("a b"), std::string(61, 'x')}) {
    EXPECT_EQ(write_table(store(), bad, kText, 0, {}).substr(0, 17), "table.bad_version") << bad;
    EXPECT_FALSE(store().scan({.version = bad, .columns = {0}}, kText).ok());
    EXPECT_FALSE(store().drop(bad).ok());
    EXPECT_FALSE(store().count(bad, {}, kText).ok());
  }
  EXPECT_EQ(write_table(store(), std::string(60, 'x'), kText, 0, {}), "ok 0");
}

TEST_P(TableTest, finished_versions_are_there_after_opening_again) {
  ASSERT_EQ(write_table(store(), "b", kText, 0, numbered(2)), "ok 2");
  ASSERT_EQ(write_table(store(), "a", kText, 0, numbered(1)), "ok 1");
  store_ = open_again();
  EXPECT_EQ(list(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(read_table(store(), {.version = "b", .columns = {1}}, kText), (std::vector<TextRow>{{"name 1"}, {"name 2"}}));
}

TEST_P(TableTest, many_threads_write_and_read_their_own_versions) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      const std::string version = "v" + std::to_string(t);
      const auto rows = numbered(500 + t);
      EXPECT_EQ(write_table(store(), version, kText, 0, rows), "ok " + std::to_string(500 + t));
      EXPECT_EQ(read_table(store(), {.version = version, .columns = {0, 1}}, kText), rows);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(list().size(), 4U);
}

TEST(TableFolder, may_have_any_name) {
  const TemporaryFolder folder;
  const auto store = db::TableStore::open((folder.path() / "a ?#%é'" / "b").string());
  ASSERT_TRUE(store.ok());
  ASSERT_EQ(write_table(**store, "v1", kText, 0, numbered(2)), "ok 2");
  EXPECT_EQ(read_table(**store, {.version = "v1", .columns = {0}}, kText).size(), 2U);
  const Filter in_list{.kind = Filter::Kind::in_list, .column = 0, .list_version = "v1"};
  EXPECT_EQ(*(*store)->count("v1", in_list, kText), 2);
}

SLUICE_BOTH_BACKENDS(TableTest);

}  // namespace
}  // namespace sluice::testing
