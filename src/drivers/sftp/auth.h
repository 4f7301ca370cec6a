// Signing in: password, keyboard-interactive, private key, or a key and a password one after the other.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "drivers/sftp/wire.h"

namespace sluice::drivers::sftp {

// A secret as the C text that libssh wants, wiped at the end.
class PlainText {
 public:
  // Bytes of `drop` are left out.
  explicit PlainText(std::string_view bytes, std::string_view drop = {}) : bytes_(std::make_unique<char[]>(bytes.size() + 1)) {
    for (const char c : bytes) {
      if (drop.find(c) == std::string_view::npos) bytes_[size_++] = c;
    }
  }
  ~PlainText() { base::wipe_memory(bytes_.get(), size_); }
  PlainText(const PlainText&) = delete;
  PlainText& operator=(const PlainText&) = delete;
  const char* c_str() const { return bytes_.get(); }
  std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<char[]> bytes_;  // ends with a NUL
  std::size_t size_ = 0;
};

struct FreeKey {
  void operator()(ssh_key key) const { ssh_key_free(key); }
};
using Key = std::unique_ptr<ssh_key_struct, FreeKey>;

// OpenSSH or PEM text. `passphrase` may be null, and is not needed for a key that is not encrypted. Reason "sftp.bad_key".
base::Result<Key> parse_private_key(const base::Secret& text, const base::Secret* passphrase);

struct Credentials {
  const base::Secret* password = nullptr;  // owned by the Target
  Key key;
};

// After the host key was checked, never before. Each credential is offered once, so that a wrong one does not lock the
// account. The text says how it went: "The server accepted the password." Reason "sftp.refused_credentials".
base::Result<std::string> sign_in(Wire& wire, const std::string& username, const Credentials& credentials);

}  // namespace sluice::drivers::sftp
