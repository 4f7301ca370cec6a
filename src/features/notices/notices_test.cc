#include "features/notices/notices.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "crypto/crypto.h"

namespace sluice::notices {
namespace {

using namespace std::chrono_literals;

// On a real SQLite in a folder of its own; nothing is sent, since start() is not called.
class NoticesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    crypto::initialise();
    folder_ = std::filesystem::temp_directory_path() / ("notices-" + base::Id<struct FolderTag>::make().str());
    std::filesystem::create_directory(folder_);
    auto db = db::Db::open({.location = (folder_ / "app.db").string(), .readers = 1});
    ASSERT_TRUE(db.ok());
    db_ = *std::move(db);
    ASSERT_TRUE(db_->migrate(db::embedded_migrations()).ok());
    auto vault = vault::Vault::open(*db_, (folder_ / "key").string(), vault::MasterKey::make_when_new, now_);
    ASSERT_TRUE(vault.ok()) << vault.error().detail;
    vault_ = *std::move(vault);
    notices_ = std::make_unique<Notices>(
        *db_, *vault_, hub_, Notices::Outside{guard_, trust_}, [this] { return now_; }, NamedRef{"e", "Prod"},
        [] { return std::string("http://x"); });
    SettingsDraft draft;
    draft.webhooks.push_back({.url = "https://hooks.example.com/"});
    draft.webhooks[0].secret = {.present = true, .value = NewSecret{base::Secret("a secret of 16 bytes")}};
    ASSERT_TRUE(notices_->update_settings(base::Actor::system(), 1, std::move(draft)).ok());
  }
  void TearDown() override {
    notices_.reset();
    vault_.reset();
    db_.reset();
    std::filesystem::remove_all(folder_);
  }

  void end(runs::State state, const std::string& reason = {}) {
    runs::Run run{.id = runs::RunId::make(now_), .kind = "export", .subject = {"s", "Daily"}};
    run.state = state;
    if (!reason.empty()) run.error = runs::Failure{reason, "detail"};
    const auto done = db_->write([&](db::Write& tx) { return notices_->note_run(tx, run); });
    ASSERT_TRUE(done.ok()) << done.error().internal;
  }
  std::int64_t messages() {
    return db_->read([](db::Read& tx) { return tx.one("SELECT count(*) FROM notice_messages"); })->get<std::int64_t>(0);
  }
  NoticePage bell() { return *notices_->list(reader_, false, {}, 50); }

  std::filesystem::path folder_;
  base::Timestamp now_ = *base::parse_rfc3339("2026-11-25T12:00:00Z");
  std::unique_ptr<db::Db> db_;
  std::unique_ptr<vault::Vault> vault_;
  http::EventHub hub_;
  net::Guard guard_;
  net::Trust trust_;
  std::unique_ptr<Notices> notices_;
  base::Actor reader_{.id = base::UserId::make(), .display_name = "Ada", .role = base::Role::viewer};
};

TEST_F(NoticesTest, SYS_27_one_message_for_each_reason_and_day_and_one_recovery) {
  for (int i = 0; i < 3; ++i) end(runs::State::failed, "net.refused");
  EXPECT_EQ(messages(), 1);
  EXPECT_EQ(bell().items.at(0).count, 3);
  end(runs::State::failed, "sftp.auth_refused");
  EXPECT_EQ(messages(), 2);
  end(runs::State::failed, "net.refused");  // the first reason again
  EXPECT_EQ(messages(), 2);
  now_ += 12h;
  end(runs::State::failed, "net.refused");
  EXPECT_EQ(messages(), 3);
  EXPECT_EQ(bell().items.size(), 3U);
  end(runs::State::succeeded);
  end(runs::State::succeeded);
  EXPECT_EQ(messages(), 4);
  for (const Notice& notice : bell().items) EXPECT_TRUE(notice.is_resolved);
  end(runs::State::failed, "net.refused");  // broken anew, on the same day
  EXPECT_EQ(messages(), 5);
}

TEST_F(NoticesTest, SYS_22_every_timeout_is_told_and_is_unread_again) {
  end(runs::State::failed, "net.timeout");
  ASSERT_TRUE(notices_->mark_all_read(reader_).ok());
  EXPECT_EQ(bell().unread, 0);
  end(runs::State::failed, "net.timeout");
  EXPECT_EQ(messages(), 2);
  EXPECT_EQ(bell().unread, 1);
  ASSERT_EQ(bell().items.size(), 1U);
  EXPECT_EQ(bell().items[0].count, 2);
}

TEST_F(NoticesTest, SYS_20__SYS_23_a_retry_and_a_plain_skip_are_silent_a_skip_for_a_failure_before_it_is_not) {
  for (const runs::State quiet : {runs::State::retrying, runs::State::canceled, runs::State::skipped, runs::State::succeeded}) end(quiet);
  EXPECT_EQ(messages(), 0);
  end(runs::State::skipped, "run.upstream_failed");
  EXPECT_EQ(messages(), 1);
  EXPECT_EQ(bell().items.at(0).title, "Export 'Daily' was skipped");
}

TEST_F(NoticesTest, SYS_27_what_is_rolled_back_was_never_told) {
  const runs::Run run{.id = runs::RunId::make(now_), .kind = "export", .subject = {"s", "Daily"}, .state = runs::State::failed};
  const auto done = db_->write([&](db::Write& tx) -> base::Result<void> {
    RETURN_IF_ERROR(notices_->note_run(tx, run));
    return base::Error{.reason = "changed.mind"};
  });
  EXPECT_FALSE(done.ok());
  EXPECT_EQ(messages(), 0);
  EXPECT_TRUE(bell().items.empty());
}

}  // namespace
}  // namespace sluice::notices
