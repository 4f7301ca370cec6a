#include "store/postgres_server.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <vector>

namespace sluice::testing {

namespace {

const std::string kBinaries = "/usr/lib/postgresql/15/bin/";

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "the PostgreSQL server of the tests: %s\n", why.c_str());
  std::abort();
}

const passwd* postgres_user() {
  // The server refuses to run as root.
  const passwd* user = getuid() == 0 ? getpwnam("postgres") : getpwuid(getuid());
  if (user == nullptr) give_up("there is no user to run it as");
  return user;
}

pid_t start(const std::vector<std::string>& command, const std::string& log) {
  const passwd* user = postgres_user();
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
  execv(arguments[0], arguments.data());
  _exit(127);
}

void run(const std::string& address, const std::string& sql) {
  PGconn* connection = PQconnectdb(address.c_str());
  PGresult* answer = PQexec(connection, sql.c_str());
  if (PQresultStatus(answer) != PGRES_COMMAND_OK) give_up(PQerrorMessage(connection));
  PQclear(answer);
  PQfinish(connection);
}

}  // namespace

PostgresServer& PostgresServer::instance() {
  static PostgresServer server;
  return server;
}

PostgresServer::PostgresServer() {
  char name[] = "/tmp/sluice-postgres-XXXXXX";
  if (mkdtemp(name) == nullptr) give_up("no temporary folder");
  folder_ = name;
  if (chown(name, postgres_user()->pw_uid, postgres_user()->pw_gid) != 0) give_up("the folder cannot be given away");
  int status = 0;
  const pid_t initdb =
      start({kBinaries + "initdb", "-D", folder_ + "/data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"},
            folder_ + "/log");
  waitpid(initdb, &status, 0);
  if (status != 0) give_up("initdb failed, status " + std::to_string(status) + "; is it in " + kBinaries + "?");
  server_ = start({kBinaries + "postgres", "-D", folder_ + "/data", "-k", folder_, "-c", "listen_addresses=", "-c", "fsync=off", "-c",
                   "full_page_writes=off", "-c", "max_connections=50", "-c", "max_wal_size=4GB"},
                  folder_ + "/log");
  for (int i = 0; i < 600; ++i) {
    if (PQping(url("postgres").c_str()) == PQPING_OK) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  give_up("it does not answer");
}

PostgresServer::~PostgresServer() {
  kill(server_, SIGQUIT);  // there is nothing worth saving
  waitpid(server_, nullptr, 0);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string PostgresServer::url(const std::string& database) const { return "postgresql://postgres@/" + database + "?host=" + folder_; }

std::string PostgresServer::make_database() {
  if (!free_.empty()) {
    const std::string address = free_.back();
    free_.pop_back();
    return address;
  }
  const std::string name = "test_" + std::to_string(++databases_);
  run(url("postgres"), "CREATE DATABASE " + name);
  return url(name);
}

void PostgresServer::recycle(const std::string& address) {
  run(address,
      "SET client_min_messages = warning; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
      "current_database() AND pid <> pg_backend_pid();"
      "DROP SCHEMA IF EXISTS sluice_data CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public");
  free_.push_back(address);
}

}  // namespace sluice::testing
