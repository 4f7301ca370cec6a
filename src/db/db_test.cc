#include "db/db.h"

#include <gtest/gtest.h>

#include <limits>

#include "db/migrations.h"
#include "db/statement.h"
#include "db/statement_cache.h"

namespace sluice::db {
namespace {

std::string dollars(std::string_view sql, std::vector<Value> parameters = {}) { return to_dollar_placeholders(sql, parameters).text; }

TEST(Placeholders, become_dollars_outside_quotes_and_comments) {
  EXPECT_EQ(dollars("SELECT ?1, ?12"), "SELECT $1, $12");
  EXPECT_EQ(dollars("SELECT '?1', ?1"), "SELECT '?1', $1");
  EXPECT_EQ(dollars("SELECT 'it''s ?1', ?1"), "SELECT 'it''s ?1', $1");
  EXPECT_EQ(dollars("SELECT \"?1\", ?1"), "SELECT \"?1\", $1");
  EXPECT_EQ(dollars("SELECT 1 -- ?1\n, ?1"), "SELECT 1 -- ?1\n, $1");
  EXPECT_EQ(dollars("SELECT /* ?1 */ ?1"), "SELECT /* ?1 */ $1");
  EXPECT_EQ(dollars("a ? b ?0 ?"), "a ? b ?0 ?");
  EXPECT_EQ(dollars("'open ?1"), "'open ?1");
}

TEST(Placeholders, of_null_become_null) {
  EXPECT_EQ(dollars("?1 IS NULL OR x = ?2 OR ?1 = ?3", {Value(), Value(true), Value()}), "NULL IS NULL OR x = $2 OR NULL = NULL");
}

TEST(Placeholders, are_counted) {
  EXPECT_EQ(to_dollar_placeholders("?2, ?1, '?9'", {}).parameters, 2U);
  EXPECT_EQ(to_dollar_placeholders("SELECT 1", {}).parameters, 0U);
}

TEST(StatementCache, forgets_the_longest_unused) {
  StatementCache<int> cache(2);
  EXPECT_FALSE(cache.put("a", 1));
  EXPECT_FALSE(cache.put("b", 2));
  EXPECT_EQ(cache.take("a"), 1);
  EXPECT_FALSE(cache.take("a"));
  EXPECT_FALSE(cache.put("a", 1));
  EXPECT_EQ(cache.put("c", 3), 2);
  EXPECT_EQ(cache.put("c", 4), 3);
  EXPECT_EQ(cache.size(), 2U);
}

const std::vector<Migration> kKnown = {
    {"0001_a.sql", "A"}, {"0002_b.postgres.sql", "PB"}, {"0002_b.sqlite.sql", "SB"}, {"0003_c.sql", "C"}};

std::string names(const base::Result<std::vector<const Migration*>>& plan) {
  if (!plan.ok()) return plan.error().reason;
  std::string out;
  for (const Migration* migration : *plan) out += migration->name + " ";
  return out;
}

TEST(Migrations, take_the_file_of_the_dialect) {
  EXPECT_EQ(names(plan_migrations(kKnown, {}, false)), "0001_a.sql 0002_b.sqlite.sql 0003_c.sql ");
  EXPECT_EQ(names(plan_migrations(kKnown, {}, true)), "0001_a.sql 0002_b.postgres.sql 0003_c.sql ");
}

TEST(Migrations, run_only_what_is_missing) {
  const std::vector<AppliedMigration> applied = {{"0001_a.sql", checksum_of("A")}, {"0002_b.sqlite.sql", checksum_of("SB")}};
  EXPECT_EQ(names(plan_migrations(kKnown, applied, false)), "0003_c.sql ");
}

TEST(Migrations, refuse_changed_unknown_and_late_ones) {
  const std::vector<AppliedMigration> changed = {{"0001_a.sql", checksum_of("other")}};
  EXPECT_EQ(names(plan_migrations(kKnown, changed, false)), "db.migration_changed");
  const std::vector<AppliedMigration> newer = {{"0001_a.sql", checksum_of("A")}, {"0004_d.sql", "x"}};
  EXPECT_EQ(names(plan_migrations(kKnown, newer, false)), "db.newer");
  const std::vector<AppliedMigration> late = {{"0001_a.sql", checksum_of("A")}, {"0003_c.sql", checksum_of("C")}};
  EXPECT_EQ(names(plan_migrations(kKnown, late, false)), "db.migration_changed");
}

TEST(Migrations, checksum_is_fnv1a_128) {
  EXPECT_EQ(checksum_of(""), "fnv1a128:6c62272e07bb014262b821756295c58d");
  EXPECT_EQ(checksum_of("a"), "fnv1a128:d228cb696f1a8caf78912b704e4a8964");
}

TEST(Violates, looks_at_reason_and_name) {
  base::Error error{.code = base::Code::conflict, .reason = "db.unique", .internal = "a_key|b_key"};
  EXPECT_TRUE(violates(error, "a_key"));
  EXPECT_TRUE(violates(error, "b_key"));
  EXPECT_FALSE(violates(error, "key"));
  EXPECT_FALSE(violates(error, "a_key|b_key"));
  error.reason = "db.unavailable";
  EXPECT_FALSE(violates(error, "a_key"));
}

TEST(Parameters, refuse_what_one_backend_cannot_hold) {
  const auto reason = [](Value value) {
    const auto result = check_parameters({&value, 1});
    return result.ok() ? std::string() : result.error().reason;
  };
  EXPECT_EQ(reason(std::string("a\0b", 3)), "db.bad_text");
  EXPECT_EQ(reason(std::string("\xff")), "db.bad_text");
  EXPECT_EQ(reason(std::numeric_limits<double>::infinity()), "db.bad_number");
  EXPECT_EQ(reason(Blob{std::string("\0\xff", 2)}), "");
  EXPECT_EQ(reason(std::string("é")), "");
}

}  // namespace
}  // namespace sluice::db
