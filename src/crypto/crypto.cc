#include "crypto/crypto.h"

#include <sodium.h>

#include <array>
#include <cstring>
#include <utility>
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

ShortHashKey make_short_hash_key() {
  ShortHashKey key{};
  randombytes_buf(key.data(), key.size());
  return key;
}

ShortHash short_hash_128(const ShortHashKey& key, std::string_view message) {
  static_assert(crypto_shorthash_siphashx24_KEYBYTES == std::tuple_size_v<ShortHashKey>);
  std::array<unsigned char, crypto_shorthash_siphashx24_BYTES> out{};
  crypto_shorthash_siphashx24(out.data(), bytes_of(message), message.size(), key.data());
  ShortHash hash;
  std::memcpy(&hash.high, out.data(), 8);
  std::memcpy(&hash.low, out.data() + 8, 8);
  return hash;
}

std::uint64_t short_hash_64(const ShortHashKey& key, std::string_view message) {
  std::array<unsigned char, crypto_shorthash_siphash24_BYTES> out{};
  crypto_shorthash_siphash24(out.data(), bytes_of(message), message.size(), key.data());
  std::uint64_t hash = 0;
  std::memcpy(&hash, out.data(), 8);
  return hash;
}

struct Digest::State {
  crypto_generichash_state inner;
};

Digest::Digest() : state_(std::make_unique<State>()) { crypto_generichash_init(&state_->inner, nullptr, 0, kBytes); }
Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;

void Digest::update(std::string_view bytes) { crypto_generichash_update(&state_->inner, bytes_of(bytes), bytes.size()); }

std::string Digest::finish() {
  std::string out(kBytes, '\0');
  crypto_generichash_final(&state_->inner, reinterpret_cast<unsigned char*>(out.data()), out.size());
  return out;
}

std::string token_hash(const base::Secret& token) { return sha256_hex(token.expose()); }

}  // namespace sluice::crypto
