// For tests of this folder: a server on a free port with routes of every kind, and a client that says exactly the bytes it is
// told.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/server.h"

namespace sluice::http::test {

struct Answer {
  int status = 0;
  std::string head;
  std::string body;
  std::string header(std::string_view name) const;  // "" when absent
};

// Blocking, with a limit of 20 s for each reading.
class Client {
 public:
  explicit Client(std::uint16_t port, int receive_buffer = 0);
  ~Client() { close(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool send(std::string_view bytes);  // false: the server is not listening any more
  Answer read_answer(bool to_head = false);
  // Everything until the server ends the connection; `reset` when it did so with a reset, or did not at all.
  std::string read_to_end();
  std::string read_until(std::string_view text);  // what came up to and with `text`
  bool is_reset() const { return reset_; }
  void shutdown_send();
  void close();
  int descriptor() const { return socket_; }

 private:
  bool more();
  int socket_ = -1;
  std::string buffer_;
  bool reset_ = false;
};

// The status numbers of all answers in `bytes`: "200,400".
std::string statuses(std::string_view bytes);
std::string unchunked(std::string_view body);

// A folder that goes away with the test.
class Folder {
 public:
  Folder();
  ~Folder();
  const std::string& path() const { return path_; }
  std::size_t files() const;

 private:
  std::string path_;
};

// What a request gets depends on these headers of the fake gate: "x-role: viewer" signs in by key, "x-cookie: viewer" by
// cookie.
Gate fake_gate();

struct Service {
  std::function<base::Result<Response>(Call&)> wait_route;   // GET /wait
  std::function<base::Result<Response>(Call&)> spool_route;  // PUT /spool
  std::string asset;
};

struct TestServer {
  explicit TestServer(ServerOptions wanted = {}, Gate gate = fake_gate());
  ~TestServer();
  std::uint16_t port() const { return server->port(); }
  Answer ask(std::string_view bytes) const;  // one request on a connection of its own

  Folder folder;
  Service service;
  Router router;
  EventHub hub;
  std::unique_ptr<Server> server;
};

// "GET /hello HTTP/1.1" with Host, `headers` (each with CR LF) and Connection: close.
std::string request(std::string_view method, std::string_view target, std::string_view headers = "", std::string_view body = "");

}  // namespace sluice::http::test
