#include "drivers/http_json/auth.h"

#include <condition_variable>
#include <map>
#include <mutex>

#include "base/text.h"
#include "crypto/crypto.h"
#include "drivers/http_json/answer.h"
#include "drivers/http_json/budget.h"
#include "drivers/http_json/pointer.h"
#include "net/http_client.h"

namespace sluice::drivers::http_json {

using base::Error;
using base::Result;
using manifest::AuthKind;
using manifest::HttpAuth;

struct TokenPlace {
  std::mutex mutex;  // guards everything below
  std::condition_variable_any wake;
  bool is_fetching = false;
  std::string token;
  Instant ends{};
  std::uint64_t generation = 0;  // of the token; grows with each
};

namespace {

constexpr auto kMargin = std::chrono::seconds(60);
constexpr std::int64_t kUsualSeconds = 3600;  // of a token that does not say
constexpr std::size_t kMostPlaces = 10'000;

// One place for each connection and set of credentials, so that a changed secret is never answered with an old token (C-023).
std::shared_ptr<TokenPlace> place_of(const std::string& connection_id, const Prepared& call) {
  if (connection_id.empty()) return std::make_shared<TokenPlace>();
  std::string all = connection_id + "\n" + call.url + "\n" + call.body;
  for (const auto& [name, value] : call.headers) all += "\n" + name + ":" + value;
  const std::string key = crypto::sha256_hex(all);
  static std::mutex mutex;  // guards places
  static std::map<std::string, std::shared_ptr<TokenPlace>> places;
  const std::lock_guard lock(mutex);
  if (places.size() >= kMostPlaces) std::erase_if(places, [](const auto& entry) { return entry.second.use_count() == 1; });
  auto& place = places[key];
  if (place == nullptr) place = std::make_shared<TokenPlace>();
  return place;
}

Prepared credentials_call(const HttpAuth& auth, const Names& names) {
  const std::string id = Text(auth.client_id, names, Inside::plain).str();
  const std::string secret = Text(auth.client_secret, names, Inside::plain).str();
  const std::string scope = Text(auth.scope, names, Inside::plain).str();
  Prepared call{
      .method = "POST", .url = Text(auth.url, names, Inside::address).str(), .body = "grant_type=client_credentials", .has_body = true};
  call.headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}, {"User-Agent", "Sluice"}};
  if (auth.in_header) {
    call.headers.emplace_back("Authorization", "Basic " + base::base64(base::percent_encode(id) + ":" + base::percent_encode(secret)));
  } else {
    call.body += "&client_id=" + base::percent_encode(id) + "&client_secret=" + base::percent_encode(secret);
  }
  if (!scope.empty()) call.body += "&scope=" + base::percent_encode(scope);
  return call;
}

void add_to_query(std::string& url, const std::string& name, const std::string& value) {
  url += (url.find('?') == std::string::npos ? "?" : "&") + base::percent_encode(name) + "=" + base::percent_encode(value);
}

}  // namespace

Auth::Auth(const Context& context, const Target& target, const manifest::HttpService& service, Mask& mask)
    : context_(context), service_(service), mask_(mask), connection_id_(target.connection_id) {
  const HttpAuth& auth = service.auth;
  const Names names(target, nullptr, {});
  value_ = Text(auth.value, names, Inside::plain);
  username_ = Text(auth.username, names, Inside::plain);
  password_ = Text(auth.password, names, Inside::plain);
  secret_ = Text(auth.secret, names, Inside::plain);
  if (auth.kind == AuthKind::basic) mask_.add(username_.str() + ":" + password_.str());
  if (auth.kind == AuthKind::client_credentials) token_call_ = credentials_call(auth, names);
  if (auth.kind == AuthKind::login) token_call_ = Call(service, auth.request, {}, names).prepare({});
  if (token_call_) place_ = place_of(connection_id_, *token_call_);
}

Auth::~Auth() = default;

bool Auth::needs_token() const { return token_call_.has_value(); }

void Auth::forget() {
  if (!place_) return;
  const std::lock_guard lock(place_->mutex);
  place_->token.clear();
}

Result<void> Auth::sign_in(base::Deadline deadline) {
  if (!token_call_) return {};
  std::unique_lock lock(place_->mutex);
  if (!place_->wake.wait_until(lock, context_.stop, deadline.at(), [&] { return !place_->is_fetching; })) {
    if (context_.stop.stop_requested())
      return Error{.code = base::Code::cancelled, .reason = "net.cancelled", .detail = "Stopped while signing in."};
    return Error{.code = base::Code::upstream_unavailable,
                 .reason = "net.timeout",
                 .detail = "Signing in takes too long; another run waits for the service's answer."};
  }
  if (place_->token.empty() || place_->ends <= std::chrono::steady_clock::now()) {
    place_->is_fetching = true;
    lock.unlock();
    auto fetched = fetch(deadline);
    lock.lock();
    place_->is_fetching = false;
    place_->wake.notify_all();
    RETURN_IF_ERROR(fetched);
  }
  if (generation_ != place_->generation) {
    token_ = place_->token;
    generation_ = place_->generation;
    mask_.add(token_);
  }
  return {};
}

Result<void> Auth::fetch(base::Deadline deadline) {
  const net::HttpRequest request{
      .method = token_call_->method, .url = token_call_->url, .headers = token_call_->headers, .body = token_call_->body};
  const auto start = std::chrono::steady_clock::now();
  RequestRecord record{.at = base::system_now(), .method = request.method, .url = mask_.text(request.url, 2000)};
  auto answer = net::call(*context_.guard, *context_.trust, request, deadline, context_.stop);
  record.duration_ms = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start).count();
  record.request_bytes = static_cast<std::int64_t>(request.body.size());
  if (answer.ok()) {
    record.status = answer->status;
    record.answer_bytes = static_cast<std::int64_t>(answer->body.size());
  } else {
    record.error = mask_.text(answer.error().detail, 500);
  }
  if (called) called(std::move(record));
  RETURN_IF_ERROR(answer);
  return take_token(*answer);
}

Result<void> Auth::take_token(const net::HttpAnswer& answer) {
  const auto body = base::json::parse(answer.body);
  if (answer.status < 200 || answer.status >= 300) {
    const base::json::Value nothing;
    Verdict verdict = judge(service_, answer, body.ok() ? *body : nothing, mask_);
    // Services refuse wrong credentials of a token call with 400 as well.
    if (verdict.means == manifest::Means::rows || verdict.means == manifest::Means::refused) verdict.means = manifest::Means::credentials;
    return error_of(verdict, answer, base::system_now());
  }
  const bool is_login = service_.auth.kind == AuthKind::login;
  std::string token = body.ok() ? text_at(*body, is_login ? service_.auth.token : "/access_token") : std::string();
  if (token.empty() || token.find_first_of("\r\n") != std::string::npos)
    return Error{.code = base::Code::upstream_rejected,
                 .reason = "service.credentials",
                 .detail = "The service let us sign in but its answer holds no token. Check the address and the credentials."};
  const std::string lasts = text_at(*body, is_login ? service_.auth.lasts : "/expires_in");
  const auto seconds = std::chrono::seconds(std::min<std::int64_t>(base::parse_int(lasts).value_or(kUsualSeconds), 365 * 86'400));
  mask_.add(token);
  const std::lock_guard lock(place_->mutex);
  // A token that lives shorter than the margin serves at least the calls of the next half of its life.
  place_->ends = std::chrono::steady_clock::now() + (seconds > 2 * kMargin ? seconds - kMargin : seconds / 2);
  if (place_->ends <= std::chrono::steady_clock::now()) place_->ends = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  place_->token = std::move(token);
  ++place_->generation;
  return {};
}

void Auth::add(Prepared& call, const std::string& token, const std::string& secret_value) const {
  const HttpAuth& auth = service_.auth;
  switch (auth.kind) {
    case AuthKind::none:
      break;
    case AuthKind::header:
      call.headers.emplace_back(auth.header, secret_value);
      break;
    case AuthKind::query:
      add_to_query(call.url, auth.parameter, secret_value);
      break;
    case AuthKind::basic:
    case AuthKind::bearer:
      call.headers.emplace_back("Authorization", secret_value);
      break;
    case AuthKind::client_credentials:
      call.headers.emplace_back("Authorization", "Bearer " + token);
      break;
    case AuthKind::login:
      call.headers.emplace_back(auth.header.empty() ? "Authorization" : auth.header, secret_value);
      break;
    case AuthKind::signature:
      call.headers.emplace_back(auth.header, secret_value);
      break;
  }
}

std::uint64_t Auth::sign(Prepared& call) const {
  const HttpAuth& auth = service_.auth;
  std::string value;
  switch (auth.kind) {
    case AuthKind::none:
    case AuthKind::client_credentials:
      break;
    case AuthKind::header:
    case AuthKind::query:
      value = value_.str();
      break;
    case AuthKind::basic:
      value = "Basic " + base::base64(username_.str() + ":" + password_.str());
      break;
    case AuthKind::bearer:
      value = "Bearer " + value_.str();
      break;
    case AuthKind::login:
      value = value_.str({.token = token_});
      break;
    case AuthKind::signature: {
      const base::Secret key(secret_.str());
      if (key.empty()) return generation_;  // nothing to sign with was agreed upon
      const std::string at = std::to_string(base::to_micros(base::system_now()) / 1'000'000);
      value = "t=" + at + ",v1=" + crypto::hmac_sha256_hex(key, at + "." + call.body);
      break;
    }
  }
  add(call, token_, value);
  return generation_;
}

bool Auth::renew(std::uint64_t generation) {
  if (!token_call_) return false;
  const std::lock_guard lock(place_->mutex);
  if (place_->generation == generation) place_->token.clear();
  return true;
}

void Auth::sign_for_show(Prepared& call) const {
  if (service_.auth.kind == AuthKind::signature && secret_.str().empty()) return;
  std::string shown = "***";
  if (service_.auth.kind == AuthKind::basic) shown = "Basic ***";
  if (service_.auth.kind == AuthKind::bearer) shown = "Bearer ***";
  if (service_.auth.kind == AuthKind::signature) shown = "t=***,v1=***";
  add(call, "***", shown);
}

}  // namespace sluice::drivers::http_json
