// The way to a session, step by step: a verification reports each step, a run takes the same ones at once.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "drivers/driver.h"
#include "drivers/sftp/client.h"
#include "drivers/sftp/wire.h"

namespace sluice::drivers::sftp {

class Opening {
 public:
  Opening(const Context& context, const Target& target);
  ~Opening();

  // Each in this order, each with the time it may take; the text says what was found.
  base::Result<std::string> resolve(base::Deadline deadline);
  base::Result<std::string> connect(base::Deadline deadline);
  base::Result<std::string> check_host_key(base::Deadline deadline);
  base::Result<std::string> sign_in(base::Deadline deadline);
  base::Result<std::string> open_folder(base::Deadline deadline);
  // `limit` bounds the session's whole life; none for a run.
  std::unique_ptr<FileSession> take(std::optional<base::Deadline> limit);

  // The key that the server showed, when it came to that.
  const std::optional<HostKey>& host_key() const { return host_key_; }
  const std::string& username() const { return username_; }
  std::string place() const;  // "files.example.com:22"
  const std::string& folder() const { return folder_; }

 private:
  base::Result<std::unique_ptr<Wire>> find_pinned_key(base::Deadline deadline);

  const Context& context_;
  const Target& target_;
  std::string host_;
  std::int64_t port_ = 22;
  std::string username_;
  std::string folder_;
  std::string pinned_;
  net::Resolved resolved_;
  int fd_ = -1;
  std::optional<HostKey> host_key_;
  std::unique_ptr<Wire> wire_;
  std::unique_ptr<Client> client_;
};

// Makes a folder and what is missing above it. Reasons as in failure.h.
base::Result<void> make_folders(Client& client, const std::string& path);

// In files.cc. Nothing that the session does goes on after `limit`.
std::unique_ptr<FileSession> make_session(std::unique_ptr<Wire> wire, std::unique_ptr<Client> client, std::string folder,
                                          const Patience& patience, base::Deadline limit);

}  // namespace sluice::drivers::sftp
