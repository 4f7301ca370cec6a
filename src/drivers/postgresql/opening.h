// The way to a session, step by step; a verification and a run take the same one.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "drivers/driver.h"
#include "drivers/postgresql/wire.h"

namespace sluice::drivers::postgresql {

class Opening {
 public:
  Opening(const Context& context, const Target& target);

  // In this order. Each returns what it found, for a person.
  base::Result<std::string> resolve(base::Deadline deadline);
  base::Result<std::string> connect(base::Deadline deadline);
  base::Result<std::string> sign_in(base::Deadline deadline);
  // The schema is there, may be used, and temporary tables may be made.
  base::Result<std::string> check_rights();

  // All of them, each within Patience::step.
  base::Result<void> open();

  const std::string& schema() const { return schema_; }
  const std::string& username() const { return login_.username; }
  std::string place() const;
  Wire& wire() { return *wire_; }
  std::unique_ptr<Wire> take() { return std::move(wire_); }

 private:
  const Context& context_;
  Login login_;
  std::int64_t port_ = 5432;
  std::string schema_;
  net::Resolved resolved_;
  std::unique_ptr<Wire> wire_;
};

}  // namespace sluice::drivers::postgresql
