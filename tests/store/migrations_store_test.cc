#include <gtest/gtest.h>

#include <filesystem>

#include "db/db.h"
#include "db/schema.h"
#include "store/backend.h"
#include "store/postgres_server.h"

namespace sluice::testing {
namespace {

using db::Migration;

class MigrationTest : public StoreTest {
 protected:
  std::string apply(const std::vector<Migration>& migrations) {
    const auto done = db().migrate(migrations);
    return done.ok() ? "ok" : done.error().reason;
  }
  std::vector<std::string> backups() const {
    std::vector<std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with("app.db.before-")) out.push_back(name.substr(14));
    }
    std::sort(out.begin(), out.end());
    return out;
  }

  const Migration first_{"0001_a.sql", "CREATE TABLE a (id TEXT NOT NULL PRIMARY KEY); CREATE INDEX a_x ON a (id);\n-- the end"};
  const Migration second_{"0002_b.sql", "ALTER TABLE a ADD COLUMN b BIGINT; INSERT INTO a (id, b) VALUES ('it''s; --', 1);"};
};

TEST_P(MigrationTest, apply_once_and_in_order) {
  EXPECT_EQ(apply({second_, first_}), "ok");
  EXPECT_EQ(ask<std::string>("SELECT id FROM a"), "it's; --");
  EXPECT_EQ(apply({first_, second_}), "ok");
  EXPECT_EQ(ask<std::int64_t>("SELECT count(*) FROM a"), 1);
  EXPECT_EQ(ask<std::int64_t>("SELECT count(*) FROM schema_migrations WHERE applied_at > 0"), 2);
}

TEST_P(MigrationTest, a_changed_one_is_refused) {
  ASSERT_EQ(apply({first_}), "ok");
  EXPECT_EQ(apply({{"0001_a.sql", first_.sql + " "}, second_}), "db.migration_changed");
  EXPECT_FALSE(db().read([](db::Read& tx) { return tx.all("SELECT b FROM a"); }).ok());
}

TEST_P(MigrationTest, a_newer_database_is_refused) {
  ASSERT_EQ(apply({first_, second_}), "ok");
  EXPECT_EQ(apply({first_}), "db.newer");
}

TEST_P(MigrationTest, a_failing_one_leaves_nothing_and_those_before_it_stay) {
  const Migration broken{"0002_b.sql", "CREATE TABLE c (id TEXT); INSERT INTO nowhere VALUES (1);"};
  EXPECT_EQ(apply({first_, broken}), "db.statement");
  EXPECT_EQ(ask<std::int64_t>("SELECT count(*) FROM a"), 0);
  EXPECT_FALSE(db().read([](db::Read& tx) { return tx.all("SELECT * FROM c"); }).ok());
  EXPECT_EQ(apply({first_, second_}), "ok");
}

TEST_P(MigrationTest, one_that_ends_the_transaction_is_refused) {
  EXPECT_NE(apply({{"0001_a.sql", "CREATE TABLE a (id TEXT); COMMIT;"}}), "ok");
}

TEST_P(MigrationTest, each_dialect_runs_its_own_file) {
  EXPECT_EQ(apply({{"0001_a.sqlite.sql", "CREATE TABLE a AS SELECT 'sqlite' AS id"},
                   {"0001_a.postgres.sql", "CREATE TABLE a AS SELECT 'postgres' AS id"}}),
            "ok");
  EXPECT_EQ(ask<std::string>("SELECT id FROM a"), is_postgres() ? "postgres" : "sqlite");
}

TEST_P(MigrationTest, rebuilding_a_table_keeps_what_refers_to_it) {
  ASSERT_EQ(apply({{"0001_a.sql",
                    "CREATE TABLE p (id TEXT NOT NULL PRIMARY KEY); CREATE TABLE c (p_id TEXT REFERENCES p (id) ON DELETE CASCADE);"
                    "INSERT INTO p VALUES ('1'); INSERT INTO c VALUES ('1');"},
                   {"0002_b.sqlite.sql",
                    "CREATE TABLE p2 (id TEXT NOT NULL PRIMARY KEY, x TEXT); INSERT INTO p2 (id) SELECT id FROM p;"
                    "DROP TABLE p; ALTER TABLE p2 RENAME TO p;"},
                   {"0002_b.postgres.sql", "ALTER TABLE p ADD COLUMN x TEXT;"}}),
            "ok");
  EXPECT_EQ(ask<std::int64_t>("SELECT count(*) FROM c"), 1);
  EXPECT_TRUE(run("INSERT INTO c VALUES ('2')").starts_with("db.foreign_key"));
}

TEST_P(MigrationTest, sqlite_keeps_the_last_two_copies) {
  std::vector<Migration> all = {first_};
  ASSERT_EQ(apply(all), "ok");
  EXPECT_TRUE(backups().empty());  // there was nothing to lose
  for (const char* name : {"0002_b.sql", "0003_c.sql", "0004_d.sql"}) {
    all.push_back({name, "ALTER TABLE a ADD COLUMN c" + std::string(name, 4) + " TEXT;"});
    ASSERT_EQ(apply(all), "ok");
  }
  if (is_postgres()) return;
  EXPECT_EQ(backups(), (std::vector<std::string>{"0003_c.sql", "0004_d.sql"}));
  const auto copy = db::Db::open({.location = (folder_.path() / "app.db.before-0003_c.sql").string()});
  ASSERT_TRUE(copy.ok());
  const auto row = (*copy)->read([](db::Read& tx) { return tx.one("SELECT count(*) FROM schema_migrations"); });
  ASSERT_TRUE(row.ok());
  EXPECT_EQ(row->get<std::int64_t>(0), 2);
}

TEST_P(MigrationTest, those_of_the_product_apply) {
  EXPECT_EQ(apply({db::embedded_migrations().begin(), db::embedded_migrations().end()}), "ok");
}

SLUICE_BOTH_BACKENDS(MigrationTest);

std::string schema_of(const std::string& location, std::span<const Migration> migrations) {
  const auto db = db::Db::open({.location = location});
  if (!db.ok()) return db.error().internal;
  const auto done = (*db)->migrate(migrations);
  if (!done.ok()) return done.error().internal;
  const auto text = db::describe_schema(**db);
  return text.ok() ? *text : text.error().internal;
}

TEST(Schema, is_described_alike) {
  const std::vector<Migration> migrations = {{"0001_a.sql", R"(
    CREATE TABLE parents (id TEXT PRIMARY KEY, name TEXT NOT NULL, CONSTRAINT parents_name_taken UNIQUE (name));
    CREATE TABLE children (
      parent_id TEXT NOT NULL REFERENCES parents (id) ON DELETE CASCADE, number BIGINT, share DOUBLE PRECISION, is_good BOOLEAN NOT NULL,
      photo BYTEA, nick TEXT UNIQUE, PRIMARY KEY (parent_id, number));
    CREATE UNIQUE INDEX children_lower ON children (lower(nick));
    CREATE INDEX children_good ON children (number, share) WHERE is_good;
    CREATE VIEW names AS SELECT id, name AS label FROM parents;
  )"}};
  const std::string expected = R"(table children
  parent_id text not null
  number bigint not null
  share double precision
  is_good boolean not null
  photo bytea
  nick text
  primary key (parent_id, number)
  index children_good (number, share) where
  unique children_lower (expression)
  unique children_nick_key (nick)
  foreign key (parent_id) references parents on delete cascade

view names
  id
  label

table parents
  id text not null
  name text not null
  primary key (id)
  unique parents_name_taken (name)
)";
  const TemporaryFolder folder;
  EXPECT_EQ(schema_of((folder.path() / "a.db").string(), migrations), expected);
  EXPECT_EQ(schema_of(PostgresServer::instance().make_database(), migrations), expected);
}

TEST(Schema, of_the_product_is_the_same_on_both) {
  const TemporaryFolder folder;
  EXPECT_EQ(schema_of((folder.path() / "a.db").string(), db::embedded_migrations()),
            schema_of(PostgresServer::instance().make_database(), db::embedded_migrations()));
}

}  // namespace
}  // namespace sluice::testing
