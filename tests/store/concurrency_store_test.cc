#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <barrier>
#include <filesystem>
#include <thread>
#include <vector>

#include "db/db.h"
#include "store/backend.h"

namespace sluice::testing {
namespace {

using db::Read;
using db::Write;

class ConcurrencyTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    migrate(
        "CREATE TABLE counters (id TEXT NOT NULL PRIMARY KEY, value BIGINT NOT NULL); INSERT INTO counters VALUES ('a', 0), "
        "('b', 0);");
  }

  // A connection of the test's own, for what only PostgreSQL does.
  void run_outside(const std::string& sql) {
    PGconn* connection = PQconnectdb(location_.c_str());
    PQclear(PQexec(connection, sql.c_str()));
    PQfinish(connection);
  }
};

TEST_P(ConcurrencyTest, no_increment_is_lost) {
  std::vector<std::thread> threads;
  std::atomic<int> failures = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 25; ++i) {
        const auto done = db().write([](Write& tx) -> base::Result<std::int64_t> {
          ASSIGN_OR_RETURN(const auto row, tx.one("SELECT value FROM counters WHERE id = 'a'"));
          return tx.execute("UPDATE counters SET value = ?1 WHERE id = 'a'", row.get<std::int64_t>(0) + 1);
        });
        if (!done.ok()) ++failures;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  // PostgreSQL may give up after ten tries; what was reported as done is there.
  EXPECT_EQ(ask<std::int64_t>("SELECT value FROM counters WHERE id = 'a'"), 100 - failures);
  EXPECT_LT(failures, 50);
  if (!is_postgres()) EXPECT_EQ(failures, 0);
}

TEST_P(ConcurrencyTest, a_reader_sees_one_state_while_a_writer_commits) {
  const auto done = db().read([&](Read& tx) -> base::Result<bool> {
    ASSIGN_OR_RETURN(const auto before, tx.one("SELECT value FROM counters WHERE id = 'a'"));
    std::thread writer([&] { EXPECT_EQ(run("UPDATE counters SET value = 7"), "ok"); });
    writer.join();
    ASSIGN_OR_RETURN(const auto after, tx.one("SELECT value FROM counters WHERE id = 'a'"));
    return before.get<std::int64_t>(0) == after.get<std::int64_t>(0);
  });
  ASSERT_TRUE(done.ok());
  EXPECT_TRUE(*done);
  EXPECT_EQ(ask<std::int64_t>("SELECT value FROM counters WHERE id = 'a'"), 7);
}

TEST_P(ConcurrencyTest, a_write_that_collides_is_run_again) {
  if (!is_postgres()) return;  // SQLite has one writer at a time
  int runs = 0;
  const auto done = db().write([&](Write& tx) -> base::Result<std::int64_t> {
    ASSIGN_OR_RETURN(const auto row, tx.one("SELECT value FROM counters WHERE id = 'a'"));
    if (++runs == 1) run_outside("UPDATE counters SET value = value + 10 WHERE id = 'a'");
    return tx.execute("UPDATE counters SET value = ?1 WHERE id = 'a'", row.get<std::int64_t>(0) + 1);
  });
  EXPECT_TRUE(done.ok());
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(ask<std::int64_t>("SELECT value FROM counters WHERE id = 'a'"), 11);
}

TEST_P(ConcurrencyTest, a_deadlock_is_run_again) {
  if (!is_postgres()) return;
  std::barrier meet(2);
  const auto move = [&](const char* first, const char* second) {
    bool met = false;
    const auto done = db().write([&](Write& tx) -> base::Result<std::int64_t> {
      RETURN_IF_ERROR(tx.execute("UPDATE counters SET value = value + 1 WHERE id = ?1", first));
      if (!met) meet.arrive_and_wait();
      met = true;
      return tx.execute("UPDATE counters SET value = value + 1 WHERE id = ?1", second);
    });
    EXPECT_TRUE(done.ok()) << done.error().internal;
  };
  std::thread other([&] { move("b", "a"); });
  move("a", "b");
  other.join();
  EXPECT_EQ(ask<std::int64_t>("SELECT sum(value) FROM counters"), 4);
}

TEST_P(ConcurrencyTest, a_dropped_idle_connection_is_replaced) {
  if (!is_postgres()) return;
  ASSERT_EQ(run("UPDATE counters SET value = 1"), "ok");
  run_outside("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
  EXPECT_EQ(run("UPDATE counters SET value = 2"), "ok");
}

TEST_P(ConcurrencyTest, a_connection_lost_inside_a_transaction_is_unavailable_and_the_next_one_works) {
  if (!is_postgres()) return;
  const auto done = db().write([&](Write& tx) -> base::Result<std::int64_t> {
    RETURN_IF_ERROR(tx.execute("UPDATE counters SET value = 5"));
    run_outside("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
    return tx.execute("UPDATE counters SET value = 6");
  });
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().reason, "db.unavailable");
  EXPECT_EQ(ask<std::int64_t>("SELECT sum(value) FROM counters"), 0);
}

TEST_P(ConcurrencyTest, a_plan_that_another_process_made_stale_is_made_again) {
  const std::string sql = "SELECT * FROM counters WHERE id = 'a'";
  EXPECT_EQ(ask<std::string>(sql), "a");
  auto other = open_again();
  ASSERT_TRUE(other->write([](Write& tx) { return tx.execute("ALTER TABLE counters ADD COLUMN note TEXT"); }).ok());
  EXPECT_EQ(ask<std::string>(sql), "a");
}

TEST_P(ConcurrencyTest, two_processes_may_use_the_same_database) {
  auto other = open_again();
  std::thread thread([&] {
    for (int i = 0; i < 20; ++i) {
      const auto done = other->write([](Write& tx) { return tx.execute("UPDATE counters SET value = value + 1 WHERE id = 'b'"); });
      EXPECT_TRUE(done.ok()) << done.error().internal;
    }
  });
  for (int i = 0; i < 20; ++i) EXPECT_EQ(run("UPDATE counters SET value = value + 1 WHERE id = 'a'"), "ok");
  thread.join();
  EXPECT_EQ(ask<std::int64_t>("SELECT sum(value) FROM counters"), 40);
}

TEST_P(ConcurrencyTest, more_readers_than_connections_wait_for_each_other) {
  db_ = open_again(2);
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) EXPECT_EQ(ask<std::int64_t>("SELECT count(*) FROM counters"), 2);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

SLUICE_BOTH_BACKENDS(ConcurrencyTest);

// Closing any descriptor of a file drops the POSIX locks of the whole process on it. The other process would then believe
// itself alone, fold the log into the file and delete it.
TEST(SqliteProcesses, closing_the_database_in_one_leaves_it_to_the_other) {
  const TemporaryFolder folder;
  const std::string location = (folder.path() / "app.db").string();
  int wake[2];
  ASSERT_EQ(pipe(wake), 0);
  // Before this process opens the file: what SQLite knows of it must not be inherited.
  const pid_t child = fork();
  if (child == 0) {
    char go = 0;
    const bool woken = read(wake[0], &go, 1) == 1;
    const auto theirs = db::Db::open({.location = location});
    const bool fine = woken && theirs.ok() && (*theirs)->read([](Read& tx) { return tx.all("SELECT * FROM t"); }).ok();
    if (fine) (*theirs)->close();
    _exit(fine ? 0 : 1);
  }
  const auto ours = db::Db::open({.location = location});
  ASSERT_TRUE(ours.ok());
  const std::vector<db::Migration> migrations = {{"0001_t.sql", "CREATE TABLE t (value BIGINT NOT NULL); INSERT INTO t VALUES (1);"}};
  ASSERT_TRUE((*ours)->migrate(migrations).ok());
  // Opens a second connection.
  ASSERT_TRUE((*ours)->read([](Read& tx) { return tx.all("SELECT * FROM t"); }).ok());
  ASSERT_EQ(write(wake[1], "x", 1), 1);
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_EQ(status, 0);
  EXPECT_TRUE(std::filesystem::exists(location + "-wal"));
  ASSERT_TRUE((*ours)->write([](Write& tx) { return tx.execute("UPDATE t SET value = 5"); }).ok());
  const auto fresh = db::Db::open({.location = location});
  const auto row = (*fresh)->read([](Read& tx) { return tx.one("SELECT value FROM t"); });
  ASSERT_TRUE(row.ok());
  EXPECT_EQ(row->get<std::int64_t>(0), 5);
  close(wake[0]);
  close(wake[1]);
}

}  // namespace
}  // namespace sluice::testing
