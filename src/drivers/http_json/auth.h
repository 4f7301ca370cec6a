// Signing in: what a call carries so that the service knows who asks. Tokens are fetched when needed, kept for the whole process, one
// per connection and set of credentials, until 60 seconds before they end, and never logged.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "drivers/driver.h"
#include "drivers/http_json/mask.h"
#include "drivers/http_json/request.h"
#include "drivers/http_json/text.h"

namespace sluice::drivers::http_json {

struct TokenPlace;  // where a token is kept, shared by all sessions of its connection

class Auth {
 public:
  // What is needed of `target` is copied. `context`, `service` and `mask` must outlive this; fetched tokens are added to `mask`.
  Auth(const Context& context, const Target& target, const manifest::HttpService& service, Mask& mask);
  ~Auth();

  // A token has to be fetched before anything else.
  bool needs_token() const;
  // Fetches one unless one is at hand. Blocks until the deadline at most. Reasons: "service.credentials", "service.rate_limited",
  // "service.unavailable", those of net::call().
  base::Result<void> sign_in(base::Deadline deadline);
  // The token at hand is not used again, so that sign_in() shows what the credentials are worth.
  void forget();
  // Adds what the service wants to see; sign_in() came before. Returns the generation of the token, for renew().
  std::uint64_t sign(Prepared& call) const;
  // The service refused a call that was signed with this generation. True when it is worth another try with sign_in() and sign().
  bool renew(std::uint64_t generation);
  // As it would be, with *** for what is secret; fetches nothing.
  void sign_for_show(Prepared& call) const;

  std::function<void(RequestRecord&&)> called;  // may be empty

 private:
  base::Result<void> fetch(base::Deadline deadline);
  base::Result<void> take_token(const net::HttpAnswer& answer);
  void add(Prepared& call, const std::string& token, const std::string& secret_value) const;

  const Context& context_;
  const manifest::HttpService& service_;
  Mask& mask_;
  std::string connection_id_;
  Text value_, username_, password_, secret_;
  std::optional<Prepared> token_call_;
  std::shared_ptr<TokenPlace> place_;
  std::string token_;
  std::uint64_t generation_ = 0;
};

}  // namespace sluice::drivers::http_json
