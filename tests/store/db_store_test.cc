#include <gtest/gtest.h>

#include <stdexcept>

#include "db/db.h"
#include "store/backend.h"

namespace sluice::testing {
namespace {

using db::Blob;
using db::Read;
using db::Write;

class DbTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    migrate(R"(
      CREATE TABLE teams (id TEXT NOT NULL, name TEXT NOT NULL, CONSTRAINT teams_pkey PRIMARY KEY (id),
                          CONSTRAINT teams_name_key UNIQUE (name));
      CREATE TABLE users (
        id TEXT NOT NULL PRIMARY KEY,
        email TEXT NOT NULL CONSTRAINT users_mail_key UNIQUE,  -- another name than the default
        nick TEXT UNIQUE,
        team_id TEXT CONSTRAINT users_team_fk REFERENCES teams (id),
        age BIGINT, score DOUBLE PRECISION, is_active BOOLEAN NOT NULL DEFAULT TRUE, photo BYTEA,
        version BIGINT NOT NULL DEFAULT 1,
        CONSTRAINT users_age_check CHECK (age >= 0)
      );
      CREATE UNIQUE INDEX users_lower_email ON users (lower(email));
      CREATE UNIQUE INDEX users_age_active ON users (age) WHERE is_active;
      INSERT INTO teams (id, name) VALUES ('t1', 'One; Two');
    )");
  }
};

TEST_P(DbTest, every_kind_of_value_comes_back) {
  const std::string bytes("\0\1\xff'\\", 5);
  ASSERT_EQ(run("INSERT INTO users (id, email, age, score, is_active, photo) VALUES (?1, ?2, ?3, ?4, ?5, ?6)", "1", "é'\"?1\\", INT64_MAX,
                -0.1, false, Blob{bytes}),
            "ok");
  const auto row = db().read([](Read& tx) {
    return tx.one("SELECT id, email, age, score, is_active, photo, nick, ?1, ?2, ?3, ?4, '' FROM users", INT64_MIN, 1e300, true, "x");
  });
  ASSERT_TRUE(row.ok()) << row.error().internal;
  EXPECT_EQ(row->get<std::string>(0), "1");
  EXPECT_EQ(row->get<std::string>(1), "é'\"?1\\");
  EXPECT_EQ(row->get<std::int64_t>(2), INT64_MAX);
  EXPECT_EQ(row->get<double>(3), -0.1);
  EXPECT_EQ(row->get<bool>(4), false);
  EXPECT_EQ(row->get<Blob>(5).bytes, bytes);
  EXPECT_EQ(row->get<std::optional<std::string>>(6), std::nullopt);
  EXPECT_EQ(row->get<std::int64_t>(7), INT64_MIN);
  EXPECT_EQ(row->get<double>(8), 1e300);
  EXPECT_EQ(row->get<bool>(9), true);
  EXPECT_EQ(row->get<std::string>(10), "x");
  EXPECT_EQ(row->get<std::optional<std::string>>(11), "");
}

TEST_P(DbTest, a_named_enum_an_id_an_instant_and_json_come_back) {
  const auto id = base::UserId::make();
  const auto now = base::from_micros(1'767'323'045'123'456);
  const base::json::Object object{{"a", base::json::Value(std::int64_t{1})}};
  const auto row = db().read([&](Read& tx) { return tx.one("SELECT ?1, ?2, ?3, ?4", id, now, object, std::optional<std::string>()); });
  ASSERT_TRUE(row.ok()) << row.error().internal;
  EXPECT_EQ(row->get<base::UserId>(0), id);
  EXPECT_EQ(row->get<base::Timestamp>(1), now);
  EXPECT_EQ(row->get<base::json::Object>(2).find("a")->as_int() != nullptr, true);
  EXPECT_TRUE(row->is_null(3));
}

TEST_P(DbTest, text_that_looks_like_a_number_stays_text) {
  ASSERT_EQ(run("INSERT INTO users (id, email) VALUES (?1, ?2)", "007", "1e5"), "ok");
  EXPECT_EQ(ask<std::string>("SELECT id FROM users WHERE id = ?1", "007"), "007");
  EXPECT_EQ(ask<std::string>("SELECT email FROM users"), "1e5");
}

TEST_P(DbTest, a_boolean_expression_is_a_bool) {
  ASSERT_EQ(run("INSERT INTO users (id, email, is_active) VALUES ('1', 'a', FALSE)"), "ok");
  EXPECT_FALSE(ask<bool>("SELECT is_active FROM users"));
  EXPECT_TRUE(ask<bool>("SELECT NOT is_active FROM users"));
  EXPECT_TRUE(ask<bool>("SELECT EXISTS (SELECT 1 FROM users WHERE is_active = ?1)", false));
}

TEST_P(DbTest, sums_of_integers_are_integers) {
  ASSERT_EQ(run("INSERT INTO users (id, email, age) VALUES ('1', 'a', 3000000000000), ('2', 'b', 4)"), "ok");
  EXPECT_EQ(ask<std::int64_t>("SELECT sum(age) FROM users"), 3'000'000'000'004);
  EXPECT_EQ(ask<std::int64_t>("SELECT sum(-age) FROM users"), -3'000'000'000'004);
  EXPECT_EQ(ask<std::int64_t>("SELECT count(*) FROM users"), 2);
  EXPECT_EQ(ask<double>("SELECT avg(age) FROM users"), 1'500'000'000'002.0);
  EXPECT_EQ(ask<std::int64_t>("SELECT sum(age - age) FROM users"), 0);
}

TEST_P(DbTest, broken_constraints_have_the_same_names_on_both) {
  ASSERT_EQ(run("INSERT INTO users (id, email, nick, age) VALUES ('1', 'Ada@x', 'a', 1)"), "ok");
  EXPECT_EQ(run("INSERT INTO users (id, email) VALUES ('1', 'b')"), "db.unique users_pkey");
  EXPECT_EQ(run("INSERT INTO teams (id, name) VALUES ('t1', 'x')"), "db.unique teams_pkey");
  EXPECT_EQ(run("INSERT INTO teams (id, name) VALUES ('t2', 'One; Two')"), "db.unique teams_name_key");
  EXPECT_EQ(run("INSERT INTO users (id, email, nick) VALUES ('2', 'c', 'a')"), "db.unique users_nick_key");
  EXPECT_EQ(run("INSERT INTO users (id, email) VALUES ('2', 'ada@X')"), "db.unique users_lower_email");
  EXPECT_EQ(run("INSERT INTO users (id, email, age) VALUES ('2', 'c', 1)"), "db.unique users_age_active");
  EXPECT_EQ(run("INSERT INTO users (id, email, age, is_active) VALUES ('2', 'c', 1, FALSE)"), "ok");
  EXPECT_EQ(run("INSERT INTO users (id, email, age) VALUES ('3', 'd', -1)"), "db.check users_age_check");
  EXPECT_EQ(run("INSERT INTO users (id, email) VALUES ('3', NULL)"), "db.check users.email");
}

TEST_P(DbTest, a_column_constraint_keeps_its_given_name) {
  migrate_more("0002_more.sql",
               "CREATE TABLE pairs (a BIGINT NOT NULL, b BIGINT NOT NULL CONSTRAINT pairs_b_taken UNIQUE,"
               " \"c d\" TEXT, CONSTRAINT pairs_both UNIQUE (a, \"c d\"), PRIMARY KEY (a, b));");
  ASSERT_EQ(run("INSERT INTO pairs VALUES (1, 1, 'x')"), "ok");
  EXPECT_EQ(run("INSERT INTO pairs VALUES (2, 1, 'y')"), "db.unique pairs_b_taken");
  EXPECT_EQ(run("INSERT INTO pairs VALUES (1, 2, 'x')"), "db.unique pairs_both");
}

TEST_P(DbTest, foreign_keys_hold_in_both_directions) {
  const auto missing = db().write([](Write& tx) { return tx.execute("INSERT INTO users (id, email, team_id) VALUES ('1', 'a', 'no')"); });
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().reason, "db.foreign_key");
  EXPECT_EQ(missing.error().code, base::Code::in_use);
  ASSERT_EQ(run("INSERT INTO users (id, email, team_id) VALUES ('1', 'a', 't1')"), "ok");
  const auto used = db().write([](Write& tx) { return tx.execute("DELETE FROM teams"); });
  ASSERT_FALSE(used.ok());
  EXPECT_EQ(used.error().reason, "db.foreign_key");
  if (is_postgres()) EXPECT_TRUE(db::violates(used.error(), "users_team_fk"));
}

TEST_P(DbTest, errors_never_show_parameters) {
  const std::string canary = "canary-5391";
  ASSERT_EQ(run("INSERT INTO teams (id, name) VALUES ('t2', ?1)", canary), "ok");
  const auto holds = [&](const base::Error& e) { return (e.detail + e.internal).find(canary) != std::string::npos; };
  for (const char* sql : {"INSERT INTO teams (id, name) VALUES ('t3', ?1)", "INSERT INTO users (id, email, team_id) VALUES ('9', 'e', ?1)",
                          "SELECT * FROM nowhere WHERE x = ?1", "INSERT INTO users (id, email, age) VALUES (?1, NULL, 1)"}) {
    const auto done = db().write([&](Write& tx) { return tx.execute(sql, canary); });
    ASSERT_FALSE(done.ok()) << sql;
    EXPECT_FALSE(holds(done.error())) << sql << ": " << done.error().internal;
  }
}

TEST_P(DbTest, a_mistake_in_the_sql_is_a_statement_error) {
  for (const char* sql : {"SELEC 1", "SELECT * FROM nowhere", "SELECT nothing FROM users", "SELECT \"text\" AS x WHERE \"a\" = \"b\""}) {
    const auto done = db().read([&](Read& tx) { return tx.all(sql); });
    ASSERT_FALSE(done.ok()) << sql;
    EXPECT_EQ(done.error().reason, "db.statement") << sql;
    EXPECT_EQ(done.error().code, base::Code::internal);
  }
}

TEST_P(DbTest, reading_cannot_write) {
  const auto done = db().read([](Read& tx) { return tx.all("INSERT INTO teams (id, name) VALUES ('t9', 'x') RETURNING id"); });
  EXPECT_FALSE(done.ok());
  EXPECT_EQ(ask<std::int64_t>("SELECT count(*) FROM teams"), 1);
}

TEST_P(DbTest, an_error_rolls_everything_back) {
  const auto done = db().write([](Write& tx) -> base::Result<int> {
    RETURN_IF_ERROR(tx.execute("INSERT INTO teams (id, name) VALUES ('t2', 'x')"));
    return base::Error{.code = base::Code::stale, .reason = "thing.stale"};
  });
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().reason, "thing.stale");
  EXPECT_EQ(ask<std::int64_t>("SELECT count(*) FROM teams"), 1);
}

TEST_P(DbTest, an_exception_of_the_caller_rolls_back_and_leaves_the_database_usable) {
  EXPECT_THROW(static_cast<void>(db().write([](Write& tx) -> base::Result<int> {
                 RETURN_IF_ERROR(tx.execute("INSERT INTO teams (id, name) VALUES ('t2', 'x')"));
                 throw std::runtime_error("bug");
               })),
               std::runtime_error);
  EXPECT_EQ(run("INSERT INTO teams (id, name) VALUES ('t2', 'y')"), "ok");
}

TEST_P(DbTest, after_a_failed_statement_nothing_runs_and_nothing_commits) {
  const auto done = db().write([](Write& tx) -> base::Result<int> {
    RETURN_IF_ERROR(tx.execute("INSERT INTO teams (id, name) VALUES ('t2', 'x')"));
    EXPECT_FALSE(tx.execute("INSERT INTO teams (id, name) VALUES ('t1', 'y')").ok());
    EXPECT_FALSE(tx.execute("INSERT INTO teams (id, name) VALUES ('t3', 'z')").ok());
    return 1;
  });
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().reason, "db.statement");
  EXPECT_EQ(ask<std::int64_t>("SELECT count(*) FROM teams"), 1);
}

TEST_P(DbTest, returning_and_on_conflict_work_and_changes_are_counted) {
  const auto counts = db().write([](Write& tx) -> base::Result<std::vector<std::int64_t>> {
    ASSIGN_OR_RETURN(const auto three, tx.execute("INSERT INTO teams (id, name) VALUES ('a', '1'), ('b', '2'), ('c', '3')"));
    ASSIGN_OR_RETURN(const auto none, tx.execute("INSERT INTO teams (id, name) VALUES ('a', '9') ON CONFLICT DO NOTHING"));
    ASSIGN_OR_RETURN(const auto one,
                     tx.execute("INSERT INTO teams (id, name) VALUES ('a', '9') ON CONFLICT (id) DO UPDATE SET name = excluded.name"));
    ASSIGN_OR_RETURN(const auto selected, tx.execute("SELECT * FROM teams"));
    ASSIGN_OR_RETURN(const auto updated, tx.one("UPDATE teams SET name = name || ?1 WHERE id = ?2 RETURNING name", "!", "a"));
    EXPECT_EQ(updated.get<std::string>(0), "9!");
    ASSIGN_OR_RETURN(const auto missed, tx.execute("DELETE FROM teams WHERE id = ?1", "zz"));
    return std::vector<std::int64_t>{three, none, one, selected, missed};
  });
  ASSERT_TRUE(counts.ok()) << counts.error().internal;
  EXPECT_EQ(*counts, (std::vector<std::int64_t>{3, 0, 1, 0, 0}));
}

TEST_P(DbTest, an_update_with_an_old_version_changes_nothing) {
  ASSERT_EQ(run("INSERT INTO users (id, email) VALUES ('1', 'a')"), "ok");
  const auto save = [&](std::int64_t version) {
    return db().write([&](Write& tx) {
      return tx.execute("UPDATE users SET nick = ?1, version = version + 1 WHERE id = ?2 AND version = ?3", "n", "1", version);
    });
  };
  EXPECT_EQ(*save(1), 1);
  EXPECT_EQ(*save(1), 0);
  EXPECT_EQ(*save(2), 1);
}

TEST_P(DbTest, a_parameter_may_be_used_twice_and_be_null) {
  ASSERT_EQ(run("INSERT INTO users (id, email, nick) VALUES ('1', 'a', 'n'), ('2', 'b', NULL)"), "ok");
  const std::string_view sql = "SELECT count(*) FROM users WHERE (?1 IS NULL AND nick IS NULL) OR nick = ?1";
  EXPECT_EQ(ask<std::int64_t>(sql, std::optional<std::string>()), 1);
  EXPECT_EQ(ask<std::int64_t>(sql, std::optional<std::string>("n")), 1);
  EXPECT_EQ(ask<std::int64_t>(sql, std::optional<std::string>("x")), 0);
}

TEST_P(DbTest, a_wrong_number_of_parameters_is_an_error) {
  EXPECT_FALSE(db().read([](Read& tx) { return tx.all("SELECT ?1, ?2", 1); }).ok());
  EXPECT_FALSE(db().read([](Read& tx) { return tx.all("SELECT ?1", 1, 2); }).ok());
}

TEST_P(DbTest, text_with_nul_is_refused) {
  EXPECT_TRUE(run("INSERT INTO teams (id, name) VALUES ('t2', ?1)", std::string("a\0b", 3)).starts_with("db.bad_text"));
  EXPECT_TRUE(run("INSERT INTO teams (id, name) VALUES ('t2', ?1)", "\xff").starts_with("db.bad_text"));
}

TEST_P(DbTest, an_empty_table_gives_an_empty_list) {
  const auto rows = db().read([](Read& tx) { return tx.all("SELECT * FROM users"); });
  ASSERT_TRUE(rows.ok());
  EXPECT_TRUE(rows->empty());
  const auto one = db().read([](Read& tx) { return tx.maybe_one("SELECT * FROM users"); });
  ASSERT_TRUE(one.ok());
  EXPECT_FALSE(one->has_value());
}

TEST_P(DbTest, pages_by_key_end_where_the_rows_end) {
  ASSERT_EQ(run("INSERT INTO teams (id, name) VALUES ('t2', 'b'), ('t3', 'c'), ('t4', 'd')"), "ok");
  std::vector<std::string> seen;
  std::string after;
  for (int page = 0; page < 4; ++page) {
    const auto rows = db().read([&](Read& tx) { return tx.all("SELECT id FROM teams WHERE id > ?1 ORDER BY id LIMIT ?2", after, 2); });
    ASSERT_TRUE(rows.ok());
    if (rows->empty()) break;
    for (const auto& row : *rows) seen.push_back(row.get<std::string>(0));
    after = seen.back();
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"t1", "t2", "t3", "t4"}));
}

TEST_P(DbTest, like_minds_the_case) {
  EXPECT_EQ(ask<std::int64_t>("SELECT count(*) FROM teams WHERE name LIKE ?1", "one%"), 0);
  EXPECT_EQ(ask<std::int64_t>("SELECT count(*) FROM teams WHERE lower(name) LIKE ?1", "one%"), 1);
}

TEST_P(DbTest, more_statements_than_the_cache_holds) {
  const auto done = db().read([](Read& tx) -> base::Result<int> {
    for (int round = 0; round < 2; ++round) {
      for (int i = 0; i < 400; ++i) {
        ASSIGN_OR_RETURN(const auto row, tx.one("SELECT ?1 + " + std::to_string(i), 1));
        EXPECT_EQ(row.get<std::int64_t>(0), i + 1);
      }
    }
    return 0;
  });
  EXPECT_TRUE(done.ok()) << done.error().internal;
}

TEST_P(DbTest, closing_makes_later_calls_fail) {
  db().close();
  EXPECT_EQ(run("DELETE FROM users"), "db.unavailable the database was closed");
  const auto read = db().read([](Read& tx) { return tx.all("SELECT 1"); });
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().reason, "db.unavailable");
  db().close();
}

SLUICE_BOTH_BACKENDS(DbTest);

}  // namespace
}  // namespace sluice::testing
