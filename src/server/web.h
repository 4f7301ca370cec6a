// The web app: files embedded in the binary. Every path that is not a file is a page of the app, so it gets index.html.
#pragma once

#include "base/result.h"
#include "http/call.h"

namespace sluice::server {

base::Result<http::Response> serve_web(http::Call& call);

}  // namespace sluice::server
