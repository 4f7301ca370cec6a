#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "base/text.h"
#include "drivers/sftp/sftp_test_support.h"

namespace sluice::drivers::sftp {
namespace {

using namespace std::chrono_literals;

base::Error error_of(const Target& target, const Context& context = local_context()) {
  auto opened = open_files(context, target);
  EXPECT_FALSE(opened.ok());
  return opened.ok() ? base::Error{} : std::move(opened).error();
}

bool opens(const Target& target) {
  auto opened = open_files(local_context(), target);
  if (!opened.ok()) ADD_FAILURE() << opened.error().reason << ": " << opened.error().detail << " [" << opened.error().internal << "]";
  return opened.ok();
}

bool tried_to_sign_in(const std::string& log) {
  return log.find("userauth-request") != std::string::npos || log.find("Failed ") != std::string::npos ||
         log.find("Accepted ") != std::string::npos;
}

class SftpOpening : public WithSshd {};

// ---- the host key

TEST_F(SftpOpening, BEY_08_an_unknown_host_key_is_refused_before_any_sign_in) {
  const auto server = test::Sshd::start();
  Target target = target_of(server);
  target.settings.erase("host_key");
  const base::Error error = error_of(target);
  EXPECT_EQ(error.reason, "sftp.host_key_unknown");
  EXPECT_EQ(error.code, base::Code::upstream_rejected);
  EXPECT_NE(error.detail.find(server.host_key()), std::string::npos) << error.detail;
  EXPECT_FALSE(tried_to_sign_in(server.log())) << server.log();
  target.settings.set("host_key", server.host_key());
  EXPECT_TRUE(opens(target));
  EXPECT_TRUE(tried_to_sign_in(server.log()));  // so the log would have told
}

TEST_F(SftpOpening, C_044_a_changed_host_key_is_refused_before_any_sign_in_with_both_fingerprints) {
  const auto server = test::Sshd::start();
  Target target = target_of(server);
  target.settings.set("host_key", server_->host_key());  // of another server
  const base::Error error = error_of(target);
  EXPECT_EQ(error.reason, "sftp.host_key_changed");
  EXPECT_EQ(error.code, base::Code::upstream_rejected);
  EXPECT_NE(error.detail.find(server.host_key()), std::string::npos) << error.detail;
  EXPECT_NE(error.detail.find(server_->host_key()), std::string::npos) << error.detail;
  EXPECT_FALSE(tried_to_sign_in(server.log())) << server.log();
}

TEST_F(SftpOpening, BEY_08_any_of_the_servers_keys_may_be_pinned) {
  for (const char* kind : {"ed25519", "ecdsa", "rsa"}) {
    Target target = target_of(*server_);
    target.settings.set("host_key", server_->host_key(kind));
    EXPECT_TRUE(opens(target)) << kind;
  }
  Target target = target_of(*server_);
  target.settings.set("host_key", " " + server_->host_key().substr(7) + "=\n");  // as some tools print it
  EXPECT_TRUE(opens(target));
}

TEST_F(SftpOpening, C_044_a_server_with_only_an_RSA_host_key_is_reached) {
  const auto server = test::Sshd::start({"--host-keys", "rsa"});
  EXPECT_TRUE(opens(target_of(server)));
}

// ---- signing in

TEST_F(SftpOpening, C_045_private_keys_of_all_kinds_are_accepted) {
  for (const char* name : {"ed25519", "ecdsa", "rsa", "rsa_pem", "ecdsa_pem", "rsa_pkcs8"}) {
    Target target = target_of(*server_);
    use_key(target, server_->private_key(name));
    EXPECT_TRUE(opens(target)) << name;
  }
  Target pasted = target_of(*server_);
  std::string text = "\n  " + server_->private_key("ed25519") + "\n\n";
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2) text.replace(at, 1, "\r\n");
  use_key(pasted, text);
  EXPECT_TRUE(opens(pasted));
}

TEST_F(SftpOpening, C_045_keys_with_a_passphrase) {
  for (const char* name : {"ed25519_locked", "rsa_pem_locked"}) {
    Target target = target_of(*server_);
    use_key(target, server_->private_key(name), server_->passphrase());
    EXPECT_TRUE(opens(target)) << name;
    use_key(target, server_->private_key(name), "wrong");
    base::Error error = error_of(target);
    EXPECT_EQ(error.reason, "sftp.bad_key");
    EXPECT_NE(error.detail.find("passphrase does not open"), std::string::npos) << error.detail;
    use_key(target, server_->private_key(name));
    error = error_of(target);
    EXPECT_EQ(error.reason, "sftp.bad_key");
    EXPECT_NE(error.detail.find("encrypted"), std::string::npos) << error.detail;
  }
  Target target = target_of(*server_);
  use_key(target, server_->private_key("ed25519"), "not needed");
  EXPECT_TRUE(opens(target));
}

TEST_F(SftpOpening, C_045_what_is_not_a_private_key_is_called_by_its_name) {
  const std::string key = server_->private_key("ed25519");
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ x", "public key"}, {"PuTTY-User-Key-File-3: ssh-ed25519", "PuTTY"},
      {"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----", "ssh.com"},  {"hello", "must begin with"},
      {key.substr(0, key.size() / 2), "cannot be read"},
  };
  for (const auto& [text, words] : cases) {
    Target target = target_of(*server_);
    use_key(target, text);
    const base::Error error = error_of(target);
    EXPECT_EQ(error.reason, "sftp.bad_key") << text;
    EXPECT_EQ(error.code, base::Code::invalid);
    EXPECT_NE(error.detail.find(words), std::string::npos) << error.detail;
  }
}

TEST_F(SftpOpening, CON_36_wrong_password_and_wrong_key_are_refused_once) {
  const auto server = test::Sshd::start();
  Target target = target_of(server);
  target.secrets.insert_or_assign("password", base::Secret("hunter2-wrong"));
  base::Error error = error_of(target);
  EXPECT_EQ(error.reason, "sftp.refused_credentials");
  EXPECT_EQ(error.code, base::Code::upstream_rejected);
  EXPECT_EQ((error.detail + error.internal).find("hunter2"), std::string::npos);
  const std::string log = server.log();
  const auto first = log.find("Failed password");
  ASSERT_NE(first, std::string::npos) << log;
  EXPECT_EQ(log.find("Failed password", first + 1), std::string::npos) << "a second attempt could lock the account";

  use_key(target, server_->private_key());  // a key of another account
  error = error_of(target);
  EXPECT_EQ(error.reason, "sftp.refused_credentials");
  EXPECT_NE(error.detail.find("private key"), std::string::npos);
}

TEST_F(SftpOpening, CON_36_a_method_that_the_server_does_not_offer_is_named) {
  const auto server = test::Sshd::start({"--no-password"});
  const base::Error error = error_of(target_of(server));
  EXPECT_EQ(error.reason, "sftp.refused_credentials");
  EXPECT_NE(error.detail.find("offers only private key"), std::string::npos) << error.detail;
  Target target = target_of(server);
  use_key(target, server.private_key());
  EXPECT_TRUE(opens(target));
}

TEST_F(SftpOpening, C_046_a_server_that_asks_for_the_password_gets_it) {
  const auto server = test::Sshd::start({"--kbdint", "--no-password"});
  ASSERT_TRUE(server.running()) << server.why_not();
  EXPECT_TRUE(opens(target_of(server)));
  Target target = target_of(server);
  target.secrets.insert_or_assign("password", base::Secret("wrong"));
  EXPECT_EQ(error_of(target).reason, "sftp.refused_credentials");
}

TEST_F(SftpOpening, C_045_a_key_and_a_password_one_after_the_other) {
  for (const char* methods : {"publickey,password", "password,publickey"}) {
    const auto server = test::Sshd::start({"--methods", methods});
    Target target = target_of(server);
    const base::Error half = error_of(target);
    EXPECT_EQ(half.reason, "sftp.refused_credentials");
    use_key(target, server.private_key());
    EXPECT_EQ(error_of(target).reason, "sftp.refused_credentials");
    target.settings.set("authentication", "private_key_and_password");
    target.secrets.emplace("password", server.password());
    EXPECT_TRUE(opens(target)) << methods;
  }
}

TEST_F(SftpOpening, C_021_special_passwords_reach_the_server_byte_by_byte) {
  // The others are in fake_test.cc: crypt(3) of a real account takes 511 bytes at most.
  const std::vector<std::string> passwords = {" a:b@c/d?e#f%25 $HOME ${X} \" ' \\n ", "漢字 pässwörd", std::string(500, 'x') + "end"};
  for (const std::string& password : passwords) {
    const auto server = test::Sshd::start({"--password=" + password});
    ASSERT_TRUE(server.running()) << server.why_not();
    EXPECT_TRUE(opens(target_of(server))) << password;
    Target target = target_of(server);
    target.secrets.insert_or_assign("password", base::Secret(base::trim(password)));
    if (base::trim(password) != password) EXPECT_EQ(error_of(target).reason, "sftp.refused_credentials");
  }
}

// ---- the way there

TEST_F(SftpOpening, C_050_no_greeting_is_given_up_within_the_limit) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);  // accepts by its queue, says nothing
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&at), size), 0);
  ASSERT_EQ(listen(fd, 8), 0);
  getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size);
  const Target target = target_of(*server_, ntohs(at.sin_port));

  Context context = local_context();
  context.patience.handshake = 700ms;
  auto start = std::chrono::steady_clock::now();
  const base::Error error = error_of(target, context);
  EXPECT_EQ(error.reason, "sftp.handshake_timeout");
  EXPECT_EQ(error.code, base::Code::upstream_unavailable);
  EXPECT_NE(error.detail.find("no SSH greeting"), std::string::npos);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 3s);

  std::stop_source source;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(100ms);
    source.request_stop();
  });
  start = std::chrono::steady_clock::now();
  EXPECT_EQ(error_of(target, local_context(source.get_token())).code, base::Code::cancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 2s);
  close(fd);
}

TEST_F(SftpOpening, C_033_unknown_host_refused_port_and_blocked_address_have_their_own_words) {
  Target target = target_of(*server_);
  target.settings.set("host", "no-such-host.invalid");
  Context context = local_context();
  context.deadline = base::Deadline::after(5s);
  const std::string reason = error_of(target, context).reason;
  EXPECT_TRUE(reason == "net.unknown_host" || reason == "net.resolve_timeout") << reason;

  target = target_of(*server_, 1);
  EXPECT_EQ(error_of(target).reason, "net.refused");
  target = target_of(*server_);
  target.settings.set("port", 0);
  EXPECT_EQ(error_of(target).code, base::Code::invalid);

  const net::Guard nothing;
  context = local_context();
  context.guard = &nothing;
  EXPECT_EQ(error_of(target_of(*server_), context).reason, "net.blocked");
  context.guard = nullptr;  // forgotten: public addresses only
  EXPECT_EQ(error_of(target_of(*server_), context).reason, "net.blocked");
}

TEST_F(SftpOpening, CON_36_a_user_without_SFTP_is_told_so) {
  const auto server = test::Sshd::start({"--option=ForceCommand /bin/echo This account is for shells only"});
  const base::Error error = error_of(target_of(server));
  EXPECT_EQ(error.reason, "sftp.protocol") << error.internal;
  EXPECT_NE(error.detail.find("account"), std::string::npos) << error.detail;
}

// ---- verify

TEST_F(SftpOpening, BEY_07_verify_walks_the_steps_and_leaves_nothing) {
  std::vector<std::string> reported;
  const auto steps = verify(local_context(), target_of(*server_), [&](const Step& step) { reported.push_back(step.name); });
  EXPECT_EQ(reported, (std::vector<std::string>{"resolve", "connect", "host_key", "sign_in", "folder", "write", "clean_up"}));
  for (const Step& step : steps) {
    EXPECT_EQ(step.state, StepState::passed) << step.name << ": " << step.detail;
    EXPECT_FALSE(step.detail.empty()) << step.name;
    EXPECT_FALSE(step.advice.has_value());
    EXPECT_FALSE(step.proposal.has_value());
  }
  EXPECT_TRUE(names_in(server_->folder()).empty());
}

TEST_F(SftpOpening, BEY_08_verify_proposes_the_host_key_it_found) {
  Target target = target_of(*server_);
  for (const char* pinned : {"", "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}) {
    target.settings.set("host_key", pinned);
    const auto steps = verify(local_context(), target, {});
    const Step* step = find_step(steps, "host_key");
    ASSERT_NE(step, nullptr);
    EXPECT_EQ(step->state, StepState::failed);
    ASSERT_TRUE(step->proposal.has_value());
    EXPECT_EQ(step->proposal->field, "host_key");
    EXPECT_EQ(step->proposal->value, server_->host_key());
    EXPECT_EQ(step->proposal->title, "Pin this host key");
    ASSERT_TRUE(step->advice.has_value());
    EXPECT_NE(step->advice->find("ompare"), std::string::npos);
    EXPECT_NE(step->detail.find(pinned), std::string::npos);
    for (const char* later : {"sign_in", "folder", "write", "clean_up"})
      EXPECT_EQ(find_step(steps, later)->state, StepState::skipped) << later;
  }
}

TEST_F(SftpOpening, CON_36_each_failed_step_says_what_to_do) {
  const auto failing = [&](const Target& target, std::string_view name, const Context& context = local_context()) {
    const auto steps = verify(context, target, {});
    const Step* step = find_step(steps, name);
    ASSERT_NE(step, nullptr);
    EXPECT_EQ(step->state, StepState::failed) << name << ": " << step->detail;
    EXPECT_TRUE(step->advice.has_value()) << name;
    for (const Step& one : steps) {
      if (&one < step) EXPECT_EQ(one.state, StepState::passed) << one.name << ": " << one.detail;
      if (&one > step) EXPECT_EQ(one.state, StepState::skipped) << one.name;
    }
  };
  Target target = target_of(*server_);
  target.settings.set("host", "no-such-host.invalid");
  failing(target, "resolve");
  failing(target_of(*server_, 1), "connect");
  target = target_of(*server_);
  target.secrets.insert_or_assign("password", base::Secret("wrong"));
  failing(target, "sign_in");
  target = target_of(*server_);
  target.settings.set("folder", "missing");
  failing(target, "folder");
  std::filesystem::create_directory(at("closed"));
  target.settings.set("folder", "closed");
  failing(target, "write");
}

TEST_F(SftpOpening, C_037_verify_ends_at_its_deadline) {
  test::Relay relay(server_->port());
  relay.freeze();
  Context context = local_context();
  context.deadline = base::Deadline::after(800ms);
  const auto start = std::chrono::steady_clock::now();
  const auto steps = verify(context, target_of(*server_, relay.port()), {});
  EXPECT_LT(std::chrono::steady_clock::now() - start, 3s);
  EXPECT_EQ(find_step(steps, "host_key")->state, StepState::failed);
  EXPECT_GE(find_step(steps, "host_key")->duration_ms, 700);
}

TEST_F(SftpOpening, no_descriptor_is_left_behind) {
  const auto open_descriptors = [] { return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}); };
  (void)verify(local_context(), target_of(*server_), {});
  const auto before = open_descriptors();
  Target unknown = target_of(*server_);
  unknown.settings.erase("host_key");
  Target wrong = target_of(*server_);
  wrong.secrets.insert_or_assign("password", base::Secret("wrong"));
  for (int i = 0; i < 3; ++i) {
    (void)verify(local_context(), target_of(*server_), {});
    (void)verify(local_context(), unknown, {});
    (void)verify(local_context(), wrong, {});
    (void)open_files(local_context(), target_of(*server_, 1));
  }
  EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace sluice::drivers::sftp
