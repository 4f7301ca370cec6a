#include "crypto/crypto.h"

#include <sodium.h>

#include <array>
#include <vector>

#include "base/assert.h"
#include "base/text.h"

namespace sluice::crypto {

namespace {

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;

}  // namespace

void initialise() { BASE_ASSERT(sodium_init() >= 0); }

base::Secret make_key() {
  std::array<char, kKeyBytes> raw{};
  randombytes_buf(raw.data(), raw.size());
  base::Secret key(std::string_view(raw.data(), raw.size()));
  base::wipe_memory(raw.data(), raw.size());
  return key;
}

std::string key_id(const base::Secret& key) { return sign(key, "sluice key id").substr(0, 16); }

std::string seal(const base::Secret& key, std::string_view plain, std::string_view bound_to) {
  BASE_ASSERT(key.size() == kKeyBytes);
  std::string sealed(kNonceBytes + plain.size() + kTagBytes, '\0');
  auto* out = reinterpret_cast<unsigned char*>(sealed.data());
  randombytes_buf(out, kNonceBytes);
  unsigned long long written = 0;
  crypto_aead_xchacha20poly1305_ietf_encrypt(out + kNonceBytes, &written, bytes_of(plain), plain.size(), bytes_of(bound_to),
                                             bound_to.size(), nullptr, out, bytes_of(key.expose()));
  return sealed;
}

std::string seal(const base::Secret& key, const base::Secret& plain, std::string_view bound_to) {
  return seal(key, plain.expose(), bound_to);
}

base::Result<base::Secret> open(const base::Secret& key, std::string_view sealed, std::string_view bound_to) {
  BASE_ASSERT(key.size() == kKeyBytes);
  base::Error error{
      .code = base::Code::internal, .reason = "crypto.cannot_open", .detail = "A stored secret cannot be read with this key."};
  if (sealed.size() < kNonceBytes + kTagBytes) return error;
  std::vector<unsigned char> plain(sealed.size() - kNonceBytes - kTagBytes + 1);
  unsigned long long length = 0;
  const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(plain.data(), &length, nullptr, bytes_of(sealed) + kNonceBytes,
                                                                sealed.size() - kNonceBytes, bytes_of(bound_to), bound_to.size(),
                                                                bytes_of(sealed), bytes_of(key.expose()));
  if (failed != 0) return error;
  base::Secret secret(std::string_view(reinterpret_cast<const char*>(plain.data()), length));
  base::wipe_memory(plain.data(), plain.size());
  return secret;
}

std::string hash_password(const base::Secret& password) {
  std::array<char, crypto_pwhash_STRBYTES> out{};
  const int failed = crypto_pwhash_str(out.data(), password.expose().data(), password.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                       crypto_pwhash_MEMLIMIT_INTERACTIVE);
  BASE_ASSERT(failed == 0);  // only when 64 MiB cannot be had
  return out.data();
}

bool check_password(const std::string& hash, const base::Secret& password) {
  return crypto_pwhash_str_verify(hash.c_str(), password.expose().data(), password.size()) == 0;
}

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256(digest.data(), bytes_of(bytes), bytes.size());
  return base::hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string hmac_sha256_hex(const base::Secret& key, std::string_view message) {
  crypto_auth_hmacsha256_state state;
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> digest{};
  crypto_auth_hmacsha256_init(&state, bytes_of(key.expose()), key.size());
  crypto_auth_hmacsha256_update(&state, bytes_of(message), message.size());
  crypto_auth_hmacsha256_final(&state, digest.data());
  return base::hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string sign(const base::Secret& key, std::string_view message) {
  std::array<unsigned char, 32> digest{};
  crypto_generichash(digest.data(), digest.size(), bytes_of(message), message.size(), bytes_of(key.expose()), key.size());
  return base::base64url({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string token_hash(const base::Secret& token) { return sha256_hex(token.expose()); }

}  // namespace sluice::crypto
