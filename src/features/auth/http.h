// Routes of people and sessions.
#pragma once

#include <string>

#include "features/auth/people.h"
#include "features/auth/sessions.h"
#include "http/router.h"

namespace sluice::auth {

struct Environment {
  std::string id;
  std::string display_name;
};

// What the handlers need; owned by the wiring, outlives the router.
struct Service {
  Sessions& sessions;
  People& people;
  Environment environment;
  std::string version;
  bool secure_cookies = false;  // the public address is https
};

inline constexpr std::string_view kSessionCookie = "sluice_session";

// For the router's gate: the session cookie or the bearer key of a call. A bearer key that is unknown, or a cookie whose
// session is over, leaves nobody signed in.
base::Result<void> identify(Service& service, http::Call& call);

void add_routes(http::Router& router, Service& service);

}  // namespace sluice::auth
