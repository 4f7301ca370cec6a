// Stored secrets. A value is sealed with XChaCha20-Poly1305 under a data key, bound to its owner and field, so that a copied
// row does not open; data keys are sealed under the master key, a file that is not in the database. Listing shows which
// secrets are set and never opens one. There is no way to read a secret through the API; drivers get them for a call.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "db/db.h"

namespace sluice::vault {

struct Slot {
  std::string field;
  base::Timestamp set_at{};
};

// Whether a master key may be made when there is none.
enum class MasterKey : std::uint8_t { must_exist, make_when_new };

class Vault {
 public:
  // Reads the master key (mode 600 is demanded) and the data key. Reasons:
  //   "vault.key_missing"  the database holds sealed secrets, and the key file is not there: never a new key then (C-028)
  //   "vault.wrong_key"    names the expected and the given key id (C-027)
  //   "vault.key_file"     cannot be read, is malformed, or others may read it
  static base::Result<std::unique_ptr<Vault>> open(db::Db& db, const std::string& master_key_file, MasterKey master_key,
                                                   base::Timestamp now);

  base::Result<void> put(db::Write& tx, const std::string& owner_id, const std::string& field, const base::Secret& value,
                         base::Timestamp now);
  base::Result<void> erase(db::Write& tx, const std::string& owner_id, const std::string& field);
  base::Result<void> erase_all(db::Write& tx, const std::string& owner_id);
  base::Result<std::vector<Slot>> slots(db::Read& tx, const std::string& owner_id);
  // Of many owners, in one query; owners without secrets are absent.
  base::Result<std::map<std::string, std::vector<Slot>>> slots_of(db::Read& tx, std::span<const std::string> owner_ids);

  // All secrets of an owner, opened, by field.
  base::Result<std::map<std::string, base::Secret>> load(const std::string& owner_id);
  base::Result<std::map<std::string, base::Secret>> load(db::Read& tx, const std::string& owner_id);

  // For tokens that come back to us (verification tokens): nobody without the key can make one.
  std::string sign(std::string_view purpose, std::string_view message) const;
  // A keyed fingerprint of secrets, to tell whether two sets of values are the same without keeping them.
  std::string fingerprint(const std::map<std::string, base::Secret>& secrets) const;

 private:
  Vault(db::Db& db, std::string data_key_id, base::Secret data_key)
      : db_(db), data_key_id_(std::move(data_key_id)), data_key_(std::move(data_key)) {}

  db::Db& db_;
  std::string data_key_id_;
  base::Secret data_key_;
};

}  // namespace sluice::vault
