#include <future>
#include <latch>
#include <thread>

#include "http/test_server.h"

namespace sluice::http::test {
namespace {

using base::Result;
using std::chrono::seconds;

TEST(Stop, RunningRequestsFinishAndIdleConnectionsEnd) {
  TestServer server;
  std::latch begun(1);
  std::promise<void> release;
  server.service.wait_route = [&](Call&) -> Result<Response> {
    begun.count_down();
    release.get_future().wait();
    return ok("\"done\"");
  };
  Client idle(server.port());
  idle.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(idle.read_answer().status, 200);
  Client running(server.port());
  running.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
  begun.wait();
  std::thread stopping([&] { server.server->stop(seconds(20)); });
  EXPECT_EQ(idle.read_to_end(), "");  // so the stop has begun
  release.set_value();
  const Answer answer = running.read_answer();
  EXPECT_EQ(answer.body, "\"done\"");
  EXPECT_EQ(answer.header("connection"), "close");
  stopping.join();
  EXPECT_FALSE(Client(server.port()).send("GET / HTTP/1.1\r\n\r\n"));
}

TEST(Stop, AfterTheGraceHandlersAreToldToStop) {
  TestServer server;
  std::latch begun(1);
  server.service.wait_route = [&](Call& call) -> Result<Response> {
    std::promise<void> gone;
    const std::stop_callback callback(call.gone, [&] { gone.set_value(); });
    begun.count_down();
    EXPECT_EQ(gone.get_future().wait_for(seconds(20)), std::future_status::ready);
    return no_content();
  };
  Client client(server.port());
  client.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
  begun.wait();
  server.server->stop(seconds(0));
  EXPECT_EQ(client.read_to_end(), "");
}

TEST(Stop, EventStreamsEndAtOnce) {
  TestServer server;
  Client listener(server.port());
  listener.send("GET /events HTTP/1.1\r\nHost: x\r\nx-role: viewer\r\n\r\n");
  listener.read_until("retry: 1000");
  const auto start = std::chrono::steady_clock::now();
  server.server->stop(seconds(20));
  EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(10));
  EXPECT_TRUE(listener.read_to_end().ends_with("0\r\n\r\n"));
  EXPECT_FALSE(listener.is_reset());
}

TEST(Stop, HalfReadRequestsDoNotHoldIt) {
  TestServer server;
  Client head(server.port());
  head.send("GET /hello HT");
  Client body(server.port());
  body.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(body.read_answer().status, 100);
  Client spool(server.port());
  spool.send("PUT /spool HTTP/1.1\r\nHost: x\r\nx-role: contributor\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(spool.read_answer().status, 100);
  server.server->stop(seconds(0));
  EXPECT_EQ(server.folder.files(), 0U);
}

TEST(Stop, FiftyTimesUnderLoad) {
  for (int round = 0; round < 50; ++round) {
    TestServer server({.io_threads = 2, .quick_threads = 2, .slow_threads = 1});
    std::atomic<bool> end{false};
    std::latch warm(3);
    std::vector<std::thread> clients;
    for (int i = 0; i < 3; ++i) {
      clients.emplace_back([&, i] {
        Client client(server.port());
        client.send(i == 0 ? "GET /events HTTP/1.1\r\nHost: x\r\nx-role: viewer\r\n\r\n" : "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
        client.read_until("\r\n\r\n");
        warm.count_down();
        while (!end && client.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n") && !client.read_until("}").empty()) {}
      });
    }
    warm.wait();
    server.hub.publish("tick", "{}");
    server.server->stop(seconds(round % 2));
    server.hub.publish("tock", "{}");
    server.server->stop(seconds(1));
    end = true;
    for (std::thread& client : clients) client.join();
  }
}

}  // namespace
}  // namespace sluice::http::test
