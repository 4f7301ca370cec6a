#include "data/checksum.h"

#include <isa-l.h>

#include <algorithm>

namespace sluice::data {

std::uint32_t crc32c(std::string_view bytes) {
  constexpr std::size_t kMost = std::size_t{1} << 30;  // the library counts in int
  std::uint32_t state = 0xFFFFFFFF;
  while (!bytes.empty()) {
    const std::string_view part = bytes.substr(0, std::min(bytes.size(), kMost));
    // It only reads; the parameter lacks the const.
    auto* start = reinterpret_cast<unsigned char*>(const_cast<char*>(part.data()));
    state = crc32_iscsi(start, static_cast<int>(part.size()), state);
    bytes.remove_prefix(part.size());
  }
  return ~state;
}

}  // namespace sluice::data
