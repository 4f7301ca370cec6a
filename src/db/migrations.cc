#include "db/migrations.h"

#include <algorithm>
#include <cstdint>

namespace sluice::db {

namespace {

base::Error refuse(std::string reason, std::string detail, std::string internal) {
  return {.code = base::Code::conflict, .reason = std::move(reason), .detail = std::move(detail), .internal = std::move(internal)};
}

bool by_name(const Migration* a, const Migration* b) { return a->name < b->name; }

}  // namespace

std::string checksum_of(std::string_view sql) {
  __extension__ using Wide = unsigned __int128;
  const Wide prime = (Wide{1} << 88) + 0x13B;
  Wide hash = (Wide{0x6C62272E07BB0142} << 64) + 0x62B821756295C58D;
  for (const char c : sql) hash = (hash ^ static_cast<unsigned char>(c)) * prime;
  std::string out(32, '0');
  for (auto digit = out.rbegin(); digit != out.rend(); ++digit, hash >>= 4) {
    *digit = "0123456789abcdef"[static_cast<unsigned>(hash) & 15U];
  }
  return "fnv1a128:" + out;
}

base::Result<std::vector<const Migration*>> plan_migrations(std::span<const Migration> known, std::span<const AppliedMigration> applied,
                                                            bool postgres) {
  const std::string_view foreign = postgres ? ".sqlite.sql" : ".postgres.sql";
  std::vector<const Migration*> ours;
  for (const Migration& migration : known) {
    if (!migration.name.ends_with(foreign)) ours.push_back(&migration);
  }
  std::sort(ours.begin(), ours.end(), by_name);

  for (const AppliedMigration& done : applied) {
    const auto same = [&](const Migration* migration) { return migration->name == done.name; };
    const auto found = std::find_if(ours.begin(), ours.end(), same);
    if (found == ours.end()) {
      return refuse("db.newer", "The database was made by a newer version of this program. Start that version instead.",
                    "unknown migration " + done.name);
    }
    if (checksum_of((*found)->sql) != done.checksum) {
      return refuse("db.migration_changed", "The database was made by another build of this program.",
                    "migration " + done.name + " is not the one that was applied");
    }
    ours.erase(found);
  }
  const auto last = std::max_element(applied.begin(), applied.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  if (last != applied.end() && !ours.empty() && ours.front()->name < last->name) {
    return refuse("db.migration_changed", "The database was made by another build of this program.",
                  "migration " + ours.front()->name + " comes before " + last->name + ", which was applied already");
  }
  return ours;
}

}  // namespace sluice::db
