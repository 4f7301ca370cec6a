#include "features/audit/chain.h"

#include <gtest/gtest.h>

#include <set>

#include "crypto/crypto.h"

namespace sluice::audit::chain {
namespace {

Columns entry() {
  return {.id = "i",
          .at = "1",
          .event = "a.b",
          .actor_id = std::nullopt,
          .actor_name = "system",
          .object_kind = "k",
          .object_id = "",
          .object_name = "n",
          .request_id = "",
          .address = "",
          .details = "{}"};
}

TEST(Chain, BEY_05_the_hash_is_over_a_written_down_encoding) {
  crypto::initialise();
  EXPECT_EQ(hash_of(2, "ab", entry()),
            crypto::sha256_hex("sluice audit 1\n1:2\n2:ab\n1:i\n1:1\n3:a.b\n-\n6:system\n1:k\n0:\n1:n\n0:\n0:\n2:{}\n"));
}

TEST(Chain, BEY_05_moving_a_byte_between_columns_or_null_for_empty_gives_another_hash) {
  crypto::initialise();
  std::set<std::string> hashes{hash_of(1, "", entry()), hash_of(2, "", entry()), hash_of(1, "x", entry())};
  Columns moved = entry();
  moved.object_kind = "";
  moved.object_id = "k";
  hashes.insert(hash_of(1, "", moved));
  Columns null = entry();
  null.object_id = std::nullopt;
  hashes.insert(hash_of(1, "", null));
  Columns empty = entry();
  empty.actor_id = "";
  hashes.insert(hash_of(1, "", empty));
  Columns forged = entry();
  forged.request_id = "\n0:";  // what the next field would look like
  hashes.insert(hash_of(1, "", forged));
  EXPECT_EQ(hashes.size(), 7U);
}

}  // namespace
}  // namespace sluice::audit::chain
