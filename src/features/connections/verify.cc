// Verifying a connection, before and after it is saved. It runs on the same path as a run will (C-041).
#include <chrono>
#include <utility>

#include "base/text.h"
#include "features/audit/audit.h"
#include "features/connections/connections.h"
#include "features/connections/rules.h"
#include "features/connections/store.h"

namespace sluice::connections {

namespace {

using base::Error;
using base::Result;
using base::json::Object;

constexpr std::chrono::minutes kTokenLife{30};
constexpr std::size_t kVerificationsPerMinute = 20;
constexpr std::chrono::seconds kVerifyTime{30};

// What a token says: the verification and of which values it was.
struct TokenBody {
  std::string fingerprint;
  Verification verification;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("fingerprint", s.fingerprint);
    v("verification", s.verification);
  }
};

// The step that failed, for a person.
std::string failure_of(const Verification& verification) {
  for (const drivers::Step& step : verification.steps) {
    if (step.state == drivers::StepState::failed) return step.title + ": " + step.detail;
  }
  return "The service did not answer as it should.";
}

}  // namespace

Result<void> Connections::brake(const std::string& key, base::Timestamp now) {
  const std::lock_guard lock(brake_mutex_);
  if (brake_.size() > 10'000) brake_.clear();
  std::vector<base::Timestamp>& recent = brake_[key];
  std::erase_if(recent, [&](base::Timestamp at) { return now - at > std::chrono::minutes(1); });
  if (recent.size() >= kVerificationsPerMinute) {
    return Error{.code = base::Code::rate_limited,
                 .reason = "connection.verify_too_often",
                 .detail = "Verify was used very often in the last minute. Wait a minute and try again.",
                 .extra = R"({"retry_after":60})"};
  }
  recent.push_back(now);
  return {};
}

std::string Connections::fingerprint(const manifest::Connector& connector, const drivers::Target& target) const {
  // Settings come from check_settings, so their members are in the order of the manifest.
  return vault_.sign("values",
                     connector.id + "|" + base::json::write(base::json::Value(target.settings)) + "|" + vault_.fingerprint(target.secrets));
}

std::string Connections::make_token(const Verification& verification, const std::string& fingerprint) const {
  TokenBody body{fingerprint, verification};
  body.verification.token.reset();
  const std::string text = base::base64url(base::to_json(body));
  return text + "." + vault_.sign("verification", text);
}

std::optional<Verification> Connections::read_token(std::string_view token, const std::string& fingerprint, base::Timestamp now) const {
  const std::size_t dot = token.find('.');
  if (dot == std::string_view::npos || vault_.sign("verification", token.substr(0, dot)) != token.substr(dot + 1)) return std::nullopt;
  const auto text = base::parse_base64(token.substr(0, dot));
  if (!text) return std::nullopt;
  auto body = base::read_json<TokenBody>(*text);
  if (!body.ok() || body->fingerprint != fingerprint || now - body->verification.at > kTokenLife) return std::nullopt;
  return std::move(body->verification);
}

Verification Connections::run_verify(const manifest::Connector& connector, const drivers::Target& target, base::Deadline deadline,
                                     std::stop_token stop) {
  const auto start = std::chrono::steady_clock::now();
  Verification verification{.result = Outcome::not_tested, .at = clock_(), .duration_ms = 0, .steps = {}, .token = {}};
  const drivers::Driver* driver = drivers::find_driver(connector.driver);
  if (driver != nullptr && driver->verify != nullptr) {
    verification.steps = driver->verify(context(deadline.at_most(kVerifyTime), std::move(stop)), target, [](const drivers::Step&) {});
  }
  verification.result = rules::outcome_of(verification.steps);
  verification.duration_ms = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start).count();
  return verification;
}

Result<std::optional<Verification>> Connections::verification_for_save(const manifest::Connector& connector, const drivers::Target& target,
                                                                       const std::optional<std::string>& token, bool verify_first) {
  if (token) {
    if (auto verification = read_token(*token, fingerprint(connector, target), clock_());
        verification && verification->result == Outcome::passed) {
      return std::optional<Verification>(std::move(*verification));
    }
  }
  if (!verify_first && connector.verify != manifest::Verify::required) return std::optional<Verification>();
  Verification verification = run_verify(connector, target, base::Deadline::after(kVerifyTime), {});
  if (verification.result == Outcome::passed) return std::optional<Verification>(std::move(verification));
  return Error{.code = base::Code::invalid,
               .reason = "connection.verification_failed",
               .detail = "Nothing was saved, because the connection could not be verified. " + failure_of(verification),
               .extra = R"({"verification":)" + base::to_json(verification) + "}"};
}

Result<Verification> Connections::verify_draft(const base::Actor& actor, VerifyDraft draft, base::Deadline deadline, std::stop_token stop) {
  ASSIGN_OR_RETURN(const manifest::Connector* connector, usable_connector(draft.type));
  const base::Timestamp now = clock_();
  RETURN_IF_ERROR(brake(draft.id ? draft.id->str() : "draft|" + actor.id.str(), now));
  std::optional<Connection> before;
  std::set<std::string> stored;
  std::map<std::string, base::Secret> kept;
  if (draft.id) {
    ASSIGN_OR_RETURN(before, db_.read([&](db::Read& tx) -> Result<std::optional<Connection>> {
      ASSIGN_OR_RETURN(Connection found, load(tx, *draft.id));
      ASSIGN_OR_RETURN(kept, vault_.load(tx, draft.id->str()));
      return std::optional<Connection>(std::move(found));
    }));
    if (before->type != connector->id)
      return Error{.code = base::Code::invalid,
                   .reason = "connection.type_fixed",
                   .detail = "The connection has another type.",
                   .fields = {{"/type", "fixed", "is not the type of this connection"}}};
    for (const auto& [field, value] : kept) stored.insert(field);
  }
  drivers::Target target{.connector = connector};
  ASSIGN_OR_RETURN(target.settings, manifest::check_settings(connector->connection_fields, draft.settings, "/settings"));
  ASSIGN_OR_RETURN(rules::SecretPlan plan, rules::plan_secrets(*connector, target.settings, stored, std::move(draft.secrets)));
  // Verifying with a stored secret against a new host would hand it over just as saving would.
  if (before) RETURN_IF_ERROR(rules::check_retarget(*connector, before->settings, target.settings, plan));
  target.secrets = std::move(plan.set);
  for (const std::string& field : plan.keep) target.secrets.emplace(field, std::move(kept.at(field)));

  Verification verification = run_verify(*connector, target, deadline, std::move(stop));
  verification.token = make_token(verification, fingerprint(*connector, target));
  RETURN_IF_ERROR(db_.write([&](db::Write& tx) {
    return audit::append(tx, actor, now, "connection.draft_verified",
                         {"connection", draft.id ? draft.id->str() : "", before ? before->display_name : connector->title},
                         Object{{"result", base::to_name(verification.result)}, {"settings", base::json::Value(target.settings)}});
  }));
  return verification;
}

Result<Verification> Connections::verify(const base::Actor& actor, ConnectionId id, base::Deadline deadline, std::stop_token stop) {
  RETURN_IF_ERROR(brake(id.str(), clock_()));
  ASSIGN_OR_RETURN(Opened opened, open(id));
  const Verification verification = run_verify(*opened.connector, opened.target, deadline, stop);
  // Broken off, it says nothing about the connection.
  if (stop.stop_requested() && verification.result != Outcome::passed)
    return Error{.code = base::Code::cancelled, .reason = "connection.verify_stopped", .detail = "The verification was stopped."};
  const Health health = verification.result == Outcome::passed   ? Health::ok
                        : verification.result == Outcome::failed ? Health::failing
                                                                 : Health::not_verified;
  RETURN_IF_ERROR(db_.write([&](db::Write& tx) -> Result<void> {
    RETURN_IF_ERROR(store::set_verification(tx, id, verification, health));
    RETURN_IF_ERROR(tell_health(
        tx,
        {.id = id, .display_name = opened.display_name, .health = health, .is_verification = true, .detail = failure_of(verification)}));
    return audit::append(tx, actor, clock_(), "connection.verified", {"connection", id.str(), opened.display_name},
                         Object{{"result", base::to_name(verification.result)}});
  }));
  return verification;
}

}  // namespace sluice::connections
