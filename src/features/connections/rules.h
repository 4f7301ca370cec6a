// The rules of connections, as pure functions: no database, no clock.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "features/connections/connection.h"
#include "manifest/connector.h"

namespace sluice::connections::rules {

// Trimmed, 1 to 100 characters (CON-47).
base::Result<std::string> check_name(std::string_view name);

// Which secrets a save sets, clears and keeps.
struct SecretPlan {
  std::map<std::string, base::Secret> set;
  std::set<std::string> clear;
  std::set<std::string> keep;
};
// `stored` are the fields that have a secret now. Unknown fields, a keep without a stored secret and a missing mandatory
// secret are faults below /secrets; a secret whose `when` no longer holds is cleared.
base::Result<SecretPlan> plan_secrets(const manifest::Connector& connector, const base::json::Object& settings,
                                      const std::set<std::string>& stored, SecretChanges changes);

// True when a field that says where data goes differs.
bool is_retargeted(const manifest::Connector& connector, const base::json::Object& before, const base::json::Object& after);

// Kept secrets must not follow a connection to another target: whoever may edit the host would receive them.
// Reason "connection.secret_required".
base::Result<void> check_retarget(const manifest::Connector& connector, const base::json::Object& before, const base::json::Object& after,
                                  const SecretPlan& plan);

// Consent is given by an administrator to the current wording (CON-31, 32, 89). Reason "connection.consent_required".
base::Result<void> check_consent(const manifest::Connector& connector, const std::optional<ConsentGiven>& given);

// not_tested without a passed or failed step (C-035).
Outcome outcome_of(const std::vector<drivers::Step>& steps);

}  // namespace sluice::connections::rules
