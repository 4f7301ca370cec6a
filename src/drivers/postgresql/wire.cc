#include "drivers/postgresql/wire.h"

#include <libpq-fe.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "drivers/paths.h"

namespace sluice::drivers::postgresql {

using base::Deadline;
using base::Error;
using base::Result;

namespace {

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Answer = std::unique_ptr<PGresult, Clear>;

constexpr const char* kAuthorities = "/etc/ssl/certs/ca-certificates.crt";  // of the system

Refusal refusal_of(const PGresult* result) {
  const auto field = [&](int code) {
    const char* text = PQresultErrorField(result, code);
    return std::string(text == nullptr ? "" : text);
  };
  const std::string severity = field(PG_DIAG_SEVERITY_NONLOCALIZED);
  return {.state = field(PG_DIAG_SQLSTATE),
          .message = field(PG_DIAG_MESSAGE_PRIMARY),
          .column = field(PG_DIAG_COLUMN_NAME),
          .constraint = field(PG_DIAG_CONSTRAINT_NAME),
          .fatal = severity == "FATAL" || severity == "PANIC"};
}

void read_rows(const PGresult* result, Reply& reply) {
  for (int row = 0; row < PQntuples(result); ++row) {
    auto& cells = reply.rows.emplace_back();
    for (int column = 0; column < PQnfields(result); ++column) {
      if (PQgetisnull(result, row, column) != 0)
        cells.emplace_back();
      else
        cells.emplace_back(std::string(PQgetvalue(result, row, column), static_cast<std::size_t>(PQgetlength(result, row, column))));
    }
  }
}

// A descriptor whose name libpq can open: it takes certificates from files only.
int file_of(const std::string& text) {
  const int fd = memfd_create("authorities", MFD_CLOEXEC);
  if (fd < 0) return -1;
  std::size_t done = 0;
  while (done < text.size()) {
    const auto n = write(fd, text.data() + done, text.size() - done);
    if (n <= 0) break;
    done += static_cast<std::size_t>(n);
  }
  return fd;
}

const char* mode_of(Tls tls) {
  switch (tls) {
    case Tls::off:
      return "disable";
    case Tls::require:
      return "require";
    case Tls::verify_full:
      break;
  }
  return "verify-full";
}

}  // namespace

std::string quoted(std::string_view identifier) {
  std::string out = "\"";
  for (const char c : identifier) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  out.push_back('"');
  return out;
}

Wire::~Wire() {
  if (handle_ != nullptr) PQfinish(handle_);
  if (authorities_ >= 0) close(authorities_);
}

Result<void> Wire::connect(const Login& login, Deadline deadline) {
  where_ = (login.host.find(':') == std::string::npos ? login.host : "[" + login.host + "]") + ":" + std::to_string(login.port);
  const std::string port = std::to_string(login.port);
  std::string authorities;
  if (login.tls == Tls::verify_full) {
    authorities = kAuthorities;
    if (!login.authorities.empty()) {
      authorities_ = file_of(login.authorities);
      authorities = "/proc/self/fd/" + std::to_string(authorities_);
    }
  }
  // libpq needs it ended by a zero; wiped below.
  std::string password(login.password == nullptr ? std::string_view{} : login.password->expose());
  // What is not named here could come from the environment or from files of whoever runs the server.
  const std::array<std::pair<const char*, const char*>, 17> parameters = {{
      {"host", login.host.c_str()},
      {"hostaddr", login.address.c_str()},
      {"port", port.c_str()},
      {"dbname", login.database.c_str()},
      {"user", login.username.c_str()},
      {"password", password.c_str()},
      {"passfile", "/dev/null"},
      {"sslmode", mode_of(login.tls)},
      {"sslrootcert", authorities.c_str()},
      {"sslcert", "/nonexistent"},
      {"gssencmode", "disable"},
      {"client_encoding", "UTF8"},
      {"application_name", "sluice"},
      {"keepalives_idle", "30"},
      {"keepalives_interval", "10"},
      {"keepalives_count", "3"},
      {"target_session_attrs", "any"},
  }};
  std::array<const char*, parameters.size() + 1> names{};
  std::array<const char*, parameters.size() + 1> values{};
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    names[i] = parameters[i].first;
    values[i] = parameters[i].second;
  }
  handle_ = PQconnectStartParams(names.data(), values.data(), 0);
  base::wipe_memory(password.data(), password.size());
  if (handle_ == nullptr) return connection_lost("connecting", "out of memory");
  PQsetNoticeProcessor(handle_, [](void*, const char*) {}, nullptr);
  PQsetErrorVerbosity(handle_, PQERRORS_VERBOSE);
  polling_ = PGRES_POLLING_WRITING;
  return poll_until(false, deadline);
}

Result<void> Wire::sign_in(Deadline deadline) {
  RETURN_IF_ERROR(poll_until(true, deadline));
  PQsetErrorVerbosity(handle_, PQERRORS_DEFAULT);
  if (PQsetnonblocking(handle_, 1) != 0) return connection_lost("signing in", PQerrorMessage(handle_));
  return {};
}

// Until the socket is connected, or with `ready` until statements are taken.
Result<void> Wire::poll_until(bool ready, Deadline deadline) {
  while (true) {
    const ConnStatusType status = PQstatus(handle_);
    if (status == CONNECTION_BAD) {
      const std::string words = PQerrorMessage(handle_);
      if (ready) return not_signed_in(words);
      const bool refused = words.find("refused") != std::string::npos;
      return Error{.code = base::Code::upstream_unavailable,
                   .reason = refused ? "net.refused" : "net.unreachable",
                   .detail = refused ? "Nothing listens at " + where_ + " (connection refused). Check host and port."
                                     : where_ + " cannot be reached.",
                   .internal = "connecting: " + scrub(words)};
    }
    if (polling_ == PGRES_POLLING_OK || (!ready && status != CONNECTION_STARTED && status != CONNECTION_NEEDED)) return {};
    const short events = polling_ == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    switch (net::wait_for(PQsocket(handle_), events, deadline, signal_)) {
      case net::Waited::ready:
        break;
      case net::Waited::stopped:
        return cancelled("connecting to " + where_);
      case net::Waited::timed_out:
        return Error{.code = base::Code::upstream_unavailable,
                     .reason = "net.timeout",
                     .detail = where_ + (ready ? " took the connection, but did not let us in in time." : " did not answer in time."),
                     .internal = "connecting: timed out"};
    }
    polling_ = PQconnectPoll(handle_);
  }
}

bool Wire::encrypted() const { return PQsslInUse(handle_) != 0; }

// Asked over a connection of its own, which may take long when the network is dead: nobody waits for it.
void Wire::cancel_statement() {
  PGcancel* request = PQgetCancel(handle_);
  if (request == nullptr) return;
  std::thread([request] {
    char why[256];
    (void)PQcancel(request, why, sizeof why);
    PQfreeCancel(request);
  }).detach();
}

Result<void> Wire::wait(short events, std::string_view doing, Deadline deadline) {
  switch (net::wait_for(PQsocket(handle_), events, deadline, signal_)) {
    case net::Waited::ready:
      return {};
    case net::Waited::stopped:
      cancel_statement();
      return cancelled(doing);
    case net::Waited::timed_out:
      cancel_statement();
      return stalled(doing);
  }
  return stalled(doing);
}

Result<void> Wire::flush(std::string_view doing) {
  while (true) {
    const int left = PQflush(handle_);
    if (left == 0) return {};
    if (left < 0) return connection_lost(doing, PQerrorMessage(handle_));
    // The server may have to be heard before it takes more.
    RETURN_IF_ERROR(wait(POLLIN | POLLOUT, doing, Deadline::after(patience_.stall)));
    if (PQconsumeInput(handle_) == 0) return connection_lost(doing, PQerrorMessage(handle_));
  }
}

Result<Reply> Wire::collect(std::string_view doing) {
  Reply reply;
  while (true) {
    while (PQisBusy(handle_) != 0) {
      RETURN_IF_ERROR(wait(POLLIN, doing, Deadline::after(patience_.stall)));
      if (PQconsumeInput(handle_) == 0) return connection_lost(doing, PQerrorMessage(handle_));
    }
    const Answer answer(PQgetResult(handle_));
    if (answer == nullptr) break;
    switch (PQresultStatus(answer.get())) {
      case PGRES_COMMAND_OK:
        reply.affected = std::strtoll(PQcmdTuples(answer.get()), nullptr, 10);
        break;
      case PGRES_TUPLES_OK:
        reply.rows.clear();
        read_rows(answer.get(), reply);
        break;
      case PGRES_COPY_IN:
        return reply;
      default:
        if (!reply.refusal) reply.refusal = refusal_of(answer.get());
    }
    if (PQstatus(handle_) == CONNECTION_BAD) break;
  }
  if (reply.refusal && (reply.refusal->fatal || reply.refusal->state.empty())) {
    if (!reply.refusal->state.empty()) return refused(*reply.refusal, "go on " + std::string(doing));
    return connection_lost(doing, PQerrorMessage(handle_));
  }
  if (PQstatus(handle_) == CONNECTION_BAD) return connection_lost(doing, PQerrorMessage(handle_));
  return reply;
}

Result<Reply> Wire::run(const std::string& sql, std::string_view doing, std::span<const std::string> parameters) {
  if (signal_.stopped()) return cancelled(doing);
  std::vector<const char*> values;
  for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
  const int sent = parameters.empty() ? PQsendQuery(handle_, sql.c_str())
                                      : PQsendQueryParams(handle_, sql.c_str(), static_cast<int>(values.size()), nullptr, values.data(),
                                                          nullptr, nullptr, 0);
  if (sent != 1) return connection_lost(doing, PQerrorMessage(handle_));
  RETURN_IF_ERROR(flush(doing));
  return collect(doing);
}

Result<Reply> Wire::must_run(const std::string& sql, std::string_view doing, std::span<const std::string> parameters) {
  ASSIGN_OR_RETURN(Reply reply, run(sql, doing, parameters));
  if (reply.refusal) return refused(*reply.refusal, "go on " + std::string(doing));
  return reply;
}

Result<Reply> Wire::copy(const std::string& sql, const std::function<bool(std::string&)>& fill) {
  constexpr std::string_view kDoing = "sending rows";
  ASSIGN_OR_RETURN(Reply begun, run(sql, kDoing));
  if (begun.refusal) return begun;
  std::string text;
  for (bool more = true; more;) {
    text.clear();
    more = fill(text);
    if (!text.empty() && PQputCopyData(handle_, text.data(), static_cast<int>(text.size())) < 0)
      return connection_lost(kDoing, PQerrorMessage(handle_));
    sent_bytes_ += static_cast<std::int64_t>(text.size());
    RETURN_IF_ERROR(flush(kDoing));
    if (signal_.stopped()) {
      cancel_statement();
      return cancelled(kDoing);
    }
  }
  if (PQputCopyEnd(handle_, nullptr) < 0) return connection_lost(kDoing, PQerrorMessage(handle_));
  RETURN_IF_ERROR(flush(kDoing));
  return collect(kDoing);
}

}  // namespace sluice::drivers::postgresql
