// CRC-32C (Castagnoli, RFC 3720 B.4), some 10 GB/s: finds what a disk did to a block, not what a person did.
#pragma once

#include <cstdint>
#include <string_view>

namespace sluice::data {

std::uint32_t crc32c(std::string_view bytes);

}  // namespace sluice::data
