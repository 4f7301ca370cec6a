#include "crypto/md5.h"

#include <openssl/evp.h>

#include <array>

#include "base/assert.h"
#include "base/text.h"

namespace sluice::crypto {

std::string md5_hex(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  BASE_ASSERT(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_md5(), nullptr) == 1);
  return base::hex({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace sluice::crypto
