// Files on an SFTP server: libssh for SSH, a pipelined SFTP version 3 client of our own on top, over a socket that the egress
// guard dialled.
//
//   opening   resolve, connect, host key, sign in, folder: the same functions for a verification and for a run (BEY-07)
//   wire      one SSH connection; the only place that waits
//   auth, key signing in
//   packets   SFTP packets: requests in flight and their replies
//   client    the operations of SFTP
//   files     the FileSession
//   failure   from refusals to sentences
#pragma once

#include "drivers/driver.h"

namespace sluice::drivers::sftp {

// Reasons: "sftp.host_key_unknown", "sftp.host_key_changed", "sftp.refused_credentials", "sftp.bad_key", "sftp.folder_missing",
// "sftp.permission_denied", "sftp.no_space_or_quota", "sftp.write_failed", "sftp.connection_lost", "sftp.stalled",
// "sftp.handshake_timeout", "sftp.protocol", "sftp.bad_path", and those of net/guard.h.
base::Result<std::unique_ptr<FileSession>> open_files(const Context& context, const Target& target);
std::vector<Step> verify(const Context& context, const Target& target, const std::function<void(const Step&)>& report);

inline constexpr Driver kDriver = {.name = "sftp", .verify = &verify, .open_files = &open_files};

}  // namespace sluice::drivers::sftp
