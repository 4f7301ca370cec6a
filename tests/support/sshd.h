// A throw-away OpenSSH server on 127.0.0.1, started by sshd.py (which see for the options). It ends with this object, and with
// this process at the latest.
//
//   auto server = test::Sshd::start({"--kbdint", "--no-password"});
//   if (!server.running()) GTEST_SKIP() << server.why_not();
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "base/json.h"

namespace sluice::test {

class Sshd {
 public:
  static Sshd start(const std::vector<std::string>& options = {});
  Sshd(Sshd&& other) noexcept;
  Sshd& operator=(Sshd&&) = delete;
  ~Sshd();

  bool running() const { return pid_ > 0; }
  const std::string& why_not() const { return why_not_; }

  std::uint16_t port() const { return static_cast<std::uint16_t>(*info_.get("port").as_int()); }
  std::string user() const { return text("user"); }
  std::string password() const { return text("password"); }
  std::string passphrase() const { return text("passphrase"); }
  std::string folder() const { return text("folder"); }      // where the user lands
  std::string host_key() const { return text("host_key"); }  // of the first kind
  std::string host_key(std::string_view kind) const { return std::string(info_.get("host_keys").as_object()->get(kind).text()); }
  // The text of a user's private key, by name: "ed25519", with --keys all more.
  std::string private_key(std::string_view name = "ed25519") const;
  // What the server has logged so far.
  std::string log() const;
  // Of the server process, whose children are the sessions.
  pid_t server_pid() const { return static_cast<pid_t>(*info_.get("pid").as_int()); }

 private:
  Sshd() = default;
  std::string text(std::string_view name) const { return std::string(info_.get(name).text()); }

  base::json::Object info_;
  std::string why_not_;
  pid_t pid_ = -1;
  int input_ = -1;
};

// The whole text of a file; empty when there is none.
std::string read_file(const std::string& path);

}  // namespace sluice::test
