// Two nodes on one database that do the same thing in the same instant. On PostgreSQL they really do; on SQLite one waits.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/log.h"
#include "features/runs/runs.h"
#include "features/schedules/schedules.h"
#include "store/backend.h"

namespace sluice::testing {
namespace {

using db::Write;
using runs::Runs;

class RunRacesTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    base::log::configure(base::log::Format::text, base::log::Level::error);
    const auto done = db().migrate(db::embedded_migrations());
    ASSERT_TRUE(done.ok()) << done.error().internal;
    others_ = open_again();
    ASSERT_NE(others_, nullptr);
  }

  base::Clock clock() {
    return [this] { return base::from_micros(now_.load()); };
  }
  std::unique_ptr<Runs> node(db::Db& database, const std::string& name) {
    auto made = std::make_unique<Runs>(database, clock(), runs::Settings{.node = name});
    made->register_job("refresh", [](Write&) { return base::Result<std::vector<runs::Task>>(std::vector<runs::Task>()); });
    return made;
  }
  // `ours` and `theirs` at the same time, `rounds` times; `after` in between, alone.
  static void race(int rounds, const std::function<void(int)>& ours, const std::function<void(int)>& theirs,
                   const std::function<void(int)>& after) {
    std::barrier together(2);
    std::thread other([&] {
      for (int round = 0; round < rounds; ++round) {
        together.arrive_and_wait();
        theirs(round);
        together.arrive_and_wait();
      }
    });
    for (int round = 0; round < rounds; ++round) {
      together.arrive_and_wait();
      ours(round);
      together.arrive_and_wait();
      after(round);
    }
    other.join();
  }
  static runs::Request request(const std::string& subject, bool queue_behind = false) {
    runs::Request made{.kind = "export", .subject = {subject, subject}, .connection = runs::ConnectionRef{"C1", "C1", "sftp"}};
    made.queue_behind = queue_behind;
    made.parallel = 1;
    return made;
  }

  std::unique_ptr<db::Db> others_;
  std::atomic<std::int64_t> now_ = 1'780'000'000'000'000;
};

TEST_P(RunRacesTest, SCH_28__an_occurrence_that_two_nodes_see_due_starts_once) {  // C-118
  constexpr int kRaces = 1000;
  ASSERT_EQ(run("CREATE TABLE started (due_at BIGINT NOT NULL, node TEXT NOT NULL)"), "ok");
  const auto starter = [](const char* name) {
    return [name](Write& tx, const std::string& id) -> base::Result<std::string> {
      ASSIGN_OR_RETURN(const auto row, tx.one("SELECT last_due_at FROM schedules WHERE subject_id = ?1", id));
      RETURN_IF_ERROR(tx.execute("INSERT INTO started VALUES (?1, ?2)", row.get<std::int64_t>(0), name));
      return std::string();
    };
  };
  schedules::Schedules one(db(), clock());
  schedules::Schedules two(*others_, clock());
  std::atomic<int> told = 0;
  one.register_kind("export", starter("one"), [&] { ++told; });
  two.register_kind("export", starter("two"), [&] { ++told; });
  const schedules::ScheduleChange change{schedules::Mode::own, schedules::Rule{.recurrence = schedules::Recurrence::interval,
                                                                               .every = 5,
                                                                               .unit = schedules::Unit::minutes,
                                                                               .weekdays = {},
                                                                               .month_days = {},
                                                                               .times = {},
                                                                               .cron = {},
                                                                               .time_zone = "UTC"}};
  ASSERT_TRUE(db().write([&](Write& tx) { return one.set(tx, {"export", "E1", "E1"}, change, true); }).ok());
  now_ += 300'000'000;
  std::atomic<int> failed = 0;
  const auto tick = [&](schedules::Schedules& mine) {
    if (!mine.tick().ok()) ++failed;
  };
  race(kRaces, [&](int) { tick(one); }, [&](int) { tick(two); }, [&](int) { now_ += 300'000'000; });
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(told, kRaces);
  EXPECT_EQ(ask<std::int64_t>("SELECT count(*) FROM started"), kRaces);
  EXPECT_EQ(ask<std::int64_t>("SELECT count(DISTINCT due_at) FROM started"), kRaces);
}

TEST_P(RunRacesTest, EXP_65__two_who_press_run_at_once_are_given_the_same_run) {
  const auto one = node(db(), "n1");
  const auto two = node(*others_, "n2");
  std::vector<std::string> wrong;
  std::mutex mutex;
  std::array<std::string, 2> given;
  const auto ask_for = [&](Runs& mine, db::Db& database, int round, std::size_t who) {
    const auto done =
        database.write([&](Write& tx) { return mine.enqueue(tx, base::Actor::system(), request("E" + std::to_string(round), true)); });
    const std::lock_guard lock(mutex);
    given[who] = done.ok() ? done->run.id.str() : "";
    if (!done.ok()) wrong.push_back(done.error().reason + " " + done.error().internal);
  };
  race(
      200, [&](int round) { ask_for(*one, db(), round, 0); }, [&](int round) { ask_for(*two, *others_, round, 1); },
      [&](int) { EXPECT_EQ(given[0], given[1]); });
  EXPECT_EQ(wrong.size(), 0U) << wrong.front();
  EXPECT_EQ(ask<std::int64_t>("SELECT count(*) FROM runs"), 200);
  EXPECT_EQ(ask<std::int64_t>("SELECT count(*) FROM audit_entries WHERE event = 'run.requested'"), 200);
}

TEST_P(RunRacesTest, SCH_11__two_who_ask_for_a_refresh_at_once_are_given_the_same_one) {
  const auto one = node(db(), "n1");
  const auto two = node(*others_, "n2");
  std::vector<std::string> wrong;
  std::mutex mutex;
  const auto ask_for = [&](Runs& mine) {
    const auto done = mine.request_job(base::Actor::system(), "refresh");
    const std::lock_guard lock(mutex);
    if (!done.ok()) wrong.push_back(done.error().reason + " " + done.error().internal);
  };
  race(100, [&](int) { ask_for(*one); }, [&](int) { ask_for(*two); }, [&](int) {});
  EXPECT_EQ(wrong.size(), 0U) << wrong.front();
  EXPECT_EQ(ask<std::int64_t>("SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')"), 0);
  EXPECT_EQ(ask<std::int64_t>("SELECT count(*) FROM jobs"),
            ask<std::int64_t>("SELECT count(*) FROM audit_entries WHERE event = 'job.ended'"));
}

TEST_P(RunRacesTest, EXP_66__two_nodes_share_the_slots_of_a_connection_and_no_run_is_executed_twice) {
  constexpr int kRuns = 60;
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  std::mutex mutex;
  std::map<std::string, int> executed;
  const auto make = [&](db::Db& database, const char* name) {
    auto made = node(database, name);
    made->register_kind("export", {.execute =
                                       [&](runs::Execution& execution) {
                                         const int now = ++running;
                                         for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {}
                                         execution.report_now();
                                         {
                                           const std::lock_guard lock(mutex);
                                           ++executed[execution.run().subject.id];
                                         }
                                         --running;
                                         return runs::Ended{};
                                       },
                                   .ended = {},
                                   .may_cancel = {}});
    return made;
  };
  const auto one = make(db(), "n1");
  const auto two = make(*others_, "n2");
  for (int i = 0; i < kRuns; ++i)
    ASSERT_TRUE(db().write([&](Write& tx) { return one->enqueue(tx, base::Actor::system(), request("E" + std::to_string(i))); }).ok());
  one->start(2, false);
  two->start(2, false);
  for (int waited = 0; waited < 3000 && ask<std::int64_t>("SELECT count(*) FROM runs WHERE ended_at IS NULL") != 0; ++waited)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  one->stop();
  two->stop();
  EXPECT_EQ(ask<std::int64_t>("SELECT count(*) FROM runs WHERE state = 'succeeded' AND attempt = 1"), kRuns);
  EXPECT_EQ(executed.size(), static_cast<std::size_t>(kRuns));
  for (const auto& [subject, times] : executed) EXPECT_EQ(times, 1) << subject;
  EXPECT_EQ(most, 1);
}

SLUICE_BOTH_BACKENDS(RunRacesTest);

}  // namespace
}  // namespace sluice::testing
