// Inside of Hasher: the compression function of SHA-256 on the processor's own instructions.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sluice::data::sha256 {

bool has_instructions();  // SHA extensions of x86-64

// The digest of `size` bytes, 32 bytes, into `out`. Only when has_instructions().
void digest(const unsigned char* bytes, std::size_t size, unsigned char* out);

}  // namespace sluice::data::sha256
