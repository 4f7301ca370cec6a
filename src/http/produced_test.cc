// Bodies that are made while the client takes them.
#include <atomic>
#include <future>
#include <memory>
#include <stdexcept>

#include "http/server.h"
#include "http/test_server.h"

namespace sluice::http::test {
namespace {

using base::Result;

// `pieces` pieces of 1,000 bytes; each one a letter.
Response letters(int pieces) {
  Response response;
  response.content_type = "text/plain";
  response.produce = [made = 0, pieces](std::string& out) mutable -> Result<bool> {
    out.append(1000, static_cast<char>('a' + made % 26));
    return ++made < pieces;
  };
  return response;
}

TEST(ProducedBody, comes_whole_and_the_connection_goes_on) {
  TestServer server;
  server.service.wait_route = [](Call&) -> Result<Response> { return letters(300); };
  Client client(server.port());
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(client.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n"));
    const std::string bytes = client.read_until("\r\n0\r\n\r\n");
    const std::size_t head = bytes.find("\r\n\r\n");
    ASSERT_NE(head, std::string::npos);
    EXPECT_TRUE(bytes.starts_with("HTTP/1.1 200"));
    const std::string body = unchunked(std::string_view(bytes).substr(head + 4));
    EXPECT_EQ(body.size(), 300'000U);
    EXPECT_EQ(body.substr(299'000), std::string(1000, static_cast<char>('a' + 299 % 26)));
  }
}

TEST(ProducedBody, http_1_0_gets_it_without_chunks_until_the_end) {
  TestServer server;
  server.service.wait_route = [](Call&) -> Result<Response> { return letters(3); };
  Client client(server.port());
  ASSERT_TRUE(client.send("GET /wait HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\n"));
  const std::string bytes = client.read_to_end();
  EXPECT_EQ(bytes.find("chunked"), std::string::npos);
  EXPECT_EQ(bytes.substr(bytes.find("\r\n\r\n") + 4).size(), 3000U);
}

TEST(ProducedBody, head_has_no_body) {
  TestServer server;
  std::atomic<bool> asked = false;
  server.service.wait_route = [&](Call&) -> Result<Response> {
    Response response;
    response.produce = [&](std::string&) -> Result<bool> {
      asked = true;
      return false;
    };
    return response;
  };
  Client client(server.port());
  ASSERT_TRUE(client.send("HEAD /wait HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  const std::string bytes = client.read_to_end();
  EXPECT_TRUE(bytes.ends_with("\r\n\r\n"));
  EXPECT_FALSE(asked);
}

TEST(ProducedBody, an_error_breaks_it_off_so_that_the_client_can_tell) {
  TestServer server;
  for (const bool throws : {false, true}) {
    server.service.wait_route = [throws](Call&) -> Result<Response> {
      Response response;
      response.produce = [throws, made = 0](std::string& out) mutable -> Result<bool> {
        if (made++ == 0) {
          out = "first";
          return true;
        }
        if (throws) throw std::runtime_error("in the middle");
        return base::Error{.code = base::Code::internal, .reason = "test.broken"};
      };
      return response;
    };
    Client client(server.port());
    ASSERT_TRUE(client.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n"));
    const std::string bytes = client.read_to_end();
    EXPECT_NE(bytes.find("first"), std::string::npos);
    EXPECT_FALSE(bytes.ends_with("0\r\n\r\n"));
  }
}

TEST(ProducedBody, C_066_stops_when_the_client_left) {
  TestServer server;
  const auto freed = std::make_shared<std::promise<void>>();
  server.service.wait_route = [freed](Call&) -> Result<Response> {
    // Freed with the answer: the promise is kept when the last copy of the function goes.
    const std::shared_ptr<void> watch(nullptr, [freed](void*) { freed->set_value(); });
    Response response;
    response.produce = [watch](std::string& out) -> Result<bool> {
      out.append(64 * 1024, 'x');
      return true;  // for ever
    };
    return response;
  };
  auto client = std::make_unique<Client>(server.port());
  ASSERT_TRUE(client->send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n"));
  client->read_until("xxxx");
  client.reset();
  EXPECT_EQ(freed->get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
}

}  // namespace
}  // namespace sluice::http::test
