// A PostgreSQL server of our own for tests of this driver: on 127.0.0.1, with TLS and passwords, in a temporary folder. One for the whole
// program. Ends the program with a message when it cannot run: tests are never skipped.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace sluice::drivers::postgresql {

class TestServer {
 public:
  static TestServer& instance();
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;
  ~TestServer();

  std::uint16_t port() const { return port_; }
  // What signed the server's certificate, which names localhost.
  const std::string& authority() const { return authority_; }
  // As the superuser "postgres" (password "secret"), in the database of that name. The first cell of the last answer; ends the program on
  // an error.
  std::string sql(const std::string& statements) const;

 private:
  TestServer();
  bool answers() const;

  std::string folder_;
  std::string authority_;
  std::uint16_t port_ = 0;
  pid_t server_ = 0;
};

}  // namespace sluice::drivers::postgresql
