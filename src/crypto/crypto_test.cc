#include "crypto/crypto.h"

#include <gtest/gtest.h>

namespace sluice::crypto {
namespace {

class Crypto : public testing::Test {
 protected:
  void SetUp() override { initialise(); }
};

TEST_F(Crypto, CON_49_a_sealed_value_opens_only_with_its_key_and_in_its_place) {
  const base::Secret key = make_key();
  const std::string sealed = seal(key, "s3cret", "secret|a|password");
  EXPECT_EQ(sealed.find("s3cret"), std::string::npos);
  const auto opened = open(key, sealed, "secret|a|password");
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened->expose(), "s3cret");
  EXPECT_FALSE(open(key, sealed, "secret|b|password").ok());
  EXPECT_FALSE(open(make_key(), sealed, "secret|a|password").ok());
  EXPECT_FALSE(open(key, "short", "secret|a|password").ok());
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(open(key, changed, "secret|a|password").ok()) << "byte " << i;
  }
}

TEST_F(Crypto, equal_values_are_sealed_differently_each_time) {
  const base::Secret key = make_key();
  EXPECT_NE(seal(key, "same", "x"), seal(key, "same", "x"));
  EXPECT_TRUE(open(key, seal(key, "", "x"), "x").ok());
}

TEST_F(Crypto, passwords_are_argon2id_and_salted) {
  const base::Secret password("correct horse battery");
  const std::string hash = hash_password(password);
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=65536,t=2"));
  EXPECT_NE(hash, hash_password(password));
  EXPECT_TRUE(check_password(hash, password));
  EXPECT_FALSE(check_password(hash, base::Secret("correct horse batterz")));
  EXPECT_FALSE(check_password("not a hash", password));
}

TEST_F(Crypto, sha256_is_the_standard_one) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_F(Crypto, hmac_sha256_is_the_standard_one) {
  EXPECT_EQ(hmac_sha256_hex(base::Secret("Jefe"), "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");  // RFC 4231, test case 2
}

TEST_F(Crypto, short_hashes_are_siphash_2_4_and_need_the_key) {
  ShortHashKey key{};
  for (unsigned char i = 0; i < 16; ++i) key[i] = i;
  EXPECT_EQ(short_hash_64(key, std::string_view("\0", 1)), 0x74F839C593DC67FDULL);  // vectors of the paper's authors
  EXPECT_EQ(short_hash_128(key, "").high, 0xE6A825BA047F81A3ULL);
  EXPECT_EQ(short_hash_128(key, "").low, 0x930255C71472F66DULL);
  EXPECT_NE(short_hash_64(make_short_hash_key(), "a"), short_hash_64(make_short_hash_key(), "a"));
}

TEST_F(Crypto, a_digest_of_pieces_is_that_of_the_whole) {
  Digest pieces;
  pieces.update("a");
  pieces.update("bc");
  Digest whole;
  whole.update("abc");
  const std::string digest = whole.finish();
  EXPECT_EQ(digest.size(), Digest::kBytes);
  EXPECT_EQ(pieces.finish(), digest);
  EXPECT_EQ(digest.substr(0, 4), "\xBD\xDD\x81\x3C");  // BLAKE2b-256 of abc
}

TEST_F(Crypto, key_ids_tell_keys_apart_without_telling_the_key) {
  const base::Secret key = make_key();
  EXPECT_EQ(key_id(key), key_id(key.clone()));
  EXPECT_NE(key_id(key), key_id(make_key()));
  EXPECT_EQ(key_id(key).size(), 16U);
}

}  // namespace
}  // namespace sluice::crypto
