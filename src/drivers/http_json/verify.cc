#include <algorithm>

#include "drivers/http_json/answer.h"
#include "drivers/http_json/caller.h"
#include "drivers/http_json/http_json.h"
#include "drivers/http_json/pointer.h"
#include "drivers/paths.h"
#include "drivers/steps.h"

namespace sluice::drivers::http_json {

namespace {

using base::Error;
using base::Result;

std::optional<std::string> advice_for(const Error& error) {
  struct Line {
    std::string_view reason, advice;
  };
  static constexpr Line kAdvice[] = {
      {"net.unknown_host", "Check the spelling of the address."},
      {"net.resolve_timeout", "Try again, or ask whoever runs the network of this server."},
      {"net.refused", "Check host and port, and that a firewall lets this server through."},
      {"net.timeout", "Check the address, and that a firewall lets this server through."},
      {"net.unreachable", "Check the address, and that a firewall lets this server through."},
      {"net.blocked", "Ask the operator of this server to allow the address with SLUICE_EGRESS_ALLOW."},
      {"net.tls", "Check the address. For a server of the house an operator can add its certificate authority."},
      {"net.bad_url", "Check the address."},
      {"service.credentials", "Check the credentials, and that they have not ended or been revoked."},
      {"service.permission", "Give the credentials the permission that they lack."},
      {"service.missing", "Check the ids and names in the connection."},
      {"service.refused", "Check the settings of the connection."},
      {"service.bad_answer", "Check the address: something else answers there."},
      {"service.unexpected_answer", "Check the address and the credentials."},
      {"service.rate_limited", "Try again later."},
      {"service.unavailable", "Try again later."},
  };
  if (!error.extra.empty()) return error.extra;  // of the manifest
  for (const Line& line : kAdvice) {
    if (line.reason == error.reason) return std::string(line.advice);
  }
  return std::nullopt;
}

// One call of the manifest's list.
Result<Finding> check(Caller& caller, const manifest::VerifyCall& rule, const Call& call, base::Deadline deadline) {
  const auto advised = [&rule](Error error) {
    if (rule.advice) error.extra = *rule.advice;
    return error;
  };
  auto answer = caller.perform(call.prepare({}), deadline);
  if (!answer.ok()) return std::move(answer).error();
  const auto body = parse_body(*answer);
  const base::json::Value nothing;
  const Verdict verdict = judge(caller.service(), *answer, body.ok() ? *body : nothing, caller.mask());
  if (!verdict.is_success) {
    Verdict without = verdict;
    without.advice = "";  // it stands beside the detail here, not in it
    Error error = error_of(without, *answer, base::system_now());
    if (verdict.advice) error.extra = *verdict.advice;
    return verdict.advice ? error : advised(std::move(error));
  }
  if (rule.expect && (!body.ok() || !holds(*body, rule.expect->pointer, rule.expect->equals))) {
    const std::string found = body.ok() ? scrub(caller.mask().text(text_at(*body, rule.expect->pointer), 100)) : std::string();
    return advised({.code = base::Code::upstream_rejected,
                    .reason = "service.unexpected_answer",
                    .detail = found.empty() ? "The service answered, but not with what was expected at " + rule.expect->pointer + "."
                                            : "The service answered \"" + found + "\" at " + rule.expect->pointer +
                                                  ", which is not as it should be."});
  }
  return Finding{"The service answered with status " + std::to_string(answer->status) + "."};
}

}  // namespace

std::vector<Step> verify(const Context& given, const Target& target, const std::function<void(const Step&)>& report) {
  const manifest::HttpService& service = *target.connector->http;
  Context context = given;
  // A person is waiting: what a run would bear with is too long here.
  context.patience.stall = std::min(context.patience.stall, context.patience.step);
  context.patience.handshake = std::min(context.patience.handshake, context.patience.step);
  manifest::HttpService patient = service;
  patient.timeout_seconds =
      std::clamp<std::int64_t>(std::chrono::ceil<std::chrono::seconds>(context.patience.step).count(), 1, service.timeout_seconds);
  const Names names(target, nullptr, {});
  const std::string base = Call(service, {}, {}, names).prepare({}).url;
  const auto url = net::parse_http_url(base);
  const std::string host = url.ok() ? url->host : scrub(base);

  Steps steps(report, &advice_for);
  net::Resolved resolved;
  const auto patience = [&] { return context.deadline.at_most(context.patience.step); };
  steps.run("resolve", "Find " + scrub(host), [&]() -> Result<Finding> {
    if (!url.ok()) return url.error();
    ASSIGN_OR_RETURN(resolved, net::resolve(url->host, patience(), context.stop));
    return Finding{"It is " + resolved.addresses.front() + "."};
  });
  steps.run("connect", "Connect to " + scrub(host), [&]() -> Result<Finding> {
    RETURN_IF_ERROR(net::check_connection(*context.guard, *context.trust, base, patience(), context.stop));
    return Finding{url->scheme == "https" ? "The certificate is valid." : "It answers, without encryption."};
  });
  Caller caller(context, target, patient, {});
  if (caller.auth().needs_token()) {
    steps.run("sign_in", "Sign in", [&]() -> Result<Finding> {
      // Not with a token from before: the credentials are what is asked about.
      caller.auth().forget();
      RETURN_IF_ERROR(caller.auth().sign_in(patience()));
      return Finding{"The service gave a token."};
    });
  }
  for (std::size_t i = 0; i < service.verify.size(); ++i) {
    const manifest::VerifyCall& rule = service.verify[i];
    const bool is_sign_in = i == 0 && !caller.auth().needs_token();
    const Call call(service, rule.request, {}, names);
    steps.run(is_sign_in ? "sign_in" : "check_" + std::to_string(i + 1), rule.title, [&] { return check(caller, rule, call, patience()); });
  }
  return steps.take();
}

}  // namespace sluice::drivers::http_json
