#include "base/text.h"
#include "drivers/sftp/auth.h"

namespace sluice::drivers::sftp {

namespace {

using base::Error;
using base::Result;

Error bad_key(std::string detail) { return {.code = base::Code::invalid, .reason = "sftp.bad_key", .detail = std::move(detail)}; }

// Without a callback of ours, OpenSSL would ask for the passphrase at the terminal.
int note_passphrase_needed(const char*, char*, std::size_t, int, int, void* needed) {
  *static_cast<bool*>(needed) = true;
  return SSH_ERROR;
}

// What a text that is not a private key is instead, as far as it can be told.
std::string what_it_is(std::string_view text) {
  if (text.starts_with("PuTTY-User-Key-File")) return "The private key is in PuTTY's format. Export it in OpenSSH format with PuTTYgen.";
  if (text.starts_with("---- BEGIN SSH2")) return "The private key is in the format of ssh.com. Convert it with ssh-keygen -i.";
  if (text.starts_with("ssh-") || text.starts_with("ecdsa-") || text.find("BEGIN PUBLIC KEY") != std::string_view::npos) {
    return "This is the public key. Paste the private key, which begins with -----BEGIN.";
  }
  if (text.find("BEGIN DSA PRIVATE KEY") != std::string_view::npos)
    return "The private key is a DSA key, which SSH servers no longer accept.";
  if (text.find("BEGIN CERTIFICATE") != std::string_view::npos) return "This is a certificate. Paste the private key.";
  if (!text.starts_with("-----BEGIN ")) return "The private key must begin with a line such as -----BEGIN OPENSSH PRIVATE KEY-----.";
  return "The private key cannot be read: it is damaged, cut off, or of an unknown kind.";
}

}  // namespace

Result<Key> parse_private_key(const base::Secret& secret, const base::Secret* passphrase) {
  // Forms send CRLF, and people paste blank lines around the key; neither is part of it.
  const PlainText text(base::trim(secret.expose()), "\r");

  bool needs_passphrase = false;
  ssh_key key = nullptr;
  if (ssh_pki_import_privkey_base64(text.c_str(), nullptr, &note_passphrase_needed, &needs_passphrase, &key) == SSH_OK) return Key(key);
  if (!needs_passphrase) return bad_key(what_it_is(text.view()));
  if (passphrase == nullptr) return bad_key("The private key is encrypted. Give its passphrase as well.");
  const PlainText phrase(passphrase->expose());
  if (ssh_pki_import_privkey_base64(text.c_str(), phrase.c_str(), &note_passphrase_needed, &needs_passphrase, &key) == SSH_OK) {
    return Key(key);
  }
  return bad_key("The passphrase does not open the private key.");
}

}  // namespace sluice::drivers::sftp
