// An SSH server for tests that does what OpenSSH cannot be made to do: it records credentials byte by byte, asks odd
// questions, refuses single requests, lies about sizes, and never answers. Files are kept in memory. One client at a time.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "drivers/sftp/packets.h"

namespace sluice::drivers::sftp {

struct FakeBehaviour {
  std::string password = "right";
  bool takes_password = true;
  std::vector<std::vector<std::string>> questions;  // rounds of keyboard-interactive; a prompt that begins with '+' echoes
  bool replaces = false;                            // offers posix-rename@openssh.com
  Status on_fsetstat = Status::ok;
  std::optional<Refusal> on_write;   // for every WRITE
  std::optional<Refusal> on_rename;  // for every RENAME that would have worked
  std::string says_instead;          // in place of SFTP
  std::uint32_t version = 3;
  std::uint64_t size_lie = 0;  // added by STAT
  bool hides_size = false;
  bool never_acknowledges = false;
  bool reverses_replies = false;  // answers WRITEs in pairs, the later one first
};

class FakeServer {
 public:
  explicit FakeServer(FakeBehaviour behaviour);
  ~FakeServer();
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  std::uint16_t port() const { return port_; }
  const std::string& host_key() const { return host_key_; }
  std::vector<std::string> passwords() const;  // as they came
  std::map<std::string, std::string> files() const;

 private:
  void run(const std::stop_token& stop);
  void serve(ssh_session session);
  bool let_in(ssh_session session);
  bool take_password(ssh_session session, ssh_message message);
  void ask(ssh_message message, std::size_t round);
  ssh_channel open_channel(ssh_session session);
  void talk(ssh_channel channel);
  std::optional<std::string> answer(std::string_view packet);
  std::string answer_path_request(Packet type, std::uint32_t id, Fields& fields);
  std::string write(std::uint32_t id, Fields& fields);
  std::string rename(std::uint32_t id, Fields& fields, bool replace);

  FakeBehaviour behaviour_;
  std::uint16_t port_ = 0;
  std::string host_key_;
  int listener_ = -1;
  ssh_key key_ = nullptr;
  std::string held_;  // a reply that waits for the next one
  std::atomic<int> client_ = -1;
  mutable std::mutex mutex_;  // guards passwords_, files_
  std::vector<std::string> passwords_;
  std::map<std::string, std::string> files_;
  std::jthread thread_;
};

}  // namespace sluice::drivers::sftp
