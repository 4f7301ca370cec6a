// Against a server that misbehaves on purpose.
#include <chrono>

#include "drivers/sftp/fake_server.h"
#include "drivers/sftp/sftp_test_support.h"

namespace sluice::drivers::sftp {
namespace {

using namespace std::chrono_literals;

Target target_of(const FakeServer& server, std::string_view password = "right") {
  Target target;
  target.settings.set("host", "127.0.0.1");
  target.settings.set("port", base::json::Value(static_cast<std::int64_t>(server.port())));
  target.settings.set("username", "ada");
  target.settings.set("authentication", "password");
  target.settings.set("host_key", server.host_key());
  target.secrets.emplace("password", base::Secret(password));
  return target;
}

std::unique_ptr<FileSession> session(const FakeServer& server, const Context& context = local_context()) {
  auto opened = open_files(context, target_of(server));
  EXPECT_TRUE(opened.ok()) << opened.error().reason << ": " << opened.error().detail << " [" << opened.error().internal << "]";
  return opened.ok() ? *std::move(opened) : nullptr;
}

using Files = std::map<std::string, std::string>;

TEST(SftpFake, C_021_every_password_arrives_byte_by_byte) {
  for (const std::string& password : {std::string("p!@8sword"), std::string("a:b@c/d?e#f%25"), std::string("$HOME"), std::string("${X}"),
                                      std::string("\"double\" 'single' `back`"), std::string("back\\slash"), std::string(" space "),
                                      std::string("\t\r\n"), std::string("漢字"), std::string(512, 'x')}) {
    for (const bool asks : {false, true}) {
      FakeBehaviour behaviour{.password = password, .takes_password = !asks};
      if (asks) behaviour.questions = {{"Password: "}};
      const FakeServer server(behaviour);
      EXPECT_TRUE(open_files(local_context(), target_of(server, password)).ok()) << password;
      EXPECT_EQ(server.passwords(), std::vector<std::string>{password});
    }
  }
}

TEST(SftpFake, C_044_no_password_is_sent_to_a_server_with_another_key) {
  const FakeServer server({});
  Target target = target_of(server);
  for (const char* pinned : {"", "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}) {
    target.settings.set("host_key", pinned);
    EXPECT_FALSE(open_files(local_context(), target).ok());
    EXPECT_TRUE(server.passwords().empty());
  }
}

TEST(SftpFake, C_046_announcements_are_passed_over_and_further_questions_are_quoted) {
  const FakeServer announces({.takes_password = false, .questions = {{}, {"Password: "}, {}}});
  EXPECT_TRUE(open_files(local_context(), target_of(announces)).ok());

  const std::vector<std::vector<std::vector<std::string>>> cases = {
      {{"Password: "}, {"Verification code: "}}, {{"Password: ", "Verification code: "}}, {{"+Verification code: "}}};
  for (const auto& questions : cases) {
    const FakeServer server({.takes_password = false, .questions = questions});
    const auto start = std::chrono::steady_clock::now();
    const auto opened = open_files(local_context(), target_of(server));
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().reason, "sftp.refused_credentials");
    EXPECT_NE(opened.error().detail.find("\"Verification code:\""), std::string::npos) << opened.error().detail;
    EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
    EXPECT_LE(server.passwords().size(), 1u);
  }
}

TEST(SftpFake, EXP_57_without_the_extension_the_old_file_is_moved_aside_and_comes_back_when_it_fails) {
  {
    const FakeServer server({});
    const auto files = session(server);
    ASSERT_TRUE(upload(*files, "a.csv", "first").ok());
    ASSERT_TRUE(upload(*files, "a.csv", "second").ok());
    EXPECT_EQ(server.files(), (Files{{"a.csv", "second"}}));
  }
  const FakeServer with({.replaces = true});
  const auto replacing = session(with);
  ASSERT_TRUE(upload(*replacing, "a.csv", "first").ok());
  ASSERT_TRUE(upload(*replacing, "a.csv", "second").ok());
  EXPECT_EQ(with.files(), (Files{{"a.csv", "second"}}));
}

TEST(SftpFake, C_043_a_refused_rename_leaves_nothing_and_is_what_is_reported) {
  for (const bool replaces : {false, true}) {
    const FakeServer server({.replaces = replaces, .on_rename = Refusal{Status::permission_denied, "no renames here"}});
    const auto files = session(server);
    const auto done = upload(*files, "a.csv", "x");
    ASSERT_FALSE(done.ok());
    EXPECT_EQ(done.error().reason, "sftp.permission_denied");
    EXPECT_NE(done.error().detail.find("no renames here"), std::string::npos);
    files->abandon();
    EXPECT_TRUE(server.files().empty());
  }
}

TEST(SftpFake, C_047_fsetstat_may_be_refused_in_any_way) {
  for (const Status status : {Status::unsupported, Status::permission_denied, Status::failure}) {
    const FakeServer server({.on_fsetstat = status});
    const auto done = upload(*session(server), "a.csv", "x");
    EXPECT_TRUE(done.ok()) << done.error().detail;
  }
}

TEST(SftpFake, CON_36_refused_writes_are_told_apart) {
  struct Case {
    Refusal refusal;
    std::string reason;
    base::Code code;
  };
  const std::vector<Case> cases = {
      {{Status::no_space, ""}, "sftp.no_space_or_quota", base::Code::upstream_rejected},
      {{Status::quota_exceeded, "over"}, "sftp.no_space_or_quota", base::Code::upstream_rejected},
      {{Status::failure, "Disk quota exceeded"}, "sftp.no_space_or_quota", base::Code::upstream_rejected},
      {{Status::permission_denied, "no"}, "sftp.permission_denied", base::Code::upstream_rejected},
      {{Status::failure, ""}, "sftp.no_space_or_quota", base::Code::upstream_rejected},  // nothing else refuses in the middle of a file
  };
  for (const Case& one : cases) {
    const FakeServer server({.on_write = one.refusal});
    const auto files = session(server);
    const auto done = upload(*files, "a.csv", random_bytes(300'000));
    ASSERT_FALSE(done.ok());
    EXPECT_EQ(done.error().reason, one.reason) << one.refusal.message;
    EXPECT_EQ(done.error().code, one.code);
    files->abandon();
    EXPECT_TRUE(server.files().empty());
  }
}

TEST(SftpFake, C_042_a_size_that_differs_is_not_delivered) {
  const FakeServer server({.size_lie = 1});
  const auto files = session(server);
  const auto done = upload(*files, "a.csv", "1234");
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().reason, "sftp.write_failed");
  EXPECT_NE(done.error().detail.find("5 bytes"), std::string::npos) << done.error().detail;
  files->abandon();
  EXPECT_TRUE(server.files().empty());
  const FakeServer hides({.hides_size = true});
  EXPECT_TRUE(upload(*session(hides), "a.csv", "1234").ok());
}

TEST(SftpFake, BEY_16_replies_in_another_order_are_sorted_in) {
  const FakeServer server({.reverses_replies = true});
  const std::string bytes = random_bytes(3'000'001);
  const auto done = upload(*session(server), "a.bin", bytes);
  ASSERT_TRUE(done.ok()) << done.error().detail;
  EXPECT_TRUE(server.files()["a.bin"] == bytes);
}

TEST(SftpFake, C_049_a_server_that_never_acknowledges_is_given_up_with_the_bytes_sent) {
  const FakeServer server({.never_acknowledges = true});
  Context context = local_context();
  context.patience.stall = 700ms;
  const auto files = session(server, context);
  const auto start = std::chrono::steady_clock::now();
  const auto done = upload(*files, "a.bin", random_bytes(16 << 20));
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().reason, "sftp.stalled");
  EXPECT_NE(done.error().detail.find("2 MiB sent"), std::string::npos) << done.error().detail;
  EXPECT_LT(std::chrono::steady_clock::now() - start, 3s);
  files->abandon();
  EXPECT_TRUE(server.files().empty());
}

TEST(SftpFake, CON_36_what_is_not_SFTP_is_quoted) {
  const FakeServer noisy({.says_instead = "Welcome to example.com!\nHave a nice day.\n"});
  const auto opened = open_files(local_context(), target_of(noisy));
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().reason, "sftp.protocol");
  EXPECT_NE(opened.error().detail.find("Welcome to example.com!"), std::string::npos) << opened.error().detail;

  const FakeServer old({.version = 2});
  const auto too_old = open_files(local_context(), target_of(old));
  ASSERT_FALSE(too_old.ok());
  EXPECT_EQ(too_old.error().reason, "sftp.protocol");
  EXPECT_NE(too_old.error().detail.find("version 2"), std::string::npos);
}

}  // namespace
}  // namespace sluice::drivers::sftp
