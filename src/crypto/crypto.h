// Cryptography: sealing, hashing and passwords, on libsodium and nothing of our own. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace sluice::crypto {

// Once, before anything else here.
void initialise();

inline constexpr std::size_t kKeyBytes = 32;

// 32 random bytes.
base::Secret make_key();
// A short public name for a key, so that a wrong one can be told apart: 16 characters of a keyed hash.
std::string key_id(const base::Secret& key);

// XChaCha20-Poly1305 with a fresh nonce in front. `bound_to` is authenticated, not stored: opening under another text fails,
// so a sealed value that was copied to another row does not open.
std::string seal(const base::Secret& key, std::string_view plain, std::string_view bound_to);
std::string seal(const base::Secret& key, const base::Secret& plain, std::string_view bound_to);
// Error internal "crypto.cannot_open": wrong key, wrong place or changed bytes.
base::Result<base::Secret> open(const base::Secret& key, std::string_view sealed, std::string_view bound_to);

// Argon2id, 64 MiB, 2 passes: some 60 ms and the memory, so callers limit how many run at once.
std::string hash_password(const base::Secret& password);
bool check_password(const std::string& hash, const base::Secret& password);

std::string sha256_hex(std::string_view bytes);
// HMAC-SHA-256 in hexadecimal: what others can check with the key they share with us.
std::string hmac_sha256_hex(const base::Secret& key, std::string_view message);
// Keyed BLAKE2b-256 as base64url, for tokens that come back to us.
std::string sign(const base::Secret& key, std::string_view message);
bool equal_in_constant_time(std::string_view a, std::string_view b);

// SipHash-2-4 under a key that whoever picks the message does not know: for tables and sorted files, some 20 ns a call. Numbers,
// so that they compare and sort as two machine words.
using ShortHashKey = std::array<unsigned char, 16>;
struct ShortHash {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
};
ShortHashKey make_short_hash_key();
ShortHash short_hash_128(const ShortHashKey& key, std::string_view message);
std::uint64_t short_hash_64(const ShortHashKey& key, std::string_view message);

// BLAKE2b-256 of a message that comes in pieces.
class Digest {
 public:
  static constexpr std::size_t kBytes = 32;
  Digest();
  ~Digest();
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;
  void update(std::string_view bytes);
  std::string finish();  // kBytes raw bytes; once

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// What is kept of a random token: its hash. Not for passwords.
std::string token_hash(const base::Secret& token);

}  // namespace sluice::crypto
