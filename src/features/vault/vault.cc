#include "features/vault/vault.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "base/id.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/crypto.h"

namespace sluice::vault {

namespace {

using base::Error;
using base::Result;
using base::Secret;

constexpr std::int64_t kFormat = 1;  // XChaCha20-Poly1305, nonce in front, bound to "secret|owner|field"

Error key_file_error(const std::string& path, const std::string& what) {
  return Error{.code = base::Code::invalid, .reason = "vault.key_file", .detail = "The master key file " + path + " " + what + "."};
}

// Empty when the file does not exist.
Result<std::optional<Secret>> read_master_key(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    if (errno == ENOENT) return std::optional<Secret>();
    return key_file_error(path, std::string("cannot be opened: ") + std::strerror(errno));
  }
  struct stat info{};
  char text[128] = {};
  const bool stated = ::fstat(fd, &info) == 0;
  const ssize_t length = ::read(fd, text, sizeof text);
  ::close(fd);
  if (!stated || length < 0) return key_file_error(path, "cannot be read");
  if ((info.st_mode & 077) != 0) return key_file_error(path, "can be read by others; run: chmod 600 " + path);
  auto raw = base::parse_base64(base::trim(std::string_view(text, static_cast<std::size_t>(length))));
  base::wipe_memory(text, sizeof text);
  if (!raw || raw->size() != crypto::kKeyBytes) return key_file_error(path, "does not hold a key (32 bytes as base64)");
  Secret key(*raw);
  base::wipe_memory(raw->data(), raw->size());
  return std::optional<Secret>(std::move(key));
}

Result<Secret> make_master_key(const std::string& path) {
  Secret key = crypto::make_key();
  std::string text = base::base64(key.expose()) + "\n";
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return key_file_error(path, std::string("cannot be made: ") + std::strerror(errno));
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
  ::close(fd);
  base::wipe_memory(text.data(), text.size());
  if (!written) return key_file_error(path, "cannot be written");
  base::log::warn("vault.master_key_made",
                  {{"file", path}, {"advice", "keep a copy of it in a safe place: without it stored secrets cannot be read"}});
  return key;
}

std::string binding(std::string_view owner_id, std::string_view field) {
  return "secret|" + std::string(owner_id) + "|" + std::string(field);
}

}  // namespace

Result<std::unique_ptr<Vault>> Vault::open(db::Db& db, const std::string& master_key_file, MasterKey master_key, base::Timestamp now) {
  ASSIGN_OR_RETURN(const auto row, db.read([](db::Read& tx) {
    return tx.maybe_one("SELECT id, master_key_id, sealed_key FROM data_keys ORDER BY created_at DESC LIMIT 1");
  }));
  ASSIGN_OR_RETURN(auto master, read_master_key(master_key_file));
  if (row) {
    const auto expected = row->get<std::string>(1);
    if (!master) {
      return Error{.code = base::Code::invalid,
                   .reason = "vault.key_missing",
                   .detail = "The master key file " + master_key_file + " is missing, and the database holds secrets sealed with key " +
                             expected + ". Put the file back; a new key could not read them."};
    }
    if (crypto::key_id(*master) != expected) {
      return Error{.code = base::Code::invalid,
                   .reason = "vault.wrong_key",
                   .detail = "The master key file " + master_key_file + " holds key " + crypto::key_id(*master) +
                             ", but the secrets in the database are sealed with key " + expected + "."};
    }
    const auto id = row->get<std::string>(0);
    ASSIGN_OR_RETURN(Secret data_key, crypto::open(*master, row->get<db::Blob>(2).bytes, "data key|" + id));
    return std::unique_ptr<Vault>(new Vault(db, id, std::move(data_key)));
  }
  if (!master) {
    if (master_key == MasterKey::must_exist) return key_file_error(master_key_file, "does not exist");
    ASSIGN_OR_RETURN(master, make_master_key(master_key_file));
  }
  Secret data_key = crypto::make_key();
  const std::string id = base::Id<struct DataKeyTag>::make(now).str();
  RETURN_IF_ERROR(db.write([&](db::Write& tx) {
    return tx.execute("INSERT INTO data_keys (id, master_key_id, sealed_key, created_at) VALUES (?1, ?2, ?3, ?4)", id,
                      crypto::key_id(*master), db::Blob{crypto::seal(*master, data_key, "data key|" + id)}, now);
  }));
  return std::unique_ptr<Vault>(new Vault(db, id, std::move(data_key)));
}

Result<void> Vault::put(db::Write& tx, const std::string& owner_id, const std::string& field, const Secret& value, base::Timestamp now) {
  RETURN_IF_ERROR(tx.execute(R"sql(
      INSERT INTO secrets (owner_id, field, data_key_id, format, sealed_value, set_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
          ON CONFLICT (owner_id, field) DO UPDATE SET data_key_id = ?3, format = ?4, sealed_value = ?5, set_at = ?6)sql",
                             owner_id, field, data_key_id_, kFormat, db::Blob{crypto::seal(data_key_, value, binding(owner_id, field))},
                             now));
  return {};
}

Result<void> Vault::erase(db::Write& tx, const std::string& owner_id, const std::string& field) {
  RETURN_IF_ERROR(tx.execute("DELETE FROM secrets WHERE owner_id = ?1 AND field = ?2", owner_id, field));
  return {};
}

Result<void> Vault::erase_all(db::Write& tx, const std::string& owner_id) {
  RETURN_IF_ERROR(tx.execute("DELETE FROM secrets WHERE owner_id = ?1", owner_id));
  return {};
}

Result<std::vector<Slot>> Vault::slots(db::Read& tx, const std::string& owner_id) {
  ASSIGN_OR_RETURN(auto slots, slots_of(tx, std::span(&owner_id, 1)));
  return std::move(slots[owner_id]);
}

Result<std::map<std::string, std::vector<Slot>>> Vault::slots_of(db::Read& tx, std::span<const std::string> owner_ids) {
  std::map<std::string, std::vector<Slot>> slots;
  if (owner_ids.empty()) return slots;
  std::vector<db::Value> parameters;
  std::string marks;
  for (const std::string& id : owner_ids) {
    parameters.emplace_back(id);
    marks += (marks.empty() ? "?" : ", ?") + std::to_string(parameters.size());
  }
  ASSIGN_OR_RETURN(
      const auto rows,
      tx.all_with("SELECT owner_id, field, set_at FROM secrets WHERE owner_id IN (" + marks + ") ORDER BY owner_id, field", parameters));
  for (const db::Row& row : rows) slots[row.get<std::string>(0)].push_back({row.get<std::string>(1), row.get<base::Timestamp>(2)});
  return slots;
}

Result<std::map<std::string, Secret>> Vault::load(const std::string& owner_id) {
  return db_.read([&](db::Read& tx) { return load(tx, owner_id); });
}

Result<std::map<std::string, Secret>> Vault::load(db::Read& tx, const std::string& owner_id) {
  ASSIGN_OR_RETURN(const auto rows, tx.all("SELECT field, sealed_value FROM secrets WHERE owner_id = ?1", owner_id));
  std::map<std::string, Secret> secrets;
  for (const db::Row& row : rows) {
    const auto field = row.get<std::string>(0);
    ASSIGN_OR_RETURN(Secret value, crypto::open(data_key_, row.get<db::Blob>(1).bytes, binding(owner_id, field)));
    secrets.emplace(field, std::move(value));
  }
  return secrets;
}

std::string Vault::sign(std::string_view purpose, std::string_view message) const {
  return crypto::sign(data_key_, std::string(purpose) + "|" + std::string(message));
}

std::string Vault::fingerprint(const std::map<std::string, Secret>& secrets) const {
  std::string parts;
  for (const auto& [field, value] : secrets) {
    if (!value.empty()) parts += field + "=" + crypto::sign(data_key_, "fingerprint|" + field + "|" + std::string(value.expose())) + ";";
  }
  return crypto::sign(data_key_, parts);
}

}  // namespace sluice::vault
