// Whom TLS believes: the certificate authorities of the system, and those of a file the operator names, for servers of the
// house. Verification cannot be switched off.
#pragma once

#include <string>

#include "base/result.h"

namespace sluice::net {

struct Trust {
  std::string authorities;  // PEM; empty: the system's alone

  // `extra_file`: PEM, or empty. Reason "net.bad_authorities".
  static base::Result<Trust> load(const std::string& extra_file);
};

}  // namespace sluice::net
