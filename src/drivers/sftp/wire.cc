#include "drivers/sftp/wire.h"

#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "drivers/paths.h"
#include "drivers/sftp/failure.h"

namespace sluice::drivers::sftp {

using base::Deadline;
using base::Error;
using base::Result;

namespace {

constexpr std::chrono::milliseconds kLook = std::chrono::seconds(1);  // how often a wait looks whether bytes still move

// AES in hardware is faster than ChaCha20 and the other way round. No CBC: both sides that only have that are too old.
const char* cipher_list() {
#if defined(__x86_64__)
  const bool aes = __builtin_cpu_supports("aes") != 0;
#else
  const bool aes = true;
#endif
  return aes ? "aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr"
             : "chacha20-poly1305@openssh.com,aes128-gcm@openssh.com,aes256-gcm@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr";
}

std::string seconds_words(std::chrono::milliseconds span) {
  const auto count = span.count();
  return count % 1000 == 0 ? std::to_string(count / 1000) + " s" : std::to_string(count) + " ms";
}

}  // namespace

Wire::Wire(const Patience& patience, std::stop_token stop)
    : patience_(patience),
      stop_(std::move(stop)),
      never_(std::stop_token()),
      deadline_(Deadline::after(patience.handshake)),
      last_progress_(Deadline::Steady::now()) {
  static const int ready = ssh_init();  // a static libssh has no constructor of its own
  (void)ready;
}

Wire::~Wire() {
  if (session_ == nullptr) return;
  // Closes the socket, which ssh_disconnect leaves open for a descriptor that was given, except when sending fails.
  ssh_silent_disconnect(session_);
  ssh_free(session_);
}

Result<void> Wire::set_options(int fd, const std::string& username, std::string_view key_types) {
  const int no = 0;
  const std::string types(key_types);
  socket_t socket = fd;
  bool ok = true;
  const auto set = [&](ssh_options_e option, const void* value) { ok = ok && ssh_options_set(session_, option, value) == SSH_OK; };
  set(SSH_OPTIONS_PROCESS_CONFIG, &no);  // or the operator's ~/.ssh/config would change what we do
  set(SSH_OPTIONS_KNOWNHOSTS, "/dev/null");
  set(SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null");
  set(SSH_OPTIONS_HOST, "server");  // only a label: the socket is connected already
  set(SSH_OPTIONS_USER, username.c_str());
  set(SSH_OPTIONS_CIPHERS_C_S, cipher_list());
  set(SSH_OPTIONS_CIPHERS_S_C, cipher_list());
  set(SSH_OPTIONS_COMPRESSION, "no");
  if (!types.empty()) set(SSH_OPTIONS_HOSTKEYS, types.c_str());
  set(SSH_OPTIONS_FD, &socket);
  if (ok) return {};
  return Error{.code = base::Code::invalid,
               .reason = "sftp.protocol",
               .detail = "The user name cannot be used.",
               .internal = "setting options: " + last_words()};
}

Result<HostKey> Wire::shake_hands(int fd, const std::string& username, std::string_view key_types, Deadline deadline) {
  session_ = ssh_new();
  if (session_ == nullptr) {
    close(fd);
    return Error{.code = base::Code::internal, .reason = "sftp.protocol", .detail = "Out of memory."};
  }
  ssh_set_blocking(session_, 0);
  ssh_set_counters(session_, &counter_, nullptr);
  if (auto set = set_options(fd, username, key_types); !set.ok()) {
    close(fd);
    return std::move(set).error();
  }
  deadline_ = deadline.at_most(patience_.handshake);
  start_clock();
  auto status = drive(SSH_AGAIN, "shaking hands", [&] { return ssh_connect(session_); });
  if (!status.ok()) {
    const bool late = status.error().reason == "net.timeout" || status.error().reason == "sftp.stalled";
    if (!late) return std::move(status).error();
    return Error{.code = base::Code::upstream_unavailable,
                 .reason = "sftp.handshake_timeout",
                 .detail = std::string(ssh_get_serverbanner(session_) == nullptr
                                           ? "The server accepted the connection but sent no SSH greeting within "
                                           : "The server did not finish the SSH key exchange within ") +
                           seconds_words(patience_.handshake) + ".",
                 .internal = "shaking hands: deadline passed"};
  }
  if (*status != SSH_OK) return handshake_error();
  return read_host_key();
}

Error Wire::handshake_error() {
  dead_ = true;
  const std::string words = last_words();
  if (words.find("no match") != std::string::npos) {
    return protocol_error("Server and client have no common algorithm. " + words, "shaking hands: " + words);
  }
  if (words.find("banner") != std::string::npos || words.find("rotocol") != std::string::npos) {
    return protocol_error("What answers at this port does not speak SSH.", "shaking hands: " + words);
  }
  Error error = connection_lost("shaking hands", words);
  error.detail = "The server closed the connection before anybody could sign in.";
  return error;
}

Result<HostKey> Wire::read_host_key() {
  ssh_key key = nullptr;
  if (ssh_get_server_publickey(session_, &key) != SSH_OK) return lost("reading the host key");
  const std::unique_ptr<ssh_key_struct, decltype(&ssh_key_free)> owner(key, &ssh_key_free);
  unsigned char* hash = nullptr;
  std::size_t size = 0;
  if (ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &size) != 0) return lost("reading the host key");
  char* text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, size);
  ssh_clean_pubkey_hash(&hash);
  if (text == nullptr) return lost("reading the host key");
  HostKey out{.type = ssh_key_type_to_char(ssh_key_type(key)), .fingerprint = text};
  ssh_string_free_char(text);
  return out;
}

std::uint64_t Wire::delivered_bytes() const {
  int queued = 0;
  const socket_t fd = ssh_get_fd(session_);
  if (fd == SSH_INVALID_SOCKET || ioctl(fd, SIOCOUTQ, &queued) != 0) return last_delivered_;
  return counter_.out_bytes - static_cast<std::uint64_t>(std::max(queued, 0));
}

Result<void> Wire::wait(std::string_view doing) {
  for (;;) {
    const socket_t fd = ssh_get_fd(session_);
    if (dead_ || fd == SSH_INVALID_SOCKET) return lost(doing);
    // A slow line needs long for each acknowledgement of the server; bytes that its kernel took count, too.
    const std::uint64_t delivered = delivered_bytes();
    if (delivered != last_delivered_) note_progress();
    last_delivered_ = delivered;

    const auto now = Deadline::Steady::now();
    const auto quiet = std::chrono::duration_cast<std::chrono::milliseconds>(now - last_progress_);
    if (quiet >= patience_.stall) {
      return Error{.code = base::Code::upstream_unavailable,
                   .reason = "sftp.stalled",
                   .detail = "Nothing moved for " + seconds_words(patience_.stall) + " while " + std::string(doing) + ".",
                   .internal = std::string(doing) + ": no progress; " + std::to_string(delivered) + " bytes of SSH were delivered before"};
    }
    const short events = static_cast<short>(POLLIN | ((ssh_get_poll_flags(session_) & SSH_WRITE_PENDING) != 0 ? POLLOUT : 0));
    const auto until = deadline_.at_most(std::min(kLook, patience_.stall - quiet));
    switch (net::wait_for(fd, events, until, ignore_stop_ ? never_ : stop_)) {
      case net::Waited::ready:
        return {};
      case net::Waited::stopped:
        return cancelled(doing);
      case net::Waited::timed_out:
        break;
    }
    if (deadline_.passed()) {
      return Error{.code = base::Code::upstream_unavailable,
                   .reason = "net.timeout",
                   .detail = "The server did not answer in time while " + std::string(doing) + ".",
                   .internal = std::string(doing) + ": deadline passed"};
    }
  }
}

Error Wire::lost(std::string_view doing) {
  dead_ = true;
  return connection_lost(doing, last_words());
}

std::string Wire::last_words() const { return scrub(ssh_get_error(session_)); }

}  // namespace sluice::drivers::sftp
