// What the SFTP tests share: a target for a test server, and files in its folder.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "drivers/sftp/sftp.h"
#include "support/relay.h"
#include "support/sshd.h"

namespace sluice::drivers::sftp {

inline Target target_of(const test::Sshd& server, std::uint16_t port = 0) {
  Target target;
  target.settings.set("host", "127.0.0.1");
  target.settings.set("port", base::json::Value(static_cast<std::int64_t>(port == 0 ? server.port() : port)));
  target.settings.set("username", server.user());
  target.settings.set("authentication", "password");
  target.settings.set("host_key", server.host_key());
  target.secrets.emplace("password", server.password());
  return target;
}

inline void use_key(Target& target, const std::string& key, const std::string& passphrase = "") {
  target.settings.set("authentication", "private_key");
  target.secrets.clear();
  target.secrets.emplace("private_key", key);
  if (!passphrase.empty()) target.secrets.emplace("passphrase", passphrase);
}

// Allows loopback, and is patient for seconds only.
inline Context local_context(std::stop_token stop = {}) {
  static const net::Guard guard = *net::Guard::parse("127.0.0.0/8, ::1");
  Context context;
  context.guard = &guard;
  context.stop = std::move(stop);
  return context;
}

inline std::string random_bytes(std::size_t size, unsigned seed = 1) {
  std::mt19937_64 generator(seed);
  std::string out(size, '\0');
  std::size_t at = 0;
  for (; at + 8 <= size; at += 8) {
    const std::uint64_t word = generator();
    std::copy_n(reinterpret_cast<const char*>(&word), 8, out.data() + at);
  }
  for (; at < size; ++at) out[at] = static_cast<char>(generator());
  return out;
}

inline std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) out.push_back(entry.path().filename().string());
  std::sort(out.begin(), out.end());
  return out;
}

inline base::Result<void> upload(FileSession& session, const std::string& path, std::string_view bytes, std::string_view run = "run-1") {
  RETURN_IF_ERROR(session.open(path, run));
  for (std::size_t at = 0; at < bytes.size(); at += 1 << 20) RETURN_IF_ERROR(session.write(bytes.substr(at, 1 << 20)));
  return session.commit();
}

inline const Step* find_step(const std::vector<Step>& steps, std::string_view name) {
  const auto found = std::find_if(steps.begin(), steps.end(), [&](const Step& step) { return step.name == name; });
  return found == steps.end() ? nullptr : &*found;
}

// One server for all tests of a suite: starting one takes a second.
class WithSshd : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = std::make_unique<test::Sshd>(test::Sshd::start({"--keys", "all", "--host-keys", "ed25519,ecdsa,rsa"}));
  }
  static void TearDownTestSuite() { server_.reset(); }
  void SetUp() override {
    if (!server_->running()) GTEST_SKIP() << server_->why_not();
    for (const auto& entry : std::filesystem::directory_iterator(server_->folder())) std::filesystem::remove_all(entry.path());
  }
  static std::string at(const std::string& path) { return server_->folder() + "/" + path; }

  static inline std::unique_ptr<test::Sshd> server_;
};

}  // namespace sluice::drivers::sftp
