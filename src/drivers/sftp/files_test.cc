#include <sys/stat.h>

#include <chrono>
#include <thread>

#include "drivers/sftp/sftp_test_support.h"

namespace sluice::drivers::sftp {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class SftpFiles : public WithSshd {
 protected:
  static std::unique_ptr<FileSession> session(const Target& target, const Context& context = local_context()) {
    auto opened = open_files(context, target);
    EXPECT_TRUE(opened.ok()) << opened.error().reason << ": " << opened.error().detail << " [" << opened.error().internal << "]";
    return opened.ok() ? *std::move(opened) : nullptr;
  }
};

TEST_F(SftpFiles, BEY_16_an_upload_of_64_MB_is_byte_identical) {
  const auto files = session(target_of(*server_));
  ASSERT_NE(files, nullptr);
  const std::string bytes = random_bytes((64 << 20) + 12345);
  ASSERT_TRUE(files->open("big.bin", "run-1").ok());
  // Blocks of odd sizes: they must not matter.
  std::size_t at = 0;
  for (std::size_t size = 1; at < bytes.size(); size = size * 3 % 1'500'001 + 1) {
    ASSERT_TRUE(files->write(std::string_view(bytes).substr(at, size)).ok());
    at += size;
  }
  const auto done = files->commit();
  ASSERT_TRUE(done.ok()) << done.error().detail;
  EXPECT_TRUE(test::read_file(this->at("big.bin")) == bytes);
}

TEST_F(SftpFiles, C_052_names_with_spaces_umlauts_and_upper_case_are_kept) {
  Target target = target_of(*server_);
  target.settings.set("folder", "Exports/Øst 2026/A b");
  target.settings.set("create_folder", true);
  const auto files = session(target);
  ASSERT_NE(files, nullptr);
  for (const char* name : {"Käufer 1.csv", "UPPER.CSV", "a'b\"c$HOME`x`.csv", "sub folder/漢字.csv"}) {
    const auto done = upload(*files, name, name);
    ASSERT_TRUE(done.ok()) << done.error().detail;
    EXPECT_EQ(test::read_file(at("Exports/Øst 2026/A b/") + name), name);
  }
}

TEST_F(SftpFiles, EXP_57_an_existing_file_is_replaced_in_one_step) {
  const auto files = session(target_of(*server_));
  ASSERT_NE(files, nullptr);
  ASSERT_TRUE(upload(*files, "a.csv", "first").ok());
  ASSERT_TRUE(files->open("a.csv", "run-2").ok());
  ASSERT_TRUE(files->write("second").ok());
  EXPECT_EQ(test::read_file(at("a.csv")), "first");
  ASSERT_TRUE(files->commit().ok());
  EXPECT_EQ(test::read_file(at("a.csv")), "second");
  EXPECT_EQ(names_in(server_->folder()), std::vector<std::string>{"a.csv"});
}

TEST_F(SftpFiles, an_empty_file_is_delivered) {
  const auto files = session(target_of(*server_));
  ASSERT_NE(files, nullptr);
  ASSERT_TRUE(upload(*files, "empty.csv", "").ok());
  EXPECT_TRUE(fs::exists(at("empty.csv")));
  EXPECT_EQ(fs::file_size(at("empty.csv")), 0u);
}

TEST_F(SftpFiles, C_048_files_can_be_read_by_other_users_whatever_the_umask) {
  const auto server = test::Sshd::start({"--sftp-args=-u 0077"});
  ASSERT_TRUE(server.running()) << server.why_not();
  const auto files = session(target_of(server));
  ASSERT_NE(files, nullptr);
  ASSERT_TRUE(upload(*files, "a.csv", "x").ok());
  struct stat info{};
  ASSERT_EQ(stat((server.folder() + "/a.csv").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0644u);
}

TEST_F(SftpFiles, C_047_a_server_that_forbids_setstat_takes_files) {
  const auto server = test::Sshd::start({"--sftp-args=-P setstat,fsetstat"});
  ASSERT_TRUE(server.running()) << server.why_not();
  const auto files = session(target_of(server));
  ASSERT_NE(files, nullptr);
  const auto done = upload(*files, "a.csv", "x");
  EXPECT_TRUE(done.ok()) << done.error().detail;
}

TEST_F(SftpFiles, C_043_an_abandoned_file_and_a_closed_session_leave_nothing) {
  auto files = session(target_of(*server_));
  ASSERT_NE(files, nullptr);
  ASSERT_TRUE(files->open("a.csv", "run-1").ok());
  ASSERT_TRUE(files->write(random_bytes(3 << 20)).ok());
  EXPECT_EQ(names_in(server_->folder()), std::vector<std::string>{".a.csv.run-1.part"});
  files->abandon();
  EXPECT_TRUE(names_in(server_->folder()).empty());
  ASSERT_TRUE(files->open("b.csv", "run-1").ok());
  files.reset();
  EXPECT_TRUE(names_in(server_->folder()).empty());
}

TEST_F(SftpFiles, C_043_sweep_removes_only_parts_of_the_given_runs) {
  const auto files = session(target_of(*server_));
  ASSERT_NE(files, nullptr);
  fs::create_directory(at("sub"));
  for (const char* name : {"sub/.a.csv.run-1.part", "sub/.a.csv.run-2.part", "sub/a.csv", "sub/.b.csv.run-1.old", "sub/run-1.part"}) {
    std::ofstream(at(name)) << "x";
  }
  for (int i = 0; i < 300; ++i) std::ofstream(at("sub/filler " + std::to_string(i))) << "x";  // more than one READDIR
  fs::permissions(at("sub"), fs::perms::all);
  const std::vector<std::string> runs = {"run-0", "run-1"};
  const auto swept = files->sweep("sub", runs);
  ASSERT_TRUE(swept.ok()) << swept.error().detail;
  auto left = names_in(at("sub"));
  std::erase_if(left, [](const std::string& name) { return name.starts_with("filler"); });
  EXPECT_EQ(left, (std::vector<std::string>{".a.csv.run-2.part", "a.csv", "run-1.part"}));
  EXPECT_TRUE(files->sweep("not/there", runs).ok());
  EXPECT_TRUE(files->sweep("", runs).ok());
}

TEST_F(SftpFiles, V_08_remove_takes_one_file_and_forgives_absence) {
  const auto files = session(target_of(*server_));
  ASSERT_NE(files, nullptr);
  ASSERT_TRUE(upload(*files, "sub/ours", "x").ok());
  ASSERT_TRUE(upload(*files, "sub/theirs", "x").ok());
  EXPECT_TRUE(files->remove("sub/ours").ok());
  EXPECT_TRUE(files->remove("sub/ours").ok());
  EXPECT_TRUE(files->remove("nowhere/ours").ok());
  EXPECT_EQ(files->remove("../x").error().reason, "sftp.bad_path");
  EXPECT_EQ(names_in(at("sub")), std::vector<std::string>{"theirs"});
}

TEST_F(SftpFiles, CON_36_a_missing_folder_is_named_and_not_made_unless_asked) {
  Target target = target_of(*server_);
  target.settings.set("folder", "not/there");
  const auto missing = open_files(local_context(), target);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().reason, "sftp.folder_missing");
  EXPECT_EQ(missing.error().code, base::Code::upstream_rejected);
  EXPECT_NE(missing.error().detail.find("not/there"), std::string::npos);
  EXPECT_TRUE(names_in(server_->folder()).empty());
  target.settings.set("create_folder", true);
  ASSERT_NE(session(target), nullptr);
  EXPECT_TRUE(fs::is_directory(at("not/there")));
}

TEST_F(SftpFiles, C_040_folders_that_exist_are_not_made) {
  const auto server = test::Sshd::start({"--sftp-args=-P mkdir,opendir,readdir,realpath"});
  ASSERT_TRUE(server.running()) << server.why_not();
  fs::create_directories(server.folder() + "/in/deep");
  fs::permissions(server.folder() + "/in/deep", fs::perms::all);
  Target target = target_of(server);
  target.settings.set("folder", server.folder() + "/in/");
  target.settings.set("create_folder", true);
  const auto files = session(target);
  ASSERT_NE(files, nullptr);
  const auto done = upload(*files, "deep/a.csv", "x");
  EXPECT_TRUE(done.ok()) << done.error().detail;
}

TEST_F(SftpFiles, CON_36_a_read_only_folder_is_a_permission_not_a_mystery) {
  fs::create_directory(at("closed"));  // of root, mode 0755
  const auto files = session(target_of(*server_));
  ASSERT_NE(files, nullptr);
  const auto opened = files->open("closed/a.csv", "run-1");
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().reason, "sftp.permission_denied");
  EXPECT_NE(opened.error().detail.find("closed/a.csv"), std::string::npos);
  EXPECT_EQ(files->open("closed/sub/a.csv", "run-1").error().reason, "sftp.permission_denied");
  EXPECT_TRUE(upload(*files, "open.csv", "x").ok());

  const auto server = test::Sshd::start({"--sftp-args=-R"});
  const auto read_only = session(target_of(server));
  ASSERT_NE(read_only, nullptr);
  EXPECT_EQ(read_only->open("a.csv", "run-1").error().reason, "sftp.permission_denied");
}

TEST_F(SftpFiles, C_043_a_full_disk_is_named_and_leaves_nothing) {
  const auto server = test::Sshd::start({"--tmpfs", "8m"});
  if (!server.running()) GTEST_SKIP() << "a small disk cannot be mounted: " << server.why_not();
  const auto files = session(target_of(server));
  ASSERT_NE(files, nullptr);
  ASSERT_TRUE(upload(*files, "fits.csv", random_bytes(1 << 20)).ok());
  const auto done = upload(*files, "big.csv", random_bytes(20 << 20));
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().reason, "sftp.no_space_or_quota");
  EXPECT_EQ(done.error().code, base::Code::upstream_rejected);
  EXPECT_NE(done.error().detail.find("full"), std::string::npos);
  files->abandon();
  EXPECT_EQ(names_in(server.folder()), std::vector<std::string>{"fits.csv"});
  EXPECT_TRUE(upload(*files, "again.csv", "x").ok());
}

TEST_F(SftpFiles, C_042_a_watcher_never_sees_half_a_file_of_a_killed_upload) {
  const std::string bytes = random_bytes(50 << 20);
  std::mt19937 generator(std::random_device{}());
  for (int round = 0; round < 3; ++round) {
    const fs::path final = at("watched.bin");
    fs::remove(final);
    test::Relay relay(server_->port());
    auto files = session(target_of(*server_, relay.port()));
    ASSERT_NE(files, nullptr);
    relay.limit(100 << 20);
    std::atomic<bool> seen_half = false;
    std::jthread watcher([&](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        std::error_code ignored;
        if (fs::exists(final, ignored) && test::read_file(final) != bytes) seen_half = true;
        std::this_thread::sleep_for(5ms);
      }
    });
    // The last round is let through.
    const auto point = std::uniform_int_distribution<std::uint64_t>(1 << 20, 49 << 20)(generator);
    std::jthread killer([&](const std::stop_token& stop) {
      while (round < 2 && !stop.stop_requested() && relay.forwarded_bytes() < point) std::this_thread::sleep_for(1ms);
      if (round < 2) relay.cut();
    });
    const auto done = upload(*files, "watched.bin", bytes, "run-" + std::to_string(round));
    killer = {};
    EXPECT_EQ(done.ok(), round == 2) << "killed at " << point;
    if (!done.ok()) EXPECT_EQ(done.error().reason, "sftp.connection_lost");
    watcher = {};
    EXPECT_FALSE(seen_half) << "killed at " << point;
    EXPECT_EQ(fs::exists(final), round == 2);
  }
  // What the killed ones left is removed by the next session, and nothing else.
  const auto files = session(target_of(*server_));
  EXPECT_EQ(names_in(server_->folder()).size(), 3u);
  const std::vector<std::string> runs = {"run-0", "run-1"};
  ASSERT_TRUE(files->sweep("", runs).ok());
  EXPECT_EQ(names_in(server_->folder()), std::vector<std::string>{"watched.bin"});
}

TEST_F(SftpFiles, C_049_a_server_that_stops_reading_is_given_up) {
  test::Relay relay(server_->port());
  Context context = local_context();
  context.patience.stall = 1500ms;
  const auto files = session(target_of(*server_, relay.port()), context);
  ASSERT_NE(files, nullptr);
  ASSERT_TRUE(files->open("a.csv", "run-1").ok());
  ASSERT_TRUE(files->write(random_bytes(1 << 20)).ok());
  relay.freeze();
  const auto start = std::chrono::steady_clock::now();
  base::Result<void> done;
  const std::string block = random_bytes(1 << 20);
  for (int i = 0; i < 64 && done.ok(); ++i) done = files->write(block);
  if (done.ok()) done = files->commit();
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().reason, "sftp.stalled");
  EXPECT_EQ(done.error().code, base::Code::upstream_unavailable);
  EXPECT_NE(done.error().detail.find("sent"), std::string::npos) << done.error().detail;
  const auto took = std::chrono::steady_clock::now() - start;
  EXPECT_GE(took, 1400ms);
  EXPECT_LT(took, 4s);
  relay.thaw();  // a server that comes back is cleaned up
  files->abandon();
  EXPECT_TRUE(names_in(server_->folder()).empty());
}

TEST_F(SftpFiles, C_049_a_slow_line_is_not_a_stall) {
  test::Relay relay(server_->port());
  Context context = local_context();
  context.patience.stall = 1s;
  const auto files = session(target_of(*server_, relay.port()), context);
  ASSERT_NE(files, nullptr);
  relay.limit(200'000);  // one request of 255 KiB takes longer than the limit
  const auto done = upload(*files, "slow.csv", random_bytes(400'000));
  EXPECT_TRUE(done.ok()) << done.error().detail;
}

TEST_F(SftpFiles, C_051_a_lost_connection_says_so_and_a_new_session_goes_on) {
  test::Relay relay(server_->port());
  const auto files = session(target_of(*server_, relay.port()));
  ASSERT_NE(files, nullptr);
  ASSERT_TRUE(files->open("a.csv", "run-1").ok());
  relay.cut();
  base::Result<void> done;
  for (int i = 0; i < 64 && done.ok(); ++i) done = files->write(random_bytes(1 << 20));
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().reason, "sftp.connection_lost");
  EXPECT_EQ(done.error().code, base::Code::upstream_unavailable);
  EXPECT_FALSE(done.error().internal.empty());
  files->abandon();
  EXPECT_EQ(files->open("b.csv", "run-1").error().reason, "sftp.connection_lost");
  const auto again = session(target_of(*server_, relay.port()));
  ASSERT_NE(again, nullptr);
  EXPECT_TRUE(upload(*again, "a.csv", "x").ok());
}

TEST_F(SftpFiles, C_051_an_idle_session_is_kept_alive) {
  // The server asks for a sign of life each second and gives up after two; we ask, too.
  const auto server = test::Sshd::start({"--option=ClientAliveInterval 1", "--option=ClientAliveCountMax 2"});
  ASSERT_TRUE(server.running()) << server.why_not();
  test::Relay relay(server.port());
  Context context = local_context();
  context.patience.keepalive = 300ms;
  const auto files = session(target_of(server, relay.port()), context);
  ASSERT_NE(files, nullptr);
  ASSERT_TRUE(files->open("a.csv", "run-1").ok());
  ASSERT_TRUE(files->write("one").ok());
  const std::uint64_t before = relay.forwarded_bytes();
  std::this_thread::sleep_for(4s);
  EXPECT_GT(relay.forwarded_bytes(), before + 5 * 40);
  ASSERT_TRUE(files->write("two").ok());
  const auto done = files->commit();
  ASSERT_TRUE(done.ok()) << done.error().internal;
  EXPECT_EQ(test::read_file(server.folder() + "/a.csv"), "onetwo");
}

TEST_F(SftpFiles, CON_86_a_stop_ends_an_upload_within_a_second_and_leaves_nothing) {
  test::Relay relay(server_->port());
  std::stop_source source;
  const auto files = session(target_of(*server_, relay.port()), local_context(source.get_token()));
  ASSERT_NE(files, nullptr);
  ASSERT_TRUE(files->open("a.csv", "run-1").ok());
  relay.limit(4 << 20);
  std::chrono::steady_clock::time_point stopped_at;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(300ms);
    stopped_at = std::chrono::steady_clock::now();
    source.request_stop();
  });
  const std::string block = random_bytes(1 << 20);
  base::Result<void> done;
  for (int i = 0; i < 64 && done.ok(); ++i) done = files->write(block);
  const auto now = std::chrono::steady_clock::now();
  stopper.join();
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, base::Code::cancelled);
  EXPECT_LT(now - stopped_at, 1s);
  relay.limit(0);
  files->abandon();
  EXPECT_TRUE(names_in(server_->folder()).empty());
}

TEST_F(SftpFiles, CON_86_a_stopped_upload_is_not_finished_even_when_nothing_holds_it_up) {
  std::stop_source source;
  const auto files = session(target_of(*server_), local_context(source.get_token()));
  ASSERT_NE(files, nullptr);
  ASSERT_TRUE(files->open("a.csv", "run-1").ok());
  ASSERT_TRUE(files->write("x").ok());
  source.request_stop();
  EXPECT_EQ(files->commit().error().code, base::Code::cancelled);
  files->abandon();
  EXPECT_TRUE(names_in(server_->folder()).empty());
}

TEST_F(SftpFiles, keys_are_renegotiated_in_the_middle_of_an_upload) {
  const auto server = test::Sshd::start({"--option=RekeyLimit 1M"});
  ASSERT_TRUE(server.running()) << server.why_not();
  const auto files = session(target_of(server));
  ASSERT_NE(files, nullptr);
  const std::string bytes = random_bytes(24 << 20);
  const auto done = upload(*files, "a.bin", bytes);
  ASSERT_TRUE(done.ok()) << done.error().detail << done.error().internal;
  EXPECT_TRUE(test::read_file(server.folder() + "/a.bin") == bytes);
  const std::string log = server.log();
  int renewals = 0;
  for (auto at = log.find("SSH2_MSG_NEWKEYS received"); at != std::string::npos; at = log.find("SSH2_MSG_NEWKEYS received", at + 1))
    ++renewals;
  EXPECT_GT(renewals, 5);
}

TEST_F(SftpFiles, V_09_sessions_side_by_side_do_not_meet) {
  std::vector<std::jthread> threads;
  std::atomic<int> good = 0;
  for (int i = 0; i < 5; ++i) {
    threads.emplace_back([&, i] {
      auto files = open_files(local_context(), target_of(*server_));
      const std::string name = "same/part " + std::to_string(i) + ".csv";
      if (files.ok() && upload(**files, name, random_bytes(2 << 20, static_cast<unsigned>(i))).ok()) ++good;
    });
  }
  threads.clear();
  EXPECT_EQ(good, 5);
  for (int i = 0; i < 5; ++i)
    EXPECT_TRUE(test::read_file(at("same/part " + std::to_string(i) + ".csv")) == random_bytes(2 << 20, static_cast<unsigned>(i)));
}

}  // namespace
}  // namespace sluice::drivers::sftp
