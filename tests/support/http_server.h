// A small HTTP/1.1 server on 127.0.0.1 that answers as a test says: late, wrong, cut off, not at all. A thread for each connection.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace sluice::test {

struct HttpSeen {
  std::string method;
  std::string path;  // with the query
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  std::string header(const std::string& name) const;  // empty when there is none; names in any case
};

struct HttpReply {
  int status = 200;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::chrono::milliseconds delay{};  // before the answer; cut short when the server ends
  enum class Way {
    whole,
    cut_before,  // the connection is closed instead of an answer
    cut_within,  // after half of the body
    garbage,     // something that is not HTTP
    silence      // nothing, until the client goes
  } way = Way::whole;
};

class HttpServer {
 public:
  // Called on the threads of connections, several at once; the server does not lock around it.
  using Answer = std::function<HttpReply(const HttpSeen&)>;
  explicit HttpServer(Answer answer);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::uint16_t port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  int connections() const { return connections_; }
  std::vector<HttpSeen> seen() const;  // so far, in the order of their ends
  // The most requests that were being answered at once.
  int most_at_once() const { return most_at_once_; }

 private:
  void accept_all(const std::stop_token& stop);
  void serve(int fd, const std::stop_token& stop);
  bool reply(int fd, const HttpSeen& seen, const std::stop_token& stop);

  Answer answer_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<int> at_once_ = 0, most_at_once_ = 0;
  mutable std::mutex mutex_;  // guards seen_ and threads_
  std::vector<HttpSeen> seen_;
  std::vector<std::jthread> threads_;
  std::jthread accepter_;
};

}  // namespace sluice::test
