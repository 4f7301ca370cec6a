#include "server/doctor.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "db/db.h"
#include "manifest/connector.h"
#include "net/guard.h"

namespace sluice::server {

namespace {

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

void look_at_folder(const Config& config, std::vector<Diagnosis>& out) {
  if (!exists(config.data)) {
    out.push_back({Finding::warning, "Data folder", config.data + " does not exist yet; `sluice serve` makes it."});
    return;
  }
  if (::access(config.data.c_str(), R_OK | W_OK | X_OK) != 0) {
    out.push_back({Finding::fault, "Data folder",
                   "This account may not write to " + config.data + ". Run as the account that owns it, or change its owner."});
    return;
  }
  struct stat info{};
  if (::stat(config.data.c_str(), &info) == 0 && (info.st_mode & 077) != 0) {
    out.push_back({Finding::warning, "Data folder", "Other accounts may read " + config.data + ". Run: chmod 700 " + config.data});
  } else {
    out.push_back({Finding::good, "Data folder", config.data});
  }
  struct statvfs disk{};
  if (::statvfs(config.data.c_str(), &disk) == 0) {
    const auto free_mb = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize / 1'000'000;
    out.push_back({free_mb < 1000 ? Finding::warning : Finding::good, "Free disk space",
                   std::to_string(free_mb) + " MB" + (free_mb < 1000 ? "; imports and exports to folders may run out of it." : "")});
  }
}

void look_at_key(const Config& config, bool has_database, std::vector<Diagnosis>& out) {
  const std::string path = config.key_file();
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) {
    out.push_back(has_database
                      ? Diagnosis{Finding::fault, "Master key",
                                  path + " is missing. Without it stored secrets cannot be read: put the file back from your copy."}
                      : Diagnosis{Finding::good, "Master key", "is made at the first start, in " + path});
  } else if ((info.st_mode & 077) != 0) {
    out.push_back({Finding::fault, "Master key", "Other accounts may read " + path + ". Run: chmod 600 " + path});
  } else {
    out.push_back({Finding::good, "Master key", path + "; keep a copy in a safe place"});
  }
}

void look_at_database(const Config& config, std::vector<Diagnosis>& out) {
  const bool is_sqlite = config.store.empty();
  if (is_sqlite && !exists(config.data + "/app.db")) {
    out.push_back({Finding::good, "Database", "is made at the first start"});
    return;
  }
  auto db = db::Db::open({.location = is_sqlite ? config.data + "/app.db" : config.store, .readers = 1});
  if (!db.ok()) {
    out.push_back({Finding::fault, "Database", db.error().detail + (db.error().internal.empty() ? "" : " (" + db.error().internal + ")")});
    return;
  }
  const auto users = (*db)->read([](db::Read& tx) { return tx.one("SELECT count(*) FROM users WHERE role = 'administrator'"); });
  if (!users.ok()) {
    out.push_back({Finding::warning, "Database", "is there but was not set up by this version; `sluice serve` brings it up to date."});
    return;
  }
  out.push_back({Finding::good, "Database", is_sqlite ? "SQLite in " + config.data + "/app.db" : "PostgreSQL answers"});
  if (users->get<std::int64_t>(0) == 0)
    out.push_back({Finding::warning, "Administrator",
                   "There is none. Run: sluice user add --email you@example.com --role administrator --password-stdin"});
  else
    out.push_back({Finding::good, "Administrator", std::to_string(users->get<std::int64_t>(0))});
}

void look_at_connectors(const Config& config, std::vector<Diagnosis>& out) {
  auto registry = manifest::Registry::from_files(embedded::connectors());
  if (!registry.ok()) {
    out.push_back({Finding::fault, "Connection types", registry.error().detail});
    return;
  }
  if (!config.connectors.empty()) registry->add_folder(config.connectors);
  const auto own =
      std::count_if(registry->all().begin(), registry->all().end(), [](const manifest::Connector& one) { return one.community; });
  out.push_back(
      {Finding::good, "Connection types",
       std::to_string(registry->all().size()) + (own == 0 ? "" : ", " + std::to_string(own) + " of them from " + config.connectors)});
  for (const manifest::FolderFault& fault : registry->faults())
    out.push_back({Finding::fault, "Connection type " + fault.folder, fault.detail});
}

}  // namespace

std::vector<Diagnosis> diagnose(const Config& config) {
  std::vector<Diagnosis> out;
  look_at_folder(config, out);
  look_at_key(config, config.store.empty() ? exists(config.data + "/app.db") : true, out);
  look_at_database(config, out);
  look_at_connectors(config, out);
  const auto guard = net::Guard::parse(config.egress_allow);
  if (!guard.ok()) out.push_back({Finding::fault, "egress_allow", guard.error().detail});
  if (!exists("/usr/share/zoneinfo/Europe/Vienna"))
    out.push_back({Finding::warning, "Time zones", "The package tzdata is missing; schedules need it."});
  return out;
}

}  // namespace sluice::server
