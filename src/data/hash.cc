#include "data/hash.h"

#include <openssl/evp.h>

#include "base/assert.h"
#include "data/normalise.h"

namespace sluice::data {

// Fetching the algorithm for every text would cost three times the hashing.
struct Hasher::State {
  EVP_MD* algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  bool own = false;

  State() = default;
  ~State() {
    EVP_MD_CTX_free(context);
    EVP_MD_free(algorithm);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

Hasher::Hasher(Use use) : state_(std::make_unique<State>()) {
  state_->own = use == Use::fastest && sha256::has_instructions();
  BASE_ASSERT(state_->algorithm != nullptr && state_->context != nullptr);
}
Hasher::~Hasher() = default;

void Hasher::sha256_hex(std::string_view text, char* out) {
  unsigned char bytes[32];
  if (state_->own) {
    sha256::digest(reinterpret_cast<const unsigned char*>(text.data()), text.size(), bytes);
  } else {
    const bool done = EVP_DigestInit_ex2(state_->context, state_->algorithm, nullptr) == 1 &&
                      EVP_DigestUpdate(state_->context, text.data(), text.size()) == 1 &&
                      EVP_DigestFinal_ex(state_->context, bytes, nullptr) == 1;
    BASE_ASSERT(done);
  }
  constexpr char kDigits[] = "0123456789abcdef";
  for (const unsigned char byte : bytes) {
    *out++ = kDigits[byte >> 4];
    *out++ = kDigits[byte & 15];
  }
}

}  // namespace sluice::data
