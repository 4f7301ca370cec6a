// A PostgreSQL server of our own for tests: in a temporary folder, reachable by a unix socket only, gone at the end. One for
// the whole test program, started when first asked for.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace sluice::testing {

class PostgresServer {
 public:
  static PostgresServer& instance();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;
  ~PostgresServer();

  // Address of a new, empty database. Ends the program with a message when the server cannot run: tests are never skipped.
  std::string make_database();
  // A test that is done with its database may leave it to the next one; making one takes longer than emptying it.
  void recycle(const std::string& address);

 private:
  PostgresServer();
  std::string url(const std::string& database) const;

  std::string folder_;
  pid_t server_ = 0;
  int databases_ = 0;
  std::vector<std::string> free_;
};

}  // namespace sluice::testing
