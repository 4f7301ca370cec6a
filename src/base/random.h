// Bytes from the operating system's generator. Tokens are random; ids are not meant to be secret.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace sluice::base {

void fill_random(std::span<unsigned char> out);
// `bytes` random bytes as unpadded base64url; 32 bytes give 43 characters.
std::string random_token(std::size_t bytes);
// In [0, 1), for spreading retries in time.
double random_fraction();

}  // namespace sluice::base
