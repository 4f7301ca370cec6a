// One connection to a server. The only place of this driver that waits: never longer than Patience says, and a stop ends it within
// a second, the statement on the server included. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "drivers/driver.h"
#include "drivers/postgresql/failure.h"
#include "net/wait.h"

typedef struct pg_conn PGconn;  // NOLINT(modernize-use-using): as in libpq-fe.h

namespace sluice::drivers::postgresql {

enum class Tls : std::uint8_t {
  off,
  require,     // encrypted, whoever the server is
  verify_full  // its certificate must be of a known authority and name the host
};

struct Login {
  std::string host, address;  // `address` is dialled, `host` is what its certificate must name
  std::uint16_t port = 5432;
  std::string database, username;
  const base::Secret* password = nullptr;
  Tls tls = Tls::verify_full;
  std::string authorities;  // PEM, for verify_full
};

struct Reply {
  std::optional<Refusal> refusal;
  std::vector<std::vector<std::optional<std::string>>> rows;
  std::int64_t affected = 0;

  // Of the first row; empty when there is none.
  std::string text(std::size_t column) const { return rows.empty() ? std::string() : rows.front()[column].value_or(""); }
};

class Wire {
 public:
  Wire(const Patience& patience, const std::stop_token& stop) : patience_(patience), signal_(stop) {}
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  // Until the server's address took the connection. Reasons: "net.refused", "net.timeout", "net.unreachable", "net.cancelled".
  base::Result<void> connect(const Login& login, base::Deadline deadline);
  // Until the server takes statements.
  base::Result<void> sign_in(base::Deadline deadline);

  // One statement, or several without parameters (then the reply is of the last one, or of the one refused). An Error is of the connection,
  // which is useless afterwards; what the server refused is in the reply. `doing` completes "… while reading the rights".
  base::Result<Reply> run(const std::string& sql, std::string_view doing, std::span<const std::string> parameters = {});
  // Nobody is refused: a refusal becomes an Error as well.
  base::Result<Reply> must_run(const std::string& sql, std::string_view doing, std::span<const std::string> parameters = {});
  // COPY … FROM STDIN. `fill` appends more text and returns false when that was the last.
  base::Result<Reply> copy(const std::string& sql, const std::function<bool(std::string&)>& fill);
  std::int64_t sent_bytes() const { return sent_bytes_; }
  bool encrypted() const;

 private:
  base::Result<void> wait(short events, std::string_view doing, base::Deadline deadline);
  base::Result<void> flush(std::string_view doing);
  base::Result<Reply> collect(std::string_view doing);
  base::Result<void> poll_until(bool ready, base::Deadline deadline);
  void cancel_statement();

  Patience patience_;
  net::StopSignal signal_;
  PGconn* handle_ = nullptr;
  int authorities_ = -1;
  std::string where_;
  int polling_ = 0;
  std::int64_t sent_bytes_ = 0;
};

// "name" with its quotes doubled: safe wherever SQL wants an identifier.
std::string quoted(std::string_view identifier);

}  // namespace sluice::drivers::postgresql
