// One SSH connection. libssh runs in its non-blocking mode and all waiting happens in wait(), so that a deadline, a stop and
// the no-progress limit hold everywhere, whatever the server does. One thread at a time.
#pragma once

#include <libssh/libssh.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "drivers/driver.h"
#include "net/wait.h"

namespace sluice::drivers::sftp {

struct HostKey {
  std::string type;         // "ssh-ed25519"
  std::string fingerprint;  // "SHA256:…", unpadded base64
};

class Wire {
 public:
  Wire(const Patience& patience, std::stop_token stop);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  // Greeting and key exchange on a connected socket, which is taken over; nobody has signed in then. `key_types` limits the
  // host keys that the server may show ("" for any). Reasons: handshake_timeout, connection_lost, protocol, net.cancelled.
  base::Result<HostKey> shake_hands(int fd, const std::string& username, std::string_view key_types, base::Deadline deadline);

  // Every wait from here on ends at this instant at the latest.
  void set_deadline(base::Deadline deadline) { deadline_ = deadline; }
  // For cleaning up after a stop: waits no longer end because of it.
  void ignore_stop(bool ignore) { ignore_stop_ = ignore; }
  // Whoever never waits looks here.
  bool stopped() const { return !ignore_stop_ && stop_.stopped(); }
  // A new operation begins: time that passed without one does not count as a stall.
  void start_clock() { last_progress_ = base::Deadline::Steady::now(); }
  // Something arrived that proves that the server works.
  void note_progress() { last_progress_ = base::Deadline::Steady::now(); }

  // Until libssh can go on. `doing` completes "while …". Reasons: stalled, connection_lost, net.timeout, net.cancelled.
  base::Result<void> wait(std::string_view doing);

  // Calls a libssh function until it no longer says `again`.
  template <class F>
  base::Result<int> drive(int again, std::string_view doing, F&& call) {
    for (;;) {
      const int status = call();
      if (status != again) return status;
      RETURN_IF_ERROR(wait(doing));
    }
  }

  // What libssh says went wrong, as an Error; the connection is dead from here on.
  base::Error lost(std::string_view doing);
  bool dead() const { return dead_; }
  ssh_session session() const { return session_; }
  std::string last_words() const;
  // Bytes that the other side's kernel has acknowledged.
  std::uint64_t delivered_bytes() const;

 private:
  base::Result<void> set_options(int fd, const std::string& username, std::string_view key_types);
  base::Error handshake_error();
  base::Result<HostKey> read_host_key();

  Patience patience_;
  net::StopSignal stop_;
  net::StopSignal never_;
  bool ignore_stop_ = false;
  bool dead_ = false;
  ssh_session session_ = nullptr;
  ssh_counter_struct counter_{};
  base::Deadline deadline_;
  base::Deadline::Steady::time_point last_progress_;
  std::uint64_t last_delivered_ = 0;
};

}  // namespace sluice::drivers::sftp
