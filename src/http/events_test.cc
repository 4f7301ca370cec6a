#include "http/events.h"

#include <thread>

#include "http/events_state.h"
#include "http/test_server.h"

namespace sluice::http::test {
namespace {

using std::chrono::seconds;

std::string listen(std::string_view headers = "x-role: viewer\r\n") {
  return "GET /events HTTP/1.1\r\nHost: x\r\n" + std::string(headers) + "\r\n";
}

// Reads one event and gives its text without the framing of chunks.
std::string next_event(Client& client, std::string_view mark) { return client.read_until(std::string(mark) + "\n"); }

std::string id_of(std::string_view event) {
  const std::size_t at = event.find("id: ");
  return std::string(event.substr(at + 4, event.find('\n', at) - at - 4));
}

void wait_until(const std::function<bool()>& done) {
  const auto limit = std::chrono::steady_clock::now() + seconds(20);
  while (!done() && std::chrono::steady_clock::now() < limit) std::this_thread::yield();
  EXPECT_TRUE(done());
}

TEST(Events, ReachEveryListenerInOrder) {
  TestServer server;
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<Client>(server.port()));
    clients.back()->send(listen());
    const std::string head = clients.back()->read_until("retry: 1000\n\n");
    EXPECT_NE(head.find("Content-Type: text/event-stream"), std::string::npos);
    EXPECT_NE(head.find("Cache-Control: no-store"), std::string::npos);
  }
  EXPECT_EQ(server.hub.listeners(), 20U);
  std::vector<std::thread> publishers;
  for (int t = 0; t < 3; ++t) {
    publishers.emplace_back([&server] {
      for (int i = 0; i < 100; ++i) server.hub.publish("run.moved", R"({"n":1})");
    });
  }
  for (std::thread& publisher : publishers) publisher.join();
  server.hub.publish("last", "{}");
  for (const auto& client : clients) {
    const std::string all = client->read_until("event: last\n");
    std::size_t count = 0;
    std::string text = all;
    for (std::size_t at = all.find("event: run.moved\ndata: {\"n\":1}\n\n"); at != std::string::npos;
         at = all.find("event: run.moved\n", at + 1))
      ++count;
    EXPECT_EQ(count, 300U);
  }
  clients.clear();
  wait_until([&] { return server.hub.listeners() == 0; });
}

TEST(Events, OnlyThoseWhoMaySeeThemGetThem) {
  TestServer server;
  Client viewer(server.port());
  viewer.send(listen());
  viewer.read_until("retry: 1000\n\n");
  Client administrator(server.port());
  administrator.send(listen("x-role: administrator\r\n"));
  administrator.read_until("retry: 1000\n\n");
  server.hub.publish("secret", "{}", [](const base::Actor& actor) { return actor.may(base::Permission::users_manage); });
  server.hub.publish("broken", "{}", [](const base::Actor&) -> bool { throw std::runtime_error("no"); });
  server.hub.publish("open", "{}");
  EXPECT_EQ(viewer.read_until("event: open").find("secret"), std::string::npos);
  const std::string seen = administrator.read_until("event: open");
  EXPECT_NE(seen.find("event: secret"), std::string::npos);
  EXPECT_EQ(seen.find("broken"), std::string::npos);
}

TEST(Events, NobodySignedInHearsNothing) {
  TestServer server;
  EXPECT_EQ(server.ask(listen("")).status, 401);
  EXPECT_EQ(server.ask("HEAD /events HTTP/1.1\r\nHost: x\r\nx-role: viewer\r\n\r\n").header("content-type"), "text/event-stream");
}

TEST(Events, AListenerThatComesBackGetsWhatItMissed) {
  TestServer server;
  std::string id;
  {
    Client client(server.port());
    client.send(listen());
    client.read_until("retry: 1000\n\n");
    server.hub.publish("first", "{}");
    id = id_of(next_event(client, "event: first"));
  }
  for (int i = 0; i < 999; ++i) server.hub.publish("missed", "{\"n\":" + std::to_string(i) + "}");
  server.hub.publish("end", "{}");
  Client client(server.port());
  client.send(listen("x-role: viewer\r\nLast-Event-ID: " + id + "\r\n"));
  const std::string all = client.read_until("event: end\n");
  EXPECT_NE(all.find("{\"n\":0}"), std::string::npos);
  EXPECT_NE(all.find("{\"n\":998}"), std::string::npos);
  EXPECT_EQ(all.find("event: first"), std::string::npos);
  EXPECT_EQ(all.find("event: reset"), std::string::npos);
}

TEST(Events, AListenerThatMissedTooMuchIsTold) {
  TestServer server;
  server.hub.publish("first", "{}");
  const std::string epoch = server.hub.state().epoch;
  for (int i = 0; i < 1001; ++i) server.hub.publish("missed", "{}");
  for (const std::string& id : {epoch + "-1", epoch + "-99999", std::string("123-5"), std::string("nonsense"), epoch + "-x"}) {
    Client client(server.port());
    client.send(listen("x-role: viewer\r\nLast-Event-ID: " + id + "\r\n"));
    EXPECT_NE(client.read_until("event: reset\ndata: {}\n\n").find("event: reset"), std::string::npos) << id;
  }
}

TEST(Events, AListenerThatDoesNotReadIsCutAndOthersAreNot) {
  TestServer server;
  Client slow(server.port(), 4096);
  slow.send(listen());
  slow.read_until("retry: 1000\n\n");
  Client good(server.port());
  good.send(listen());
  good.read_until("retry: 1000\n\n");
  const std::string large = "{\"filler\":\"" + std::string(60'000, 'x') + "\"}";
  const auto limit = std::chrono::steady_clock::now() + seconds(30);
  while (server.hub.listeners() == 2 && std::chrono::steady_clock::now() < limit) {
    server.hub.publish("large", large);
    ASSERT_NE(good.read_until("event: large\n").find("event: large\n"), std::string::npos);
  }
  EXPECT_EQ(server.hub.listeners(), 1U);
}

TEST(Events, ABurstDoesNotCutAListenerThatKeepsUp) {
  TestServer server;
  Client client(server.port());
  client.send(listen());
  client.read_until("retry: 1000\n\n");
  for (int i = 0; i < 3000; ++i) server.hub.publish("burst", "{}");
  server.hub.publish("end", "{}");
  EXPECT_NE(client.read_until("event: end\n").find("event: end"), std::string::npos);
}

TEST(Events, DataOfSeveralLinesStaysOneEvent) {
  EventHub hub;
  hub.publish("x", "{\n}");
  EXPECT_NE(hub.state().events.front()->text.find("event: x\ndata: {\ndata: }\n\n"), std::string::npos);
}

TEST(Events, PublishingWithoutListenersKeepsMemoryFlat) {
  EventHub hub;
  for (int i = 0; i < 10'000; ++i) hub.publish("x", std::string(10'000, 'x'));
  EXPECT_LE(hub.state().events.size(), 4096U);
  EXPECT_LE(hub.state().last.bytes - hub.state().dropped_bytes, 16U << 20);
}

}  // namespace
}  // namespace sluice::http::test
