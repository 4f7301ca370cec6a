// Who runs next: slots of a lane, and turns between lanes.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "features/runs/runs.h"
#include "sim/empty_database.h"
#include "sim/worker.h"

namespace sluice::sim {
namespace {

using std::chrono::seconds;

class Fairness : public ::testing::Test {
 protected:
  void SetUp() override {
    base::log::configure(base::log::Format::text, base::log::Level::error);
    db_ = *db::Db::open({.location = empty_.copy(), .readers = 2});
    runs_ = std::make_unique<runs::Runs>(*db_, [this] { return now_; }, runs::Settings{.node = "n1"});
    runs_->register_kind("export", {.execute =
                                        [this](runs::Execution& execution) {
                                          const std::string& lane = execution.run().connection->id;
                                          order_.push_back(lane);
                                          longest_wait_[lane] = std::max(longest_wait_[lane], now_ - execution.run().queued_at);
                                          now_ += takes_;
                                          most_ = std::max(most_, ++running_);
                                          Worker::park();
                                          --running_;
                                          return ended_;
                                        },
                                    .ended = {},
                                    .may_cancel = {}});
  }

  void enqueue(const std::string& connection, int count, std::int64_t parallel = 4) {
    const auto done = db_->write([&](db::Write& tx) -> base::Result<void> {
      for (int i = 0; i < count; ++i) {
        const std::string id = "E" + std::to_string(++subjects_);
        runs::Request request{.kind = "export", .subject = {id, id}, .connection = runs::ConnectionRef{connection, connection, "sftp"}};
        request.parallel = parallel;
        RETURN_IF_ERROR(runs_->enqueue(tx, base::Actor::system(), request));
      }
      return {};
    });
    ASSERT_TRUE(done.ok()) << done.error().internal;
    now_ += seconds(1);
  }
  bool run_one() {
    const auto ran = runs_->claim_and_run();
    EXPECT_TRUE(ran.ok());
    return ran.ok() && *ran;
  }
  // The most that went on at once while `count` workers drained the queue.
  int most_with(std::size_t count) {
    std::vector<std::unique_ptr<Worker>> workers;
    for (std::size_t i = 0; i < count; ++i) workers.push_back(std::make_unique<Worker>([this] { run_one(); }));
    for (int round = 0; round < 40; ++round) {
      for (const auto& worker : workers) worker->step();
    }
    for (const auto& worker : workers) worker->die();
    return most_;
  }

  EmptyDatabase empty_;
  base::Timestamp now_ = base::from_micros(1'780'000'000'000'000);
  seconds takes_{0};
  runs::Ended ended_;
  int subjects_ = 0, running_ = 0, most_ = 0;
  std::vector<std::string> order_;
  std::map<std::string, base::Timestamp::duration> longest_wait_;
  std::unique_ptr<db::Db> db_;
  std::unique_ptr<runs::Runs> runs_;
};

TEST_F(Fairness, EXP_66__a_connection_that_takes_one_at_a_time_gets_one_after_the_other) {
  enqueue("A", 10, 1);
  EXPECT_EQ(most_with(6), 1);
  EXPECT_EQ(order_.size(), 10U);
}

TEST_F(Fairness, EXP_66__four_slots_are_used_and_a_fifth_waits) {
  enqueue("A", 20, 4);
  EXPECT_EQ(most_with(6), 4);
  EXPECT_EQ(order_.size(), 20U);
}

TEST_F(Fairness, SCH_33__a_thousand_runs_of_one_connection_do_not_keep_the_first_of_another_waiting) {  // C-130
  enqueue("A", 1000);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(run_one());
  enqueue("B", 1);
  ASSERT_TRUE(run_one());
  EXPECT_EQ(order_.back(), "B");
}

TEST_F(Fairness, SCH_33__within_a_connection_first_come_is_first_served) {
  std::vector<std::string> subjects;
  for (int i = 0; i < 20; ++i) enqueue("A", 1);
  runs_->on_change([&](const runs::Run& run) {
    if (run.state == runs::State::running) subjects.push_back(run.subject.id);
  });
  while (run_one()) {}
  ASSERT_EQ(subjects.size(), 20U);
  for (std::size_t i = 0; i < subjects.size(); ++i) EXPECT_EQ(subjects[i], "E" + std::to_string(i + 1));
}

TEST_F(Fairness, C_088__a_run_that_a_service_asks_to_wait_is_parked_and_has_not_failed) {  // C-087, EXP-67
  ended_ = {.state = runs::State::failed,
            .error = base::Error{.code = base::Code::rate_limited,
                                 .reason = "service.rate_limited",
                                 .detail = "The service asks to wait.",
                                 .retry_after = seconds(300)}};
  enqueue("A", 1);
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(run_one());
    const auto row = db_->read([](db::Read& tx) { return tx.one("SELECT state, failures FROM runs"); });
    EXPECT_EQ(row->get<std::string>(0), "retrying") << i;
    EXPECT_EQ(row->get<std::int64_t>(1), 0);
    now_ += seconds(299);
    EXPECT_FALSE(run_one()) << "not before its time";
    now_ += seconds(2);
  }
  // Not for ever: after a day it is a failure like others.
  now_ += std::chrono::hours(25);
  while (run_one()) now_ += std::chrono::hours(1);
  const auto row = db_->read([](db::Read& tx) { return tx.one("SELECT state FROM runs"); });
  EXPECT_EQ(row->get<std::string>(0), "failed");
}

// One slot, and more work than it can do: each of five connections asks again as soon as it was served, now and then after the
// keeper has looked. Nobody waits longer than everybody else's turn.
TEST_F(Fairness, SCH_33__under_constant_load_nobody_starves) {  // C-131
  takes_ = seconds(20);
  const std::vector<std::string> lanes = {"A", "B", "C", "D", "E"};
  enqueue("Z", 50);
  for (const std::string& lane : lanes) enqueue(lane, 1);
  for (int turn = 0; turn < 300; ++turn) {
    ASSERT_TRUE(run_one());
    const std::string served = order_.back();
    runs_->keep_once();
    if (served != "Z") enqueue(served, 1);
  }
  EXPECT_EQ(std::count(order_.begin(), order_.end(), "Z"), 50);
  for (const std::string& lane : lanes) EXPECT_LE(longest_wait_[lane], seconds(160)) << lane;
}

TEST_F(Fairness, SCH_28__a_clock_that_is_set_back_keeps_no_run_waiting) {
  enqueue("A", 1);
  now_ -= std::chrono::hours(2);
  EXPECT_TRUE(run_one());
  // A node that died while the clock was ahead is not waited for until then.
  enqueue("B", 1);
  Worker worker([this] { run_one(); });
  worker.step();
  worker.die();
  runs_ = nullptr;
  now_ -= std::chrono::hours(2);
  runs::Runs other(*db_, [this] { return now_; }, runs::Settings{.node = "n2"});
  other.keep_once();
  const auto row = db_->read([](db::Read& tx) { return tx.one("SELECT state FROM runs WHERE connection_id = 'B'"); });
  ASSERT_TRUE(row.ok());
  EXPECT_EQ(row->get<std::string>(0), "retrying");
}

}  // namespace
}  // namespace sluice::sim
