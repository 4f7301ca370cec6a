#include "drivers/postgresql/test_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

namespace sluice::drivers::postgresql {

namespace {

const std::string kBinaries = "/usr/lib/postgresql/15/bin/";

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "the PostgreSQL server of the tests: %s\n", why.c_str());
  std::abort();
}

const passwd* server_user() {
  // The server refuses to run as root.
  const passwd* user = getuid() == 0 ? getpwnam("postgres") : getpwuid(getuid());
  if (user == nullptr) give_up("there is no user to run it as");
  return user;
}

pid_t start(const std::vector<std::string>& command, const std::string& log) {
  const passwd* user = server_user();
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t child = fork();
  if (child != 0) return child;
  if (getuid() == 0 && (setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)) _exit(126);
  prctl(PR_SET_PDEATHSIG, SIGQUIT);  // also when the test program crashes
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(out, 1);
  dup2(out, 2);
  if (chdir("/tmp") != 0) _exit(126);
  execvp(arguments[0], arguments.data());
  _exit(127);
}

void run(const std::vector<std::string>& command, const std::string& log) {
  int status = 0;
  waitpid(start(command, log), &status, 0);
  if (status != 0) give_up(command.front() + " failed");
}

std::uint16_t free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 || getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    give_up("no free port");
  close(fd);
  return ntohs(address.sin_port);
}

}  // namespace

TestServer& TestServer::instance() {
  static TestServer server;
  return server;
}

TestServer::TestServer() {
  char name[] = "/tmp/sluice-pg-driver-XXXXXX";
  if (mkdtemp(name) == nullptr) give_up("no temporary folder");
  folder_ = name;
  if (chown(name, server_user()->pw_uid, server_user()->pw_gid) != 0) give_up("the folder cannot be given away");
  const std::string log = folder_ + "/log", data = folder_ + "/data";
  std::ofstream(folder_ + "/password") << "secret\n";
  run({kBinaries + "initdb", "-D", data, "-U", "postgres", "-A", "scram-sha-256", "--pwfile=" + folder_ + "/password", "-E", "UTF8",
       "--locale=C.UTF-8", "--no-sync"},
      log);
  run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", "/CN=localhost",
       "-addext", "subjectAltName=DNS:localhost", "-keyout", data + "/server.key", "-out", data + "/server.crt"},
      log);
  std::ifstream certificate(data + "/server.crt");
  authority_.assign(std::istreambuf_iterator<char>(certificate), {});
  port_ = free_port();
  server_ = start({kBinaries + "postgres", "-D", data, "-k", folder_, "-p", std::to_string(port_), "-c", "listen_addresses=127.0.0.1", "-c",
                   "ssl=on", "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_wal_size=4GB", "-c", "max_connections=50"},
                  log);
  for (int i = 0; i < 600; ++i) {
    if (answers()) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  give_up("it does not answer");
}

TestServer::~TestServer() {
  kill(server_, SIGQUIT);  // there is nothing worth saving
  waitpid(server_, nullptr, 0);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

bool TestServer::answers() const { return PQping(("host=127.0.0.1 port=" + std::to_string(port_)).c_str()) == PQPING_OK; }

std::string TestServer::sql(const std::string& statements) const {
  PGconn* connection = PQconnectdb(("host=127.0.0.1 port=" + std::to_string(port_) +
                                    " user=postgres password=secret dbname=postgres options='-c client_min_messages=error'")
                                       .c_str());
  PGresult* answer = PQexec(connection, statements.c_str());
  const ExecStatusType status = PQresultStatus(answer);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) give_up(PQerrorMessage(connection));
  std::string cell = PQntuples(answer) > 0 ? PQgetvalue(answer, 0, 0) : "";
  PQclear(answer);
  PQfinish(connection);
  return cell;
}

}  // namespace sluice::drivers::postgresql
