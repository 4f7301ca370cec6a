#include "data/checksum.h"

#include <gtest/gtest.h>

#include <string>

namespace sluice::data {
namespace {

TEST(Checksum, crc32c_is_the_standard_one) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);  // RFC 3720 B.4
  EXPECT_EQ(crc32c(""), 0U);
}

}  // namespace
}  // namespace sluice::data
