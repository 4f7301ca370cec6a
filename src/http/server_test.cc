#include "http/server.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <latch>
#include <sstream>

#include "base/log.h"
#include "http/test_server.h"

namespace sluice::http::test {
namespace {

using base::Result;
using std::chrono::seconds;

constexpr std::string_view kKeptOpen = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";

TEST(Server, EveryAnswerHasTheSecurityHeadersAndNoVersion) {
  TestServer server;
  for (const char* path : {"/hello", "/nothing", "/page", "/throws"}) {
    const Answer answer = server.ask(request("GET", path));
    EXPECT_EQ(answer.header("x-content-type-options"), "nosniff") << path;
    EXPECT_EQ(answer.header("referrer-policy"), "same-origin") << path;
    EXPECT_EQ(answer.header("x-frame-options"), "DENY") << path;
    EXPECT_EQ(answer.header("cache-control"), "no-store") << path;
    EXPECT_EQ(answer.header("server"), "") << path;
    EXPECT_EQ(answer.header("x-request-id").size(), 36U) << path;
    EXPECT_EQ(answer.header("content-security-policy").empty(), std::string_view(path) != "/page") << path;
  }
}

TEST(Server, AConnectionServesManyRequests) {
  TestServer server;
  Client client(server.port());
  std::string last;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(client.send(kKeptOpen));
    const Answer answer = client.read_answer();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, R"({"message":"hello"})");
    EXPECT_NE(answer.header("x-request-id"), last);
    last = answer.header("x-request-id");
  }
}

TEST(Server, PipelinedRequestsAreAnsweredInOrder) {
  TestServer server;
  Client client(server.port());
  std::string bytes;
  for (int i = 0; i < 50; ++i) {
    const std::string number = std::to_string(i);
    bytes += i % 2 == 0
                 ? "GET /items/" + number + " HTTP/1.1\r\nHost: x\r\n\r\n"
                 : "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(number.size() + 2) + "\r\n\r\n\"" + number + "\"";
  }
  client.send(bytes);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(client.read_answer().body, "\"" + std::to_string(i) + "\"");
}

TEST(Server, Http10EndsUnlessAskedToStay) {
  TestServer server;
  Client client(server.port());
  client.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  Answer answer = client.read_answer();
  EXPECT_EQ(answer.header("connection"), "keep-alive");
  EXPECT_TRUE(answer.head.starts_with("HTTP/1.0 200"));
  client.send("GET /hello HTTP/1.0\r\n\r\n");
  answer = client.read_answer();
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_EQ(client.read_to_end(), "");
}

TEST(Server, HeadIsGetWithoutABody) {
  TestServer server;
  Client client(server.port());
  client.send("HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  const Answer answer = client.read_answer(true);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("content-length"), "19");
  client.send(kKeptOpen);
  EXPECT_EQ(client.read_answer().body, R"({"message":"hello"})");
}

TEST(Server, UnknownPathsAndMethods) {
  TestServer server;
  EXPECT_EQ(server.ask(request("GET", "/nothing")).status, 404);
  EXPECT_EQ(server.ask(request("HEAD", "/nothing")).status, 404);
  const Answer answer = server.ask(request("PUT", "/items/1"));
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.header("allow"), "GET, HEAD, DELETE");
  EXPECT_EQ(server.ask(request("OPTIONS", "/items/1")).header("allow"), "GET, HEAD, DELETE");
  EXPECT_EQ(server.ask(request("DELETE", "/items/1")).status, 204);
  Client client(server.port());  // what has no body leaves the connection usable
  client.send("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n" + std::string(kKeptOpen));
  EXPECT_EQ(client.read_answer().status, 404);
  EXPECT_EQ(client.read_answer().status, 200);
}

TEST(Server, PermissionIsThatOfTheRow) {
  TestServer server;
  server.service.spool_route = [](Call&) { return Result<Response>(no_content()); };
  EXPECT_EQ(server.ask(request("PUT", "/spool", "", "data")).status, 401);
  EXPECT_EQ(server.ask(request("PUT", "/spool", "x-role: viewer\r\n", "data")).status, 403);
  EXPECT_EQ(server.ask(request("PUT", "/spool", "x-cookie: contributor\r\n", "data")).status, 403);
  EXPECT_EQ(server.ask(request("PUT", "/spool", "x-cookie: contributor\r\nx-sluice-csrf: the-token\r\n", "data")).status, 204);
  EXPECT_EQ(server.ask(request("PUT", "/spool", "x-role: contributor\r\n", "data")).status, 204);
  EXPECT_EQ(server.ask(request("GET", "/hello", "x-role: expired\r\n")).status, 200);
  EXPECT_EQ(server.folder.files(), 0U);
}

TEST(Server, ContinueIsSentWhenTheClientWaitsForIt) {
  TestServer server;
  Client client(server.port());
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_answer().status, 100);
  client.send("abcd");
  EXPECT_EQ(client.read_answer().body, "abcd");
  // Refused before the body: no 100.
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_answer().status, 413);
}

TEST(Server, LargeStaticBodiesComeWhole) {
  TestServer server;
  server.service.asset.assign(20 << 20, 'x');
  for (std::size_t i = 0; i < server.service.asset.size(); i += 4096) server.service.asset[i] = static_cast<char>('a' + i / 4096 % 26);
  Client client(server.port());
  for (int i = 0; i < 2; ++i) {
    client.send("GET /asset HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(client.read_answer().body == server.service.asset);
  }
}

TEST(Server, ASlowHeadIsCutWithAnAnswer) {
  TestServer server({.header_timeout = seconds(1)});
  Client client(server.port());
  client.send("GET /hello HTTP/1.1\r\nHost: x\r\nX-A: ");
  EXPECT_EQ(statuses(client.read_to_end()), "408");
  Client dribble(server.port());
  const auto start = std::chrono::steady_clock::now();
  dribble.send("GET /hello HTTP/1.1\r\nX-A: ");
  // Each byte is a sign of life, but the head as a whole has one second.
  pollfd ended{dribble.descriptor(), POLLIN, 0};
  while (::poll(&ended, 1, 50) == 0) dribble.send("a");
  EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(5));
  EXPECT_EQ(statuses(dribble.read_to_end()), "408");
}

TEST(Server, AnIdleConnectionEndsWithoutAnAnswer) {
  TestServer server({.header_timeout = seconds(1)});
  Client client(server.port());
  client.send(kKeptOpen);
  EXPECT_EQ(client.read_answer().status, 200);
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_FALSE(client.is_reset());
}

TEST(Server, ASlowBodyIsCutWithAnAnswer) {
  TestServer server({.body_idle_timeout = seconds(1)});
  for (const char* framing : {"Content-Length: 10", "Transfer-Encoding: chunked"}) {
    Client client(server.port());
    client.send("POST /echo HTTP/1.1\r\nHost: x\r\n" + std::string(framing) + "\r\n\r\n5\r");
    EXPECT_EQ(statuses(client.read_to_end()), "408") << framing;
  }
}

TEST(Server, SlowClientsDoNotStopOthers) {
  TestServer server;
  std::vector<std::unique_ptr<Client>> slow;
  for (int i = 0; i < 200; ++i) {
    slow.push_back(std::make_unique<Client>(server.port()));
    slow.back()->send("GET /hello HTTP/1.1\r\nHost: x\r\nX-A: ");
  }
  EXPECT_EQ(server.ask(request("GET", "/hello")).status, 200);
}

TEST(Server, ABodyThatEndsEarlyIsAnswered) {
  TestServer server;
  Client client(server.port());
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
  client.shutdown_send();
  EXPECT_EQ(statuses(client.read_to_end()), "400");
}

TEST(Server, AHandlerHearsThatItsClientLeft) {
  TestServer server;
  std::promise<void> begun;
  std::promise<void> gone;
  server.service.wait_route = [&](Call& call) -> Result<Response> {
    std::promise<void> stopped;
    const std::stop_callback callback(call.gone, [&] { stopped.set_value(); });
    begun.set_value();
    if (stopped.get_future().wait_for(seconds(20)) == std::future_status::ready) gone.set_value();
    return no_content();
  };
  Client client(server.port());
  client.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n" + std::string(kKeptOpen));  // waiting bytes do not hide the end
  begun.get_future().wait();
  client.close();
  EXPECT_EQ(gone.get_future().wait_for(seconds(20)), std::future_status::ready);
}

TEST(Server, AFullPoolIsToldAndOtherLanesGoOn) {
  TestServer server({.io_threads = 1, .quick_threads = 1, .slow_threads = 1, .quick_queue = 1, .slow_queue = 1});
  std::latch begun(1);
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  std::atomic<int> runs{0};
  server.service.wait_route = [&](Call&) -> Result<Response> {
    if (runs++ == 0) begun.count_down();
    released.wait();
    return no_content();
  };
  std::vector<std::unique_ptr<Client>> clients;
  const auto add = [&] {
    clients.push_back(std::make_unique<Client>(server.port()));
    clients.back()->send("GET /slow-wait HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  };
  add();
  begun.wait();
  for (int i = 0; i < 5; ++i) add();  // one waits in the queue, four are told
  int busy = 0;
  while (busy < 4) {
    std::vector<pollfd> sockets;
    for (const auto& client : clients) sockets.push_back({client->descriptor(), POLLIN, 0});
    ASSERT_GT(::poll(sockets.data(), sockets.size(), 20'000), 0);
    for (std::size_t i = 0; i < sockets.size(); ++i) {
      if (sockets[i].revents == 0) continue;
      const Answer answer = clients[i]->read_answer();
      EXPECT_EQ(answer.status, 503);
      EXPECT_EQ(answer.header("retry-after"), "1");
      ++busy;
      clients.erase(clients.begin() + static_cast<std::ptrdiff_t>(i));
      break;
    }
  }
  EXPECT_EQ(server.ask(request("GET", "/hello")).status, 200);
  release.set_value();
  for (const auto& client : clients) EXPECT_EQ(client->read_answer().status, 204);
}

TEST(Server, TooManyConnectionsAreTurnedAway) {
  TestServer server({.io_threads = 1, .max_connections = 3});
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<Client>(server.port()));
    clients.back()->send(kKeptOpen);
    EXPECT_EQ(clients.back()->read_answer().status, 200);
  }
  EXPECT_EQ(server.ask(request("GET", "/hello")).status, 503);
}

TEST(Server, ATakenPortIsAnError) {
  TestServer server;
  const auto second = Server::start({.port = server.port()}, server.router, server.hub);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(const_cast<base::Result<std::unique_ptr<Server>>&>(second).error().reason, "server.cannot_listen");
  auto third = Server::start({.address = "not an address"}, server.router, server.hub);
  ASSERT_FALSE(third.ok());
  EXPECT_EQ(third.error().reason, "server.bad_address");
}

TEST(Server, TheAccessLogHasThePatternAndNoQuery) {
  TestServer server;
  const std::string path = server.folder.path() + "/log";
  const int saved = ::dup(STDERR_FILENO);
  const int file = ::open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  ::dup2(file, STDERR_FILENO);
  base::log::configure(base::log::Format::text, base::log::Level::info);
  server.ask(request("GET", "/items/secret-name?q=secret-query", "x-role: viewer\r\n"));
  server.ask(request("GET", "/secret-path"));
  base::log::configure(base::log::Format::text, base::log::Level::error);
  ::dup2(saved, STDERR_FILENO);
  ::close(saved);
  ::close(file);
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  EXPECT_EQ(text.str().find("secret"), std::string::npos) << text.str();
  EXPECT_NE(text.str().find("method=GET path=/items/{item_id} status=200"), std::string::npos) << text.str();
  EXPECT_NE(text.str().find("status=404"), std::string::npos) << text.str();
}

}  // namespace
}  // namespace sluice::http::test
