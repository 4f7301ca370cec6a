#include "base/random.h"

#include <array>
#include <cstdint>

#include <sys/random.h>

#include <vector>

#include "base/assert.h"
#include "base/text.h"

namespace sluice::base {

void fill_random(std::span<unsigned char> out) {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t got = getrandom(out.data() + done, out.size() - done, 0);
    if (got > 0) done += static_cast<std::size_t>(got);
    BASE_ASSERT(got > 0 || errno == EINTR);
  }
}

std::string random_token(std::size_t bytes) {
  std::vector<unsigned char> raw(bytes);
  fill_random(raw);
  return base64url({reinterpret_cast<const char*>(raw.data()), raw.size()});
}

double random_fraction() {
  std::array<unsigned char, 4> bytes{};
  fill_random(bytes);
  std::uint32_t number = 0;
  for (const unsigned char byte : bytes) number = number << 8 | byte;
  return static_cast<double>(number) / 4294967296.0;
}

}  // namespace sluice::base
