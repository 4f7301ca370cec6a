#include "data/hash.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "data/normalise.h"

namespace sluice::data {
namespace {

std::string hash(std::string_view text, Hasher::Use use = Hasher::Use::fastest) {
  Hasher hasher(use);
  std::string out(64, ' ');
  hasher.sha256_hex(text, out.data());
  return out;
}

TEST(Hasher, GivesTheDigestsOfThePublishedExamples) {
  for (const auto use : {Hasher::Use::fastest, Hasher::Use::portable}) {
    EXPECT_EQ(hash("", use), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(hash("abc", use), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", use),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(hash(std::string(1'000'000, 'a'), use), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  }
}

TEST(Hasher, HashesTextsOfEveryShortLengthAlikeWithAndWithoutTheProcessorsInstructions) {
  if (!sha256::has_instructions()) GTEST_SKIP() << "this processor has no SHA instructions";
  Hasher own;
  Hasher portable(Hasher::Use::portable);
  std::mt19937 random(7);
  std::string a(64, ' '), b(64, ' ');
  for (std::size_t length = 0; length <= 300; ++length) {
    for (int round = 0; round < 20; ++round) {
      std::string text(length, ' ');
      for (char& c : text) c = static_cast<char>(random());
      own.sha256_hex(text, a.data());
      portable.sha256_hex(text, b.data());
      ASSERT_EQ(a, b) << length;
    }
  }
}

TEST(LooksHashed, KnowsSixtyFourHexadecimalDigitsAndNothingElse_C_082) {
  const std::string digest = hash("abc");
  EXPECT_TRUE(looks_hashed(digest));
  EXPECT_TRUE(looks_hashed(" " + std::string(64, 'A') + "\n"));
  EXPECT_FALSE(looks_hashed(digest.substr(1)));
  EXPECT_FALSE(looks_hashed(digest + "0"));
  EXPECT_FALSE(looks_hashed(std::string(64, 'g')));
  EXPECT_FALSE(looks_hashed(""));
}

TEST(LooksHashed, RefusesAnAddressInAColumnThatIsSaidToBeHashed_C_083) {
  EXPECT_FALSE(looks_hashed("jane.doe@example.com"));
  EXPECT_FALSE(looks_hashed(std::string(51, 'a') + "@example.com" + "a"));
}

}  // namespace
}  // namespace sluice::data
