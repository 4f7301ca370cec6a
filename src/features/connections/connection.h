// A connection: the stored settings, secrets and consent for exactly one instance of one external service (CON-01). Plain
// values; copy them, hand them to any thread. Secret values are never in here, see vault. Which settings exist is decided by
// the connector's manifest. Its type never changes (CON-07); others refer to it by id, never by name (CON-09).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/authz.h"
#include "base/describe.h"
#include "base/id.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/time.h"
#include "drivers/driver.h"

namespace sluice::connections {

using namespace std::string_view_literals;
using ConnectionId = base::Id<struct ConnectionTag>;

// Who may use it for exports; only administrators ever see or change it (ROL-22 to 25).
enum class With : std::uint8_t { administrators, contributors };
constexpr auto enum_names(With) { return std::array{"administrators"sv, "contributors"sv}; }

// From the last verification or run.
enum class Health : std::uint8_t { ok, not_verified, failing, secret_unreachable };
constexpr auto enum_names(Health) { return std::array{"ok"sv, "not_verified"sv, "failing"sv, "secret_unreachable"sv}; }

enum class Outcome : std::uint8_t { passed, failed, not_tested };
constexpr auto enum_names(Outcome) { return std::array{"passed"sv, "failed"sv, "not_tested"sv}; }

struct Sharing {
  With with = With::administrators;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("with", s.with);
  }
};

struct SecretState {
  bool is_set = false;
  std::string source = "stored";
  std::optional<base::Timestamp> set_at;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("is_set", s.is_set);
    v("source", s.source);
    v("set_at", s.set_at);
  }
};

struct Consent {
  base::UserRef agreed_by;
  base::Timestamp agreed_at{};
  std::int64_t statement_version = 0;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("agreed_by", s.agreed_by);
    v("agreed_at", s.agreed_at);
    v("statement_version", s.statement_version);
  }
};

struct Verification {
  Outcome result = Outcome::not_tested;
  base::Timestamp at{};
  std::int64_t duration_ms = 0;
  std::vector<drivers::Step> steps;
  // Of a verification of a draft: sent back on save, it proves that these very values passed.
  std::optional<std::string> token;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("result", s.result);
    v("at", s.at);
    v("duration_ms", s.duration_ms);
    v("steps", s.steps);
    v("token", s.token, base::absent_ok());
  }
};

struct DependantCounts {
  std::int64_t exports = 0;
  std::int64_t enrichments = 0;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("exports", s.exports);
    v("enrichments", s.enrichments);
  }
};

struct Connection {
  ConnectionId id;
  std::string type;
  std::string type_title;
  std::vector<std::string> serves;
  std::string display_name;
  base::json::Object settings;
  std::map<std::string, SecretState> secrets;
  Sharing sharing;
  Consent consent;
  Health health = Health::not_verified;
  std::optional<Verification> verification;
  DependantCounts dependants;
  std::int64_t version = 0;
  base::Timestamp created_at{};
  base::UserRef created_by;
  base::Timestamp updated_at{};
  base::UserRef updated_by;
  std::vector<std::string> can;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("id", s.id);
    v("type", s.type);
    v("type_title", s.type_title);
    v("serves", s.serves);
    v("display_name", s.display_name);
    v("settings", s.settings);
    v("secrets", s.secrets);
    v("sharing", s.sharing);
    v("consent", s.consent);
    v("health", s.health);
    v("verification", s.verification);
    v("dependants", s.dependants);
    v("version", s.version);
    v("created_at", s.created_at);
    v("created_by", s.created_by);
    v("updated_at", s.updated_at);
    v("updated_by", s.updated_by);
    v("can", s.can);
  }
};

// A secret is changed by verb: set it, or keep it; null clears it, and absent means keep. A placeholder is never a value.
struct SecretChange {
  std::optional<base::Secret> set;
  std::optional<bool> keep;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("set", s.set, base::absent_ok(base::length(1, 64 * 1024)));
    v("keep", s.keep, base::absent_ok());
  }
};
using SecretChanges = std::map<std::string, std::optional<SecretChange>>;

struct ConsentGiven {
  bool agreed = false;
  std::int64_t statement_version = 0;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("agreed", s.agreed);
    v("statement_version", s.statement_version);
  }
};

struct ConnectionDraft {
  std::string type;
  std::string display_name;
  base::json::Object settings;
  SecretChanges secrets;
  Sharing sharing;
  std::optional<ConsentGiven> consent;
  std::optional<std::string> verification_token;
  template <class V, class S>
  static void describe(V& v, S& s) {
    using base::absent_ok;
    v("type", s.type, base::length(1, 60));
    v("display_name", s.display_name);  // trimmed before it is measured
    v("settings", s.settings, absent_ok(base::length(0, 100)));
    v("secrets", s.secrets, absent_ok(base::length(0, 100)));
    v("sharing", s.sharing, absent_ok());
    v("consent", s.consent, absent_ok());
    v("verification_token", s.verification_token, absent_ok(base::length(1, 100'000)));
  }
};

struct ConnectionChange {
  base::Patch<std::string> type;  // only to be refused when it differs
  base::Patch<std::string> display_name;
  base::Patch<base::json::Object> settings;
  SecretChanges secrets;
  base::Patch<Sharing> sharing;
  std::optional<ConsentGiven> consent;
  std::optional<std::string> verification_token;
  template <class V, class S>
  static void describe(V& v, S& s) {
    using base::absent_ok;
    v("type", s.type);
    v("display_name", s.display_name);
    v("settings", s.settings, base::length(0, 100));
    v("secrets", s.secrets, absent_ok(base::length(0, 100)));
    v("sharing", s.sharing);
    v("consent", s.consent, absent_ok());
    v("verification_token", s.verification_token, absent_ok(base::length(1, 100'000)));
  }
};

struct VerifyDraft {
  std::string type;
  std::optional<ConnectionId> id;  // an existing connection whose stored secrets may be used
  base::json::Object settings;
  SecretChanges secrets;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("type", s.type, base::length(1, 60));
    v("id", s.id, base::absent_ok());
    v("settings", s.settings, base::absent_ok(base::length(0, 100)));
    v("secrets", s.secrets, base::absent_ok(base::length(0, 100)));
  }
};

struct Dependant {
  std::string id;
  std::string display_name;
  std::string kind;   // "export"
  std::string state;  // "active" | "inactive"
  base::UserRef owner;
  bool blocks = true;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("id", s.id);
    v("display_name", s.display_name);
    v("kind", s.kind);
    v("state", s.state);
    v("owner", s.owner);
    v("blocks", s.blocks);
  }
};

struct Dependants {
  std::vector<Dependant> exports;
  std::vector<Dependant> enrichments;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("exports", s.exports);
    v("enrichments", s.enrichments);
  }
};

// All that anybody but an administrator may know of a connection (ROL-26).
struct UsableConnection {
  ConnectionId id;
  std::string display_name;
  std::string type;
  std::string type_title;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("id", s.id);
    v("display_name", s.display_name);
    v("type", s.type);
    v("type_title", s.type_title);
  }
};

}  // namespace sluice::connections
