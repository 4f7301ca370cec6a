#include <gtest/gtest.h>

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
  ASSERT_EQ(run("INSERT INTO users (id, email, age, score, is_active, photo) VALUES (?1, ?2, ?3, ?4, ?5, ?6)", "1", "é'\"?1\\",
                INT64_MAX, -0.1, false, Blob{bytes}),
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

SLUICE_BOTH_BACKENDS(DbTest);

}  // namespace
}  // namespace sluice::testing
