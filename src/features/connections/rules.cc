#include "features/connections/rules.h"

#include <algorithm>

#include "base/text.h"

namespace sluice::connections::rules {

namespace {

using base::Error;
using base::Result;

Error faults_error(std::string reason, std::vector<base::FieldError> faults) {
  Error error{.code = base::Code::invalid, .reason = std::move(reason), .detail = "Some secrets need another value; see errors."};
  if (faults.size() == 1) error.detail = faults.front().pointer.substr(1) + " " + faults.front().detail + ".";
  error.fields = std::move(faults);
  return error;
}

}  // namespace

Result<std::string> check_name(std::string_view name) {
  std::string trimmed(base::trim(name));
  const std::size_t length = base::utf8_length(trimmed);
  const auto fault = [](std::string reason, std::string detail) {
    return Error{.code = base::Code::invalid,
                 .reason = "request.invalid",
                 .detail = "The display name " + detail + ".",
                 .fields = {{"/display_name", std::move(reason), detail}}};
  };
  if (length == 0) return fault("required", "must not be empty");
  if (length > 100) return fault("too_long", "must have at most 100 characters");
  if (std::any_of(trimmed.begin(), trimmed.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }))
    return fault("malformed", "must be one line without control characters");
  return trimmed;
}

Result<SecretPlan> plan_secrets(const manifest::Connector& connector, const base::json::Object& settings,
                                const std::set<std::string>& stored, SecretChanges changes) {
  SecretPlan plan;
  std::vector<base::FieldError> faults;
  for (const auto& [name, change] : changes) {
    const manifest::Field* field = connector.find_connection_field(name);
    if (field == nullptr || !field->secret)
      faults.push_back({"/secrets/" + name, "unknown", "is not a secret of this type"});
    else if (change && change->set.has_value() == change->keep.value_or(false))
      faults.push_back({"/secrets/" + name, "invalid", "must be {\"set\": …} or {\"keep\": true}"});
  }
  for (const manifest::Field& field : connector.connection_fields) {
    if (!field.secret) continue;
    const bool is_stored = stored.contains(field.name);
    if (!manifest::applies(field, connector.connection_fields, settings)) {
      if (is_stored) plan.clear.insert(field.name);
      continue;
    }
    const auto given = changes.find(field.name);
    const bool cleared = given != changes.end() && !given->second;
    if (given != changes.end() && given->second && given->second->set) {
      plan.set.emplace(field.name, std::move(*given->second->set));
    } else if (given != changes.end() && given->second && given->second->keep.value_or(false) && !is_stored) {
      faults.push_back({"/secrets/" + field.name, "not_set", "cannot be kept, because none is stored"});
    } else if (!cleared && is_stored) {
      plan.keep.insert(field.name);
    } else {
      if (is_stored) plan.clear.insert(field.name);
      if (field.required) faults.push_back({"/secrets/" + field.name, "required", "is required"});
    }
  }
  if (!faults.empty()) return faults_error("request.invalid", std::move(faults));
  return plan;
}

bool is_retargeted(const manifest::Connector& connector, const base::json::Object& before, const base::json::Object& after) {
  return std::any_of(connector.connection_fields.begin(), connector.connection_fields.end(),
                     [&](const manifest::Field& field) { return field.target && !(before.get(field.name) == after.get(field.name)); });
}

Result<void> check_retarget(const manifest::Connector& connector, const base::json::Object& before, const base::json::Object& after,
                            const SecretPlan& plan) {
  if (plan.keep.empty() || !is_retargeted(connector, before, after)) return {};
  Error error{.code = base::Code::invalid,
              .reason = "connection.secret_required",
              .detail = "The target changed, so its secrets must be entered again."};
  for (const std::string& field : plan.keep)
    error.fields.push_back({"/secrets/" + field, "required", "is still the secret of the previous target"});
  return error;
}

Result<void> check_consent(const manifest::Connector& connector, const std::optional<ConsentGiven>& given) {
  if (given && given->agreed && given->statement_version == connector.consent.version) return {};
  const bool outdated = given && given->agreed;
  return Error{.code = base::Code::invalid,
               .reason = "connection.consent_required",
               .detail = outdated ? "The data privacy statement changed. Read its new wording and agree to it."
                                  : "Agree to the data privacy statement; without it no data may be shared.",
               .fields = {{"/consent", outdated ? "outdated" : "required", outdated ? "agrees to an older wording" : "is required"}}};
}

Outcome outcome_of(const std::vector<drivers::Step>& steps) {
  bool passed = false;
  for (const drivers::Step& step : steps) {
    if (step.state == drivers::StepState::failed) return Outcome::failed;
    passed = passed || step.state == drivers::StepState::passed;
  }
  return passed ? Outcome::passed : Outcome::not_tested;
}

}  // namespace sluice::connections::rules
