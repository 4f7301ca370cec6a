// Use cases of connections. Each is one transaction: check, change, audit. Only administrators reach the managing ones (the
// route table says so); usable() and load_usable() answer for everybody, with nothing but name and type.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/authz.h"
#include "base/result.h"
#include "db/db.h"
#include "drivers/driver.h"
#include "features/connections/connection.h"
#include "features/vault/vault.h"
#include "manifest/connector.h"
#include "net/guard.h"

namespace sluice::connections {

struct Settings {
  std::string data_folder;                      // for drivers that write locally
  std::map<std::string, std::string> disabled;  // connector id -> reason (DIS-13)
  const net::Trust* trust = nullptr;            // of drivers that speak TLS; outlives this
};

struct ListQuery {
  std::optional<manifest::Serves> serves;
  std::string search;  // in display name and type title, ignoring case (CON-17)
  std::string sort;    // display_name type created_at updated_at sharing health verified_at dependants
  std::optional<std::string_view> cursor;
  std::int64_t limit = 50;
};

struct ConnectionPage {
  std::vector<Connection> items;
  std::optional<std::string> next_cursor;
  std::int64_t total = 0;  // of the search
};

// How a connection fares, as a verification, a run or a save found it.
struct HealthReport {
  ConnectionId id;
  std::string display_name;
  Health health = Health::not_verified;
  bool is_verification = false;
  std::string detail;  // of the step that failed
};

class Connections {
 public:
  Connections(db::Db& db, vault::Vault& vault, const manifest::Registry& registry, const net::Guard& guard, base::Clock clock,
              Settings settings);

  // Called in the transaction that records it: after each verification, and when a run or a save changed the health.
  void on_health(std::function<base::Result<void>(db::Write&, const HealthReport&)> listener);

  base::Result<ConnectionPage> list(const ListQuery& query);
  base::Result<Connection> load(ConnectionId id);
  // How many connections each type has.
  base::Result<std::map<std::string, std::int64_t>> count_by_type();

  // With `verify_first` a failed verification is an Error "connection.verification_failed" (extra: verification) and nothing
  // is stored; a type whose manifest says `verify: required` is always saved that way (CON-34).
  // Reasons: "connection.unknown_type", "connection.type_disabled", "connection.name_taken", "connection.consent_required",
  // "settings.invalid", "request.invalid", "connection.verification_failed".
  base::Result<Connection> create(const base::Actor& actor, ConnectionDraft draft, bool verify_first);
  // Also "connection.type_fixed", "connection.secret_required", "request.stale".
  base::Result<Connection> update(const base::Actor& actor, ConnectionId id, std::int64_t version, ConnectionChange change,
                                  bool verify_first);

  // An answer, not an error, when the service says no. Reasons: "connection.verify_too_often" (rate_limited), of a saved one
  // "connection.verify_stopped": nothing was recorded.
  base::Result<Verification> verify_draft(const base::Actor& actor, VerifyDraft draft, base::Deadline deadline, std::stop_token stop);
  base::Result<Verification> verify(const base::Actor& actor, ConnectionId id, base::Deadline deadline, std::stop_token stop);

  base::Result<Dependants> dependants(ConnectionId id);
  // Reason "connection.in_use" (extra: dependants), checked inside the transaction (CON-72). Destroys the stored secrets.
  base::Result<void> remove(const base::Actor& actor, ConnectionId id, std::int64_t version);

  // What `actor` may choose for an export, by name.
  base::Result<std::vector<UsableConnection>> usable(const base::Actor& actor, manifest::Serves serves);
  // Inside the caller's transaction; not_found when `actor` may not use it, so that ids cannot be probed (C-008).
  base::Result<UsableConnection> load_usable(db::Read& tx, const base::Actor& actor, ConnectionId id);

  // For a run: where to, with opened secrets.
  struct Opened {
    drivers::Target target;
    std::string display_name;
    const manifest::Connector* connector = nullptr;
    const drivers::Driver* driver = nullptr;
  };
  base::Result<Opened> open(ConnectionId id);
  drivers::Context context(base::Deadline deadline, std::stop_token stop) const;
  // What a run learnt of the connection.
  base::Result<void> record_health(ConnectionId id, Health health);

  const manifest::Registry& registry() const { return registry_; }
  const Settings& settings() const { return settings_; }

 private:
  struct Checked;  // a draft that passed the rules
  base::Result<const manifest::Connector*> usable_connector(const std::string& type) const;
  base::Result<void> brake(const std::string& key, base::Timestamp now);
  Verification run_verify(const manifest::Connector& connector, const drivers::Target& target, base::Deadline deadline,
                          std::stop_token stop);
  std::string fingerprint(const manifest::Connector& connector, const drivers::Target& target) const;
  std::string make_token(const Verification& verification, const std::string& fingerprint) const;
  // The verification that a token carries, when it is ours, fresh and of these values.
  std::optional<Verification> read_token(std::string_view token, const std::string& fingerprint, base::Timestamp now) const;
  base::Result<std::optional<Verification>> verification_for_save(const manifest::Connector& connector, const drivers::Target& target,
                                                                  const std::optional<std::string>& token, bool verify_first);
  base::Result<Connection> load(db::Read& tx, ConnectionId id);
  base::Result<void> tell_health(db::Write& tx, const HealthReport& report);

  db::Db& db_;
  vault::Vault& vault_;
  const manifest::Registry& registry_;
  const net::Guard& guard_;
  base::Clock clock_;
  Settings settings_;
  std::function<base::Result<void>(db::Write&, const HealthReport&)> health_listener_;
  std::mutex brake_mutex_;  // guards brake_
  std::map<std::string, std::vector<base::Timestamp>> brake_;
};

}  // namespace sluice::connections
