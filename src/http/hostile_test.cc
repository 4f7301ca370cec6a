// Requests that servers are known to read differently, and what this one answers. After each, the connection ends with the
// answer readable, not with a reset.
#include "http/test_server.h"

namespace sluice::http::test {
namespace {

const std::string kPost = "POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
const std::string kGet = "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
const std::string kChunked = kPost + "Transfer-Encoding: chunked\r\n\r\n";

struct Case {
  const char* name;
  std::string bytes;
  const char* statuses;
  const char* body = nullptr;  // of an accepted echo
};

std::vector<Case> framing() {
  const std::string two_megabytes(2 << 20, 'a');
  return {
      {"length and chunked", kPost + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"},
      {"chunked and length", kPost + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n", "400"},
      {"two different lengths", kPost + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde", "400"},
      {"two equal lengths", kPost + "Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd", "400"},
      {"length with a sign", kPost + "Content-Length: +4\r\n\r\nabcd", "400"},
      {"length as a list", kPost + "Content-Length: 4,4\r\n\r\nabcd", "400"},
      {"length with a space before the colon", kPost + "Content-Length : 4\r\n\r\nabcd", "400"},
      {"negative length", kPost + "Content-Length: -1\r\n\r\nabcd", "400"},
      {"length beyond 64 bits", kPost + "Content-Length: 99999999999999999999\r\n\r\nabcd", "400"},
      {"hexadecimal length", kPost + "Content-Length: 0x4\r\n\r\nabcd", "400"},
      {"empty length", kPost + "Content-Length: \r\n\r\nabcd", "400"},
      {"unknown coding", kPost + "Transfer-Encoding: xchunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n", "400"},
      {"identity before chunked", kPost + "Transfer-Encoding: identity, chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n", "400"},
      {"chunked twice", kPost + "Transfer-Encoding: chunked, chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n", "400"},
      {"chunked in two lines", kPost + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"},
      {"chunked in HTTP/1.0", "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n", "400"},
      {"chunked", kChunked + "4\r\nabcd\r\n0\r\n\r\n", "200", "abcd"},
      {"two chunks with an extension", kChunked + "4;a=b\r\nabcd\r\n2\r\nef\r\n0\r\n\r\n", "200", "abcdef"},
      {"trailer that would be a length", kChunked + "4\r\nabcd\r\n0\r\nX-A: b\r\n\r\n", "200", "abcd"},
      {"no chunk but the last", kChunked + "0\r\n\r\n", "200", ""},
      {"no chunk, and a trailer", kChunked + "0\r\na: b\r\n\r\n", "200", ""},
      {"chunk without a size", kChunked + "\r\nabcd\r\n0\r\n\r\n", "400"},
      {"chunk with a space before the size", kChunked + " 4\r\nabcd\r\n0\r\n\r\n", "400"},
      {"chunk with a negative size", kChunked + "-4\r\nabcd\r\n0\r\n\r\n", "400"},
      {"trailer without a colon", kChunked + "0\r\nabc\r\n\r\n", "400"},
      {"trailer with a bare LF", kChunked + "0\r\na: b\n\r\n", "400"},
      {"chunk size with 0x", kChunked + "0x4\r\nabcd\r\n0\r\n\r\n", "400"},
      {"chunk size beyond 64 bits", kChunked + "FFFFFFFFFFFFFFFFF\r\nabcd\r\n0\r\n\r\n", "413"},
      {"chunk size that wraps", kChunked + "FFFFFFFFFFFFFFFF\r\nabcd\r\n0\r\n\r\n", "413"},
      {"chunk line with a bare LF", kChunked + "4;a\nabcd\r\n0\r\n\r\n", "400"},
      {"chunk longer than it says", kChunked + "2\r\nabcd\r\n0\r\n\r\n", "400"},
      {"endless chunk extension", kChunked + "4;" + std::string(40'000, 'a') + "\r\nabcd\r\n0\r\n\r\n", "400"},
      {"endless trailers", kChunked + "0\r\n" + std::string(40'000, 'a'), "400"},
      {"2 MB body", kPost + "Content-Length: 2097152\r\n\r\n" + two_megabytes, "413"},
      {"2 MB in one chunk", kChunked + "200000\r\n" + two_megabytes + "\r\n0\r\n\r\n", "413"},
  };
}

std::vector<Case> heads() {
  std::string many;
  for (int i = 0; i < 4000; ++i) many += "a: b\r\n";
  std::string some;
  for (int i = 0; i < 130; ++i) some += "a: b\r\n";
  return {
      {"lines with a bare LF", "GET /hello HTTP/1.1\nHost: x\n\n", "400"},
      {"one line with a bare LF", "GET /hello HTTP/1.1\r\nHost: x\nX-A: b\r\n\r\n", "400"},
      {"folded header", kGet + "X-A: a\r\n b\r\n\r\n", "400"},
      {"folded with a tab", kGet + "X-A: a\r\n\tb\r\n\r\n", "400"},
      {"space before the first header", "GET /hello HTTP/1.1\r\n Host: x\r\n\r\n", "400"},
      {"NUL in a value", kGet + std::string("X-A: a\0b\r\n\r\n", 12), "400"},
      {"CR in a value", kGet + "X-A: a\rb: c\r\n\r\n", "400"},
      {"header without a name", kGet + ": a\r\n\r\n", "400"},
      {"header without a colon", kGet + "X-A\r\n\r\n", "400"},
      {"no Host", "GET /hello HTTP/1.1\r\n\r\n", "400"},
      {"no Host in HTTP/1.0", "GET /hello HTTP/1.0\r\n\r\n", "200"},
      {"two Hosts", "GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"},
      {"two equal Hosts", "GET /hello HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "400"},
      {"two Authorizations", kGet + "Authorization: a\r\nAuthorization: b\r\n\r\n", "400"},
      {"64 KB header", kGet + "X-A: " + std::string(65536, 'a') + "\r\n\r\n", "431"},
      {"64 KB target", "GET /" + std::string(65536, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", "414"},
      {"16 KB of small headers", kGet + many + "\r\n", "431"},
      {"more than 128 headers", kGet + some + "\r\n", "431"},
      {"HTTP/1.10", "GET /hello HTTP/1.10\r\nHost: x\r\n\r\n", "505"},
      {"HTTP/2.0", "GET /hello HTTP/2.0\r\nHost: x\r\n\r\n", "505"},
      {"HTTP/0.9", "GET /hello\r\n\r\n", "400"},
      {"space in the target", "GET /hello /x HTTP/1.1\r\nHost: x\r\n\r\n", "505"},
      {"target that is no path", "GET hello HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"fragment in the target", "GET /hello#a HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
  };
}

std::vector<Case> targets_and_sequences() {
  return {
      {"absolute target", "GET http://other.example/hello?a=b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "200"},
      {"climbing path", "GET /static/../key.pem HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"climbing path in escapes", "GET /static/%2e%2e/key.pem HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"climbing path with an escaped slash", "GET /static/..%2fkey.pem HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"NUL in the path", "GET /a%00b HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"line end in the path", "GET /a%0d%0ab HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"broken escape", "GET /a%zz HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"escape cut off", "GET /a%2 HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"overlong UTF-8", "GET /a%c0%af HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"broken escape in the query", "GET /hello?a=%z HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"unknown expectation", kPost + "Content-Length: 4\r\nExpect: tea\r\n\r\nabcd", "417"},
      {"two requests at once", "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n" + kGet + "\r\n", "200,200"},
      {"a good request and a bad one", "GET /hello HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\n\r\n", "200,400"},
      {"request behind a body", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nabcd" + kGet + "\r\n", "200,200"},
      {"request smuggled behind a refused length", kPost + "Content-Length: 1, 2\r\n\r\n" + kGet + "\r\n", "400"},
      {"body with a GET", kGet + "Content-Length: 4\r\n\r\nabcd", "200"},
      {"empty lines before a request", "\r\n\r\n" + kGet + "\r\n", "200"},
      {"a TLS hello", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), "400"},
      {"method that nobody knows", "BREW /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "405"},
      {"CONNECT", "CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"TRACE", "TRACE /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "405"},
      {"asterisk", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"method with a control character", "GE\x01T /hello HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
  };
}

std::vector<Case> cases() {
  std::vector<Case> all = framing();
  for (const auto& more : {heads(), targets_and_sequences()}) all.insert(all.end(), more.begin(), more.end());
  return all;
}

TEST(Hostile, EachRequestGetsItsAnswerAndTheConnectionEndsWithoutReset) {
  TestServer server;
  for (const Case& one : cases()) {
    SCOPED_TRACE(one.name);
    Client client(server.port());
    client.send(one.bytes);
    const std::string all = client.read_to_end();
    EXPECT_EQ(statuses(all), one.statuses) << all;
    EXPECT_FALSE(client.is_reset());
    if (one.body != nullptr) EXPECT_EQ(all.substr(all.find("\r\n\r\n") + 4), one.body);
  }
}

TEST(Hostile, ByteByByteIsTheSame) {
  TestServer server;
  for (const Case& one : cases()) {
    if (one.bytes.size() > 400) continue;
    SCOPED_TRACE(one.name);
    Client client(server.port());
    for (const char c : one.bytes) {
      if (!client.send({&c, 1})) break;
    }
    const std::string all = client.read_to_end();
    EXPECT_EQ(statuses(all), one.statuses) << all;
  }
}

}  // namespace
}  // namespace sluice::http::test
